//! `doorward preset check`: whether a preset file is one, before a server reads it.

use std::path::PathBuf;

use clap::Args;
use doorward_apps::{Preset, Presets, RenderedPreset};
use serde::Serialize;

use crate::{failure::Failure, output::Output};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files like wekan.toml, or directories of them
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    /// Print what people would paste, for an example of the application
    #[arg(long)]
    print: bool,
    /// Address of the example
    #[arg(long, value_name = "URL", default_value = "https://app.example.com")]
    url: String,
}

/// What is wrong with one file; nothing when `problems` is empty.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    preset: Option<String>,
    problems: Vec<String>,
}

impl Check {
    pub(super) fn run(self, output: &Output) -> Result<(), Failure> {
        let mut all = Presets::built_in();
        let mut checked = Vec::new();
        for path in files(&self.paths)? {
            let file = path.display().to_string();
            let preset = match Preset::read(&path) {
                Ok(preset) => preset,
                Err(error) => {
                    checked.push(Checked {
                        file,
                        preset: None,
                        problems: vec![error.problem],
                    });
                    continue;
                }
            };
            let mut problems = preset.lint();
            if let Err(error) = all.add(preset.clone()) {
                problems.push(error.problem);
            }
            if self.print && problems.is_empty() {
                let sample = preset.sample(&self.url).map_err(Failure::usage)?;
                print(&sample, output)?;
            }
            checked.push(Checked {
                file,
                preset: Some(preset.id),
                problems,
            });
        }
        if output.json {
            output.raw(&serde_json::to_vec_pretty(&checked).map_err(|error| Failure::Local(error.into()))?)?;
        }
        for one in &checked {
            if one.problems.is_empty() {
                output.line(format!("{}: good", one.file))?;
            }
            for problem in &one.problems {
                output.line(format!("{}: {}", one.file, problem.trim_end()))?;
            }
        }
        if checked.iter().all(|one| one.problems.is_empty()) {
            Ok(())
        } else {
            Err(Failure::found("not every file is a preset that can be used"))
        }
    }
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(Failure::usage(format!(
                "{} holds no file whose name ends in .toml",
                path.display()
            )));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn print(sample: &RenderedPreset, output: &Output) -> Result<(), Failure> {
    for part in &sample.snippets {
        let place = part
            .place
            .as_ref()
            .map(|place| format!(" ({place})"))
            .unwrap_or_default();
        output.line(format!("── {}{place}\n\n{}\n", part.title, part.text.trim_end()))?;
    }
    Ok(())
}
