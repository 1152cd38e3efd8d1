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

/// Single-character edits from one to the other, row by row: a letter more, less or another one, or two neighbours swapped
/// (what fingers do most).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&row, j) + usize::from(from != to))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped = i.checked_sub(1).and_then(|i| a.get(i)) == Some(to)
                && j.checked_sub(1).and_then(|j| b.get(j)) == Some(from);
            if swapped && let Some(index) = j.checked_sub(1) {
                least = least.min(at(&before, index) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
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
        assert_eq!(closest("gtiea", names), Some("gitea"));
        assert_eq!(closest("kubernetes", names), None);
    }

    #[test]
    fn swapped_and_missing_letters_count_as_edits() {
        assert_eq!(super::distance(&['a', 'b', 'c'], &['a', 'c']), 1);
        assert_eq!(super::distance(&['a', 'b', 'c'], &['a', 'c', 'b']), 1);
        assert_eq!(super::distance(&[], &['x', 'y']), 2);
        assert_eq!(super::distance(&['k', 'i', 't'], &['s', 'i', 't', 's']), 2);
    }
}
