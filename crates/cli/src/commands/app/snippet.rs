//! The configuration to paste, so that it can be pasted: the text begins at the left edge, what is about it goes before.

use doorward_api::{Snippet, SnippetPart, SnippetWay};

use crate::{
    failure::Failure,
    output::{Output, wrap},
};

/// All pieces with their titles, then what else to do.
pub(super) fn print(snippet: &Snippet, output: &Output) -> Result<(), Failure> {
    for part in &snippet.parts {
        output.line(format!("── {}\n\n{}\n", heading(part), part.text.trim_end()))?;
    }
    let notes = [("Private CA", &snippet.private_ca), ("Logout", &snippet.logout)];
    for (title, text) in notes.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
        output.line(format!("── {title}\n\n{}\n", wrap(text)))?;
    }
    for note in &snippet.notes {
        let versions = note
            .versions
            .as_ref()
            .map(|versions| format!(" ({versions})"))
            .unwrap_or_default();
        output.line(format!("── Note{versions}\n\n{}\n", wrap(&note.text)))?;
    }
    Ok(())
}

fn heading(part: &SnippetPart) -> String {
    let way = match part.way {
        SnippetWay::File => "into the file",
        SnippetWay::Env => "into the environment",
        SnippetWay::Cli => "type",
        SnippetWay::Ui => "into the form",
        SnippetWay::Compose => "into the Compose file",
        SnippetWay::Helm => "into the values of the chart,",
    };
    let place = part.place.as_ref().map(|place| format!(" {place}")).unwrap_or_default();
    let or = if part.alternative { "Or instead: " } else { "" };
    format!("{or}{} ({way}{place})", part.title)
}
