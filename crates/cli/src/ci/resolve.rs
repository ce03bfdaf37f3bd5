//! A plan held against a clone.

use super::git_program::{Answer, Git};
use super::missing::{Lack, message, refspec, shown};
use super::names::Commit;
use super::plan::{Base, Plan, Target};
use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// How many commits more are fetched each time that history turns out to be cut off; after that all.
const DEEPEN: [u32; 3] = [50, 500, 5000];

/// What to scan: every commit reachable from `include` and not from `exclude`. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The commit that is scanned; one of `include`.
    pub head: String,
    /// Whole commit ids.
    pub include: Vec<String>,
    /// Whole commit ids, for a request the merge bases first. A credential that these hold is not new.
    pub exclude: Vec<String>,
    /// What the head is to go into or was made of, as it is now: the commit whose policy counts for a request. Not there
    /// where all of a history is scanned.
    pub target: Option<String>,
    /// For people: what is scanned, and why where that is not what the plan says; one line.
    pub decision: String,
}

/// Why a plan could not be held against a clone.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// Something is not in the clone. The message says what, and the line to paste.
    #[error("{message}")]
    Missing {
        /// Two or three lines.
        message: String,
    },
    /// `git` could not be started, or refuses the repository.
    #[error("{message}")]
    Git {
        /// One line.
        message: String,
    },
}

impl From<io::Error> for Unresolved {
    fn from(error: io::Error) -> Unresolved {
        Unresolved::Git { message: format!("'git' is needed to find out what is new and could not be run: {error}") }
    }
}

/// Finds the commits that `plan` means in the clone at `repository`, and makes sure that the history between them is
/// whole. With `allow_fetch` what lacks is fetched from the remote: first the commits, then history in growing steps.
/// Without, no connection is opened.
///
/// What comes back may be more than what is new, never less: where a clone shows too little to tell, it is
/// [`Unresolved::Missing`].
///
/// # Errors
/// If something is missing, or `git` does not run.
pub fn resolve(plan: &Plan, repository: &Path, allow_fetch: bool) -> Result<Resolved, Unresolved> {
    let clone = Checkout::open(repository)?;
    let all: &[Step] = if allow_fetch { Step::ALL } else { &[] };
    let mut fetching = Fetching { clone: &clone, plan, base: &plan.base, steps: all, said: None };
    let mut replaced = Vec::new();
    loop {
        let lack = match attempt(plan, fetching.base, &clone, fetching.steps.is_empty())? {
            Ok(resolved) => return Ok(Resolved { decision: resolved.decision + &remark(&replaced), ..resolved }),
            Err(lack) => lack,
        };
        if !fetching.steps.is_empty() {
            fetching.next(&lack)?;
            continue;
        }
        // A server may hand out a commit that was replaced; where it does not, and the history of what replaced it is
        // whole, the next best base counts.
        if let (Lack::Commit(_), Base::Since { commit, otherwise }) = (&lack, fetching.base)
            && clone.has_whole_history(&plan.head.commits)?
        {
            replaced.push(commit);
            (fetching.base, fetching.steps) = (otherwise, all);
            continue;
        }
        let said = allow_fetch.then(|| fetching.said.unwrap_or_default());
        let message = message(plan, &lack, &clone.remote, clone.is_shallow()?, said.as_deref());
        return Err(Unresolved::Missing { message });
    }
}

fn remark(replaced: &[&Commit]) -> String {
    let names: Vec<_> = replaced.iter().map(ToString::to_string).collect();
    match names.len() {
        0 => String::new(),
        1 => format!(" ({}, the commit before, was replaced by a force-push)", names[0]),
        _ => format!(" ({} were replaced by a force-push)", names.join(" and ")),
    }
}

/// One look at the clone as it is. `exhausted`: nothing more can be fetched, so that what may be missing is decided on.
fn attempt(plan: &Plan, base: &Base, clone: &Checkout, exhausted: bool) -> io::Result<Result<Resolved, Lack>> {
    let Some(head) = clone.first_of(&plan.head.commits)? else { return Ok(Err(Lack::Head)) };
    let bounds = match base {
        Base::Everything { all_refs } => Ok(Range::everything(clone, &head, *all_refs, base.to_string())?),
        Base::Since { commit, .. } => since(commit, clone, &head)?,
        Base::Branch { target } => merge_base(target, plan, clone, &head, exhausted)?,
    };
    let mut range = match bounds {
        Ok(range) => range,
        Err(lack) => return Ok(Err(lack)),
    };
    if clone.is_empty(&range.include, &range.exclude)? {
        range.exclude = clone.parents(&head)?;
        range.decision = format!("nothing is new, so {} is scanned against its parents", &head[..10]);
    }
    if clone.is_cut(&range.include, &range.exclude)? || clone.is_cut(&range.compared, &range.exclude)? {
        return Ok(Err(Lack::History));
    }
    let absent = clone.absent_objects(&range.include, &range.exclude)?;
    if !absent.is_empty() {
        return Ok(Err(Lack::Objects(absent)));
    }
    Ok(Ok(Resolved {
        head,
        include: range.include,
        exclude: range.exclude,
        target: range.target,
        decision: range.decision,
    }))
}

