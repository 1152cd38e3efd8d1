//! `on` and `off`, as people type them.

/// `on` and `off`, or `true` and `false`; for clap.
pub(crate) fn parse(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err("expected on or off".to_owned()),
    }
}
