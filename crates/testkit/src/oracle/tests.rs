//! Small histories by hand, with the answers worked out by hand.

use super::*;
use crate::history::History;
use crate::{Draft, Entry, Mode, Repository, Sketch};

const ONE: &str = "credential-number-one";
const TWO: &str = "credential-number-two";
/// Files that hold the first credential, the second one, neither.
const A: &str = "x\nkey = credential-number-one\n";
const B: &str = "credential-number-two\n";
const NONE: &str = "nothing\n";

struct Hand {
    /// Kept: it is gone when dropped.
    repository: Repository,
    ids: Vec<String>,
    oracle: Oracle,
}

/// The history with its last commit as `main`.
fn hand(mut sketch: Sketch) -> Hand {
    sketch.point("refs/heads/main", sketch.len() - 1);
    let repository = Repository::new();
    let ids = sketch.import(&repository);
    let oracle = Oracle::new(repository.path(), &Credential::list([ONE, TWO]));
    Hand { repository, ids, oracle }
}

impl Hand {
    fn numbers(&self, commits: &BTreeSet<String>) -> Vec<usize> {
        let number = |id| self.ids.iter().position(|other| other == id).expect("a drawn commit");
        let mut numbers: Vec<usize> = commits.iter().map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Introduced and removed.
    fn life(&self, credential: usize) -> (Vec<usize>, Vec<usize>) {
        let answer = self.oracle.answer(credential);
        (self.numbers(&answer.introduced), self.numbers(&answer.removed))
    }

    /// Where the credential was introduced at a path, and what ended that; and every removal at the path.
    fn at(&self, credential: usize, path: &str) -> (Vec<(usize, Vec<usize>)>, Vec<usize>) {
        let answer = self.oracle.answer(credential);
        let places = &answer.places[&PathName::from(path)];
        let number = |id: &String| self.ids.iter().position(|other| other == id).expect("a drawn commit");
        let mut places: Vec<_> = places.iter().map(|(id, p)| (number(id), self.numbers(&p.removed))).collect();
        places.sort_unstable();
        (places, self.numbers(&answer.removed_at[&PathName::from(path)]))
    }

    fn paths(&self, credential: usize) -> Vec<String> {
        let paths = self.oracle.answer(credential).places.keys();
        paths.map(|path| String::from_utf8_lossy(&path.0).into_owned()).collect()
    }

    fn range(&self, base: usize, head: usize) -> Vec<usize> {
        self.oracle.range(&self.ids[base], &self.ids[head]).into_iter().collect()
    }
}

#[test]
fn a_line_of_commits_with_a_revert() {
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c1 = s.commit(&[c0], &[("a", A)]);
    let c2 = s.commit(&[c1], &[("a", "y\ny\n  credential-number-one\n")]);
    let c3 = s.commit(&[c2], &[("a", NONE)]);
    let c4 = s.commit(&[c3], &[("a", A)]);
    let c5 = s.commit(&[c4], &[("a", NONE), ("b", NONE)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c1, c4], vec![c3, c5]));
    assert_eq!(hand.at(0, "a"), (vec![(c1, vec![c3]), (c4, vec![c5])], vec![c3, c5]));
    assert_eq!(hand.life(1), (vec![], vec![]));
    let answer = hand.oracle.answer(0);
    let place = &answer.places[&PathName::from("a")][&hand.ids[c1]];
    assert_eq!((place.line, place.column), (2, 7));
    assert_eq!(place.blob, hand.repository.git(&["rev-parse", &format!("{}:a", hand.ids[c1])]).trim());
    assert!(!answer.at_head && answer.branches.is_empty());
    assert!(hand.oracle.holds(&hand.ids[c2], &"a".into(), 0) && !hand.oracle.holds(&hand.ids[c3], &"a".into(), 0));
    // The sketch's clock: a minute a commit.
    let seconds = |dates: Option<Dates>| dates.map(|d| (d.author.seconds - 1_767_225_600, d.committer.offset));
    assert_eq!((seconds(answer.first), seconds(answer.last)), (Some((60, 0)), Some((300, 0))));
    // Added and removed again within the range; there at the base; there at the base and moved only.
    assert_eq!(hand.range(c0, c5), [0]);
    assert_eq!(hand.range(c3, c5), [0]);
    assert_eq!(hand.range(c1, c5), [0; 0]);
    assert_eq!(hand.range(c1, c2), [0; 0]);
}

