//! Schemas of the files, for editors: written beside an export, named in the first line of each new file.

use doorward_api::{STATE_FOLDERS, StateSchemas};

use super::folder::Folder;
use crate::{caller::Caller, failure::Failure};

/// The folder of the schemas; hidden, so that nobody takes it for a file of the state.
pub(super) const PLACE: &str = ".schema";
/// How a file names its schema: a comment that editors of TOML understand.
const DIRECTIVE: &str = "#:schema ";

async fn all(caller: &Caller<'_>) -> Result<StateSchemas, Failure> {
    Ok(caller.get::<StateSchemas>(&["state", "schema"]).await?.value)
}

fn text(schema: &serde_json::Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(schema).map_err(|error| Failure::not_doorward(error.to_string()))?;
    Ok(format!("{text}\n"))
}

/// Prints one.
pub(super) async fn print(caller: &Caller<'_>, kind: &str) -> Result<(), Failure> {
    let all = all(caller).await?;
    let Some(schema) = all.schemas.get(kind) else {
        let known: Vec<&str> = all.schemas.keys().map(String::as_str).collect();
        return Err(Failure::usage(format!(
            "expected one of {}, received {kind:?}",
            known.join(", ")
        )));
    };
    caller.output.line(text(schema)?.trim_end())
}

/// Writes all of them.
pub(super) async fn write(caller: &Caller<'_>, folder: &Folder<'_>) -> Result<(), Failure> {
    for (kind, schema) in &all(caller).await?.schemas {
        folder.write_schema(kind, &text(schema)?)?;
    }
    Ok(())
}

/// A file with the name of its schema in the first line: of a new file ours, of one that stands its own, or none.
pub(super) fn named(path: &str, text: &str, standing: Option<&str>) -> String {
    let line = match standing {
        None => Some(ours(path)),
        Some(standing) => standing
            .lines()
            .take_while(|line| is_comment(line))
            .find(|line| line.starts_with(DIRECTIVE))
            .map(str::to_owned),
    };
    let Some(line) = line else {
        return text.to_owned();
    };
    // Written anew, it may have come to stand at the end. In between it could be a line of somebody's text.
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begin = lines.iter().take_while(|line| is_comment(line)).count();
    let end = lines.len() - lines.iter().rev().take_while(|line| is_comment(line)).count();
    let rest: String = lines
        .iter()
        .enumerate()
        .filter(|(number, other)| !(other.starts_with(DIRECTIVE) && (*number < begin || *number >= end)))
        .map(|(_, other)| *other)
        .collect();
    format!("{line}\n{rest}")
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

fn ours(path: &str) -> String {
    match path.split_once('/') {
        Some((kind, _)) if STATE_FOLDERS.contains(&kind) => format!("{DIRECTIVE}../{PLACE}/{kind}.json"),
        _ => format!("{DIRECTIVE}{PLACE}/{}.json", path.trim_end_matches(".toml")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_names_its_schema_and_one_that_stands_keeps_the_one_it_names() {
        let new = named("groups/ops.toml", "description = \"x\"\n", None);
        assert_eq!(new, "#:schema ../.schema/groups.json\ndescription = \"x\"\n");
        assert_eq!(
            named("settings.toml", "a = 1\n", None),
            "#:schema .schema/settings.json\na = 1\n"
        );
        assert_eq!(named("groups/ops.toml", &new, Some(&new)), new);
        // Written anew, the line may have come to stand elsewhere, or have gone with the setting under it.
        let own = "#:schema https://example.com/groups.json\nroles = []\n";
        let moved = "roles = []\n#:schema https://example.com/groups.json\n";
        assert_eq!(named("groups/ops.toml", moved, Some(own)), own);
        assert_eq!(named("groups/ops.toml", "roles = []\n", Some(own)), own);
        let words = "#:schema a\ntext = \"\"\"\n#:schema is what it begins with\n\"\"\"\n";
        assert_eq!(named("terms.toml", words, Some(words)), words);
        assert_eq!(
            named("groups/ops.toml", "roles = []\n", Some("roles = []\n")),
            "roles = []\n"
        );
    }
}
