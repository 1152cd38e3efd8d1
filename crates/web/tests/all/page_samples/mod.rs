//! One example of every page and of every notable state, filled through `w` so that a test can put its own text in.

mod account;
mod console;
mod console_apps;
mod console_logins;
mod console_registration;
mod console_server;
mod console_upstreams;
mod decoupled;
mod entering;
mod imports;
mod second;
mod terms;
mod turned_away;

use doorward_web::pages::{AppRef, Brand, Chrome, Lang, Viewer};

/// Turns the sample text of a field into what the test wants there.
pub(crate) type Words<'w> = &'w dyn Fn(&'static str) -> &'static str;

/// A name fit for a file, and the document.
pub(crate) type Sample = (&'static str, String);

/// What the samples have in common.
struct Scene<'a> {
    /// Around a page for nobody in particular.
    out: Chrome<'a>,
    /// Around a page of a session.
    within: Chrome<'a>,
    netbox: AppRef<'a>,
    w: Words<'a>,
}

/// Every page.
pub(crate) fn every_page(lang: Lang, brand: &Brand, w: Words<'_>) -> Vec<Sample> {
    let out = Chrome {
        lang,
        brand,
        base: "",
        viewer: None,
        theme: None,
        has_upstreams: false,
        has_mail: true,
    };
    let within = Chrome {
        viewer: Some(Viewer {
            display_name: w("Anna Berger"),
            username: w("anna"),
            theme: None,
        }),
        has_upstreams: true,
        ..out
    };
    let netbox = AppRef {
        name: w("NetBox"),
        host: Some(w("netbox.example.com")),
    };
    let scene = Scene { out, within, netbox, w };
    let mut samples = entering::samples(&scene);
    samples.extend(entering::registering(&scene));
    samples.extend(second::samples(&scene));
    samples.extend(decoupled::samples(&scene));
    samples.extend(terms::samples(&scene));
    samples.extend(turned_away::samples(&scene));
    samples.extend(account::samples(&scene));
    samples.extend(console::samples(&scene));
    samples
}
