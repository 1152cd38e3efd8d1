//! A server process, and what the kernel says of it.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A child process whose CPU time and memory are read from `/proc`; killed when dropped.
pub(crate) struct Measured {
    child: Child,
    program: String,
}

impl Measured {
    /// Starts it.
    pub(crate) fn spawn(mut command: Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        Ok(Self { child, program })
    }

    /// Starts it and waits until `authority` accepts connections.
    pub(crate) async fn start(command: Command, authority: &str) -> Result<Self> {
        let started = Instant::now();
        let mut server = Self::spawn(command)?;
        while tokio::net::TcpStream::connect(authority).await.is_err() {
            server.require_running()?;
            if started.elapsed() > Duration::from_secs(30) {
                bail!("{} does not listen on {authority}", server.program);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(server)
    }

    /// Fails when it has ended.
    pub(crate) fn require_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("{} ended at once: {status}", self.program),
            None => Ok(()),
        }
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status()?;
        anyhow::ensure!(asked.success(), "{} cannot be asked to end", self.program);
        let status = self.child.wait()?;
        anyhow::ensure!(status.success(), "{} ended with {status}", self.program);
        Ok(())
    }

    fn proc(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))?)
    }

    /// User and system time of all threads so far. The kernel counts in hundredths of a second.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(&self.proc("stat")?)
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        self.status_mib("VmRSS:")
    }

    /// The most that was ever resident, in MiB.
    pub(crate) fn peak_mib(&self) -> Result<f64> {
        self.status_mib("VmHWM:")
    }

    fn status_mib(&self, name: &str) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find(|line| line.starts_with(name))
            .with_context(|| format!("no {name}"))?;
        let kib: f64 = line
            .split_whitespace()
            .nth(1)
            .with_context(|| format!("no number in {name}"))?
            .parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time of this process so far.
pub(crate) fn own_cpu_seconds() -> Result<f64> {
    cpu_seconds(&std::fs::read_to_string("/proc/self/stat")?)
}

fn cpu_seconds(stat: &str) -> Result<f64> {
    let fields = stat.rsplit_once(')').context("unexpected /proc/PID/stat")?.1;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().unwrap_or_default())
        .sum();
    Ok(ticks / 100.0)
}

/// A loopback port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
