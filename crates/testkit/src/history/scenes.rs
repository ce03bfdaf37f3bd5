//! What takes several commits, branches or tags.

use super::Feature;
use super::edits;
use super::files::{File, Tree, is_free};
use super::grow::{Grower, Scene};
use crate::filler::Filler;
use crate::secrets::BASE62;

/// Every scene, with the weight at which it is drawn once it has been played.
pub(super) const ALL: &[(usize, Scene)] = &[
    (14, fork),
    (14, merge),
    (4, merge_clean),
    (4, merge_in_conflict),
    (4, merge_with_birth),
    (3, merge_with_revival),
    (6, merge_that_drops),
    (5, merge_after_removal),
    (5, octopus),
    (5, criss_cross),
    (1, orphan),
    (1, unrelated_merge),
    (4, revert),
    (4, empty_commit),
    (3, annotated_tag),
    (3, lightweight_tag),
    (1, nested_tag),
    (1, tag_off_branch),
    (0, blob_tag),
    (0, series),
    (2, side_only),
    (2, remote_branch),
    (1, commit_message),
    (1, tag_message),
    (1, note),
    (0, reflog_only),
    (1, unreachable),
    (0, replaced_commit),
];

fn fork(grower: &mut Grower<'_>) -> bool {
    if grower.lines.iter().filter(|line| !line.frozen).count() > 6 || !grower.room(2) {
        return false;
    }
    let line = grower.open_line();
    let tip = grower.lines[line].tip;
    // Also from some way back.
    let back = grower.rng.below(40);
    let old = tip.saturating_sub(back);
    let from = if grower.is_ancestor(old, tip) { old } else { tip };
    let new = grower.fork(from);
    grower.change_on(new);
    true
}

/// The numbers of lines in `lines`, which are merged into `into`; those go no further.
fn join(grower: &mut Grower<'_>, into: usize, lines: &[usize], tree: Tree) -> usize {
    let parents: Vec<usize> = [into].iter().chain(lines).map(|line| grower.lines[*line].tip).collect();
    let merge = grower.commit(&parents, tree);
    grower.lines[into].tip = merge;
    for line in lines {
        grower.lines[*line].frozen = true;
    }
    // Most are deleted once they are merged.
    let gone = |grower: &mut Grower<'_>, line: &usize| *line != 0 && grower.rng.chance(3, 4);
    let mut gone: Vec<usize> = lines.iter().filter(|line| gone(grower, line)).copied().collect();
    gone.sort_unstable();
    for line in gone.into_iter().rev() {
        grower.lines.remove(line);
    }
    merge
}

fn count_merge(grower: &mut Grower<'_>, conflicts: usize) {
    grower.count(if conflicts > 0 { Feature::ConflictMerge } else { Feature::CleanMerge });
}

fn tips(grower: &Grower<'_>, lines: &[usize]) -> Vec<usize> {
    lines.iter().map(|line| grower.lines[*line].tip).collect()
}

/// Any two lines, neither of which the other one already has.
fn merge(grower: &mut Grower<'_>) -> bool {
    let mut open: Vec<usize> = (1..grower.lines.len()).filter(|l| !grower.lines[*l].frozen).collect();
    grower.shuffle(&mut open);
    let into = if open.len() > 1 && grower.rng.chance(1, 3) { open[1] } else { 0 };
    let Some(side) = open.first().copied() else { return false };
    let both = tips(grower, &[into, side]);
    if grower.is_ancestor(both[0], both[1]) || grower.is_ancestor(both[1], both[0]) {
        return false;
    }
    let (tree, conflicts) = grower.merge_trees(&both);
    if grower.fork_point(both[0], both[1]).is_some() {
        count_merge(grower, conflicts);
    } else {
        grower.count(Feature::UnrelatedMerge);
    }
    join(grower, into, &[side], tree);
    true
}

