//! "Did you mean": the nearest of the known words.

/// The known word that `word` most likely means: one that it begins, or that begins it, or at most three edits away.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let begins =
        |known: &&&str| word.len() >= 3 && (known.starts_with(word) || word.starts_with(**known));
    let by_edits = || {
        let most = 3.min(word.len() * 2 / 3);
        known.iter().map(|known| (edits(word, known), known)).filter(|near| near.0 <= most).min()
    };
    known.iter().find(begins).or_else(|| by_edits().map(|near| near.1)).copied()
}

/// Levenshtein's distance, by rows (Wagner & Fischer 1974).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["name", "retries", "timeout", "max_running"];
        let cases = [
            ("retry", Some("retries")),
            ("nmae", Some("name")),
            ("time_out", Some("timeout")),
            ("max", Some("max_running")),
            ("gpu", None),
        ];
        for (word, meant) in cases {
            assert_eq!(nearest(word, &known), meant, "{word}");
        }
    }
}
