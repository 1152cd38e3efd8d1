//! The table of conformance modules says what is so: each test that it names exists, and no module of a plan is missing.

use std::{fs, path::Path};

const TABLE: &str = "docs/conformance.md";

/// One row: the module, the file of its test, the result.
struct Row<'t> {
    module: &'t str,
    file: &'t str,
    result: &'t str,
}

fn row(line: &str) -> Option<Row<'_>> {
    let mut cells = line.strip_prefix("| `")?.trim_end_matches(" |").splitn(3, " |");
    Some(Row {
        module: cells.next()?.trim_end_matches('`'),
        file: cells.next()?.trim().trim_matches('`'),
        result: cells.next()?.trim(),
    })
}

/// A function of Rust, or a name in quotes that a program for Node gives a test, with more words after it or without.
fn has_test(text: &str, name: &str) -> bool {
    let forms = [
        format!("fn {name}("),
        format!("'{name}'"),
        format!("'{name}:"),
        format!("`{name}:"),
    ];
    forms.iter().any(|form| text.contains(form))
}

#[test]
fn every_module_of_the_table_has_a_test_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = fs::read_to_string(root.join(TABLE)).expect("the table can be read");
    let mut modules = 0;
    for row in table.lines().filter_map(row) {
        let Row { module, file, result } = row;
        modules += 1;
        if file.is_empty() {
            let reason = ["refused: ", "left out: ", "open: "]
                .iter()
                .find_map(|word| result.strip_prefix(word));
            assert!(reason.is_some_and(|reason| reason.len() > 10), "{module}: {result:?}");
            continue;
        }
        let path = root.join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{module}: {file}: {error}"));
        let name = module.replace('-', "_");
        assert!(has_test(&text, &name), "{file} has no test {name}");
        assert!(
            result == "as specified" || result.starts_with("refused: "),
            "{module}: {result:?}"
        );
    }
    assert!(modules > 250, "{modules}");
}

#[test]
fn every_plan_of_the_table_is_complete() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = fs::read_to_string(root.join(TABLE)).expect("the table can be read");
    let mut plans = 0;
    for section in table.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap_or_default();
        let count = heading.rsplit_once('(').and_then(|(_, count)| count.strip_suffix(')'));
        let count: usize = count
            .and_then(|count| count.parse().ok())
            .expect("a plan says how many modules it has");
        let names: std::collections::BTreeSet<&str> = section.lines().filter_map(row).map(|row| row.module).collect();
        assert_eq!(names.len(), count, "{heading}");
        plans += 1;
    }
    assert_eq!(plans, 12);
}