/// A line and a new side of it, the tips changed by `ours` and `theirs`.
fn diverge(
    grower: &mut Grower<'_>,
    ours: impl FnOnce(&mut Grower<'_>, &mut Tree),
    theirs: impl FnOnce(&mut Grower<'_>, &mut Tree),
) -> (usize, usize) {
    let line = grower.open_line();
    let side = grower.fork(grower.lines[line].tip);
    let mut tree = grower.tree(side).clone();
    theirs(grower, &mut tree);
    grower.commit_on(side, tree);
    let mut tree = grower.tree(line).clone();
    ours(grower, &mut tree);
    grower.commit_on(line, tree);
    (line, side)
}

fn merge_clean(grower: &mut Grower<'_>) -> bool {
    if !grower.room(3) {
        return false;
    }
    let (line, side) = diverge(grower, add_file, |grower, tree| {
        let id = grower.take();
        grower.add_file_with(tree, id);
    });
    let parents = tips(grower, &[line, side]);
    let (tree, conflicts) = grower.merge_trees(&parents);
    count_merge(grower, conflicts);
    join(grower, line, &[side], tree);
    true
}

fn add_file(grower: &mut Grower<'_>, tree: &mut Tree) {
    let path = grower.new_path();
    tree.insert(path, grower.new_text());
}

/// Both sides put another credential into the same file.
fn merge_in_conflict(grower: &mut Grower<'_>) -> bool {
    let line = grower.open_line();
    if !grower.room(3) {
        return false;
    }
    let tree = grower.tree(line).clone();
    let Some(path) = grower.pick(&tree, |f| f.is_text() && f.bytes.len() < 50_000) else { return false };
    let side = grower.fork(grower.lines[line].tip);
    for here in [line, side] {
        let mut tree = grower.tree(here).clone();
        let mut file = tree[&path].clone();
        let id = grower.take();
        let at = grower.rng.below(file.lines().len() + 1);
        file.insert_line(at, format!("both = {}\n", grower.secret(id)).into_bytes(), &[id], grower.all);
        tree.insert(path.clone(), file);
        grower.commit_on(here, tree);
    }
    let parents = tips(grower, &[line, side]);
    let (tree, conflicts) = grower.merge_trees(&parents);
    count_merge(grower, conflicts);
    join(grower, line, &[side], tree);
    true
}

fn merge_with_birth(grower: &mut Grower<'_>) -> bool {
    if !grower.room(3) || !grower.has_fresh() {
        return false;
    }
    let (line, side) = diverge(grower, add_file, add_file);
    let parents = tips(grower, &[line, side]);
    let (mut tree, _) = grower.merge_trees(&parents);
    if grower.rng.chance(1, 2) {
        edits::plant(grower, &mut tree);
    } else {
        let id = grower.take();
        grower.add_file_with(&mut tree, id);
    }
    grower.count(Feature::EvilMerge);
    join(grower, line, &[side], tree);
    true
}

fn merge_with_revival(grower: &mut Grower<'_>) -> bool {
    if !grower.room(3) {
        return false;
    }
    let attic = grower.attic.clone();
    let (line, side) = diverge(grower, add_file, add_file);
    let parents = tips(grower, &[line, side]);
    let (mut tree, _) = grower.merge_trees(&parents);
    let gone = |file: &File| {
        file.held.iter().any(|id| parents.iter().all(|p| !grower.trees[*p].values().any(|f| f.held.contains(id))))
    };
    let found = attic.into_iter().rev().find(|(path, file)| is_free(&tree, path) && gone(file));
    let revived = found.is_some();
    tree.extend(found);
    if revived {
        grower.count(Feature::RevivingMerge);
    }
    join(grower, line, &[side], tree);
    revived
}

/// One side alone has a credential, as its first or second parent; the merge does without it.
fn merge_that_drops(grower: &mut Grower<'_>) -> bool {
    if !grower.room(3) || !grower.has_fresh() {
        return false;
    }
    let mut path = Vec::new();
    let mut add = |grower: &mut Grower<'_>, tree: &mut Tree| {
        let id = grower.take();
        path = grower.add_file_with(tree, id);
    };
    let (line, side) =
        if grower.rng.chance(1, 2) { diverge(grower, add_file, &mut add) } else { diverge(grower, &mut add, add_file) };
    let parents = tips(grower, &[line, side]);
    let (mut tree, _) = grower.merge_trees(&parents);
    tree.remove(&path);
    grower.count(Feature::DroppingMerge);
    join(grower, line, &[side], tree);
    true
}

/// One side removes what both had, and the merge takes that over.
fn merge_after_removal(grower: &mut Grower<'_>) -> bool {
    if !grower.room(4) {
        return false;
    }
    let line = grower.open_line();
    let mut tree = grower.tree(line).clone();
    let id = grower.take();
    let path = grower.add_file_with(&mut tree, id);
    grower.commit_on(line, tree);
    let side = grower.fork(grower.lines[line].tip);
    let removing = if grower.rng.chance(1, 2) { side } else { line };
    for here in [side, line] {
        let mut tree = grower.tree(here).clone();
        if here == removing {
            tree.remove(&path);
        } else {
            add_file(grower, &mut tree);
        }
        grower.commit_on(here, tree);
    }
    let parents = tips(grower, &[line, side]);
    let (tree, _) = grower.merge_trees(&parents);
    grower.count(Feature::RemovalMerged);
    join(grower, line, &[side], tree);
    true
}

fn octopus(grower: &mut Grower<'_>) -> bool {
    let sides = grower.rng.between(2, 5);
    if !grower.room(2 * sides + 2) {
        return false;
    }
    let line = grower.open_line();
    let from = grower.lines[line].tip;
    let mut arms = Vec::new();
    let mut paths = Vec::new();
    for _ in 0..sides {
        let arm = grower.fork(from);
        let mut tree = grower.tree(arm).clone();
        let id = grower.take();
        paths.push(grower.add_file_with(&mut tree, id));
        grower.commit_on(arm, tree);
        if grower.rng.chance(1, 2) {
            grower.change_on(arm);
        }
        arms.push(arm);
    }
    if grower.rng.chance(1, 2) {
        grower.change_on(line);
    }
    let all: Vec<usize> = [line].iter().chain(&arms).copied().collect();
    let parents = tips(grower, &all);
    let (mut tree, _) = grower.merge_trees(&parents);
    if grower.rng.chance(1, 2) {
        tree.remove(&paths[0]);
    }
    if grower.rng.chance(1, 2) {
        edits::plant(grower, &mut tree);
    }
    grower.count(Feature::Octopus);
    join(grower, line, &arms, tree);
    true
}

fn criss_cross(grower: &mut Grower<'_>) -> bool {
    if !grower.room(6) {
        return false;
    }
    let plant = |grower: &mut Grower<'_>, tree: &mut Tree| {
        edits::plant(grower, tree);
    };
    let (line, side) = diverge(grower, plant, plant);
    let both = tips(grower, &[line, side]);
    let mut crossed = Vec::new();
    for parents in [[both[0], both[1]], [both[1], both[0]]] {
        let (mut tree, _) = grower.merge_trees(&parents);
        if grower.rng.chance(1, 2) {
            edits::delete(grower, &mut tree);
        }
        crossed.push(grower.commit(&parents, tree));
    }
    grower.lines[line].tip = crossed[0];
    grower.lines[side].tip = crossed[1];
    grower.change_on(line);
    grower.count(Feature::CrissCross);
    // Later they are merged again, with two best common ancestors.
    let parents = tips(grower, &[line, side]);
    let (tree, _) = grower.merge_trees(&parents);
    if grower.rng.chance(1, 2) {
        join(grower, line, &[side], tree);
    }
    true
}

