use super::model::{ArtifactLocation, Message};
use model::PlaceKind;
use std::borrow::Cow;
use std::fmt::Write;

/// The base that relative paths are relative to: where the scan was started.
pub(super) const BASE: &str = "SRCROOT";

/// Endings of the files that `walk` opens, with what others will add; only used to tell where in `a!b.zip!c` the archive
/// ends.
const ARCHIVES: &[&str] = &[
    ".7z", ".aar", ".apk", ".bz2", ".crate", ".deb", ".docx", ".ear", ".egg", ".gem", ".gz", ".ipa", ".jar", ".nupkg",
    ".pptx", ".rar", ".rpm", ".tar", ".tbz", ".tbz2", ".tgz", ".txz", ".vsix", ".war", ".whl", ".xlsx", ".xpi", ".xz",
    ".zip", ".zst",
];

/// The artifact that holds a place: the file itself, or the outermost archive.
pub(super) fn artifact(kind: PlaceKind, path: &str) -> ArtifactLocation {
    match kind {
        // No base: `-` is no file of the folder. A scheme of its own would make code scanning refuse the file.
        PlaceKind::Stdin => {
            let description = Some(Message { text: "standard input".into() });
            ArtifactLocation { uri: "-".to_owned(), uri_base_id: None, description }
        }
        PlaceKind::Log if path == "-" => artifact(PlaceKind::Stdin, path),
        PlaceKind::Log => file(outermost(path)),
        PlaceKind::File | PlaceKind::Commit | PlaceKind::Name => file(path),
        // What is in no folder: again no base, unless it is a file with an absolute path, such as a clone's own data.
        PlaceKind::Metadata if path.starts_with('/') => file(path),
        PlaceKind::Message => loose(path, "a message in the history of a repository"),
        PlaceKind::Metadata => loose(path, "a repository's own data"),
        PlaceKind::Object => loose(path, "an object of a repository that no commit is known to hold"),
        PlaceKind::Archive => file(split_archive(path).0),
    }
}

/// The archive that a path leads into, if it does; else the path.
fn outermost(path: &str) -> &str {
    let (archive, member) = split_archive(path);
    let lower = archive.to_ascii_lowercase();
    if !member.is_empty() && ARCHIVES.iter().any(|ending| lower.ends_with(ending)) { archive } else { path }
}

/// The absolute URI of a repository named by a URL or an absolute path; `None` for other names.
pub(super) fn repository(name: &str) -> Option<String> {
    if name.starts_with('/') {
        return Some(file(name).uri);
    }
    let (scheme, rest) = name.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let is_plain = rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    (is_scheme && is_plain && !rest.is_empty()).then(|| name.to_owned())
}

/// The URL that the address of a remote stands for: `git@host:team/app` is `ssh://git@host/team/app`.
pub(super) fn of_remote(address: &str) -> Cow<'_, str> {
    let address = address.trim();
    if address.contains("://") || address.starts_with('/') {
        return Cow::Borrowed(address);
    }
    match address.split_once(':') {
        Some((host, path)) if !host.contains('/') && !host.is_empty() => {
            Cow::Owned(format!("ssh://{host}/{}", path.trim_start_matches('/')))
        }
        _ => Cow::Borrowed(address),
    }
}

/// The folder that a path leads to, relative to where the scan was started; `None` for what is no folder here.
pub(super) fn folder(path: &str) -> Option<ArtifactLocation> {
    let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
    match path {
        "." => Some(ArtifactLocation { uri: String::new(), uri_base_id: Some(BASE), description: None }),
        url if url.contains("://") => None,
        path => Some(file(&format!("{path}/"))),
    }
}

fn loose(path: &str, description: &'static str) -> ArtifactLocation {
    ArtifactLocation {
        uri: encode(path.trim_start_matches('/')),
        uri_base_id: None,
        description: Some(Message { text: description.into() }),
    }
}

fn file(path: &str) -> ArtifactLocation {
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{}", encode(path)), uri_base_id: None, description: None };
    }
    ArtifactLocation { uri: encode(path), uri_base_id: Some(BASE), description: None }
}

