//! `doorward demo`: a server to look at, with people and an application to log in to.

pub(crate) mod app;
mod check;
mod start;

use anyhow::Result;
use clap::Parser;

use self::start::Demo;

/// Starts a server with an embedded database in a temporary directory, two people, and an application to log in to.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub(crate) struct Options {
    /// Port of the server.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the demo application.
    #[arg(long, default_value_t = 8090)]
    app_port: u16,
    /// Perform the login over HTTP, say what happened, and end.
    #[arg(long)]
    check: bool,
}

/// Runs the demonstration.
pub(crate) async fn run(options: Options) -> Result<()> {
    // A check must not fail because somebody is looking at a demonstration beside it.
    let (port, app_port) = if options.check {
        (0, 0)
    } else {
        (options.port, options.app_port)
    };
    let demo = Demo::start(port, app_port).await?;
    if options.check {
        let checked = check::run(&demo).await;
        demo.shutdown.stop();
        demo.finish().await?;
        report(&checked?);
        return Ok(());
    }
    introduce(&demo);
    let shutdown = demo.shutdown.clone();
    tokio::spawn(async move {
        crate::serve::stop_signal().await;
        shutdown.stop();
    });
    demo.finish().await
}

#[allow(clippy::print_stdout, reason = "the account is the command's result")]
fn report(account: &[String]) {
    for line in account {
        println!("{line}");
    }
    println!("\nEach step above was made over HTTP and its outcome checked.");
}

#[allow(clippy::print_stdout, reason = "what to try is the command's result")]
fn introduce(demo: &Demo) {
    let (alice, bob) = (&demo.alice, &demo.bob);
    let data = demo.data.display();
    println!(
        "\nDoorward's demonstration runs until Ctrl-C; then all of it is deleted.\n\n\
         Log in to the demo application    {app}\n\
         Doorward itself                   {server}\n\n\
         {a}    password {ap}    may use the application\n\
         {b}      password {bp}    may not: see what the page says\n\n\
         In another terminal:\n\
         \x20 doorward --data {data} trace\n\
         \x20 doorward --data {data} app show demo --snippet\n\
         \x20 doorward --data {data} app preview demo --user bob\n",
        app = demo.app,
        server = demo.server,
        a = alice.name,
        ap = alice.password,
        b = bob.name,
        bp = bob.password,
    );
}