fn orphan(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    let mut tree = Tree::new();
    for _ in 0..3 {
        add_file(grower, &mut tree);
    }
    let id = grower.take();
    grower.add_file_with(&mut tree, id);
    let root = grower.commit(&[], tree);
    let line = grower.fork(root);
    grower.change_on(line);
    grower.lines[line].frozen = grower.rng.chance(1, 2);
    grower.count(Feature::Orphan);
    true
}

fn unrelated_merge(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    let mut tree = Tree::new();
    let id = grower.take();
    grower.add_file_with(&mut tree, id);
    let root = grower.commit(&[], tree);
    grower.count(Feature::Orphan);
    let side = grower.fork(root);
    let line = grower.open_line();
    if line == side {
        return true;
    }
    let parents = tips(grower, &[line, side]);
    let (tree, _) = grower.merge_trees(&parents);
    grower.count(Feature::UnrelatedMerge);
    join(grower, line, &[side], tree);
    true
}

fn revert(grower: &mut Grower<'_>) -> bool {
    let line = grower.open_line();
    let tip = grower.lines[line].tip;
    let old: Vec<usize> = (tip.saturating_sub(30)..tip).filter(|c| grower.is_ancestor(*c, tip)).collect();
    if old.is_empty() || !grower.room(1) {
        return false;
    }
    let mut tree = grower.trees[old[grower.rng.below(old.len())]].clone();
    // The first commits of unrelated histories do not have it.
    let readme = super::grow::README;
    tree.entry(readme.to_vec()).or_insert_with(|| File::text(b"# Again\n".to_vec()));
    grower.commit_on(line, tree);
    grower.count(Feature::Revert);
    true
}

