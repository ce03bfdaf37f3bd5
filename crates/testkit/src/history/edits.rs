//! Changes to a tree within one commit.

use super::Feature;
use super::files::{File, Tree, contains, credential_line, is_free};
use super::grow::{Edit, Grower};
use crate::filler::Filler;
use crate::secrets::HEX;
use crate::sketch::Mode;
use std::collections::BTreeSet;

/// Every edit, with the weight at which it is drawn once it has been made.
pub(super) const ALL: &[(usize, Edit)] = &[
    (0, linear),
    (4, plant),
    (2, twice),
    (2, wide),
    (1, carriage_returns),
    (12, move_line),
    (12, redact),
    (6, move_to_other_file),
    (12, rename),
    (3, rename_folder),
    (6, copy),
    (5, copy_credential),
    (10, delete),
    (10, restore),
    (4, change_mode),
    (3, link),
    (1, link_to_credential),
    (3, submodule),
    (1, submodule_address),
    (2, nest),
    (3, folder_for_file),
    (12, edit_large),
    (1, empty),
    (4, binary),
    (2, binary_credential),
    (2, odd_name),
    (1, credential_as_name),
];

/// Those that plant nothing new, so that another edit may follow in the same commit.
pub(super) const MORE: &[Edit] = &[
    linear,
    linear,
    move_line,
    redact,
    rename,
    copy,
    copy_credential,
    delete,
    restore,
    change_mode,
    move_to_other_file,
];

fn is_small_text(file: &File) -> bool {
    file.is_text() && file.bytes.len() < 100_000
}

pub(super) fn linear(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, is_small_text) else {
        let path = grower.new_path();
        tree.insert(path, grower.new_text());
        return true;
    };
    edit_lines(grower, tree, &path);
    grower.count(Feature::LinearEdit);
    true
}

/// Changes, adds and removes a few lines that hold no credential.
fn edit_lines(grower: &mut Grower<'_>, tree: &mut Tree, path: &[u8]) {
    let file = tree.get_mut(path).expect("a picked path");
    let mut lines = file.lines();
    let secrets: Vec<&str> = file.held.iter().map(|id| grower.secret(*id)).collect();
    for _ in 0..grower.rng.between(1, 3) {
        let mut line = Filler::Source.write(&mut grower.rng, 40);
        line.retain(|b| *b != b'\n' && *b != b'\r');
        line.extend(format!(" // {}\n", grower.serial()).as_bytes());
        let at = grower.rng.below(lines.len() + 1);
        let plain = lines.get(at).is_some_and(|line| !secrets.iter().any(|s| contains(line, s)));
        match grower.rng.below(3) {
            0 if plain => lines[at] = line,
            1 if plain && lines.len() > 3 => drop(lines.remove(at)),
            _ => lines.insert(at.min(lines.len().saturating_sub(1)), line),
        }
    }
    file.set_lines(&lines, &[], grower.all);
}

/// One to four credentials in a new file or one that is there.
pub(super) fn plant(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let path = match grower.pick(tree, is_small_text).filter(|_| grower.rng.chance(2, 3)) {
        Some(path) => path,
        None => grower.new_path(),
    };
    let mut file = tree.get(&path).cloned().unwrap_or_else(|| grower.new_text());
    let mut left = grower.rng.between(1, 4);
    while left > 0 {
        let many = if left > 1 && grower.rng.chance(1, 3) { 2 } else { 1 };
        left -= many;
        let ids: Vec<usize> = (0..many).map(|_| grower.take()).collect();
        let secrets: Vec<&str> = ids.iter().map(|id| grower.secret(*id)).collect();
        let at = grower.rng.below(file.lines().len() + 1);
        let line = credential_line(&mut grower.rng, &secrets, false);
        file.insert_line(at, line, &ids, grower.all);
        if many > 1 && ids[0] != ids[1] {
            grower.count(Feature::SeveralOnLine);
        }
    }
    if file.held.len() > 1 {
        grower.count(Feature::SeveralInFile);
    }
    tree.insert(path, file);
    true
}

fn twice(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| is_small_text(f) && !f.held.is_empty()) else { return false };
    let mut file = tree[&path].clone();
    let id = any(grower, &file.held);
    let secret = grower.secret(id);
    let line = credential_line(&mut grower.rng, &[secret], false);
    let at = grower.rng.below(file.lines().len() + 1);
    file.insert_line(at, line, &[id], grower.all);
    tree.insert(path, file);
    grower.count(Feature::TwiceInFile);
    true
}

