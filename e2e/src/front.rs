//! An address behind which one server stands and then another, as when DNS or a proxy is switched: whoever asks notices nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The address. What comes goes to the port that it leads to now, byte for byte.
pub struct Front {
    target: Arc<AtomicU16>,
    switched: watch::Sender<()>,
    accepting: JoinHandle<()>,
    /// Where it is.
    pub url: String,
}

impl Front {
    /// One that leads to that port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let here = listener.local_addr().expect("it has an address").port();
        let target = Arc::new(AtomicU16::new(port));
        let (switched, hears) = watch::channel(());
        let now = Arc::clone(&target);
        let accepting = tokio::spawn(async move {
            while let Ok((mut outside, _)) = listener.accept().await {
                let (port, mut hears) = (now.load(Ordering::SeqCst), hears.clone());
                hears.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut inside) = TcpStream::connect(("127.0.0.1", port)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut outside, &mut inside) => {}
                        _ = hears.changed() => {}
                    }
                });
            }
        });
        Self {
            target,
            switched,
            accepting,
            url: format!("http://127.0.0.1:{here}"),
        }
    }

    /// Leads to another port from now on; what is open ends.
    pub fn switch(&self, port: u16) {
        self.target.store(port, Ordering::SeqCst);
        self.switched.send_replace(());
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