fn empty_commit(grower: &mut Grower<'_>) -> bool {
    let line = grower.open_line();
    let tree = grower.tree(line).clone();
    grower.commit_on(line, tree);
    grower.count(Feature::EmptyCommit);
    true
}

/// Any commit so far that a branch leads to.
fn any_commit(grower: &mut Grower<'_>) -> usize {
    let line = grower.open_line();
    let tip = grower.lines[line].tip;
    let back = grower.rng.below(30);
    let old = tip.saturating_sub(back);
    if grower.is_ancestor(old, tip) { old } else { tip }
}

fn annotated_tag(grower: &mut Grower<'_>) -> bool {
    let (commit, serial) = (any_commit(grower), grower.serial());
    grower.plan.sketch.tag(&format!("v{serial}"), commit, "A release.\n");
    grower.count(Feature::AnnotatedTag);
    true
}

fn lightweight_tag(grower: &mut Grower<'_>) -> bool {
    let (commit, serial) = (any_commit(grower), grower.serial());
    grower.plan.sketch.point(&format!("refs/tags/light/{serial}"), commit);
    grower.count(Feature::LightweightTag);
    true
}

fn nested_tag(grower: &mut Grower<'_>) -> bool {
    let (commit, serial) = (any_commit(grower), grower.serial());
    grower.plan.sketch.tag(&format!("inner-{serial}"), commit, "Inner.\n");
    grower.plan.nested.push(format!("inner-{serial}"));
    grower.count(Feature::NestedTag);
    true
}

/// Commits off any line, the last one given; with a fresh credential if there is one.
fn aside(grower: &mut Grower<'_>) -> usize {
    let from = any_commit(grower);
    let mut tree = grower.trees[from].clone();
    let id = grower.take();
    grower.add_file_with(&mut tree, id);
    let first = grower.commit(&[from], tree.clone());
    if !grower.room(1) || grower.rng.chance(1, 3) {
        return first;
    }
    edits::linear(grower, &mut tree);
    grower.commit(&[first], tree)
}

fn tag_off_branch(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    let (commit, serial) = (aside(grower), grower.serial());
    if grower.rng.chance(1, 2) {
        grower.plan.sketch.tag(&format!("off-{serial}"), commit, "Off any branch.\n");
        grower.count(Feature::AnnotatedTag);
    } else {
        grower.plan.sketch.point(&format!("refs/tags/off-{serial}"), commit);
        grower.count(Feature::LightweightTag);
    }
    grower.count(Feature::TagOffBranch);
    true
}

fn blob_tag(grower: &mut Grower<'_>) -> bool {
    let id = grower.take();
    grower.plan.blob = Some(format!("key: {}\n", grower.secret(id)).into_bytes());
    grower.count(Feature::BlobTag);
    true
}

