//! git's configuration format.
//!
//! Format: <https://git-scm.com/docs/git-config#_syntax>. Includes are not followed: git itself does not look for
//! `extensions.*` in included files.

/// The settings of one configuration file, in the order of the file.
#[derive(Default)]
pub(crate) struct Config {
    settings: Vec<(String, Vec<u8>)>,
}

/// Names and values hold URLs, and URLs hold passwords.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Config of {} settings", self.settings.len())
    }
}

impl Config {
    /// Reads a configuration file's text. Lines that are no settings are passed over.
    pub(crate) fn parse(text: &[u8]) -> Config {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut settings = Vec::new();
        let mut section = String::new();
        let mut lines = text.split(|&byte| byte == b'\n');
        while let Some(line) = lines.next() {
            let mut line = line.trim_ascii();
            if let Some((name, rest)) = header(line) {
                section = name;
                line = rest.trim_ascii();
            }
            if line.is_empty() || matches!(line[0], b'#' | b';') {
                continue;
            }
            let (key, start) = match line.iter().position(|&byte| byte == b'=') {
                Some(at) => (&line[..at], &line[at + 1..]),
                None => (line, &b"true"[..]),
            };
            let key = String::from_utf8_lossy(key.trim_ascii()).to_ascii_lowercase();
            settings.push((format!("{section}.{key}"), value(start, &mut lines)));
        }
        Config { settings }
    }

    /// The last value of a setting such as `core.excludesfile` (lower case; subsections keep their case).
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.settings.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_slice())
    }

    /// Whether a setting's last value means yes.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(crate::repository::is_true)
    }

    /// All settings, in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Adds the settings of a file that is read after this one.
    pub(crate) fn extend(&mut self, later: Config) {
        self.settings.extend(later.settings);
    }
}

/// Splits `[section "sub"] rest` into its name (`section` or `section.sub`) and the rest of the line.
fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let body = line.strip_prefix(b"[")?;
    let quote = body.iter().position(|&byte| byte == b'"');
    let close = match quote {
        // A subsection may hold `]`, and an escaped quote.
        Some(open) if body[..open].iter().all(|&byte| byte != b']') => {
            let mut at = open + 1;
            while at < body.len() && body[at] != b'"' {
                at += if body[at] == b'\\' { 2 } else { 1 };
            }
            at + 1 + body.get(at + 1..)?.iter().position(|&byte| byte == b']')?
        }
        _ => body.iter().position(|&byte| byte == b']')?,
    };
    let inner = String::from_utf8_lossy(&body[..close]).into_owned();
    let name = match inner.split_once(char::is_whitespace) {
        Some((section, sub)) => format!("{}.{}", section.to_ascii_lowercase(), sub.trim().trim_matches('"')),
        None => inner.to_ascii_lowercase(),
    };
    Some((name, &body[close + 1..]))
}

/// A value: quotes and escapes undone, comments and outer blanks dropped, continued lines joined.
fn value<'t>(start: &'t [u8], lines: &mut impl Iterator<Item = &'t [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut kept, mut quoted) = (0, false);
    let mut line = start.trim_ascii();
    loop {
        let mut bytes = line.iter();
        let mut continued = false;
        while let Some(&byte) = bytes.next() {
            match byte {
                b'"' => quoted = !quoted,
                b'#' | b';' if !quoted => break,
                b'\\' => match bytes.next() {
                    Some(b'n') => out.push(b'\n'),
                    Some(b't') => out.push(b'\t'),
                    Some(&other) => out.push(other),
                    None => continued = true,
                },
                other => out.push(other),
            }
            if quoted || !byte.is_ascii_whitespace() {
                kept = out.len();
            }
        }
        match continued.then(|| lines.next()).flatten() {
            Some(next) => line = next.trim_ascii_end(),
            None => break,
        }
    }
    out.truncate(kept);
    out
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn the_syntax_of_git_is_understood() {
        let text = b"; head\n[core]\n\tbare = false # no\n\texcludesFile = \"/a b/c#d\" \n\
            [extensions] objectFormat = sha256\n[remote \"or]i\\\"g\"]\n\turl = x\\\n  y ; z\n[Core]\nBARE\n";
        let config = Config::parse(text);
        assert_eq!(config.get("core.bare"), Some(&b"true"[..]));
        assert_eq!(config.get("core.excludesfile"), Some(&b"/a b/c#d"[..]));
        assert_eq!(config.get("extensions.objectformat"), Some(&b"sha256"[..]));
        assert_eq!(config.get("remote.or]i\\\"g.url"), Some(&b"x  y"[..]));
        assert_eq!(config.get("core.worktree"), None);
    }

    #[test]
    fn broken_text_is_no_trouble() {
        for text in
            [&b"[\"\\"[..], b"[a \"b", b"[]", b"=", b"a=\\", b"[x \"\\\"", b"\xff\xfe[\xff]\xff=\xff", b"[a\"]\""]
        {
            let _ = Config::parse(text);
        }
    }
}
