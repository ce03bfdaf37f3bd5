//! What a repository's history says of a credential, in words for people: the same words in every format.

use crate::printable::{self, cut};
use crate::veil::Veil;
use model::{Commit, Finding, History, Passage, Place, PlaceKind, Report, Time};
use std::borrow::Cow;
use std::sync::Arc;

/// How many commits, branches, tags and repositories are named in a sentence; the rest is counted.
const NAMED: usize = 3;
/// Most columns that a person's or a branch's name takes.
const NAME: usize = 40;
/// The shortest form of an id, as git has it.
const LEAST_DIGITS: u32 = 7;

/// Whether the place lies in a repository's objects or its own data, not in a file that is there to be edited.
pub(crate) fn in_history(place: &Place) -> bool {
    match place.kind {
        PlaceKind::Commit | PlaceKind::Message | PlaceKind::Name | PlaceKind::Metadata | PlaceKind::Object => true,
        PlaceKind::File | PlaceKind::Archive | PlaceKind::Stdin | PlaceKind::Log => place.history.is_some(),
    }
}

/// Whether nothing that is checked out holds the credential, but a history does. Without a history that says where `HEAD`
/// stands nobody knows; of a range it is known where its own commits took the credential out of each file again.
pub(crate) fn is_only_in_history(finding: &Finding) -> bool {
    let has = |wanted: fn(&Place) -> bool| finding.places.iter().any(wanted);
    let shared = |place: &Place| in_history(place) && place.kind != PlaceKind::Metadata;
    let stays =
        |place: &Place| was_in_a_file(place) && place.history.as_ref().is_some_and(|past| past.removed.is_empty());
    if finding.histories.iter().any(|history| history.of_a_range) && has(stays) {
        return false;
    }
    !finding.histories.is_empty() && !is_at_head(finding) && !has(|place| !in_history(place)) && has(shared)
}

/// Whether a file of the commit that is checked out holds it. A message is in the history of `HEAD` and yet in nothing that is
/// checked out.
pub(crate) fn is_at_head(finding: &Finding) -> bool {
    finding.places.iter().any(was_in_a_file) && finding.histories.iter().any(|history| history.at_head)
}

pub(crate) fn was_in_a_file(place: &Place) -> bool {
    match place.kind {
        PlaceKind::Commit | PlaceKind::Name => true,
        PlaceKind::Archive => place.history.is_some(),
        _ => false,
    }
}

/// What has to be said of a credential that only a history holds; nothing of one that its provider refuses already.
pub(crate) fn remedy(finding: &Finding) -> Option<&'static str> {
    if !is_only_in_history(finding) || finding.verdict.is_dead() {
        return None;
    }
    let was_in_a_line = |place: &Place| was_in_a_file(place) && place.kind != PlaceKind::Name;
    Some(if finding.places.iter().any(was_in_a_line) {
        "only in history: deleting the line was not enough, it must be rotated"
    } else {
        "in no file, but git keeps it: it must be rotated"
    })
}