/// A range, and what else has to hold for it.
struct Range {
    include: Vec<String>,
    exclude: Vec<String>,
    /// What was compared with the head. Its history has to be whole, too: a merge base behind a cut would be missed.
    compared: Vec<String>,
    /// The newest commit of what is left out.
    target: Option<String>,
    decision: String,
}

impl Range {
    fn everything(clone: &Checkout, head: &str, all_refs: bool, decision: String) -> io::Result<Range> {
        let mut include = vec![head.to_owned()];
        if all_refs {
            include.extend(clone.all_refs()?.into_iter().filter(|commit| commit != head));
        }
        Ok(Range { include, exclude: Vec::new(), compared: Vec::new(), target: None, decision })
    }
}

fn since(commit: &Commit, clone: &Checkout, head: &str) -> io::Result<Result<Range, Lack>> {
    let Some(before) = clone.commit(commit.as_str())? else {
        return Ok(Err(Lack::Commit(commit.as_str().to_owned())));
    };
    let decision = if clone.is_ancestor(&before, head)? {
        format!("the commits since {commit}")
    } else {
        format!("the commits since {commit}, which a force-push replaced")
    };
    let target = Some(before.clone());
    Ok(Ok(Range { include: vec![head.to_owned()], exclude: vec![before], compared: Vec::new(), target, decision }))
}

fn merge_base(
    target: &Target,
    plan: &Plan,
    clone: &Checkout,
    head: &str,
    exhausted: bool,
) -> io::Result<Result<Range, Lack>> {
    let tip = match clone.tip(target)? {
        Tip::Commit(tip) => tip,
        Tip::Own => {
            let decision = "the full history of what is checked out, which is the default branch".to_owned();
            return Range::everything(clone, head, false, decision).map(Ok);
        }
        Tip::None if target.branch.is_some() || !exhausted => return Ok(Err(Lack::Branch(target.clone()))),
        Tip::None => {
            let decision = "the full history of what is checked out, since no default branch is known".to_owned();
            return Range::everything(clone, head, false, decision).map(Ok);
        }
    };
    let mut exclude = clone.merge_bases(head, &tip)?;
    let decision = if exclude.is_empty() {
        format!("the full history of what is checked out, which has nothing in common with {target}")
    } else {
        format!("the commits that are not in {target}")
    };
    let merged_into = platform_parent(plan, clone, head)?;
    let target = Some(merged_into.clone().unwrap_or_else(|| tip.clone()));
    exclude.extend(merged_into.filter(|parent| !exclude.contains(parent)));
    Ok(Ok(Range { include: vec![head.to_owned()], exclude, compared: vec![tip], target, decision }))
}

/// The first parent of a merge that the platform made, which is the target branch as it was merged. Checked, since
/// otherwise a request would be left out: its own head must not be reachable from there.
fn platform_parent(plan: &Plan, clone: &Checkout, head: &str) -> io::Result<Option<String>> {
    let Some(own) = &plan.head.merge_of else { return Ok(None) };
    if plan.head.commits.first().map(String::as_str) != Some(head) {
        return Ok(None);
    }
    let parents = clone.parents(head)?;
    let [first, second] = parents.as_slice() else { return Ok(None) };
    let Some(own) = clone.commit(own.as_str())? else { return Ok(None) };
    Ok((*second == own && !clone.is_ancestor(&own, first)?).then(|| first.clone()))
}

/// What is done, in turn, where something is not there.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Ask for the very commits and branches.
    Named,
    /// Ask for more history.
    Deepen(u32),
    /// Ask for all history.
    Unshallow,
}

impl Step {
    const ALL: &[Step] =
        &[Step::Named, Step::Deepen(DEEPEN[0]), Step::Deepen(DEEPEN[1]), Step::Deepen(DEEPEN[2]), Step::Unshallow];
}

struct Fetching<'a> {
    clone: &'a Checkout,
    plan: &'a Plan,
    /// The base that is tried.
    base: &'a Base,
    steps: &'static [Step],
    said: Option<String>,
}

