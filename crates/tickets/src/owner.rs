//! Who is to rotate it: CODEOWNERS of GitHub, GitLab and Gitea.

/// The owners that a CODEOWNERS file names.
#[derive(Clone, Debug, Default)]
pub struct CodeOwners {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    segments: Vec<String>,
    /// Whether the pattern counts from the root; else at every depth.
    anchored: bool,
    /// Whether only what lies below counts.
    folder: bool,
    owners: Vec<String>,
}

impl CodeOwners {
    /// Reads a file. Lines that are no entry are passed over, as the platforms do.
    pub fn parse(text: &str) -> CodeOwners {
        let mut entries = Vec::new();
        let mut section_owners: Vec<String> = Vec::new();
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // GitLab: `[Section][2] @default`, `^[Optional]`.
            if let Some(rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[') {
                let after = rest.rsplit_once(']').map_or("", |(_, after)| after);
                section_owners = owners(after.split_whitespace());
                continue;
            }
            let (pattern, rest) = split_pattern(line);
            let mut named = owners(rest.split_whitespace());
            if named.is_empty() {
                // GitHub: without owners nobody owns it; GitLab: the section does.
                named.clone_from(&section_owners);
            }
            entries.extend(Entry::new(&pattern, named));
        }
        CodeOwners { entries }
    }

    /// Who owns a path, counted from the root; empty if nobody does. The last entry that fits counts.
    pub fn of(&self, path: &str) -> &[String] {
        let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty() && *segment != ".").collect();
        self.entries.iter().rev().find(|entry| entry.fits(&path)).map_or(&[], |entry| &entry.owners)
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A pattern in which `\ ` stands for a space, and what follows it.
fn split_pattern(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => pattern.extend(chars.next().map(|(_, c)| c)),
            c if c.is_whitespace() => return (pattern, &line[at..]),
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

fn owners<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.take_while(|word| !word.starts_with('#')).filter(|word| word.contains('@')).map(str::to_owned).collect()
}

impl Entry {
    fn new(pattern: &str, owners: Vec<String>) -> Option<Entry> {
        let folder = pattern.ends_with('/');
        let trimmed = pattern.trim_end_matches('/');
        let anchored = trimmed.starts_with('/') || trimmed.trim_start_matches('/').contains('/');
        let segments: Vec<String> =
            trimmed.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        (!segments.is_empty() || folder).then_some(Entry { segments, anchored, folder, owners })
    }

    fn fits(&self, path: &[&str]) -> bool {
        let starts = if self.anchored { 0..1 } else { 0..path.len().max(1) };
        starts.into_iter().any(|start| self.fits_from(&self.segments, &path[start.min(path.len())..]))
    }

    /// Whether the pattern covers the path, or a folder that it lies in.
    fn fits_from(&self, pattern: &[String], path: &[&str]) -> bool {
        match pattern.split_first() {
            None => !self.folder || !path.is_empty(),
            Some((first, rest)) if first == "**" => (0..=path.len()).any(|skip| self.fits_from(rest, &path[skip..])),
            Some((first, rest)) => {
                let Some((segment, below)) = path.split_first() else { return false };
                // `docs/*` is about what lies in docs itself, as on the platforms.
                let is_direct = rest.is_empty() && first == "*" && self.anchored && !self.folder;
                wildcard(first.as_bytes(), segment.as_bytes())
                    && (!is_direct || below.is_empty())
                    && self.fits_from(rest, below)
            }
        }
    }
}

/// `*` stands for any text, `?` for one character.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) && pattern[p] != b'*' {
            (p, t) = (p + 1, t + 1);
        } else if p < pattern.len() && pattern[p] == b'*' {
            retry = Some((p, t));
            p += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, path: &str) -> String {
        CodeOwners::parse(file).of(path).join(" ")
    }

    #[test]
    fn the_last_entry_that_fits_counts() {
        let file =
            "* @all\n*.js @js # web\n/build/logs/ @ops\ndocs/* docs@example.invalid\napps/ @apps\n/apps/github\n";
        for (path, owner) in [
            ("README", "@all"),
            ("src/a.js", "@js"),
            ("build/logs/x/y", "@ops"),
            ("src/build/logs/x", "@all"),
            ("docs/a.md", "docs@example.invalid"),
            ("docs/deep/a.md", "@all"),
            ("x/apps/a", "@apps"),
            ("apps/github/a", ""),
        ] {
            assert_eq!(of(file, path), owner, "{path}");
        }
    }

    #[test]
    fn sections_spaces_and_stars_are_read_as_the_platforms_do() {
        let file = "[Data][2] @dba\n*.sql\n^[Docs]\n/my\\ docs/** @writers\n**/secrets/*.env @sec\nno owner here\n";
        assert_eq!(of(file, "a/b.sql"), "@dba");
        assert_eq!(of(file, "my docs/a/b"), "@writers");
        assert_eq!(of(file, "a/b/secrets/x.env"), "@sec");
        assert_eq!(of(file, "a/b/secrets/x.txt"), "");
        assert!(CodeOwners::parse("# nothing\n").is_empty());
    }

    #[test]
    fn stars_do_not_run_away() {
        let text = "a".repeat(200);
        assert!(!wildcard(format!("{}b", "*a".repeat(60)).as_bytes(), text.as_bytes()));
        assert!(wildcard(b"a*a", b"aba") && wildcard(b"*", b"") && !wildcard(b"?", b""));
    }
}