/// The name of a repository without what a URL may carry to log in: `https://user:token@host/x` is `https://host/x`.
/// The user of `ssh://git@host/x` stays, since it is no secret.
pub(crate) fn without_login(repository: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = repository.split_once("://") else { return Cow::Borrowed(repository) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((login, _)) = authority.rsplit_once('@') else { return Cow::Borrowed(repository) };
    let address = &rest[login.len() + 1..];
    match login.split(':').next() {
        Some(user) if scheme.ends_with("ssh") => Cow::Owned(format!("{scheme}://{user}@{address}")),
        _ => Cow::Owned(format!("{scheme}://{address}")),
    }
}

/// Puts histories into words in which no value of the report shows and no character steers a terminal.
#[derive(Clone, Copy)]
pub(crate) struct Words<'v, 'a> {
    veil: &'v Veil<'a>,
    /// Digits of an abbreviated id.
    digits: usize,
    /// Whether several repositories were scanned, so that each has to be named.
    many: bool,
}

impl<'v, 'a> Words<'v, 'a> {
    pub(crate) fn new(report: &Report, veil: &'v Veil<'a>) -> Words<'v, 'a> {
        Words {
            veil,
            digits: digits(report.stats.objects.max(report.stats.stored)),
            many: report.stats.repositories > 1,
        }
    }

    /// Text of foreign origin: covered, and safe to show.
    pub(crate) fn text<'t>(self, text: &'t str) -> Cow<'t, str> {
        match self.veil.cover(text) {
            Cow::Borrowed(text) => printable::line(text),
            Cow::Owned(text) => Cow::Owned(printable::line(&text).into_owned()),
        }
    }

    /// A repository's name, see [`without_login()`].
    pub(crate) fn repository<'t>(self, name: &'t str) -> Cow<'t, str> {
        match without_login(name) {
            Cow::Borrowed(name) => self.text(name),
            Cow::Owned(name) => Cow::Owned(self.text(&name).into_owned()),
        }
    }

    /// An id as short as git would write it.
    fn id(self, id: &str) -> String {
        self.text(id).chars().take(self.digits).collect()
    }

    /// What a place lies in: the path, or what stands for it where there is no file: `commit message of 1a2b3c4`.
    pub(crate) fn thing(self, place: &Place) -> String {
        let path = self.text(&place.path);
        match (place.kind, place.history.as_deref()) {
            (PlaceKind::Name, _) => format!("file name {path}"),
            (PlaceKind::Message, Some(Passage { commit: Some(commit), .. })) => {
                format!("commit message of {}", self.id(&commit.id))
            }
            (PlaceKind::Message, _) => format!("message of {path}"),
            (PlaceKind::Object, Some(passage)) if !passage.object.is_empty() => {
                format!("object {}", self.id(&passage.object))
            }
            _ => path.into_owned(),
        }
    }

    /// `path:line:column`, which terminals and editors turn into a link.
    pub(crate) fn place(self, place: &Place) -> String {
        let thing = self.thing(place);
        if place.kind == PlaceKind::Name { thing } else { format!("{thing}:{}:{}", place.line, place.column) }
    }

    /// ` in 1a2b3c4`, where a commit is known that [`Words::thing()`] does not name.
    pub(crate) fn within(self, place: &Place) -> String {
        let commit = place.history.as_ref().and_then(|passage| passage.commit.as_ref());
        let unnamed = commit.filter(|_| place.kind != PlaceKind::Message);
        unnamed.map_or_else(String::new, |commit| format!(" in {}", self.id(&commit.id)))
    }

    /// Where in the history a place lies: `in 1a2b3c4 (2024-03-01, Jane Doe)`. The repository is named where there are
    /// several and the path does not name it.
    pub(crate) fn origin(self, place: &Place) -> Option<String> {
        let passage = place.history.as_deref()?;
        let of = if self.many && !place.path.starts_with(&passage.repository) {
            format!(" of {}", cut(&self.repository(&passage.repository), NAME))
        } else {
            String::new()
        };
        Some(match (place.kind, &passage.commit) {
            (PlaceKind::Message, Some(commit)) => {
                let by = self.author(commit).map_or_else(String::new, |author| format!(" by {author}"));
                format!("on {}{by}{}", date(commit.committer.time), of.replacen(" of", " in", 1))
            }
            (_, Some(commit)) if passage.at_or_before => format!("at or before {}{of}", self.commit(commit)),
            (_, Some(commit)) => format!("in {}{of}", self.commit(commit)),
            (PlaceKind::Metadata, None) => {
                format!("metadata{}", if of.is_empty() { " of the repository" } else { &of })
            }
            (_, None) => format!("in no commit{of}"),
        })
    }

    /// The first line of the message of the commit that brought it, in quotes, of at most `width` columns.
    pub(crate) fn summary(self, passage: &Passage, width: usize) -> Option<String> {
        let summary = self.text(&passage.commit.as_ref()?.summary).trim().to_owned();
        (!summary.is_empty()).then(|| format!("\"{}\"", cut(&summary, width.saturating_sub(2))))
    }

    /// `removed by 1a2b3c4 (2024-03-01)`; nothing if it was not.
    pub(crate) fn removal(self, removed: &[Commit]) -> Option<String> {
        let dated = |commit: &Commit| format!("{} ({})", self.id(&commit.id), date(commit.committer.time));
        (!removed.is_empty()).then(|| format!("removed by {}", named(removed, dated)))
    }

    /// The history of a credential in one line: since when it is exposed, by which commits, where it still is.
    pub(crate) fn history(self, history: &History) -> String {
        let parts =
            [exposure(history), self.introduction(history), self.removal(&history.removed), self.whereabouts(history)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let line = parts.join("; ");
        if self.many { format!("{}: {line}", self.repository(&history.repository)) } else { line }
    }

    /// The lines of a finding's histories, one a repository; the last one may count those that were left out.
    pub(crate) fn histories(self, finding: &Finding) -> Vec<String> {
        let words = Words { many: self.many || finding.histories.len() > 1, ..self };
        let mut lines: Vec<_> = finding.histories.iter().take(NAMED).map(|history| words.history(history)).collect();
        match finding.histories.len().saturating_sub(NAMED) {
            0 => {}
            1 => lines.push("and 1 more repository".to_owned()),
            more => lines.push(format!("and {more} more repositories")),
        }
        lines
    }

    fn introduction(self, history: &History) -> Option<String> {
        let by = if history.at_or_before { "at or before" } else { "by" };
        match &history.introduced[..] {
            [] => None,
            [one] => Some(format!("introduced {by} {}", self.commit(one))),
            several => {
                let dated = |commit: &Commit| format!("{} ({})", self.id(&commit.id), date(commit.committer.time));
                Some(format!("introduced {by} {}", named(several, dated)))
            }
        }
    }

    /// `still at HEAD, on branch main` or `not at HEAD, still on tags v1 and v2`. What a range did not find out is not said.
    fn whereabouts(self, history: &History) -> Option<String> {
        let list = |names: &[Arc<str>], one: &str, many: &str| {
            let word = if names.len() == 1 { one } else { many };
            let short = |name: &Arc<str>| cut(&self.text(short_ref(name)), NAME);
            (!names.is_empty()).then(|| format!("on {word} {}", named(names, short)))
        };
        let refs = [list(&history.branches, "branch", "branches"), list(&history.tags, "tag", "tags")];
        let refs: Vec<_> = refs.into_iter().flatten().collect();
        Some(match (history.at_head, refs.is_empty()) {
            (true, true) => "still at HEAD".to_owned(),
            (true, false) => format!("still at HEAD, {}", refs.join(", ")),
            (false, true) if history.of_a_range => return None,
            (false, false) if history.of_a_range => format!("still {}", refs.join(", ")),
            (false, true) => "not at HEAD, on no branch or tag".to_owned(),
            (false, false) => format!("not at HEAD, still {}", refs.join(", ")),
        })
    }

    /// `1a2b3c4 (2024-03-01, Jane Doe)`: who wrote it, and when it was committed. That is when it was exposed, whatever
    /// the author's date says.
    pub(crate) fn commit(self, commit: &Commit) -> String {
        let author = self.author(commit).map_or_else(String::new, |author| format!(", {author}"));
        format!("{} ({}{author})", self.id(&commit.id), date(commit.committer.time))
    }

    fn author(self, commit: &Commit) -> Option<String> {
        let name = cut(self.text(&commit.author.name).trim(), NAME);
        (!name.is_empty()).then_some(name)
    }
}

