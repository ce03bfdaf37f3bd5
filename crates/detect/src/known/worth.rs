//! Which values are worth looking for: those that stand for nothing else.

/// Why a value is not looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worthless {
    /// It is shorter than the least length.
    Short,
    /// A common word.
    Word,
    /// A path.
    Path,
    /// A number.
    Number,
    /// One or two characters, again and again: it is masked already, or a placeholder.
    Repeated,
}

impl Worthless {
    /// A phrase for people.
    pub const fn name(self) -> &'static str {
        match self {
            Worthless::Short => "too short",
            Worthless::Word => "a common word",
            Worthless::Path => "a path",
            Worthless::Number => "a number",
            Worthless::Repeated => "the same characters again and again",
        }
    }
}

/// Values of settings, names of branches and stages, and what people write where a credential belongs; sorted.
#[rustfmt::skip]
const WORDS: [&str; 61] = [
    "always", "anonymous", "auto", "automatic", "basic", "bearer", "changeit", "changeme", "console", "credential",
    "credentials", "debug", "default", "dev", "develop", "development", "disable", "disabled", "docker", "enable",
    "enabled", "env", "environment", "example", "external", "false", "file", "github", "gitlab", "info", "internal",
    "keychain", "keyring", "latest", "local", "localhost", "main", "manual", "master", "never", "no", "none", "null",
    "oauth", "off", "on", "optional", "password", "placeholder", "prod", "production", "required", "secret", "secrets",
    "stable", "staging", "test", "token", "true", "undefined", "unknown",
];

/// Where paths begin.
#[rustfmt::skip]
const ROOTS: [&str; 30] = [
    "~/", "./", "../", "/home/", "/usr/", "/var/", "/etc/", "/opt/", "/tmp/", "/root/", "/run/", "/mnt/", "/srv/",
    "/dev/", "/bin/", "/sbin/", "/lib/", "/proc/", "/sys/", "/Users/", "/private/", "/Library/", "/Applications/",
    "/Volumes/", "/builds/", "/github/", "/workspace/", "/app/", "/data/", "/secrets/",
];

/// Numbers of so many digits and more are taken: nobody counts so far.
const LONG_NUMBER: usize = 12;

/// Why `value` is not worth it, if it is not. `least`: its least length in bytes.
pub(super) fn worthless(value: &[u8], least: usize) -> Option<Worthless> {
    if value.len() < least {
        return Some(Worthless::Short);
    }
    if WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(value)) {
        return Some(Worthless::Word);
    }
    let is_drive = matches!(value, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    let is_path = |value: &[u8]| !value.iter().any(|b| b.is_ascii_control() || b"+=\"'<>".contains(b));
    if is_path(value) && (is_drive || ROOTS.iter().any(|root| value.starts_with(root.as_bytes()))) {
        return Some(Worthless::Path);
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    if digits < LONG_NUMBER && value.iter().all(|b| b.is_ascii_digit() || b".,:-+_ ".contains(b)) {
        return Some(Worthless::Number);
    }
    let mut seen = [false; 256];
    value.iter().for_each(|b| seen[usize::from(*b)] = true);
    (seen.iter().filter(|seen| **seen).count() < 3).then_some(Worthless::Repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_something_else_is_left_out() {
        for (value, why) in [
            ("abc12", Worthless::Short),
            ("DISABLED", Worthless::Word),
            ("production", Worthless::Word),
            ("/home/runner/.config/key.pem", Worthless::Path),
            ("C:\\Users\\me\\token.txt", Worthless::Path),
            ("1700000000", Worthless::Number),
            ("2026-01-02", Worthless::Number),
            ("********", Worthless::Repeated),
            ("xxxxxxxx", Worthless::Repeated),
        ] {
            assert_eq!(worthless(value.as_bytes(), 6), Some(why), "{value}");
        }
        for value in ["hunter2", "/pGx8+Qz1kLm==", "/aB3dE5gH7jK9", "correct horse", "123456789012345", "prodtoken"] {
            assert_eq!(worthless(value.as_bytes(), 6), None, "{value}");
        }
    }
}
