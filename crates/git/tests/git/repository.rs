use crate::work_tree::{WorkTree, git, git_fails};
use git::{ErrorKind, GitBinary, GitError, HashKind, Head, Oid, RefStorage, References, Reflogs, Repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn committed(options: &[&str]) -> WorkTree {
    let tree = WorkTree::new(options);
    for text in ["one", "two", "three"] {
        tree.write("src/a", text);
        tree.git(&["add", "-A"]);
        tree.git(&["commit", "-q", "-m", text]);
    }
    tree
}

fn oid(path: &Path, revision: &str) -> Oid {
    Oid::from_hex(git(path, &["rev-parse", "--verify", revision]).trim_ascii()).unwrap()
}

fn git_binary() -> GitBinary {
    GitBinary::new("git", Duration::from_secs(60), 1 << 20)
}

/// Opens a repository, reads its refs and every object that is packed or loose; the checked-out commit.
fn opened(path: &Path) -> Repository {
    let repository = Repository::open(path).unwrap();
    let objects = repository.objects(&[]);
    let refs = References::read(&repository, &mut objects.reader(), None);
    assert_eq!(refs.gaps, []);
    assert_eq!(objects.faults(), []);
    assert_eq!(refs.head.oid(), Some(oid(path, "HEAD")));
    let bare = git(path, &["rev-parse", "--is-bare-repository"]);
    assert_eq!(repository.is_bare(), bare.trim_ascii() == b"true");
    repository
}

fn top_level(path: &Path) -> PathBuf {
    PathBuf::from(String::from_utf8(git(path, &["rev-parse", "--show-toplevel"])).unwrap().trim_end())
}

#[test]
fn work_trees_bare_ones_and_mirrors_in_both_formats() {
    for (format, hash) in [("sha1", HashKind::Sha1), ("sha256", HashKind::Sha256)] {
        let tree = committed(&["--object-format", format]);
        let repository = opened(&tree.path);
        assert_eq!((repository.hash(), repository.root()), (hash, Some(&*tree.path)));
        assert_eq!(repository.git_dir(), tree.path.join(".git"));
        assert!(repository.shallow().is_empty() && !repository.is_partial());
        // From inside, and from below.
        assert_eq!(Repository::open(&tree.path.join(".git")).unwrap().root(), Some(&*tree.path));
        let below = Repository::holding(&tree.path.join("src")).unwrap().unwrap();
        assert_eq!(below.git_dir(), repository.git_dir());

        for kind in ["--bare", "--mirror"] {
            let bare = tree.path.with_file_name(format!("copy{kind}"));
            tree.git(&["clone", "-q", kind, tree.path.to_str().unwrap(), bare.to_str().unwrap()]);
            let repository = opened(&bare);
            assert_eq!((repository.hash(), repository.root()), (hash, None));
            assert!(Repository::holding(&bare.join("objects")).unwrap().unwrap().is_bare());
            // A copy of which somebody lost the configuration.
            if hash == HashKind::Sha1 {
                fs::remove_file(bare.join("config")).unwrap();
                assert!(opened(&bare).is_bare());
            }
        }
    }
}

#[test]
fn linked_work_trees_submodules_and_core_work_tree() {
    let tree = committed(&[]);
    let bare = tree.path.with_file_name("bare.git");
    tree.git(&["clone", "-q", "--bare", tree.path.to_str().unwrap(), bare.to_str().unwrap()]);
    for repository in [&tree.path, &bare] {
        let linked = repository.with_extension("linked");
        git(repository, &["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "HEAD~1"]);
        let opened = opened(&linked);
        assert_eq!(opened.root(), Some(&*top_level(&linked)));
        assert_ne!(opened.git_dir(), opened.common_dir());
        assert_eq!(Repository::open(opened.git_dir()).unwrap().root(), Some(&*linked));
        // Settings of one work tree alone.
        git(repository, &["config", "extensions.worktreeConfig", "true"]);
        git(&linked, &["config", "--worktree", "some.key", "here"]);
        assert_eq!(Repository::open(&linked).unwrap().setting("some.key"), Some(&b"here"[..]));
        assert_eq!(Repository::open(repository).unwrap().setting("some.key"), None);
    }
    let outer = committed(&[]);
    outer.git(&["submodule", "add", "-q", tree.path.to_str().unwrap(), "vendor/sub"]);
    let inner = outer.path.join("vendor/sub");
    assert_eq!(opened(&inner).root(), Some(&*inner));
    assert_eq!(opened(&inner).git_dir(), outer.path.join(".git/modules/vendor/sub"));
    // The submodule's folder says where its work tree is.
    assert_eq!(Repository::open(&outer.path.join(".git/modules/vendor/sub")).unwrap().root(), Some(&*inner));

    let elsewhere = tree.path.with_file_name("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    tree.git(&["config", "core.worktree", elsewhere.to_str().unwrap()]);
    assert_eq!(Repository::open(&tree.path).unwrap().root(), Some(&*elsewhere));
}

#[test]
fn shallow_partial_and_borrowing_clones() {
    let tree = committed(&[]);
    let url = format!("file://{}", tree.path.display());
    let clone = |name: &str, options: &[&str]| {
        let path = tree.path.with_file_name(name);
        tree.git(&["config", "uploadpack.allowFilter", "true"]);
        tree.git(&[&["clone", "-q"], options, &[path.to_str().unwrap()]].concat());
        path
    };
    let shallow = opened(&clone("shallow", &["--depth", "2", &url]));
    assert_eq!(shallow.shallow(), [oid(&tree.path, "HEAD~1")]);

    let partial = clone("partial", &["--filter=blob:none", "--no-checkout", &url]);
    let repository = opened(&partial);
    assert!(repository.is_partial() && repository.objects(&[]).is_partial());
    assert_eq!(repository.objects(&[]).reader().read(&oid(&tree.path, "HEAD:src/a"), &mut Vec::new()), Ok(None));
    // git would fetch what is missing; asked by us, it must not.
    let show = ["cat-file", "-p", "HEAD:src/a"].map(std::ffi::OsStr::new);
    assert!(matches!(git_binary().read(&repository, &show), Err(GitError::Failed(_))));
    assert_eq!(git(&partial, &["cat-file", "-p", "HEAD:src/a"]), b"three");

    let borrowing = opened(&clone("borrowing", &["--shared", tree.path.to_str().unwrap()]));
    let objects = borrowing.objects(&[]);
    assert_eq!(objects.packed(), 0);
    assert!(objects.contains(&oid(&tree.path, "HEAD~2:src/a")));
    assert!(borrowing.objects(&[tree.path.join(".git/objects")]).contains(&oid(&tree.path, "HEAD")));

    fs::write(shallow.git_dir().join("shallow"), "no id\n").unwrap();
    let error = Repository::open(shallow.root().unwrap()).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Damaged, &*shallow.git_dir().join("shallow")));
}

#[test]
fn extensions_are_judged_by_whether_they_change_what_is_read() {
    let tree = committed(&[]);
    let open = || Repository::open(&tree.path);
    // In version 0 an extension that nobody knows has no meaning.
    tree.git(&["config", "extensions.telepathy", "true"]);
    assert!(open().is_ok() && !git_fails(&tree.path, &["rev-parse", "HEAD"]));
    tree.git(&["config", "core.repositoryFormatVersion", "1"]);
    let error = open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("`telepathy`"), "{error}");
    assert!(git_fails(&tree.path, &["rev-parse", "HEAD"]));
    let config = tree.path.join(".git/config");
    let text = fs::read_to_string(&config).unwrap().replace("telepathy", "noop");
    for harmless in ["preciousObjects", "relativeWorktrees", "partialClone", "noop"] {
        fs::write(&config, format!("{text}[extensions]\n\t{harmless} = true\n")).unwrap();
        assert!(open().is_ok(), "{harmless}");
    }
    fs::write(&config, format!("{text}[core]\n\trepositoryFormatVersion = 2\n")).unwrap();
    assert!(open().unwrap_err().to_string().contains("version `2`"));
    fs::write(&config, format!("{text}[extensions]\n\trefStorage = clay\n")).unwrap();
    assert!(open().unwrap_err().to_string().contains("`clay`"));
    fs::write(&config, format!("{text}[extensions]\n\tobjectFormat = md5\n")).unwrap();
    assert!(open().unwrap_err().to_string().contains("`md5`"));
}

#[test]
fn reftable_is_asked_of_git_or_told() {
    let tree = committed(&[]);
    tree.git(&["config", "core.repositoryFormatVersion", "1"]);
    fs::write(
        tree.path.join(".git/config"),
        fs::read_to_string(tree.path.join(".git/config")).unwrap() + "[extensions]\n\trefStorage = reftable\n",
    )
    .unwrap();
    let repository = Repository::open(&tree.path).unwrap();
    assert_eq!(repository.ref_storage(), RefStorage::Reftable);
    let objects = repository.objects(&[]);
    let read = |git: Option<&GitBinary>| References::read(&repository, &mut objects.reader(), git);
    let absent = GitBinary::new("/no/such/git", Duration::from_secs(1), 1 << 20);
    for (git, reason) in [(None, "not installed"), (Some(&absent), "not installed")] {
        let refs = read(git);
        assert_eq!((refs.refs.len(), refs.head, refs.gaps.len()), (0, Head::Unknown, 1));
        assert!(refs.gaps[0].why.contains("reftable") && refs.gaps[0].why.contains(reason), "{:?}", refs.gaps);
        assert_eq!(Reflogs::read(&repository, git).gaps.len(), 1);
    }
    // A program that answers as git 2.45 would.
    let fake = tree.path.join("fake-git");
    let head = String::from_utf8(git(&committed(&[]).path, &["--version"])).unwrap();
    assert!(head.starts_with("git version"));
    let id = objects.loose().0.into_iter().find(|oid| {
        let mut bytes = Vec::new();
        matches!(objects.reader().read(oid, &mut bytes), Ok(Some(git::Kind::Commit)))
    });
    let id = id.unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*for-each-ref*) printf 'refs/heads/main\\000{id}\\000\\n' ;;\n\
         *symbolic-ref*) echo refs/heads/main ;;\n*reflog*) printf 'HEAD@{{0}}\\000{id}\\000t <t@x>\\000why\\n' ;;\n\
         *) exit 1 ;;\nesac\n"
    );
    fs::write(&fake, script).unwrap();
    fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let fake = GitBinary::new(fake, Duration::from_secs(60), 1 << 20);
    let refs = read(Some(&fake));
    assert_eq!(refs.head, Head::Branch(b"refs/heads/main".to_vec(), id));
    assert_eq!((refs.gaps.as_slice(), refs.commits()), (&[][..], vec![id]));
    assert_eq!(Reflogs::read(&repository, Some(&fake)).oids(), [id]);
}

