//! What surrounds every page of the console: the rooms that the person may enter, and what has just been done.

use askama::Template;
use jiff::Timestamp;

use super::sheet::{Block, Cell, FieldKind, Form, Sheet};
use crate::pages::{Chrome, field, moment::Moment, path, render::render, text::Text};

/// What surrounds a page, and what its forms need.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// As around the other pages; the viewer is who administers.
    pub chrome: Chrome<'a>,
    /// Proof that the forms are ours.
    pub csrf: &'a str,
    /// The time of rendering.
    pub now: Timestamp,
    /// Where the viewer's rights lead.
    pub rooms: &'a [Room],
    /// What has just happened.
    pub done: Option<Done>,
}

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Figures, and what wants attention.
    Overview,
    /// People.
    People,
    /// People who come by themselves.
    Registration,
    /// Groups.
    Groups,
    /// Applications.
    Apps,
    /// Providers that other people run.
    Upstreams,
    /// Logins, check by check.
    Traces,
    /// Who did what.
    Events,
    /// Who is logged in where.
    Sessions,
    /// Programs.
    Services,
    /// Who may administer.
    Admins,
    /// Terms and conditions.
    Terms,
    /// What is asked of logins.
    Policies,
    /// Letters.
    Mail,
    /// Signing keys.
    Keys,
    /// The server's certificate, and the private authority.
    Certificates,
    /// Settings of the server.
    Settings,
}

impl Room {
    /// All, in the order of the navigation.
    pub const ALL: [Self; 17] = [
        Self::Overview,
        Self::People,
        Self::Registration,
        Self::Groups,
        Self::Apps,
        Self::Upstreams,
        Self::Traces,
        Self::Events,
        Self::Sessions,
        Self::Services,
        Self::Admins,
        Self::Terms,
        Self::Policies,
        Self::Mail,
        Self::Keys,
        Self::Certificates,
        Self::Settings,
    ];

    /// Its address below the console's.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => path::CONSOLE,
            Self::People => "/admin/people",
            Self::Registration => "/admin/registration",
            Self::Groups => "/admin/groups",
            Self::Apps => "/admin/apps",
            Self::Upstreams => "/admin/upstreams",
            Self::Traces => "/admin/traces",
            Self::Events => "/admin/events",
            Self::Sessions => "/admin/sessions",
            Self::Services => "/admin/services",
            Self::Admins => "/admin/admins",
            Self::Terms => "/admin/terms",
            Self::Policies => "/admin/policies",
            Self::Mail => "/admin/mail",
            Self::Keys => "/admin/keys",
            Self::Certificates => "/admin/certificates",
            Self::Settings => "/admin/settings",
        }
    }

    pub(super) fn name(self, t: Text) -> String {
        match self {
            Self::Overview => t.say("console-overview"),
            Self::People => t.say("console-people"),
            Self::Registration => t.say("console-registration"),
            Self::Groups => t.say("console-groups"),
            Self::Apps => t.say("console-apps"),
            Self::Upstreams => t.say("console-upstreams"),
            Self::Traces => t.say("console-traces"),
            Self::Events => t.say("console-events"),
            Self::Sessions => t.say("console-sessions"),
            Self::Services => t.say("console-services"),
            Self::Admins => t.say("console-admins"),
            Self::Terms => t.say("console-terms"),
            Self::Policies => t.say("console-policies"),
            Self::Mail => t.say("console-mail"),
            Self::Keys => t.say("console-keys"),
            Self::Certificates => t.say("console-certificates"),
            Self::Settings => t.say("console-settings"),
        }
    }
}

/// What has just happened, carried over a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Something new is there.
    Added,
    /// Something was changed.
    Saved,
    /// Something is gone.
    Removed,
    /// Sessions were ended.
    Ended,
    /// An account is closed and will be deleted.
    Closed,
    /// It was brought back.
    Restored,
    /// A letter is tried at once.
    Tried,
    /// The person proved who they are, and has to press once more.
    Proved,
}

impl Done {
    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Saved => "saved",
            Self::Removed => "removed",
            Self::Ended => "ended",
            Self::Closed => "closed",
            Self::Restored => "restored",
            Self::Tried => "tried",
            Self::Proved => "proved",
        }
    }

    /// What the word in the address means.
    pub fn of(word: &str) -> Option<Self> {
        [
            Self::Added,
            Self::Saved,
            Self::Removed,
            Self::Ended,
            Self::Closed,
            Self::Restored,
            Self::Tried,
            Self::Proved,
        ]
        .into_iter()
        .find(|done| done.word() == word)
    }

    fn said(self, t: Text) -> String {
        match self {
            Self::Added => t.say("console-done-added"),
            Self::Saved => t.say("console-done-saved"),
            Self::Removed => t.say("console-done-removed"),
            Self::Ended => t.say("console-done-ended"),
            Self::Closed => t.say("console-done-closed"),
            Self::Restored => t.say("console-done-restored"),
            Self::Tried => t.say("console-done-tried"),
            Self::Proved => t.say("console-done-proved"),
        }
    }
}

impl Frame<'_> {
    pub(super) fn text(&self) -> Text {
        Text::of(self.chrome.lang)
    }

    pub(super) fn at(&self, path: &str) -> String {
        self.chrome.at(path)
    }

    /// Where a room is, with what comes after it.
    pub(super) fn within(&self, room: Room, rest: &str) -> String {
        format!("{}{rest}", self.at(room.path()))
    }

    /// For what is posted.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the templates have forms with a token and forms without"
    )]
    pub(super) fn csrf(&self) -> Option<String> {
        Some(self.csrf.to_owned())
    }

    pub(super) fn ago(&self, at: Timestamp) -> Cell {
        Cell::Time(Moment::ago(self.text(), at, self.now))
    }

    pub(super) fn ahead(&self, at: Timestamp) -> Cell {
        Cell::Time(Moment::ahead(self.text(), at, self.now))
    }

    /// A time that may have come or not.
    pub(super) fn when(&self, at: Timestamp) -> Cell {
        if at > self.now { self.ahead(at) } else { self.ago(at) }
    }

    /// The document; `here` is the room that it belongs to.
    pub(super) fn draw(&self, here: Option<Room>, sheet: Sheet) -> String {
        let t = self.text();
        let live = sheet
            .panels
            .iter()
            .flat_map(|panel| &panel.blocks)
            .any(|block| matches!(block, Block::Table(table) if table.live));
        render(&Page {
            frame: self,
            chrome: &self.chrome,
            t,
            rooms: self
                .rooms
                .iter()
                .map(|room| (self.at(room.path()), room.name(t), here == Some(*room)))
                .collect(),
            done: self.done.map(|done| done.said(t)),
            live,
            sheet,
        })
    }
}

#[derive(Template)]
#[template(path = "admin/frame.html")]
struct Page<'a> {
    frame: &'a Frame<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    rooms: Vec<(String, String, bool)>,
    done: Option<String>,
    live: bool,
    sheet: Sheet,
}

/// A form with one button.
pub(super) fn button(frame: &Frame<'_>, action: String, submit: String, about: &str) -> Form {
    Form {
        action,
        csrf: frame.csrf(),
        fields: Vec::new(),
        submit,
        about: about.to_owned(),
        style: super::sheet::Style::Quiet,
    }
}
