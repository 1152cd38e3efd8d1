//! What a `User-Agent` says about the device, in two words. It is a hint for the person, never a fact for a decision.

/// Browser and system, as far as they can be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) browser: Option<&'static str>,
    pub(super) system: Option<&'static str>,
}

/// The device in words: "Firefox on Linux".
pub(super) fn said(t: super::text::Text, user_agent: &str) -> String {
    let device = device(user_agent);
    match (device.browser, device.system) {
        (Some(browser), Some(system)) => t.with_two("device-on", ("browser", browser), ("system", system)),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => t.say("device-unknown"),
    }
}

/// In this order: nearly every browser also claims to be another one, so the rarer name comes first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
];

/// Reads a `User-Agent`.
pub(super) fn device(user_agent: &str) -> Device {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(token, _)| user_agent.contains(token))
            .map(|(_, name)| *name)
    };
    Device {
        browser: first(BROWSERS),
        system: first(SYSTEMS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_told_apart_though_each_claims_to_be_another() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
        ] {
            assert_eq!(
                device(user_agent),
                Device {
                    browser: Some(browser),
                    system: Some(system)
                }
            );
        }
    }

    #[test]
    fn an_unknown_agent_has_no_name() {
        assert_eq!(
            device("<script>"),
            Device {
                browser: None,
                system: None
            }
        );
    }
}