/// Each file is the one before, a little shorter (git makes deltas from long to short) with a few lines of its own;
/// credentials come somewhere in the row and go somewhere.
fn series(grower: &mut Grower<'_>) -> bool {
    const FILES: usize = 80;
    if !grower.room(3) {
        return false;
    }
    let from = any_commit(grower);
    let mut tree = Tree::new();
    let mut file = File::text(Filler::Source.write(&mut grower.rng, 18_000));
    for number in 0..FILES {
        let mut lines = file.lines();
        for _ in 0..3 {
            lines.remove(grower.rng.below(lines.len()));
            let at = grower.rng.below(lines.len());
            let mut line = grower.rng.text(BASE62, 22);
            line.push(b'\n');
            lines[at] = line;
        }
        file.set_lines(&lines, &[], grower.all);
        if number % 10 == 5 {
            let id = grower.take();
            let at = grower.rng.below(lines.len() / 2);
            file.insert_line(at, format!("key = {}\n", grower.secret(id)).into_bytes(), &[id], grower.all);
        }
        // Git sorts by the last sixteen characters, then by size.
        tree.insert(format!("series/{number:03}/part-of-a-series.txt").into_bytes(), file.clone());
    }
    let first = grower.commit(&[from], tree.clone());
    let line = grower.fork(first);
    grower.lines[line].frozen = true;
    // Half of the files go, the first ones or the last ones.
    let late = grower.rng.chance(1, 2);
    let mut number = 0;
    tree.retain(|_, _| {
        number += 1;
        (number > FILES / 2) == late
    });
    grower.commit_on(line, tree);
    grower.count(Feature::Series);
    true
}

fn side_only(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) || !grower.has_fresh() {
        return false;
    }
    let tip = aside(grower);
    let line = grower.fork(tip);
    grower.lines[line].frozen = true;
    grower.count(Feature::SideOnly);
    true
}

fn remote_branch(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    // One leads where nothing else does, the other to what a branch has as well.
    for commit in [aside(grower), any_commit(grower)] {
        let serial = grower.serial();
        grower.plan.sketch.point(&format!("refs/remotes/origin/topic-{serial}"), commit);
    }
    grower.count(Feature::RemoteBranch);
    true
}

fn commit_message(grower: &mut Grower<'_>) -> bool {
    let line = grower.open_line();
    let mut tree = grower.tree(line).clone();
    edits::linear(grower, &mut tree);
    let id = grower.take();
    let message = format!("use the token\n\nwith {} it works\n", grower.secret(id));
    let tip = grower.lines[line].tip;
    grower.lines[line].tip = grower.commit_saying(&[tip], tree, message);
    grower.count(Feature::CommitMessage);
    true
}

fn tag_message(grower: &mut Grower<'_>) -> bool {
    let (commit, serial, id) = (any_commit(grower), grower.serial(), grower.take());
    let message = format!("Deployed with {}\n", grower.secret(id));
    grower.plan.sketch.tag(&format!("deploy-{serial}"), commit, message);
    grower.count(Feature::AnnotatedTag);
    grower.count(Feature::TagMessage);
    true
}

fn note(grower: &mut Grower<'_>) -> bool {
    let (commit, id) = (any_commit(grower), grower.take());
    let text = format!("reviewed; token {}\n", grower.secret(id));
    grower.plan.sketch.note(commit, text);
    grower.count(Feature::Note);
    true
}

fn reflog_only(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    grower.plan.reflog = Some(aside(grower));
    grower.count(Feature::ReflogOnly);
    true
}

fn unreachable(grower: &mut Grower<'_>) -> bool {
    if !grower.room(2) {
        return false;
    }
    aside(grower);
    grower.count(Feature::Unreachable);
    true
}

/// A commit in the middle of `main`, and one with its parents and other credentials to replace it.
fn replaced_commit(grower: &mut Grower<'_>) -> bool {
    let old = grower.lines[0].tip;
    let parents = grower.plan.sketch.drafts()[old].parents.clone();
    if !grower.room(2) || parents.is_empty() {
        return false;
    }
    let mut tree = grower.trees[old].clone();
    if let Some(path) = grower.pick(&tree, |f| !f.held.is_empty()) {
        tree.remove(&path);
    }
    let id = grower.take();
    grower.add_file_with(&mut tree, id);
    let new = grower.commit(&parents, tree);
    grower.plan.replaced = Some((old, new));
    grower.count(Feature::ReplacedCommit);
    grower.change_on(0);
    true
}
