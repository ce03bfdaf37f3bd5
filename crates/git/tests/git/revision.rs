use crate::history::{oid, oids, random_history};
use crate::work_tree::{WorkTree, git_fails};
use git::{GitBinary, Objects, Oid, References, Repository, RevisionError, Revisions};
use std::time::Duration;

struct Opened {
    repository: Repository,
    objects: Objects,
    references: References,
    git: GitBinary,
}

impl Opened {
    fn new(tree: &WorkTree) -> Opened {
        let repository = Repository::open(&tree.path).unwrap();
        let objects = repository.objects(&[]);
        let references = References::read(&repository, &mut objects.reader(), None);
        Opened { repository, objects, references, git: GitBinary::new("git", Duration::from_secs(60), 1 << 20) }
    }

    fn commit(&self, text: &str, with_git: bool) -> Result<Oid, RevisionError> {
        let git = with_git.then_some(&self.git);
        Revisions::new(&self.repository, &self.objects, &self.references, git).commit(text)
    }
}

fn fixture(format: &str) -> WorkTree {
    // The newest commit of this one has a long line of first parents.
    let long = |tree: &WorkTree| oids(&tree.path, &["rev-list", "--first-parent", "c30"]).len() > 5;
    let (tree, _) = (5..).map(|seed| random_history(seed, 30, 0, format)).find(|(tree, _)| long(tree)).unwrap();
    tree.git(&["symbolic-ref", "HEAD", "refs/heads/c30"]);
    tree.git(&["reset", "-q", "--hard"]);
    tree.git(&["tag", "-a", "-m", "x", "v1", "c20"]);
    tree.git(&["tag", "-a", "-m", "x", "of-a-tag", "v1"]);
    // The same name in several places; a tag goes before a branch.
    tree.git(&["update-ref", "refs/heads/both", "c3"]);
    tree.git(&["update-ref", "refs/tags/both", "c4"]);
    tree.git(&["update-ref", "refs/remotes/origin/main", "c5"]);
    tree.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    tree.git(&["update-ref", "refs/heads/abcd", "c6"]);
    tree.git(&["tag", "tree", "c7^{tree}"]);
    tree
}

#[test]
fn names_lead_where_git_says() {
    for format in ["sha1", "sha256"] {
        let tree = fixture(format);
        let opened = Opened::new(&tree);
        let id = oid(&tree.path, "c12").to_string();
        let described = String::from_utf8(tree.git(&["describe", "--tags", "--long", "c20"])).unwrap();
        let names =
            ["HEAD", "@", "c30", "heads/c30", "refs/heads/c30", "v1", "of-a-tag", "both", "heads/both", "tags/both"]
                .into_iter()
                .chain([
                    "origin",
                    "origin/main",
                    "remotes/origin/main",
                    "abcd",
                    "@~1",
                    "HEAD~3",
                    "HEAD^",
                    "HEAD^1~2",
                    "v1^0",
                ])
                .chain(["v1^{commit}", "of-a-tag^{}", "of-a-tag^{}~1", "c30~0", "HEAD^^", "v1~1^{commit}~1"])
                .chain([&id, &id[..7], &id[..4], described.trim()]);
        for name in names {
            let expected = oid(&tree.path, &format!("{name}^{{commit}}"));
            assert_eq!(opened.commit(name, false), Ok(expected), "{name}");
        }
        let upper = id[..9].to_ascii_uppercase();
        assert_eq!(opened.commit(&upper, false), Ok(oid(&tree.path, &upper)));
        for name in ["HEAD^2", "HEAD^3", "HEAD~2^2", "c13^2", "c14^2", "c15^2", "c16^2", "c17^2", "c18^2", "c19^2"] {
            let ours = opened.commit(name, false);
            assert_eq!(ours.is_err(), git_fails(&tree.path, &["rev-parse", "--verify", name]), "{name}");
            if let Ok(ours) = ours {
                assert_eq!(ours, oid(&tree.path, name), "{name}");
            }
        }
    }
}