/// `outer.zip!inner/path` as (`outer.zip`, `inner/path`). `!` may stand in the names themselves, so the first one behind
/// something named like an archive counts, else the first one.
pub(crate) fn split_archive(path: &str) -> (&str, &str) {
    let is_archive = |at: &usize| {
        let outer = path[..*at].to_ascii_lowercase();
        ARCHIVES.iter().any(|ending| outer.ends_with(ending))
    };
    let marks = || path.match_indices('!').map(|(at, _)| at);
    match marks().find(is_archive).or_else(|| marks().next()) {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (path, ""),
    }
}

/// Percent-encodes a path, leaving `/` and what RFC 3986 allows in a segment, except `:`, which could read as a scheme.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(byte)),
            _ if b"/-._~!$&'()*+,;=@".contains(&byte) => uri.push(char::from(byte)),
            _ => write!(uri, "%{byte:02X}").expect("a string takes all"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(path: &str) -> String {
        artifact(PlaceKind::File, path).uri
    }

    #[test]
    fn paths_are_encoded() {
        assert_eq!(uri("a b/ü%#?.env"), "a%20b/%C3%BC%25%23%3F.env");
        assert_eq!(uri("c:/[id]\\x0a.tsx"), "c%3A/%5Bid%5D%5Cx0a.tsx");
        assert_eq!(uri("src/c++/@x/~y.rs"), "src/c++/@x/~y.rs");
        assert_eq!(artifact(PlaceKind::File, "a").uri_base_id, Some(BASE));
    }

    #[test]
    fn absolute_paths_are_file_uris_without_a_base() {
        let location = artifact(PlaceKind::File, "/srv/a b");
        assert_eq!((location.uri.as_str(), location.uri_base_id), ("file:///srv/a%20b", None));
    }

    #[test]
    fn members_point_at_the_outermost_file() {
        assert_eq!(split_archive("a.zip!b/c.txt"), ("a.zip", "b/c.txt"));
        assert_eq!(split_archive("wow!/x.tar.GZ!in!ner.zip!c"), ("wow!/x.tar.GZ", "in!ner.zip!c"));
        assert_eq!(split_archive("noending!c"), ("noending", "c"));
        assert_eq!(artifact(PlaceKind::Archive, "d/a b.jar!c").uri, "d/a%20b.jar");
        assert_eq!(artifact(PlaceKind::Commit, "a.zip!b").uri, "a.zip!b");
        // A plain file whose name looks like a member stays what it is.
        assert_eq!(uri("a.zip!b"), "a.zip!b");
    }
    #[test]
    fn what_is_no_file_has_no_base() {
        for kind in [PlaceKind::Message, PlaceKind::Metadata, PlaceKind::Object] {
            let location = artifact(kind, "refs/tags/v 1");
            assert_eq!((location.uri.as_str(), location.uri_base_id), ("refs/tags/v%201", None));
            assert!(location.description.is_some());
        }
        assert_eq!(artifact(PlaceKind::Metadata, "/r/.git/config").uri, "file:///r/.git/config");
        assert_eq!(artifact(PlaceKind::Message, "//evil/x").uri, "evil/x");
    }

    #[test]
    fn remotes_have_urls() {
        for (address, url) in [
            ("git@host:team/app.git", "ssh://git@host/team/app.git"),
            ("host:/srv/app", "ssh://host/srv/app"),
            ("https://host/app", "https://host/app"),
            ("/srv/app", "/srv/app"),
            ("../app", "../app"),
            ("./a:b", "./a:b"),
        ] {
            assert_eq!(of_remote(address), url);
        }
        let folder = |path| super::folder(path).map(|folder| (folder.uri, folder.uri_base_id));
        assert_eq!(folder("."), Some((String::new(), Some(BASE))));
        assert_eq!(folder("vendor/a b"), Some(("vendor/a%20b/".to_owned(), Some(BASE))));
        assert_eq!(folder("/srv/app"), Some(("file:///srv/app/".to_owned(), None)));
        assert_eq!(folder("https://host/app"), None);
    }

    #[test]
    fn repositories_have_absolute_uris_or_none() {
        assert_eq!(repository("/srv/a b").as_deref(), Some("file:///srv/a%20b"));
        assert_eq!(repository("https://host/x.git").as_deref(), Some("https://host/x.git"));
        for name in ["repo", "git@host:x.git", "https://host/…", "https://", "1x://host", "https://a b"] {
            assert_eq!(repository(name), None, "{name}");
        }
    }
}
