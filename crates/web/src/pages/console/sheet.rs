//! What a page of the console is made of: panels with tables, facts, forms and commands. One template draws them, so that each
//! page looks and works like the others and whatever somebody wrote is escaped in one place.

use super::super::moment::Moment;

/// A page, without what surrounds it.
#[derive(Default)]
pub(super) struct Sheet {
    /// Heading and title of the document.
    pub(super) title: String,
    /// What it is, in a sentence.
    pub(super) lead: Option<String>,
    /// Back to where this belongs.
    pub(super) up: Option<Anchor>,
    /// What begins here.
    pub(super) ways: Vec<Anchor>,
    /// Why the last try did not work.
    pub(super) trouble: Option<Trouble>,
    pub(super) panels: Vec<Panel>,
}

/// A link.
pub(super) struct Anchor {
    pub(super) href: String,
    pub(super) text: String,
}

/// A refusal, for somebody who administers.
pub(super) struct Trouble {
    pub(super) message: String,
    pub(super) detail: Option<String>,
    pub(super) remedy: Option<String>,
    pub(super) code: String,
    pub(super) reference: Option<String>,
}

/// A part of a page with a heading of its own.
#[derive(Default)]
pub(super) struct Panel {
    pub(super) title: Option<String>,
    /// Takes the whole width.
    pub(super) broad: bool,
    pub(super) blocks: Vec<Block>,
}

pub(super) enum Block {
    Text(String),
    Note(String),
    Good(String),
    /// To where this goes on.
    Way(Anchor),
    /// To the question whether something is to be done that cannot be undone.
    Grave(Anchor),
    Facts(Vec<(String, Cell)>),
    Table(Table),
    Form(Form),
    /// The command that does the same.
    Command(String),
    Code {
        title: String,
        place: Option<String>,
        text: String,
    },
    Numbers(Vec<Number>),
    Bars(Vec<Bar>),
    Steps(Vec<Step>),
    Choices(Vec<Choice>),
    List(Vec<String>),
}

/// One value.
pub(super) enum Cell {
    Nothing,
    Text(String),
    Code(String),
    Link(Anchor),
    Time(Moment),
    Badge(Tone, String),
    Links(Vec<Anchor>),
    Codes(Vec<String>),
    Button(Form),
    Buttons(Vec<Form>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Plain,
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }
}

/// Rows under heads; narrow screens show each row as a card.
pub(super) struct Table {
    /// For those who do not see it.
    pub(super) label: String,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Instead of the table when there is no row.
    pub(super) empty: String,
    /// The next page.
    pub(super) next: Option<Anchor>,
    /// Filled again while somebody looks.
    pub(super) live: bool,
}

impl Table {
    /// Each row's cells with their heads.
    pub(super) fn pairs<'a>(&'a self, row: &'a [Cell]) -> Vec<(&'a str, &'a Cell)> {
        self.heads.iter().map(String::as_str).zip(row).collect()
    }
}

/// A form; with `csrf` it is posted, without it only asks.
pub(super) struct Form {
    pub(super) action: String,
    pub(super) csrf: Option<String>,
    pub(super) fields: Vec<Field>,
    pub(super) submit: String,
    /// What the button is about, for those who do not see the row around it.
    pub(super) about: String,
    pub(super) style: Style,
}

impl Form {
    /// Whether a file is sent with it.
    pub(super) fn has_file(&self) -> bool {
        self.fields
            .iter()
            .any(|field| matches!(field.kind, FieldKind::Line("file") | FieldKind::Files))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Usual,
    Quiet,
    Grave,
}

impl Style {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Quiet => "quiet",
            Self::Grave => "grave",
        }
    }
}

pub(super) struct Field {
    pub(super) name: &'static str,
    /// `form-name`, one of its kind on the page.
    pub(super) id: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) rule: Option<String>,
    pub(super) required: bool,
    pub(super) kind: FieldKind,
}

pub(super) enum FieldKind {
    /// `type` of the input.
    Line(&'static str),
    /// Several lines.
    Lines,
    Hidden,
    /// As many files as are chosen.
    Files,
    /// Value and text.
    Choice(Vec<(String, String)>),
    /// A line with proposals.
    Proposed(Vec<String>),
}

/// A figure of the overview.
pub(super) struct Number {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) href: Option<String>,
}

pub(super) struct Bar {
    pub(super) label: Cell,
    pub(super) said: String,
    pub(super) count: u64,
    pub(super) most: u64,
}

/// A check of a login.
pub(super) struct Step {
    pub(super) tone: Tone,
    pub(super) said: String,
    pub(super) title: String,
    pub(super) at: Option<String>,
    pub(super) detail: Option<String>,
    pub(super) remedy: Option<String>,
}

/// One of several things to go on with.
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) about: String,
}

impl Panel {
    pub(super) fn new(title: String) -> Self {
        Self {
            title: Some(title),
            ..Self::default()
        }
    }

    pub(super) fn broad(title: Option<String>) -> Self {
        Self {
            title,
            broad: true,
            ..Self::default()
        }
    }

    pub(super) fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Field {
    fn new(form: &str, name: &'static str, label: String, value: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name,
            id: format!("{form}-{name}"),
            label,
            value: value.into(),
            rule: None,
            required: false,
            kind,
        }
    }

    pub(super) fn line(form: &str, name: &'static str, label: String, value: impl Into<String>) -> Self {
        Self::new(form, name, label, value, FieldKind::Line("text"))
    }

    pub(super) fn lines(form: &str, name: &'static str, label: String, value: impl Into<String>) -> Self {
        Self::new(form, name, label, value, FieldKind::Lines)
    }

    pub(super) fn hidden(name: &'static str, value: impl Into<String>) -> Self {
        Self::new("", name, String::new(), value, FieldKind::Hidden)
    }

    pub(super) fn files(form: &str, name: &'static str, label: String) -> Self {
        Self::new(form, name, label, "", FieldKind::Files)
    }

    pub(super) fn choice(
        form: &str,
        name: &'static str,
        label: String,
        value: impl Into<String>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self::new(form, name, label, value, FieldKind::Choice(options))
    }

    pub(super) fn proposed(form: &str, name: &'static str, label: String, proposals: Vec<String>) -> Self {
        Self::new(form, name, label, "", FieldKind::Proposed(proposals))
    }

    /// Lines that are shown at once.
    pub(super) fn rows(&self) -> usize {
        self.value.lines().count().clamp(3, 16)
    }

    pub(super) fn of_type(mut self, kind: &'static str) -> Self {
        self.kind = FieldKind::Line(kind);
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn rule(mut self, rule: String) -> Self {
        self.rule = Some(rule);
        self
    }
}

impl Anchor {
    pub(super) fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
        }
    }
}
