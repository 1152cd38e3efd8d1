//! What a page of an application offers to go on with: its links and its forms with their hidden fields.

use html5gum::{StartTag, Token, Tokenizer};

/// Largest page that is read, in bytes.
pub const LARGEST: usize = 512 * 1024;
/// Most links and forms that are kept of a page.
const MOST: usize = 400;
/// Most fields of a form.
const MOST_FIELDS: usize = 40;
/// Characters of the words around a link that are kept.
const LONGEST_WORDS: usize = 200;

/// A link, or a form that can be sent as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// As it stands in the page; may be relative.
    pub href: String,
    /// The words in it.
    pub words: String,
    /// The form's fields when it is posted; `None` for a link or a form that asks.
    pub post: Option<Vec<(String, String)>>,
    /// The form wants something typed.
    pub wants_typing: bool,
    /// The form's own fields, when it asks by GET.
    pub query: Vec<(String, String)>,
}

/// Reads the links and forms of a page, in order. Whatever is no HTML has none.
pub fn offers(page: &[u8]) -> Vec<Offer> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    let page = page.get(..LARGEST).unwrap_or(page);
    for Ok(token) in Tokenizer::new(page) {
        if found.len() >= MOST {
            break;
        }
        match token {
            Token::StartTag(tag) => start(&tag, &mut open, &mut found),
            Token::String(text) => {
                if let Some(open) = &mut open {
                    open.words(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                let ends = open.as_ref().is_some_and(|open| name == open.tag());
                if ends && let Some(open) = open.take() {
                    found.push(open.offer);
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    found.extend(open.map(|open| open.offer));
    found
}

/// A link or form whose end has not come.
struct Open {
    offer: Offer,
    is_form: bool,
    has_button: bool,
}

impl Open {
    fn tag(&self) -> &'static [u8] {
        if self.is_form { b"form" } else { b"a" }
    }

    fn words(&mut self, text: &str) {
        if self.offer.words.len() < LONGEST_WORDS {
            let text: Vec<&str> = text.split_whitespace().collect();
            if !text.is_empty() {
                self.offer.words.extend([" ", &text.join(" ")]);
            }
        }
    }

    fn field(&mut self, name: String, value: String) {
        let fields = self.offer.post.as_mut().unwrap_or(&mut self.offer.query);
        if fields.len() < MOST_FIELDS && !name.is_empty() {
            fields.push((name, value));
        }
    }
}

fn start(tag: &StartTag<()>, open: &mut Option<Open>, found: &mut Vec<Offer>) {
    let name: &[u8] = &tag.name;
    match name {
        // A form may hold links; the form is what counts, and its links are found with it.
        b"a" | b"area" => {
            let Some(href) = attribute(tag, b"href") else { return };
            let offer = Offer {
                href,
                words: attribute(tag, b"title").unwrap_or_default(),
                ..Offer::default()
            };
            if open.as_ref().is_some_and(|open| open.is_form) {
                found.push(offer);
            } else {
                found.extend(open.take().map(|open| open.offer));
                *open = Some(Open {
                    offer,
                    is_form: false,
                    has_button: false,
                });
            }
        }
        b"form" => {
            found.extend(open.take().map(|open| open.offer));
            let is_post = attribute(tag, b"method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            *open = Some(Open {
                offer: Offer {
                    href: attribute(tag, b"action").unwrap_or_default(),
                    post: is_post.then(Vec::new),
                    ..Offer::default()
                },
                is_form: true,
                has_button: false,
            });
        }
        b"input" | b"button" | b"textarea" | b"select" => {
            if let Some(open) = open.as_mut().filter(|open| open.is_form) {
                field(tag, name, open);
            }
        }
        _ => {}
    }
}

fn field(tag: &StartTag<()>, element: &[u8], open: &mut Open) {
    let kind = attribute(tag, b"type").map(|kind| kind.to_ascii_lowercase());
    let kind = match (element, kind.as_deref()) {
        (b"textarea", _) | (b"input", None) => "text",
        (b"select", _) => "choice",
        (b"button", None) => "submit",
        (_, kind) => kind.unwrap_or_default(),
    };
    let (name, value) = (
        attribute(tag, b"name").unwrap_or_default(),
        attribute(tag, b"value").unwrap_or_default(),
    );
    match kind {
        "hidden" => open.field(name, value),
        // A browser sends the button that is pressed: the first.
        "submit" if !open.has_button => {
            open.has_button = true;
            open.words(&value);
            open.field(name, value);
        }
        "submit" | "button" | "reset" | "image" | "checkbox" | "radio" | "choice" => {}
        _ => open.offer.wants_typing = true,
    }
}

pub(crate) fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value: &[u8] = tag.attributes.get(name)?;
    Some(String::from_utf8_lossy(value).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_that_posts_is_found_with_its_hidden_fields() {
        let page = br#"<form method="POST" action="/login/oidc/?next=/&amp;a=b">
            <input type=hidden name="csrfmiddlewaretoken" value="a&amp;b"><button name=go value=1>Single sign-on</button></form>"#;
        let [offer] = offers(page).try_into().unwrap();
        assert_eq!(offer.href, "/login/oidc/?next=/&a=b");
        let fields = [("csrfmiddlewaretoken", "a&b"), ("go", "1")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(offer.post, Some(fields.to_vec()));
        assert!(
            !offer.wants_typing && offer.words.contains("Single sign-on"),
            "{offer:?}"
        );
    }

    #[test]
    fn a_form_for_a_name_and_a_password_wants_typing() {
        let page = b"<form method=post><input name=username><input type=password name=p><input type=submit></form>";
        assert!(offers(page)[0].wants_typing);
    }

    #[test]
    fn links_are_found_wherever_they_stand() {
        let page =
            b"<a href='/one'>One</a><form action=/search><input name=q><a href=/two>Two</a></form><a href=/three>";
        let found: Vec<String> = offers(page).into_iter().map(|offer| offer.href).collect();
        for href in ["/one", "/two", "/three", "/search"] {
            assert!(found.contains(&href.to_owned()), "{href}: {found:?}");
        }
    }

    #[test]
    fn a_page_without_end_is_read_to_a_limit() {
        let page = b"<a href=/x>".repeat(200_000);
        assert!(offers(&page).len() <= MOST + 1);
        let fields = format!(
            "<form method=post>{}",
            "<input type=hidden name=a value=b>".repeat(10_000)
        );
        assert_eq!(offers(fields.as_bytes())[0].post.as_ref().unwrap().len(), MOST_FIELDS);
    }

    #[test]
    fn what_is_no_page_offers_nothing() {
        assert!(offers(b"{\"a\": \"<b>\"}").is_empty());
        assert!(offers(&[0xff, 0xfe, b'<', 0x00, b'a']).is_empty());
    }
}
