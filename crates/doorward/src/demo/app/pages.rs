//! The pages of the demo application.

use doorward_login::{Login, LoginError};
use serde_json::{Map, Value};

/// What the profile page shows.
pub(super) struct Person<'a> {
    pub(super) name: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) is_verified: bool,
    pub(super) groups: &'a [&'a str],
    pub(super) claims: &'a Map<String, Value>,
}

pub(super) fn welcome(login: &Login) -> String {
    let (path, issuer) = (escaped(&login.login_path()), escaped(login.issuer()));
    page(
        "Welcome",
        "",
        &format!(
            "<h1>You are not logged in</h1>\
             <p>This application has no passwords of its own. It asks <strong>{issuer}</strong> who you are.</p>\
             <p><a class=\"button\" href=\"{path}\">Log in</a></p>\
             <p class=\"quiet\">Or go straight to <a href=\"/profile\">your profile</a>: you will be asked to log in and \
             come back there.</p>"
        ),
    )
}

pub(super) fn greeting(login: &Login, name: &str) -> String {
    let name = escaped(name);
    page(
        "Welcome",
        &log_out(login),
        &format!(
            "<h1>Hello, {name}</h1><p>You are logged in.</p>\
             <p><a class=\"button\" href=\"/profile\">See what this application knows of you</a></p>"
        ),
    )
}

pub(super) fn profile(login: &Login, person: &Person<'_>) -> String {
    let email = match person.email {
        None => "<span class=\"quiet\">none</span>".to_owned(),
        Some(email) if person.is_verified => format!("{} <span class=\"quiet\">(verified)</span>", escaped(email)),
        Some(email) => escaped(email),
    };
    let groups: Vec<_> = person
        .groups
        .iter()
        .map(|group| format!("<li>{}</li>", escaped(group)))
        .collect();
    let groups = if groups.is_empty() {
        "<span class=\"quiet\">none</span>".to_owned()
    } else {
        format!("<ul class=\"chips\">{}</ul>", groups.concat())
    };
    let claims: String = person.claims.iter().map(|(name, value)| row(name, value)).collect();
    page(
        "Your profile",
        &log_out(login),
        &format!(
            "<h1>{name}</h1><dl>\
             <dt>Name</dt><dd id=\"name\">{name}</dd>\
             <dt>E-mail</dt><dd id=\"email\">{email}</dd>\
             <dt>Groups</dt><dd id=\"groups\">{groups}</dd></dl>\
             <h2 id=\"claims\">All claims</h2>\
             <div class=\"claims\"><table aria-labelledby=\"claims\"><tbody>{claims}</tbody></table></div>",
            name = escaped(person.name),
        ),
    )
}

pub(super) fn failed(error: &LoginError) -> String {
    let advice = if error.is_temporary() {
        "This may pass: try again in a moment."
    } else {
        "If it happens again, give the code to whoever runs this application."
    };
    page(
        "Login failed",
        "",
        &format!(
            "<h1 class=\"alarm\">The login failed</h1><p class=\"said\">{}</p><p>Code: <code>{}</code></p><p class=\"quiet\">{advice}</p>\
             <p><a class=\"button\" href=\"/\">Back to the start</a></p>",
            escaped(&error.to_string()),
            error.code(),
        ),
    )
}

pub(super) fn not_found() -> String {
    page(
        "Not found",
        "",
        "<h1>There is no such page</h1><p><a href=\"/\">Back to the start</a></p>",
    )
}

fn row(name: &str, value: &Value) -> String {
    let value = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (name, value) = (escaped(name), escaped(&value));
    format!("<tr><th scope=\"row\"><code>{name}</code></th><td><code>{value}</code></td></tr>")
}

fn log_out(login: &Login) -> String {
    let path = escaped(&login.logout_path());
    format!("<form method=\"post\" action=\"{path}\"><button class=\"button plain\">Log out</button></form>")
}

fn page(title: &str, aside: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Demo application</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/app.css\"><link rel=\"icon\" href=\"/app.svg\"></head><body>\
         <header><a class=\"mark\" href=\"/\"><img src=\"/app.svg\" alt=\"\">Demo application</a>{aside}</header>\
         <main><div class=\"sheet\">{content}</div></main>\
         <footer>Built on the <code>doorward-login</code> crate, as any application can be.</footer></body></html>\n"
    )
}

/// Text for the inside of an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