fn wide(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, is_small_text) else { return false };
    let id = grower.take();
    let secret = grower.secret(id);
    let line = credential_line(&mut grower.rng, &[secret], true);
    let mut file = tree[&path].clone();
    let at = grower.rng.below(file.lines().len() + 1);
    file.insert_line(at, line, &[id], grower.all);
    tree.insert(path, file);
    grower.count(Feature::WideColumn);
    true
}

fn carriage_returns(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| is_small_text(f) && !f.held.is_empty()) else { return false };
    let mut file = tree[&path].clone();
    let mut lines = file.lines();
    for line in lines.iter_mut().filter(|line| line.ends_with(b"\n") && !line.ends_with(b"\r\n")) {
        line.insert(line.len() - 1, b'\r');
    }
    file.set_lines(&lines, &[], grower.all);
    tree.insert(path, file);
    grower.count(Feature::CrLf);
    true
}

fn any(grower: &mut Grower<'_>, held: &BTreeSet<usize>) -> usize {
    let at = grower.rng.below(held.len());
    *held.iter().nth(at).expect("below their number")
}

/// The number of the first line that holds a credential.
fn line_of(lines: &[Vec<u8>], secret: &str) -> Option<usize> {
    lines.iter().position(|line| contains(line, secret))
}

fn move_line(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| f.is_text() && !f.held.is_empty()) else { return false };
    let mut file = tree[&path].clone();
    let id = any(grower, &file.held);
    let mut lines = file.lines();
    let from = line_of(&lines, grower.secret(id)).expect("the file holds it");
    let mut line = lines.remove(from);
    if lines.is_empty() {
        return false;
    }
    if !line.ends_with(b"\n") {
        line.push(b'\n');
    }
    let to = (from + 1 + grower.rng.below(lines.len())) % (lines.len() + 1);
    lines.insert(to, line);
    if let Some(before) = to.checked_sub(1).filter(|i| !lines[*i].ends_with(b"\n")) {
        lines[before].push(b'\n');
    }
    file.set_lines(&lines, &[], grower.all);
    tree.insert(path, file);
    grower.count(Feature::LineMove);
    true
}

/// Takes one credential out of a file, wherever it stands there.
fn take_out(grower: &mut Grower<'_>, tree: &mut Tree, path: &[u8]) -> usize {
    let mut file = tree[path].clone();
    let id = any(grower, &file.held);
    let secret = grower.secret(id);
    let mut lines = file.lines();
    if grower.rng.chance(1, 2) {
        lines.retain(|line| !contains(line, secret));
    } else {
        for line in lines.iter_mut().filter(|line| contains(line, secret)) {
            *line = String::from_utf8_lossy(line).replace(secret, "${TOKEN}").into_bytes();
        }
    }
    file.set_lines(&lines, &[], grower.all);
    tree.insert(path.to_vec(), file);
    id
}

fn redact(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| f.is_text() && !f.held.is_empty()) else { return false };
    take_out(grower, tree, &path);
    grower.count(Feature::Redaction);
    true
}

fn move_to_other_file(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(from) = grower.pick(tree, |f| f.is_text() && !f.held.is_empty()) else { return false };
    let id = take_out(grower, tree, &from);
    let Some(to) = grower.pick(tree, |f| is_small_text(f) && !f.held.contains(&id)).filter(|to| *to != from) else {
        return false;
    };
    put_line(grower, tree, &to, id);
    grower.count(Feature::PathMove);
    true
}

fn put_line(grower: &mut Grower<'_>, tree: &mut Tree, path: &[u8], id: usize) {
    let secret = grower.secret(id);
    let line = credential_line(&mut grower.rng, &[secret], false);
    let mut file = tree[path].clone();
    let at = grower.rng.below(file.lines().len() + 1);
    file.insert_line(at, line, &[id], grower.all);
    tree.insert(path.to_vec(), file);
}

fn rename(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let holds = grower.rng.chance(2, 3);
    let Some(from) = grower.pick(tree, |f| f.is_regular() && (!holds || !f.held.is_empty())) else { return false };
    let file = tree.remove(&from).expect("a picked path");
    let to = grower.new_path();
    let change = is_small_text(&file) && grower.rng.chance(1, 2);
    tree.insert(to.clone(), file);
    if change {
        edit_lines(grower, tree, &to);
    }
    grower.count(Feature::Rename);
    true
}