#[test]
fn renames_and_copies_are_no_new_credential() {
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", A)]);
    let c1 = s.commit(&[c0], &[("d/b", A)]);
    let c2 = s.commit(&[c1], &[("d/b", A), ("c", A)]);
    let c3 = s.commit(&[c2], &[("c", A)]);
    let c4 = s.commit(&[c3], &[("c", NONE), ("e", A)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c0], vec![]));
    assert_eq!(hand.paths(0), ["a", "c", "d/b", "e"]);
    assert_eq!(hand.at(0, "a"), (vec![(c0, vec![c1])], vec![c1]));
    assert_eq!(hand.at(0, "d/b"), (vec![(c1, vec![c3])], vec![c3]));
    assert_eq!(hand.at(0, "c"), (vec![(c2, vec![c4])], vec![c4]));
    assert_eq!(hand.at(0, "e"), (vec![(c4, vec![])], vec![]));
    assert!(hand.oracle.answer(0).at_head);
    assert_eq!(hand.range(c0, c4), [0; 0]);
}

#[test]
fn a_merge_takes_over_what_its_sides_did() {
    // 0 - 1 - 3 - 4   1 brings one; side 2 (from 1) removes it and brings two; 3 changes another file.
    //      \ 2 /
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c1 = s.commit(&[c0], &[("a", A)]);
    let c2 = s.commit(&[c1], &[("a", NONE), ("b", B)]);
    let c3 = s.commit(&[c1], &[("a", A), ("c", NONE)]);
    let c4 = s.commit(&[c3, c2], &[("a", NONE), ("b", B), ("c", NONE)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c1], vec![c2]));
    assert_eq!(hand.at(0, "a"), (vec![(c1, vec![c2])], vec![c2]));
    assert_eq!(hand.life(1), (vec![c2], vec![]));
    assert_eq!(hand.at(1, "b"), (vec![(c2, vec![])], vec![]));
    // Two comes with the side; one is at the fork of 2 and 3 already.
    assert_eq!(hand.range(c3, c4), [1]);
    assert_eq!(hand.range(c3, c2), [1]);
    assert_eq!(hand.range(c2, c4), [0; 0]);
    assert_eq!(hand.range(c0, c3), [0]);
}

#[test]
fn an_evil_merge_brings_and_drops() {
    // One was only ever on the side 2, two is in no parent.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c1 = s.commit(&[c0], &[("a", "main\n")]);
    let c2 = s.commit(&[c0], &[("a", NONE), ("side", A)]);
    let c3 = s.commit(&[c1, c2], &[("a", "é😀\u{301}: credential-number-two"), ("side", NONE)]);
    let c4 = s.commit(&[c3], &[("a", NONE)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c2], vec![c3]));
    assert_eq!(hand.at(0, "side"), (vec![(c2, vec![c3])], vec![c3]));
    assert_eq!(hand.life(1), (vec![c3], vec![c4]));
    let place = &hand.oracle.answer(1).places[&PathName::from("a")][&hand.ids[c3]];
    // é and the accent are one unit each, the face is two, then `: `.
    assert_eq!((place.line, place.column), (1, 7));
    assert_eq!(hand.range(c1, c3), [0, 1]);
}

#[test]
fn a_merge_that_drops_after_any_earlier_removal_does_not_count() {
    // 1 brings, 2 removes, 3 brings again; the side 4 (from 0) never had it; 5 merges without it. 2 is reachable.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c1 = s.commit(&[c0], &[("a", A)]);
    let c2 = s.commit(&[c1], &[("a", NONE)]);
    let c3 = s.commit(&[c2], &[("a", A)]);
    let c4 = s.commit(&[c0], &[("a", "side\n")]);
    let c5 = s.commit(&[c3, c4], &[("a", "side\n")]);
    // 6 (from 1) merged with 4, without it: drops, and nothing before removed it. 7 merges that with 3: dropped before.
    let c6 = s.commit(&[c1, c4], &[("a", "side\n")]);
    let c7 = s.commit(&[c3, c6], &[("a", "side\n")]);
    let c8 = s.commit(&[c5, c7], &[("a", "side\n")]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c1, c3], vec![c2, c6]));
    assert_eq!(hand.at(0, "a"), (vec![(c1, vec![c2, c6]), (c3, vec![])], vec![c2, c6]));
    assert!(!hand.oracle.answer(0).at_head);
    assert_eq!(hand.range(c4, c8), [0]);
}

