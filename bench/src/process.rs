//! A server process, and what the kernel says of it.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A child process whose CPU time and memory are read from `/proc`; killed when dropped.
pub(crate) struct Measured {
    child: Child,
}

impl Measured {
    /// Starts it and waits until `authority` accepts connections. Returns how long that took.
    pub(crate) async fn start(mut command: Command, authority: &str) -> Result<(Self, Duration)> {
        let started = Instant::now();
        let shown = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        let mut server = Self { child };
        while tokio::net::TcpStream::connect(authority).await.is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("{shown} ended at once: {status}");
            }
            if started.elapsed() > Duration::from_secs(30) {
                bail!("{shown} does not listen on {authority}");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok((server, started.elapsed()))
    }

    fn proc(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))?)
    }

    /// User and system time of all threads so far. The kernel counts in hundredths of a second.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        let fields = stat.rsplit_once(')').context("unexpected /proc/PID/stat")?.1;
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<f64>().unwrap_or_default())
            .sum();
        Ok(ticks / 100.0)
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number in VmRSS")?.parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A loopback port that is free now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
