//! From `exec` to the first answer on a database that exists, and what is resident a second later.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    checks::Checks,
    process::Measured,
    target::{self, Home},
};

/// Starts that are measured; the middle one counts.
const STARTS: usize = 11;
/// To reach: from `exec` to the first answer.
const FIRST_ANSWER_MS: f64 = 100.0;
/// To reach: resident a second after the start.
const RESIDENT_MIB: f64 = 30.0;
/// Between two tries to be answered.
const POLL: Duration = Duration::from_micros(200);

/// Starts the server again and again on the same data directory.
pub(crate) async fn report(checks: &mut Checks) -> Result<()> {
    let home = Home::new()?;
    drop(target::doorward(&home).await?);
    let mut times = Vec::new();
    let mut cpu = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..STARTS {
        let (server, answered_in) = first_answer(home.serve(), &home.authority)?;
        times.push(answered_in.as_secs_f64() * 1e3);
        cpu.push(server.cpu_seconds()? * 1e3);
        tokio::time::sleep(Duration::from_secs(1)).await;
        resident.push(server.resident_mib()?);
        server.stop()?;
    }
    println!(
        "First answer after a start on an existing database, {STARTS} times: {:.0} ms at best, {:.0} ms in the middle, {:.0} ms \
         at worst, of which {:.0} ms are CPU time of the server. {:.1} MiB resident a second later ({:.1} MiB at most).",
        at(&mut times, 0),
        at(&mut times, STARTS / 2),
        at(&mut times, STARTS - 1),
        at(&mut cpu, STARTS / 2),
        at(&mut resident, STARTS / 2),
        at(&mut resident, STARTS - 1),
    );
    checks.below("first answer, ms", at(&mut times, STARTS / 2), FIRST_ANSWER_MS);
    checks.below(
        "resident 1 s after the start, MiB",
        at(&mut resident, STARTS / 2),
        RESIDENT_MIB,
    );
    Ok(())
}

/// The value at a place of the sorted list.
fn at(values: &mut [f64], place: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(place).copied().unwrap_or_default()
}

/// Starts the command and asks for the discovery document until it comes: that takes the database, the keys and the
/// applications.
fn first_answer(command: Command, authority: &str) -> Result<(Measured, Duration)> {
    let started = Instant::now();
    let mut server = Measured::spawn(command)?;
    while !is_answered(authority) {
        server.require_running()?;
        if started.elapsed() > Duration::from_secs(30) {
            bail!("no answer from {authority} after 30 s");
        }
        std::thread::sleep(POLL);
    }
    Ok((server, started.elapsed()))
}

fn is_answered(authority: &str) -> bool {
    let request =
        format!("GET /.well-known/openid-configuration HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    let asked = TcpStream::connect(authority).and_then(|mut stream| {
        stream.write_all(request.as_bytes())?;
        stream.read_to_string(&mut answer)
    });
    asked.is_ok() && answer.starts_with("HTTP/1.1 200 ")
}
