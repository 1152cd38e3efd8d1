//! The system's browser.

use std::{
    env,
    process::{Command, Stdio},
};

/// Why none was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBrowser {
    /// There is no desktop here: a server, a container, or a login over SSH.
    NoDesktop,
    /// The program that opens addresses is not there.
    NoOpener(&'static str),
}

/// Opens the address in the browser that the person has chosen, and does not wait for it.
pub(crate) fn open(url: &str) -> Result<(), NoBrowser> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if !cfg!(target_os = "macos") && !has_desktop(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Err(NoBrowser::NoDesktop);
    }
    Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|_| NoBrowser::NoOpener(opener))
}

/// `BROWSER` counts as well: xdg-open honours it, also for browsers in a terminal.
fn has_desktop(is_set: impl Fn(&str) -> bool) -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY", "BROWSER"].into_iter().any(is_set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_is_one_with_a_display_or_a_chosen_browser() {
        for name in ["WAYLAND_DISPLAY", "DISPLAY", "BROWSER"] {
            assert!(has_desktop(|asked| asked == name));
        }
        assert!(!has_desktop(|asked| asked == "SSH_CONNECTION"));
    }
}