#[test]
fn an_octopus_has_many_parents() {
    // 1, 2, 3 from 0; 1 and 2 bring one at different paths, 3 brings two; 4 keeps b only.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("r", NONE)]);
    let c1 = s.commit(&[c0], &[("r", NONE), ("a", A)]);
    let c2 = s.commit(&[c0], &[("r", NONE), ("b", A)]);
    let c3 = s.commit(&[c0], &[("r", NONE), ("c", B)]);
    let c4 = s.commit(&[c1, c2, c3], &[("r", NONE), ("b", A)]);
    // 5, 6, 7 from 4: all hold one at b. Without it in 8 (every parent holds it), and 9 has it again.
    let c5 = s.commit(&[c4], &[("r", "5"), ("b", A)]);
    let c6 = s.commit(&[c4], &[("r", "6"), ("b", A)]);
    let c7 = s.commit(&[c4], &[("r", "7"), ("b", A)]);
    let c8 = s.commit(&[c5, c6, c7], &[("r", NONE)]);
    let c9 = s.commit(&[c5, c8], &[("r", NONE), ("b", A)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c1, c2], vec![c8]));
    assert_eq!(hand.at(0, "a"), (vec![(c1, vec![c4])], vec![c4]));
    assert_eq!(hand.at(0, "b"), (vec![(c2, vec![c8])], vec![c8]));
    assert_eq!(hand.life(1), (vec![c3], vec![c4]));
    assert!(hand.oracle.answer(0).at_head);
    assert_eq!(hand.range(c0, c9), [0, 1]);
    assert_eq!(hand.range(c1, c9), [1], "the fork of 1 and 9 is 1 itself, which holds one");
}

#[test]
fn orphans_are_roots_of_their_own() {
    // 0 - 1, and 2 - 3 apart; 4 merges both, then 5 removes.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", A)]);
    let c1 = s.commit(&[c0], &[("a", A), ("m", NONE)]);
    let c2 = s.commit(&[], &[("a", A)]);
    let c3 = s.commit(&[c2], &[("a", B)]);
    let c4 = s.commit(&[c1, c3], &[("a", "credential-number-two credential-number-one\n")]);
    let c5 = s.commit(&[c4], &[("a", NONE)]);
    s.point("refs/remotes/origin/apart", c3);
    s.point("refs/tags/light", c4);
    s.tag("heavy", c1, "with credential-number-two");
    s.note(c0, "noted: credential-number-one");
    let hand = hand(s);
    let (introduced, removed) = (&hand.oracle.answer(0).introduced, &hand.oracle.answer(0).removed);
    let note = hand.repository.git(&["rev-parse", "refs/notes/commits"]).trim().to_owned();
    let expected: BTreeSet<String> = [&hand.ids[c0], &hand.ids[c2], &note].map(Clone::clone).into();
    assert_eq!(introduced, &expected, "a note is a file of a history of its own");
    assert_eq!(hand.numbers(removed), [c3, c5]);
    assert_eq!(hand.at(0, "a"), (vec![(c0, vec![c5]), (c2, vec![c3])], vec![c3, c5]));
    assert_eq!(hand.life(1), (vec![c3], vec![c5]));
    let one = hand.oracle.answer(0);
    assert_eq!(one.tags, ["refs/tags/heavy", "refs/tags/light"].map(str::to_owned).into());
    assert_eq!(one.other_refs, ["refs/notes/commits".to_owned()].into());
    assert_eq!(hand.oracle.answer(1).remotes, ["refs/remotes/origin/apart".to_owned()].into());
    assert_eq!(hand.oracle.answer(1).tags, ["refs/tags/light".to_owned()].into());
    assert_eq!(hand.oracle.answer(1).elsewhere.tag_messages.len(), 1);
    assert_eq!(hand.range(c1, c3), [0, 1], "no common ancestor");
    assert_eq!(hand.range(c1, c4), [1], "the fork is 1, which holds one");
}