fn rename_folder(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| !f.held.is_empty()) else { return false };
    let Some(end) = path.iter().position(|b| *b == b'/') else { return false };
    let folder = &path[..=end];
    let new = format!("moved-{}/", grower.serial()).into_bytes();
    let inside: Vec<Vec<u8>> = tree.keys().filter(|p| p.starts_with(folder)).cloned().collect();
    for old in inside {
        let file = tree.remove(&old).expect("a key");
        tree.insert([&new, &old[end + 1..]].concat(), file);
    }
    grower.count(Feature::FolderRename);
    true
}

fn copy(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(from) = grower.pick(tree, |f| is_small_text(f) && !f.held.is_empty()) else { return false };
    let to = grower.new_path();
    let file = tree[&from].clone();
    tree.insert(to.clone(), file);
    if grower.rng.chance(1, 3) {
        edit_lines(grower, tree, &to);
    }
    if tree[&to].bytes == tree[&from].bytes {
        grower.count(Feature::SameBlob);
    }
    grower.count(Feature::SeveralPaths);
    grower.count(Feature::Copy);
    true
}

fn copy_credential(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(from) = grower.pick(tree, |f| !f.held.is_empty()) else { return false };
    let held = tree[&from].held.clone();
    let id = any(grower, &held);
    let Some(to) = grower.pick(tree, |f| is_small_text(f) && !f.held.contains(&id)) else { return false };
    put_line(grower, tree, &to, id);
    grower.count(Feature::SeveralPaths);
    true
}

pub(super) fn delete(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    // Large files stay: they are to have many versions.
    let Some(path) = grower.pick(tree, |f| f.is_regular() && f.bytes.len() < 100_000) else { return false };
    let file = tree.remove(&path).expect("a picked path");
    grower.attic.push((path, file));
    grower.count(Feature::Deletion);
    true
}

fn restore(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let fits = |(path, file): &&(Vec<u8>, File)| is_free(tree, path) && !file.held.is_empty();
    let there: Vec<(Vec<u8>, File)> = grower.attic.iter().filter(fits).cloned().collect();
    if there.is_empty() {
        return false;
    }
    let (path, file) = there[grower.rng.below(there.len())].clone();
    tree.insert(path, file);
    grower.count(Feature::Readdition);
    true
}

fn change_mode(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, File::is_regular) else { return false };
    let file = tree.get_mut(&path).expect("a picked path");
    file.mode = if file.mode == Mode::File { Mode::Executable } else { Mode::File };
    grower.count(Feature::ModeChange);
    true
}

fn link(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let serial = grower.serial();
    let path = grower.pick(tree, |f| f.mode == Mode::Link).filter(|_| grower.rng.chance(1, 2));
    let path = path.unwrap_or_else(|| format!("links/to-{serial}").into_bytes());
    tree.insert(path, File::of(Mode::Link, format!("../target-{serial}").into_bytes()));
    grower.count(Feature::Symlink);
    true
}

fn link_to_credential(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let id = grower.take();
    let path = format!("links/to-{}", grower.serial()).into_bytes();
    let mut file = File::of(Mode::Link, format!("../cache/{}/x", grower.secret(id)).into_bytes());
    file.held.insert(id);
    tree.insert(path, file);
    grower.count(Feature::SymlinkTarget);
    true
}

fn submodule(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let path = grower.pick(tree, |f| f.mode == Mode::Submodule).filter(|_| grower.rng.chance(1, 2));
    let path = path.unwrap_or_else(|| format!("vendor/part-{}", grower.serial()).into_bytes());
    let id = grower.rng.text(HEX, 64);
    tree.insert(path, File::of(Mode::Submodule, id));
    grower.count(Feature::Submodule);
    true
}

fn submodule_address(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let (id, serial) = (grower.take(), grower.serial());
    let path = b".gitmodules".to_vec();
    let mut file = tree.get(&path).cloned().unwrap_or_else(|| File::text(Vec::new()));
    let address = format!("https://robot:{}@git.invalid/part.git", grower.secret(id));
    let section = format!("[submodule \"part-{serial}\"]\n\tpath = vendor/part-{serial}\n\turl = {address}\n");
    file.insert_line(usize::MAX, section.into_bytes(), &[id], grower.all);
    tree.insert(path, file);
    let module = grower.rng.text(HEX, 64);
    tree.insert(format!("vendor/part-{serial}").into_bytes(), File::of(Mode::Submodule, module));
    grower.count(Feature::SubmoduleAddress);
    true
}