#[test]
fn names_that_lead_nowhere_say_why() {
    let tree = fixture("sha1");
    let opened = Opened::new(&tree);
    let gone = "1234567890123456789012345678901234567890";
    for name in [
        "nothing",
        "c99",
        gone,
        "12",
        "HEAD~9999",
        "HEAD^9",
        "",
        "..",
        "refs/heads",
        "tree",
        "HEAD~x",
        "~1",
        "HEAD^{}5",
    ] {
        let error = opened.commit(name, true).unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        assert!(git_fails(&tree.path, &["rev-parse", "--verify", "--end-of-options", &format!("{name}^{{commit}}")]));
    }
    assert!(
        matches!(opened.commit("tree", false), Err(RevisionError::NoCommit(_, reason)) if reason.contains("folder"))
    );
    assert!(matches!(opened.commit("HEAD~99999999999999999999", false), Err(RevisionError::NoCommit(..))));
}

#[test]
fn rare_forms_are_asked_of_git() {
    let tree = fixture("sha1");
    tree.write("new", "x");
    tree.git(&["add", "new"]);
    tree.git(&["commit", "-q", "-m", "a special.. message"]);
    let opened = Opened::new(&tree);
    for name in [":/special", "HEAD@{0}", "@{1 second ago}", "HEAD^{/special}", "c30@{0}~1"] {
        let expected = oid(&tree.path, name);
        assert_eq!(opened.commit(name, true), Ok(expected), "{name}");
        let error = opened.commit(name, false).unwrap_err();
        assert!(error.to_string().contains("not installed"), "{error}");
    }
    // It is a name, not an option.
    assert!(opened.commit("--all @{x}", true).is_err());
    let revisions = Revisions::new(&opened.repository, &opened.objects, &opened.references, Some(&opened.git));
    let mut walker = git::Walker::new(&opened.objects, &[], false, git::WalkerLimits::default());
    let selection = revisions.range("HEAD^{/special.. m}", &mut walker).unwrap();
    assert_eq!(selection.include, [oid(&tree.path, "HEAD")]);
}

#[test]
fn ranges_in_all_their_forms() {
    let tree = fixture("sha1");
    let opened = Opened::new(&tree);
    let revisions = Revisions::new(&opened.repository, &opened.objects, &opened.references, None);
    let mut walker = git::Walker::new(&opened.objects, &[], false, git::WalkerLimits::default());
    for range in
        ["c3..", "..c3", "c3..c20", "c30", "^c10 c30", "c30 c20 ^c9 ^c8", "c20^!", "c29~1..", "v1..@", "c2 c9..c12"]
    {
        let selection = revisions.range(range, &mut walker).unwrap();
        let mut ours = walker.commits(&selection);
        let arguments = [&["rev-list"][..], &range.split(' ').collect::<Vec<_>>()].concat();
        let mut expected = oids(&tree.path, &arguments);
        ours.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ours, expected, "{range}");
    }
    for wrong in ["", "^c3", "c3..nothing", "nothing...c3"] {
        assert!(matches!(revisions.range(wrong, &mut walker), Err(RevisionError::NotFound(_))), "{wrong}");
    }
}

#[test]
fn abbreviations_that_fit_several_objects() {
    let tree = WorkTree::new(&[]);
    // Blobs until two begin alike, and a commit beside them.
    let mut seen = std::collections::HashMap::new();
    let mut shared = None;
    for at in 0..2000 {
        tree.write("f", &at.to_string());
        let id = git_blob_id(&at.to_string());
        if let Some(before) = seen.insert(id[..4].to_owned(), at) {
            tree.write("f", &before.to_string());
            tree.git(&["hash-object", "-w", "f"]);
            tree.write("f", &at.to_string());
            tree.git(&["hash-object", "-w", "f"]);
            shared = Some(id[..4].to_owned());
            break;
        }
    }
    let shared = shared.unwrap();
    tree.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    let opened = Opened::new(&tree);
    let error = opened.commit(&shared, false).unwrap_err();
    assert_eq!(error, RevisionError::Ambiguous(shared.clone(), 2));
    assert!(git_fails(&tree.path, &["rev-parse", "--verify", &shared]));
}

fn git_blob_id(text: &str) -> String {
    use sha1::{Digest, Sha1};
    let digest = Sha1::digest(format!("blob {}\0{text}", text.len()));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
