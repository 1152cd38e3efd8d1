//! "Did you mean": the known name closest to a mistyped one.

/// The candidate that needs the fewest single-character edits, if it is close enough to be what was meant.
pub fn closest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(64).collect();
    let limit = (typed.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                distance(&typed, &candidate.to_lowercase().chars().collect::<Vec<_>>()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(from != to)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let names = ["netbox", "grafana", "gitea"];
        assert_eq!(closest("netbx", names), Some("netbox"));
        assert_eq!(closest("Grafanna", names), Some("grafana"));
        assert_eq!(closest("kubernetes", names), None);
    }

    #[test]
    fn swapped_and_missing_letters_count_as_edits() {
        assert_eq!(super::distance(&['a', 'b', 'c'], &['a', 'c']), 1);
        assert_eq!(super::distance(&[], &['x', 'y']), 2);
        assert_eq!(super::distance(&['k', 'i', 't'], &['s', 'i', 't', 's']), 2);
    }
}