/// Digits enough to tell `objects` objects apart, as git computes them: half of the bits of their number.
fn digits(objects: u64) -> usize {
    (u64::BITS - objects.leading_zeros()).div_ceil(2).max(LEAST_DIGITS) as usize
}

/// `exposed 2021-03-01 to 2023-05-06 (796 days)` or `exposed since 2021-03-01`.
fn exposure(history: &History) -> Option<String> {
    let from = history.exposed_from?;
    let (earlier, more) = if history.at_or_before { (" or earlier", " or more") } else { ("", "") };
    let Some(until) = history.exposed_until else { return Some(format!("exposed since {}{earlier}", date(from))) };
    let length = match until.seconds.saturating_sub(from.seconds) / 86_400 {
        ..0 => " (by clocks that disagree)".to_owned(),
        0 if history.at_or_before => String::new(),
        0 => " (less than a day)".to_owned(),
        1 => format!(" (1 day{more})"),
        days => format!(" ({days} days{more})"),
    };
    Some(format!("exposed {}{earlier} to {}{length}", date(from), date(until)))
}

/// The day, in the zone of whoever recorded it.
fn date(time: Time) -> String {
    let text = time.to_string();
    text.split_once('T').map_or(text.clone(), |(date, _)| date.to_owned())
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 12 more`.
fn named<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    let mut names: Vec<_> = items.iter().take(NAMED).map(name).collect();
    if items.len() > NAMED {
        names.push(format!("{} more", items.len() - NAMED));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

/// A ref as people name it: `main`, `origin/main`, `v1.0`.
fn short_ref(name: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/tags/"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_long_as_git_makes_them() {
        // git rev-parse --short in repositories of so many objects.
        assert_eq!([digits(0), digits(16_383), digits(16_384), digits(382_118)], [7, 7, 8, 10]);
        assert_eq!(digits(u64::MAX), 32);
    }

    #[test]
    fn repositories_are_named_without_logins() {
        for (named, shown) in [
            ("https://user:hunter2@host/x@y.git", "https://host/x@y.git"),
            ("https://token@host:8443", "https://host:8443"),
            ("https://a:b@c@host/x", "https://host/x"),
            ("ssh://git:pw@host/x", "ssh://git@host/x"),
            ("https://host/a@b", "https://host/a@b"),
            ("git@host:x.git", "git@host:x.git"),
            ("../repo@2", "../repo@2"),
        ] {
            assert_eq!(without_login(named), shown);
        }
    }

    #[test]
    fn a_few_are_named_and_the_rest_is_counted() {
        let named = |items: &[u32]| named(items, u32::to_string);
        assert_eq!(named(&[1]), "1");
        assert_eq!(named(&[1, 2]), "1 and 2");
        assert_eq!(named(&[1, 2, 3]), "1, 2 and 3");
        assert_eq!(named(&[1, 2, 3, 4, 5]), "1, 2, 3 and 2 more");
    }

    #[test]
    fn exposure_is_told_in_days() {
        let told = |from, until: Option<i64>, at_or_before| {
            let time = |seconds| Time { seconds, offset: 0 };
            exposure(&History {
                exposed_from: Some(time(from)),
                exposed_until: until.map(time),
                at_or_before,
                ..History::default()
            })
            .unwrap()
        };
        let day = 86_400;
        assert_eq!(told(0, None, false), "exposed since 1970-01-01");
        assert_eq!(told(0, None, true), "exposed since 1970-01-01 or earlier");
        assert_eq!(told(0, Some(3 * day + 5), false), "exposed 1970-01-01 to 1970-01-04 (3 days)");
        assert_eq!(told(0, Some(day), false), "exposed 1970-01-01 to 1970-01-02 (1 day)");
        assert_eq!(told(0, Some(day - 1), false), "exposed 1970-01-01 to 1970-01-01 (less than a day)");
        assert_eq!(told(0, Some(9 * day), true), "exposed 1970-01-01 or earlier to 1970-01-10 (9 days or more)");
        assert_eq!(told(day, Some(0), false), "exposed 1970-01-02 to 1970-01-01 (by clocks that disagree)");
        assert_eq!(told(i64::MIN, Some(i64::MAX), false).matches("days").count(), 1);
        assert_eq!(exposure(&History::default()), None);
    }
}