#[test]
fn criss_cross_merges() {
    // 1 brings one, 2 brings two (both from 0); 3 = 1 x 2 keeps one only, 4 = 2 x 1 keeps two only; 5 merges all.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("r", NONE)]);
    let c1 = s.commit(&[c0], &[("r", NONE), ("a", A)]);
    let c2 = s.commit(&[c0], &[("r", NONE), ("b", B)]);
    let c3 = s.commit(&[c1, c2], &[("r", NONE), ("a", A)]);
    let c4 = s.commit(&[c2, c1], &[("r", NONE), ("b", B)]);
    let c5 = s.commit(&[c3, c4], &[("r", NONE)]);
    let hand = hand(s);
    // 5 drops what one parent alone has, but 4 (one) and 3 (two) did before.
    assert_eq!(hand.life(0), (vec![c1], vec![c4]));
    assert_eq!(hand.life(1), (vec![c2], vec![c3]));
    assert_eq!(hand.at(0, "a"), (vec![(c1, vec![c4])], vec![c4]));
    // 3 and 4 have two best common ancestors, which hold one and two.
    assert_eq!(hand.range(c3, c4), [0; 0]);
    assert_eq!(hand.range(c0, c5), [0, 1]);
    assert_eq!(hand.range(c1, c5), [1]);
}

#[test]
fn a_range_sees_what_comes_back_from_before_the_fork() {
    // 1 brings, 2 removes; 3 (from 1) copies it to b; 4 merges 2 and 3. The fork of 2 and 4 is 2, which has none.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c1 = s.commit(&[c0], &[("a", A)]);
    let c2 = s.commit(&[c1], &[("a", NONE)]);
    let c3 = s.commit(&[c1], &[("a", A), ("b", A)]);
    let c4 = s.commit(&[c2, c3], &[("a", NONE), ("b", A)]);
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c1], vec![c2]));
    assert_eq!(hand.range(c2, c4), [0]);
    assert_eq!(hand.range(c1, c4), [0; 0]);
}

fn draft(parents: &[usize], files: &[(&str, Mode, &str)], message: &str) -> Draft {
    let mut sketch = Sketch::default();
    sketch.commit(&[], &[]);
    let entry = |(path, mode, text): &(&str, Mode, &str)| {
        (path.as_bytes().to_vec(), Entry { mode: *mode, bytes: text.as_bytes().into() })
    };
    let tree = files.iter().map(entry).collect();
    Draft { parents: parents.to_vec(), tree, message: message.into(), ..sketch.drafts()[0].clone() }
}

#[test]
fn links_names_and_messages() {
    let mut s = Sketch::default();
    let fake = "0123456789abcdef".repeat(4);
    let c0 = s.draw(draft(&[], &[("link", Mode::Link, ONE), ("sub", Mode::Submodule, &fake)], "nothing"));
    let name = format!("d/{TWO}/x");
    let c1 = s.draw(draft(&[c0], &[("link", Mode::Link, ONE), (&name, Mode::Executable, NONE)], TWO));
    let c2 = s.draw(draft(&[c1], &[("same", Mode::File, ONE)], "nothing"));
    let hand = hand(s);
    assert_eq!(hand.life(0), (vec![c0], vec![]));
    assert_eq!(hand.at(0, "link"), (vec![(c0, vec![c2])], vec![c2]));
    assert_eq!(hand.oracle.answer(0).elsewhere.blobs.len(), 1, "a link's target and a file are the same blob");
    assert_eq!(hand.life(1), (vec![], vec![]));
    let elsewhere = &hand.oracle.answer(1).elsewhere;
    assert_eq!(hand.numbers(&elsewhere.messages), [c1]);
    assert_eq!(hand.numbers(&elsewhere.names[&PathName::from(name.as_str())]), [c1]);
    assert!(elsewhere.blobs.is_empty());
}

#[test]
fn replacements_stand_for_nothing_and_scopes_differ() {
    // 1 is replaced by 2; 3 is in the reflog only, 4 in nothing.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", NONE)]);
    let c2 = s.commit(&[c0], &[("a", NONE), ("b", B)]);
    let c3 = s.commit(&[c0], &[("c", A)]);
    let c4 = s.commit(&[c0], &[("d", A)]);
    let c1 = s.commit(&[c0], &[("a", A)]);
    s.point("refs/heads/main", c1);
    let repository = Repository::new();
    let ids = s.import(&repository);
    repository.git(&["update-ref", "HEAD", &ids[c3]]);
    repository.git(&["update-ref", "HEAD", &ids[c1]]);
    repository.git(&["update-ref", &format!("refs/replace/{}", ids[c1]), &ids[c2]]);
    let ask = |scope| {
        let oracle = Oracle::with_scope(repository.path(), &Credential::list([ONE, TWO]), scope);
        let introduced = |credential| {
            let found = &oracle.answer(credential).introduced;
            (0..ids.len()).filter(|i| found.contains(&ids[*i])).collect::<Vec<_>>()
        };
        assert_eq!(introduced(1), [c2], "reachable by the name of the replacement");
        assert!(oracle.answer(0).at_head, "HEAD is not replaced");
        assert_eq!(oracle.answer(1).other_refs.len(), 1);
        introduced(0)
    };
    assert_eq!(ask(Scope::Refs), [c1]);
    assert_eq!(ask(Scope::Reflogs), [c3, c1]);
    assert_eq!(ask(Scope::Everything), [c3, c4, c1]);
}

