//! As much of HTML as a browser without a screen needs: forms, and the text that a person reads.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// As written; empty for the page's own address.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// Inputs with their values, hidden ones and buttons included.
    pub fields: Vec<Field>,
}

/// An input or a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether it is sent only when pressed.
    pub button: bool,
}

/// All forms in order.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    for tag in tags(html) {
        match tag.name.as_str() {
            "form" => {
                open = true;
                forms.push(Form {
                    action: tag.attribute("action").unwrap_or_default(),
                    method: tag.attribute("method").unwrap_or_else(|| "get".into()).to_lowercase(),
                    fields: Vec::new(),
                });
            }
            "/form" => open = false,
            "input" | "button" if open => {
                let kind = tag.attribute("type").unwrap_or_default();
                if let (Some(form), Some(name)) = (forms.last_mut(), tag.attribute("name")) {
                    form.fields.push(Field {
                        name,
                        value: tag.attribute("value").unwrap_or_default(),
                        button: tag.name == "button" || kind == "submit",
                    });
                }
            }
            _ => {}
        }
    }
    forms
}

/// All links in order: where they lead, and what a person reads on them.
pub(crate) fn links(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in html.split("<a ").skip(1) {
        let (attributes, rest) = attributes(part);
        let shown = rest.split("</a>").next().unwrap_or_default();
        if let Some((_, href)) = attributes.iter().find(|(name, _)| name == "href") {
            found.push((unescape(href), text(shown)));
        }
    }
    found
}

/// The addresses of all frames in order.
pub(crate) fn frames(html: &str) -> Vec<String> {
    let frames = tags(html).into_iter().filter(|tag| tag.name == "iframe");
    frames.filter_map(|tag| tag.attribute("src")).collect()
}

/// What a person reads: no tags, no scripts, single spaces.
pub fn text(html: &str) -> String {
    let body = html.find("<body").map_or(html, |at| &html[at..]);
    let mut shown = String::new();
    let mut rest = body;
    while let Some(start) = rest.find('<') {
        shown.push_str(&rest[..start]);
        // Inline elements join words, all others part them.
        let tag = &rest[start + 1..];
        let inline = ["strong", "code", "mark", "span", "a ", "time", "wbr", "/"]
            .iter()
            .any(|name| tag.starts_with(name));
        if !inline {
            shown.push(' ');
        }
        rest = tag.find('>').map_or("", |end| &tag[end + 1..]);
        if tag.starts_with('/')
            && !["/strong", "/code", "/mark", "/span", "/a", "/time"]
                .iter()
                .any(|name| tag.starts_with(name))
        {
            shown.push(' ');
        }
    }
    shown.push_str(rest);
    unescape(&shown).split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| unescape(value))
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect();
        rest = &rest[name.len()..];
        let (attributes, after) = attributes(rest);
        tags.push(Tag {
            name: name.to_lowercase(),
            attributes,
        });
        rest = after;
    }
    tags
}

fn attributes(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>'));
        let Some(end) = end else { return (found, "") };
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        let name = rest[..end].to_lowercase();
        rest = &rest[end..];
        let mut value = "";
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            (value, rest) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((after, "")),
                _ => after.split_at(
                    after
                        .find(|c: char| c.is_whitespace() || c == '>')
                        .unwrap_or(after.len()),
                ),
            };
        }
        if name.is_empty() {
            rest = rest.get(1..).unwrap_or_default();
        } else {
            found.push((name, value.to_owned()));
        }
    }
}

/// Text as a browser takes it, for the references that pages have here.
pub(crate) fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#43;", "+"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_hidden_fields_and_buttons() {
        let html = r#"<form method="post" action="/login?a=1&amp;b=2"><input type="hidden" name=x value='1'>
            <input name="user" required><button name="d" value="allow">Go</button></form><input name="outside">"#;
        let forms = forms(html);
        assert_eq!(forms.len(), 1);
        assert_eq!(
            (forms[0].action.as_str(), forms[0].method.as_str()),
            ("/login?a=1&b=2", "post")
        );
        let fields: Vec<_> = forms[0]
            .fields
            .iter()
            .map(|f| (f.name.as_str(), f.value.as_str(), f.button))
            .collect();
        assert_eq!(fields, [("x", "1", false), ("user", "", false), ("d", "allow", true)]);
    }

    #[test]
    fn links_are_read_with_their_text() {
        let html =
            r#"<p><a class="button" href="/go?a=1&amp;b=2">Log in with <strong>Corp</strong></a> <a name="x">no</a>"#;
        assert_eq!(links(html), [("/go?a=1&b=2".to_owned(), "Log in with Corp".to_owned())]);
    }

    #[test]
    fn text_is_what_a_person_reads() {
        let html = "<html><head><title>T</title></head><body><h1>No access to <strong>NetBox</strong></h1><p>a &amp; b</p></body>";
        assert_eq!(text(html), "No access to NetBox a & b");
    }
}