impl Fetching<'_> {
    /// Takes the next step that can help.
    fn next(&mut self, lack: &Lack) -> io::Result<()> {
        if let Lack::Objects(ids) = lack {
            self.steps = &[];
            let answer = self.clone.git.fetch_objects(&self.clone.remote, ids)?;
            self.note(&answer);
            return Ok(());
        }
        let shallow = self.clone.is_shallow()?;
        while let Some((step, rest)) = self.steps.split_first() {
            self.steps = rest;
            let options = match step {
                Step::Named if matches!(lack, Lack::History) => continue,
                Step::Named if shallow => vec!["--depth=1".to_owned()],
                Step::Named => Vec::new(),
                Step::Deepen(_) | Step::Unshallow if !shallow => continue,
                Step::Deepen(_) if matches!(self.base, Base::Everything { .. }) => continue,
                Step::Deepen(commits) => vec![format!("--deepen={commits}")],
                Step::Unshallow => vec!["--unshallow".to_owned()],
            };
            return self.fetch(&options, lack);
        }
        Ok(())
    }

    /// Asks for what the plan names; a server that does not hand out commits by id is asked for its branches.
    fn fetch(&mut self, options: &[String], lack: &Lack) -> io::Result<()> {
        let (git, remote) = (&self.clone.git, self.clone.remote.as_str());
        let mut wanted = Vec::new();
        let head = self.plan.head.commits.iter().find(|name| name.as_str() != "HEAD").cloned();
        let known = self.clone.commit("HEAD")?;
        wanted.extend(self.plan.head.remote_ref.clone().filter(|_| matches!(lack, Lack::Head)).or(head).or(known));
        wanted.extend(self.base_refspecs()?);
        if matches!((self.base, lack), (Base::Everything { all_refs: true }, Lack::History)) {
            // All that the clone's own configuration names.
            wanted.clear();
        }
        let mut answer = git.fetch(options, remote, &wanted)?;
        if !answer.success {
            // One by one: one that the server does not have must not stop the others.
            for refspec in &wanted {
                let single = git.fetch(options, remote, std::slice::from_ref(refspec))?;
                if single.success {
                    answer = single;
                }
            }
        }
        if !answer.success {
            answer = git.fetch(options, remote, &[])?;
        }
        self.note(&answer);
        Ok(())
    }

    fn base_refspecs(&self) -> io::Result<Vec<String>> {
        let (commit, target) = match self.base {
            Base::Everything { .. } => (None, None),
            Base::Since { commit, .. } => (Some(commit), None),
            Base::Branch { target } => (target.commit.as_ref(), Some(target)),
        };
        let branch = match target.map(|target| &target.branch) {
            Some(Some(branch)) => Some(branch.as_str().to_owned()),
            Some(None) => self.clone.git.default_branch_of(&self.clone.remote)?,
            None => None,
        };
        let commit = commit.filter(|commit| commit.is_whole()).map(|commit| commit.as_str().to_owned());
        Ok(commit.into_iter().chain(branch.map(|branch| refspec(&branch, &self.clone.remote))).collect())
    }

    fn note(&mut self, answer: &Answer) {
        self.said = (!answer.success).then(|| answer.stderr.clone());
    }
}

/// What a target turned out to be.
enum Tip {
    Commit(String),
    /// The very branch that is built.
    Own,
    None,
}

/// A clone, and the remote it came from.
struct Checkout {
    git: Git,
    remote: String,
    /// The commits at which history was cut off.
    shallow_file: PathBuf,
}

impl Checkout {
    fn open(repository: &Path) -> Result<Checkout, Unresolved> {
        let git = Git::at(repository);
        let answer = git.ask(["rev-parse", "--git-path", "shallow"])?;
        let Some(file) = answer.line() else {
            let message =
                format!("{} is no git repository that 'git' opens: {}", repository.display(), shown(&answer.stderr));
            return Err(Unresolved::Git { message });
        };
        let shallow_file = repository.join(file);
        let remotes = git.ask(["remote"])?.stdout;
        // A name that git would take for an option is one that nobody chose for a remote.
        let mut names = remotes.lines().filter(|name| !name.starts_with('-'));
        let remote = if remotes.lines().any(|name| name == "origin") { None } else { names.next() };
        let remote = remote.unwrap_or("origin").to_owned();
        Ok(Checkout { git, remote, shallow_file })
    }

    fn is_shallow(&self) -> io::Result<bool> {
        Ok(self.git.ask(["rev-parse", "--is-shallow-repository"])?.line() == Some("true"))
    }