#[test]
fn a_shallow_clone_begins_at_its_boundary() {
    // 0 brings one, 2 removes it and brings two; a clone of depth 2 has 1 and 2.
    let mut s = Sketch::default();
    let c0 = s.commit(&[], &[("a", A)]);
    let c1 = s.commit(&[c0], &[("a", A), ("b", NONE)]);
    let c2 = s.commit(&[c1], &[("a", B)]);
    let hand = hand(s);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clone = folder.path().join("clone").display().to_string();
    let url = format!("file://{}", hand.repository.path().display());
    hand.repository.git(&["clone", "--quiet", "--bare", "--depth=2", &url, &clone]);
    let oracle = Oracle::new(clone.as_ref(), &Credential::list([ONE, TWO]));
    assert_eq!(
        oracle.commits().map(|c| c.id.clone()).collect::<Vec<_>>(),
        [hand.ids[c1].clone(), hand.ids[c2].clone()]
    );
    assert_eq!(hand.numbers(&oracle.answer(0).introduced), [c1]);
    assert_eq!(hand.numbers(&oracle.answer(0).removed), [c2]);
    assert_eq!(hand.numbers(&oracle.answer(1).introduced), [c2]);
}

#[test]
fn git_grep_finds_the_same() {
    let history = History::new(21).commits(70).credentials(48).build();
    let credentials = &history.credentials()[..12];
    let oracle = Oracle::new(history.path(), credentials);
    let commits: Vec<&str> = oracle.commits().map(|c| c.id.as_str()).collect();
    let mut found = 0;
    for credential in credentials {
        // Git says with its exit code whether it found something; links it does not search.
        let pattern = ["--no-replace-objects", "grep", "-z", "-a", "-F", "--name-only", "-e", &credential.secret];
        let searched = history.repository().run(&[&pattern, commits.as_slice()].concat(), b"");
        let mut by_grep: BTreeSet<(String, PathName)> = BTreeSet::new();
        for entry in searched.stdout.split(|b| *b == 0).filter(|entry| !entry.is_empty()) {
            let colon = entry.iter().position(|b| *b == b':').expect("COMMIT:PATH");
            let commit = String::from_utf8_lossy(&entry[..colon]).into_owned();
            by_grep.insert((commit, PathName(entry[colon + 1..].to_vec())));
        }
        let paths: Vec<&PathName> = oracle.answer(credential.id).places.keys().collect();
        let paths = paths.into_iter().filter(|path| !path.0.starts_with(b"links/"));
        let holding = paths.flat_map(|path| commits.iter().map(move |c| ((*c).to_owned(), path.clone())));
        let held: BTreeSet<_> = holding.filter(|(c, path)| oracle.holds(c, path, credential.id)).collect();
        assert_eq!(by_grep, held, "{credential:?}");
        found += held.len();
    }
    assert!(found > 200, "{found} places in commits");
}

#[test]
fn zones_and_dates_are_as_git_has_them() {
    let text = b"tree 0\nparent 1\nauthor A B <a@b> 1700000000 -0330\ncommitter C <> 5 +0545\n\nauthor X <x> 1 +0000\n";
    let author = read::signature(text, "author").expect("an author");
    assert_eq!((author.name.as_str(), author.email.as_str()), ("A B", "a@b"));
    assert_eq!(author.time, Time { seconds: 1_700_000_000, offset: -210 });
    let committer = read::signature(text, "committer").expect("a committer");
    assert_eq!((committer.name.as_str(), committer.time), ("C", Time { seconds: 5, offset: 345 }));
}

#[test]
fn an_invalid_byte_is_one_column() {
    assert_eq!(read::line_and_column(b"\xff\xe2\x82x", 3), (1, 4));
    assert_eq!(read::line_and_column(b"a\r\nb", 3), (2, 1));
    assert_eq!(read::line_and_column(b"", 0), (1, 1));
}
