/// The word that is most like `wanted`, if one is near: no more than a third of its letters differ.
pub(crate) fn nearest<'w>(wanted: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let wanted: Vec<char> = wanted.to_ascii_lowercase().replace('-', "_").chars().take(64).collect();
    let near = words.into_iter().map(|word| (distance(&wanted, word), word));
    near.filter(|(distance, word)| *distance * 3 <= word.len().max(3)).min().map(|(_, word)| word)
}

/// How many letters must be put in, taken out, replaced, or exchanged with their neighbour.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (0, n) | (n, 0) => n,
                _ => {
                    let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    if exchanged { least.min(rows[i - 2][j - 2] + 1) } else { least }
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typing_errors_are_seen_and_other_words_are_not() {
        let keys = ["confidence", "fail_on", "jobs", "decode_depth"];
        for (wanted, near) in
            [("confidance", "confidence"), ("fail-on", "fail_on"), ("jbos", "jobs"), ("decodedepth", "decode_depth")]
        {
            assert_eq!(nearest(wanted, keys), Some(near), "{wanted}");
        }
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
    }
}
