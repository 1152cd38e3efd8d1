//! The content security policy of every page (CSP level 3).

/// The `Content-Security-Policy` of a page: nothing but our own stylesheet, pictures and font; no script; not framed.
///
/// `form_action_origins` are origins besides our own that a form on this page may end up at. Chromium applies
/// `form-action` to the redirect after the POST too, so login and consent must name the origin of the redirect URI
/// (`https://netbox.example.com`), or its scheme alone for a private-use one (`com.example.app:`).
/// What could not stand in a header or would widen the policy is left out.
pub fn csp(form_action_origins: &[&str]) -> String {
    policy("", form_action_origins)
}

/// The policy of [`super::form_post`]: as [`csp`], plus our own script file that presses the button.
pub fn csp_form_post(form_action_origins: &[&str]) -> String {
    policy(" script-src 'self';", form_action_origins)
}

/// The policy of a page that is filled again while somebody looks: as [`csp`], plus our own script and what it fetches from us.
pub fn csp_live() -> String {
    policy(" script-src 'self'; connect-src 'self';", &[])
}

/// The policy of the page after a logout: as [`csp`], plus frames of exactly these origins.
pub fn csp_frames(frame_origins: &[&str]) -> String {
    // Of an address that cannot be named the scheme would be left, and that is everybody's.
    let sources = frame_origins
        .iter()
        .filter_map(|origin| source(origin).filter(|source| source == origin));
    let sources: Vec<&str> = sources.collect();
    if sources.is_empty() {
        return csp(&[]);
    }
    policy(&format!(" frame-src {};", sources.join(" ")), &[])
}

/// The policy of the frame of session management: our own script, in pages of this origin, or in none.
pub fn csp_framed(by: Option<&str>) -> String {
    let by = by.filter(|origin| source(origin) == Some(*origin)).unwrap_or("'none'");
    format!("default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {by}")
}

/// The policy of pages that hold passkey ceremonies: as [`csp`], plus our own script files, which ask only us.
pub fn csp_passkeys(form_action_origins: &[&str]) -> String {
    policy(" script-src 'self'; connect-src 'self';", form_action_origins)
}

fn policy(script: &str, origins: &[&str]) -> String {
    let mut policy = format!(
        "default-src 'none';{script} style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    );
    for origin in origins {
        if let Some(source) = source(origin) {
            policy.push(' ');
            policy.push_str(source);
        }
    }
    policy
}

/// The source expression for an origin. An IPv6 address cannot be written as one, so its scheme has to do.
fn source(origin: &str) -> Option<&str> {
    let is_safe = !origin.is_empty()
        && origin.len() <= 512
        && origin
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b":/.-+[]_".contains(&b));
    let (scheme, rest) = origin.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !is_safe || !is_scheme {
        return None;
    }
    if rest.contains('[') {
        return origin.get(..=scheme.len());
    }
    Some(origin)
}
