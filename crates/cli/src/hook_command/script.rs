//! The text of a hook.

use super::Hook;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What the name of a kept hook ends with.
pub const KEPT: &str = ".before-deadkey";
/// What begins the second line of every hook of ours. The number changes with the text.
const MARK: &str = "# deadkey hook ";
const PROGRAM: &str = "deadkey='";

/// A hook as we write it.
#[derive(Debug, PartialEq, Eq)]
pub struct Script {
    hook: Hook,
    /// Which deadkey it runs; the one on PATH where that one is gone.
    program: PathBuf,
}

impl Script {
    pub fn of(hook: Hook, program: PathBuf) -> Script {
        Script { hook, program }
    }

    /// Understands a hook that is as we would write it.
    pub fn read(hook: Hook, text: &[u8]) -> Option<Script> {
        let line = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(PROGRAM.as_bytes()))?;
        let quoted = line.strip_suffix(b"'")?;
        let program = unquoted(quoted);
        let script = Script::of(hook, PathBuf::from(OsString::from_vec(program)));
        (script.text() == text).then_some(script)
    }

    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Whether the program is where the hook looks first.
    pub fn is_there(&self) -> bool {
        self.program.metadata().is_ok_and(|there| there.is_file() && there.permissions().mode() & 0o111 != 0)
    }

    pub fn text(&self) -> Vec<u8> {
        let name = self.hook.name();
        let head = format!(
            "#!/bin/sh\n\
             {MARK}1, {name}: `deadkey hook uninstall` removes it and puts back what was here before.\n\
             {PROGRAM}"
        );
        let (act, scan) = match self.hook {
            Hook::PreCommit => ("commit", PRE_COMMIT),
            Hook::PrePush => ("push", PRE_PUSH),
        };
        let tail = format!(
            "'\n\
             [ -x \"$deadkey\" ] || deadkey=deadkey\n\
             if ! command -v \"$deadkey\" >/dev/null 2>&1; then\n    \
                 echo 'deadkey is not there, so that nothing was scanned; install it, or pass once: git {act} --no-verify' >&2\n    \
                 exit 1\n\
             fi\n\
             kept=\"${{0%/*}}/{name}{KEPT}\"\n\
             {scan}\
             code=$?\n\
             if [ $code -ne 0 ]; then\n    \
                 echo 'deadkey: the {act} was refused; to pass once: git {act} --no-verify' >&2\n\
             fi\n\
             exit $code\n"
        );
        [head.as_bytes(), &quoted(self.program.as_os_str().as_bytes()), tail.as_bytes()].concat()
    }
}

const PRE_COMMIT: &str = "\
if [ -x \"$kept\" ]; then
    \"$kept\" \"$@\" || exit $?
fi
\"$deadkey\" git --staged
";

/// Both read the refs; a shell's variable drops line ends at the end, hence the dot.
const PRE_PUSH: &str = "\
refs=$(cat; echo .)
refs=${refs%.}
if [ -x \"$kept\" ]; then
    printf '%s' \"$refs\" | \"$kept\" \"$@\" || exit $?
fi
printf '%s' \"$refs\" | \"$deadkey\" git --stdin-refs
";

/// Whether some version of deadkey wrote it, whatever became of it.
pub fn is_marked(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').nth(1).is_some_and(|line| line.starts_with(MARK.as_bytes()))
}

/// Between single quotes, a single quote is written `'\''`.
fn quoted(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|byte| if *byte == b'\'' { b"'\\''".to_vec() } else { vec![*byte] }).collect()
}

fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        match rest.strip_prefix(b"'\\''") {
            Some(after) => {
                plain.push(b'\'');
                rest = after;
            }
            None => {
                plain.push(*byte);
                rest = after;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_understood_only_as_it_was_written() {
        for hook in [Hook::PreCommit, Hook::PrePush] {
            let script = Script::of(hook, PathBuf::from("/opt/it's here/deadkey"));
            let text = script.text();
            assert_eq!(Script::read(hook, &text), Some(script));
            assert!(is_marked(&text));
            let changed = [&text[..], b"# more\n"].concat();
            assert_eq!(Script::read(hook, &changed), None);
            assert!(is_marked(&changed));
        }
        assert!(!is_marked(b"#!/bin/sh\nexec deadkey git --staged\n"));
    }
}