#[test]
fn what_is_no_repository_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Repository::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoRepository);
    assert!(error.to_string().contains("is not a git repository"), "{error}");
    assert_eq!(Repository::open(&folder.path().join("gone")).unwrap_err().kind(), ErrorKind::Io);
    fs::write(folder.path().join(".git"), "gitdir: gone\n").unwrap();
    assert_eq!(Repository::open(folder.path()).unwrap_err().kind(), ErrorKind::Damaged);
}

/// A repository that would make git run its programs: neither we nor the git that we ask runs one.
#[test]
fn nothing_that_a_repository_names_is_run() {
    let tree = committed(&[]);
    let trap = tree.path.join("trap");
    let command = format!("touch {}; false", trap.display());
    for key in ["core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "gpg.program"] {
        tree.git(&["config", key, &command]);
    }
    tree.git(&["config", "core.fsmonitor", &command]);
    tree.git(&["config", "log.showSignature", "true"]);
    tree.git(&["config", "remote.origin.url", &format!("ext::sh -c '{command}'")]);
    tree.git(&["config", "protocol.ext.allow", "always"]);
    tree.git(&["config", "remote.origin.promisor", "true"]);
    for hook in ["reference-transaction", "post-index-change", "fsmonitor-watchman"] {
        let path = tree.path.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{command}\n")).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    let gone = "1234567890123456789012345678901234567890";
    let binary = git_binary();
    for arguments in [
        &["for-each-ref"][..],
        &["reflog", "show", "--all"],
        &["log", "-3"],
        &["cat-file", "-p", gone],
        &["rev-parse", "--verify", "--end-of-options", "HEAD@{0}"],
        &["status"],
    ] {
        let arguments: Vec<_> = arguments.iter().map(std::ffi::OsStr::new).collect();
        let _ = binary.read(&repository, &arguments);
    }
    assert_eq!(References::read(&repository, &mut objects.reader(), Some(&binary)).gaps, []);
    assert!(!trap.exists());
    // The trap works: a git that is not restrained falls into it.
    git_fails(&tree.path, &["status"]);
    assert!(trap.exists());
}

#[test]
fn repositories_of_another_owner_are_read() {
    let tree = committed(&[]);
    let changed = std::process::Command::new("chown").args(["-R", "12345", tree.path.to_str().unwrap()]).status();
    if !changed.unwrap().success() {
        // Only the superuser can give a folder away; what follows is then tested as the owner.
        assert!(!git_fails(&tree.path, &["rev-parse", "HEAD"]));
    }
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    let head = References::read(&repository, &mut objects.reader(), None).head.oid().unwrap();
    let asked = git_binary().read(&repository, &["rev-parse", "HEAD"].map(std::ffi::OsStr::new)).unwrap();
    assert_eq!(asked.trim_ascii(), head.to_string().as_bytes());
}

#[test]
fn mirrors_are_cloned_and_failures_hold_no_password() {
    let tree = committed(&[]);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = git::CloneOptions { time: Duration::from_secs(60), ask: false, stop: &stop };
    let target = tree.path.with_file_name("mirror");
    git_binary().clone_mirror(tree.path.to_str().unwrap(), &target, &options).unwrap();
    assert!(opened(&target).is_bare());
    assert!(!target.join("hooks").exists());
    // Nobody listens there.
    let (user, word) = ("someone", ["very", "private"].join("-"));
    let url = format!("http://{user}:{word}@127.0.0.1:9/x.git?token={word}");
    let error = git_binary().clone_mirror(&url, &tree.path.with_file_name("none"), &options).unwrap_err().to_string();
    assert!(error.contains("127.0.0.1") && !error.contains(&word) && !error.contains(user), "{error}");
    let error = git_binary().clone_mirror("--upload-pack=x", &tree.path.with_file_name("none"), &options);
    assert!(matches!(error, Err(GitError::Failed(_))));
}
