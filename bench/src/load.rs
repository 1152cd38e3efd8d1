//! Closed-loop load: so many workers, each its next request when the last is answered, for a bounded time.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::process::Measured;

/// What one run of one scenario showed.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// Operations that succeeded.
    pub(crate) operations: u64,
    /// Wall time in seconds.
    pub(crate) seconds: f64,
    /// Seconds of CPU that the server used.
    pub(crate) server_cpu: f64,
    /// Half of the operations were at most this long.
    pub(crate) p50: Duration,
    /// 99 of 100 were.
    pub(crate) p99: Duration,
    /// Resident memory of the server at the end, in MiB.
    pub(crate) resident: f64,
}

impl Figures {
    /// Operations per second of server CPU: what one core would do if the load generator did not share the machine.
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn per_core_second(&self) -> f64 {
        self.operations as f64 / self.server_cpu.max(0.001)
    }

    /// Operations per second of wall time.
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.operations as f64 / self.seconds
    }
}

/// Runs `operation` on `workers` workers for `time`. Each worker's state comes from `prepare`, outside the measurement.
/// An operation that fails fails the run: figures of errors are worth nothing.
pub(crate) async fn run<S, P, O>(
    server: &Measured,
    workers: usize,
    time: Duration,
    prepare: P,
    operation: O,
) -> Result<Figures>
where
    S: Send + 'static,
    P: AsyncFn(usize) -> Result<S>,
    O: for<'s> Fn(&'s mut S) -> std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send + 's>> + Send + Sync + 'static,
{
    let mut states = Vec::with_capacity(workers);
    for worker in 0..workers {
        states.push(prepare(worker).await?);
    }
    let operation = Arc::new(operation);
    // A short warm-up fills caches and prepared statements on both sides.
    for state in &mut states {
        operation(state).await?;
    }
    let cpu_before = server.cpu_seconds()?;
    let started = Instant::now();
    let deadline = started + time;
    let tasks: Vec<_> = states
        .into_iter()
        .map(|mut state| {
            let operation = Arc::clone(&operation);
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(4096);
                while Instant::now() < deadline {
                    let began = Instant::now();
                    operation(&mut state).await?;
                    times.push(began.elapsed());
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let seconds = started.elapsed().as_secs_f64();
    let server_cpu = server.cpu_seconds()? - cpu_before;
    times.sort_unstable();
    let quantile = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    Ok(Figures {
        operations: times.len() as u64,
        seconds,
        server_cpu,
        p50: quantile(50),
        p99: quantile(99),
        resident: server.resident_mib()?,
    })
}