fn nest(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let depth = grower.rng.between(21, 60);
    let serial = grower.serial();
    let path = format!("{}leaf-{serial}.txt", "d/".repeat(depth));
    let id = grower.take();
    let file = grower.new_file_with(id);
    tree.insert(path.into_bytes(), file);
    grower.count(Feature::DeepFolder);
    true
}

fn folder_for_file(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = grower.pick(tree, |f| f.is_regular() && !f.held.is_empty()) else { return false };
    let file = tree.remove(&path).expect("a picked path");
    let inside = [path.as_slice(), format!("/part-{}", grower.serial()).as_bytes()].concat();
    if path.len() > 1000 {
        return false;
    }
    tree.insert(inside, file);
    grower.count(Feature::FolderForFile);
    true
}

/// A line or two of a file of some hundred kB, or a credential in it.
fn edit_large(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let Some(path) = pick_large(grower, tree) else { return false };
    match grower.rng.below(4) {
        0 => {
            let id = grower.take();
            put_line(grower, tree, &path, id);
        }
        1 if !tree[&path].held.is_empty() => drop(take_out(grower, tree, &path)),
        _ => edit_lines(grower, tree, &path),
    }
    grower.count(Feature::LargeFileEdit);
    true
}

/// A line or two of such a file, as it happens all the time, so that it has many versions.
pub(super) fn touch_large(grower: &mut Grower<'_>, tree: &mut Tree) {
    if let Some(path) = pick_large(grower, tree) {
        edit_lines(grower, tree, &path);
        grower.count(Feature::LargeFileEdit);
    }
}

/// Changes some of the lines of a file that changes all the time: after a while little is left of what it was, so that
/// git makes long chains of deltas of its versions.
pub(super) fn drift(grower: &mut Grower<'_>, tree: &mut Tree) {
    let path = b"data/drift.txt";
    for _ in 0..4 {
        if tree.contains_key(path.as_slice()) {
            edit_lines(grower, tree, path);
        }
    }
}

fn pick_large(grower: &mut Grower<'_>, tree: &Tree) -> Option<Vec<u8>> {
    grower.pick(tree, |f| f.is_text() && f.bytes.len() >= 100_000)
}

fn empty(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let path = grower.new_path();
    tree.insert(path, File::text(Vec::new()));
    grower.count(Feature::EmptyFile);
    true
}

fn binary(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let old = grower.pick(tree, |f| f.binary && f.is_regular() && f.held.is_empty());
    let file = match old.as_ref().map(|path| tree[path].bytes.to_vec()) {
        Some(mut bytes) if !bytes.is_empty() => {
            let at = grower.rng.below(bytes.len());
            bytes[at] ^= 0x55;
            bytes
        }
        _ => {
            let len = grower.rng.between(1_000, 20_000);
            let mut bytes = grower.rng.bytes(len);
            bytes[3] = 0;
            bytes
        }
    };
    let path = old.unwrap_or_else(|| format!("assets/image-{}.bin", grower.serial()).into_bytes());
    tree.insert(path, File::of(Mode::File, file));
    grower.count(Feature::BinaryFile);
    true
}

fn binary_credential(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let id = grower.take();
    let len = grower.rng.between(200, 9_000);
    let before = grower.rng.bytes(len);
    let after = grower.rng.bytes(300);
    let bytes = [&before, b"\0\0".as_slice(), grower.secret(id).as_bytes(), b"\0", &after].concat();
    let mut file = File::of(Mode::File, bytes);
    file.held.insert(id);
    tree.insert(format!("assets/dump-{}.bin", grower.serial()).into_bytes(), file);
    grower.count(Feature::BinaryCredential);
    true
}

fn odd_name(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let serial = grower.serial().to_string();
    let names: [&[u8]; 5] =
        [b"odd/la\xfftin-", b"odd/two\nlines-", b"odd/\"quoted\" \\ ", b"odd/ tab\t-", "odd/ünï-".as_bytes()];
    let path = [names[grower.rng.below(names.len())], serial.as_bytes()].concat();
    let id = grower.take();
    let file = grower.new_file_with(id);
    tree.insert(path, file);
    grower.count(Feature::OddName);
    true
}

fn credential_as_name(grower: &mut Grower<'_>, tree: &mut Tree) -> bool {
    let id = grower.take();
    let folder = grower.serial();
    let path = if grower.rng.chance(1, 2) {
        format!("dumps/{folder}/{}.json", grower.secret(id))
    } else {
        format!("dumps/{folder}/{}/data.json", grower.secret(id))
    };
    let file = grower.new_text();
    tree.insert(path.into_bytes(), file);
    grower.count(Feature::FileName);
    true
}