    /// The whole id of the commit that a name, also of a tag, stands for, if it is in the clone.
    fn commit(&self, name: &str) -> io::Result<Option<String>> {
        let peeled = format!("{name}^{{commit}}");
        let answer = self.git.ask(["rev-parse", "--verify", "--quiet", &peeled])?;
        let Some(id) = answer.line().map(str::to_owned) else { return Ok(None) };
        Ok(self.git.ask(["cat-file", "-e", &id])?.success.then_some(id))
    }

    /// The first of these names that is in the clone.
    fn first_of(&self, names: &[String]) -> io::Result<Option<String>> {
        for name in names {
            if let Some(commit) = self.commit(name)? {
                return Ok(Some(commit));
            }
        }
        Ok(None)
    }

    /// Whether nothing is cut off of the history of the first of these that is in the clone.
    fn has_whole_history(&self, names: &[String]) -> io::Result<bool> {
        match self.first_of(names)? {
            Some(commit) => Ok(!self.is_cut(&[commit], &[])?),
            None => Ok(false),
        }
    }

    fn parents(&self, commit: &str) -> io::Result<Vec<String>> {
        let answer = self.git.ask(["rev-parse", &format!("{commit}^@")])?;
        Ok(answer.stdout.lines().map(str::to_owned).collect())
    }

    fn is_ancestor(&self, ancestor: &str, commit: &str) -> io::Result<bool> {
        Ok(self.git.ask(["merge-base", "--is-ancestor", ancestor, commit])?.success)
    }

    fn merge_bases(&self, one: &str, other: &str) -> io::Result<Vec<String>> {
        let answer = self.git.ask(["merge-base", "--all", one, other])?;
        Ok(answer.stdout.lines().map(str::to_owned).collect())
    }

    fn tip(&self, target: &Target) -> io::Result<Tip> {
        if let Some(commit) = &target.commit
            && let Some(tip) = self.commit(commit.as_str())?
        {
            return Ok(Tip::Commit(tip));
        }
        for name in &target.refs {
            let name = match name.strip_prefix("refs/remotes/origin/") {
                Some(short) => format!("refs/remotes/{}/{short}", self.remote),
                None => name.clone(),
            };
            let Some(tip) = self.commit(&name)? else { continue };
            let real = self.git.ask(["symbolic-ref", "--quiet", &name])?;
            let real = real.line().unwrap_or(&name);
            let own = target.own.as_ref().map(|own| format!("refs/remotes/{}/{own}", self.remote));
            return Ok(if own.as_deref() == Some(real) { Tip::Own } else { Tip::Commit(tip) });
        }
        Ok(Tip::None)
    }

    /// The commits of all branches and tags, the remote's as well.
    fn all_refs(&self) -> io::Result<BTreeSet<String>> {
        let format = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)";
        let answer = self.git.ask(["for-each-ref", format, "refs/heads", "refs/remotes", "refs/tags"])?;
        let commit = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.chunks(2).find(|pair| pair[0] == "commit").map(|pair| pair[1].to_owned())
        };
        Ok(answer.stdout.lines().filter_map(commit).collect())
    }

    fn is_empty(&self, include: &[String], exclude: &[String]) -> io::Result<bool> {
        let answer = self.git.rev_list(&["--max-count=1"], include, exclude)?;
        Ok(answer.success && answer.line().is_none())
    }

    /// Whether history was cut off within the range, so that there may be more.
    fn is_cut(&self, include: &[String], exclude: &[String]) -> io::Result<bool> {
        if include.is_empty() {
            return Ok(false);
        }
        let listed = match std::fs::read_to_string(&self.shallow_file) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let cuts: HashSet<&str> = listed.lines().collect();
        let answer = self.git.rev_list(&[], include, exclude)?;
        // What cannot be walked is not whole.
        Ok(!answer.success || answer.stdout.lines().any(|commit| cuts.contains(commit)))
    }

    /// The objects of the range, and those of the trees of what is excluded, that a partial clone left out.
    fn absent_objects(&self, include: &[String], exclude: &[String]) -> io::Result<Vec<String>> {
        let partial = self.git.ask(["config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"])?;
        if partial.line().is_none() {
            return Ok(Vec::new());
        }
        let options = ["--objects", "--missing=print"];
        let mut listed = self.git.rev_list(&options, include, exclude)?.stdout;
        if !exclude.is_empty() {
            listed += &self.git.rev_list(&["--no-walk=unsorted", options[0], options[1]], exclude, &[])?.stdout;
        }
        let absent: BTreeSet<&str> = listed.lines().filter_map(|line| line.strip_prefix('?')).collect();
        Ok(absent.into_iter().map(str::to_owned).collect())
    }
}
