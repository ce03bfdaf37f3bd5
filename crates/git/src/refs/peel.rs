//! From a ref's object to what it is of.

use super::{Head, RefKind, Reference, References, Stored, Value};
use crate::beside::both;
use crate::objects::Reader;
use crate::oid::{Kind, Oid};
use crate::parse::TagText;

/// What a ref leads to when all tags are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A commit.
    Commit(Oid),
    /// A folder, without a commit.
    Tree(Oid),
    /// A file's content.
    Blob(Oid),
    /// An object that is not there, or cannot be read.
    Missing(Oid),
}

/// Tags of tags, at most.
const TAGS: usize = 64;

/// What an object leads to.
pub(crate) struct Peeled {
    pub(crate) tags: Vec<Oid>,
    pub(crate) target: Target,
    /// Why it leads no further.
    pub(crate) fault: Option<String>,
}

/// Follows annotated tags from an object to what they are of.
pub(crate) fn peel(oid: Oid, reader: &mut Reader<'_>) -> Peeled {
    let mut tags = Vec::new();
    let mut at = oid;
    let fault = loop {
        match reader.kind(&at) {
            Ok(Some(Kind::Commit)) => return Peeled { tags, target: Target::Commit(at), fault: None },
            Ok(Some(Kind::Tree)) => return Peeled { tags, target: Target::Tree(at), fault: None },
            Ok(Some(Kind::Blob)) => return Peeled { tags, target: Target::Blob(at), fault: None },
            Ok(Some(Kind::Tag)) if tags.len() < TAGS => match tagged(at, reader) {
                Ok(next) => {
                    tags.push(at);
                    at = next;
                }
                Err(reason) => break reason,
            },
            Ok(Some(Kind::Tag)) => break format!("leads through more than {TAGS} tags"),
            Ok(None) => break format!("names the object {at}, which is not there"),
            Err(reason) => break format!("names the object {at}, {reason}"),
        }
    };
    Peeled { tags, target: Target::Missing(at), fault: Some(fault) }
}

fn tagged(oid: Oid, reader: &mut Reader<'_>) -> Result<Oid, String> {
    let mut text = Vec::new();
    match reader.read(&oid, &mut text) {
        Ok(Some(_)) => {
            TagText::parse(&text).map(|tag| tag.target).ok_or_else(|| format!("names the tag {oid}, which is damaged"))
        }
        Ok(None) => Err(format!("names the object {oid}, which is not there")),
        Err(reason) => Err(format!("names the object {oid}, {reason}")),
    }
}

/// More objects than this are peeled by two threads.
const MANY: usize = 1000;

/// What some objects lead to; `oids` are sorted, so that each is looked for near the one before.
fn peel_all(oids: &[Oid], reader: &mut Reader<'_>) -> Vec<Peeled> {
    let peel_some =
        |oids: &[Oid], reader: &mut Reader<'_>| -> Vec<Peeled> { oids.iter().map(|oid| peel(*oid, reader)).collect() };
    if oids.len() <= MANY {
        return peel_some(oids, reader);
    }
    let (first, second) = oids.split_at(oids.len() / 2);
    let mut another = reader.another();
    let (second, mut peeled) = both(false, || peel_some(second, &mut another), || peel_some(first, reader));
    peeled.extend(second);
    peeled
}

/// Peels all refs as they are stored.
pub(super) fn references(mut stored: Stored, reader: &mut Reader<'_>) -> References {
    let direct = stored.refs.values().filter_map(|value| match value {
        Value::Direct(oid) => Some(*oid),
        Value::Symbolic(_) => None,
    });
    let mut oids: Vec<Oid> = direct.chain(stored.more.iter().map(|(_, oid)| *oid)).collect();
    oids.sort_unstable();
    oids.dedup();
    let peeled = peel_all(&oids, reader);
    let mut refs = Vec::with_capacity(stored.refs.len() + stored.more.len());
    let mut faults = Vec::new();
    let mut add = |name: &[u8], symbolic: Option<Vec<u8>>, oid: Oid, faults: &mut Vec<_>| {
        let kind = RefKind::of(name);
        let at = oids.binary_search(&oid).expect("every object that is named was looked for");
        let Peeled { tags, target, fault } = &peeled[at];
        // What an operation left behind does not keep objects alive, and a symbolic ref's trouble is its target's.
        if let Some(fault) = fault.as_ref().filter(|_| kind != RefKind::Pseudo && symbolic.is_none()) {
            faults.push((name.to_vec(), fault.clone()));
        }
        refs.push(Reference { name: name.to_vec(), kind, symbolic, oid, tags: tags.clone(), target: *target });
    };
    for (name, value) in &stored.refs {
        match (value, stored.resolve(name)) {
            (Value::Direct(oid), _) => add(name, None, *oid, &mut faults),
            (Value::Symbolic(to), Ok(Some(oid))) => add(name, Some(to.clone()), oid, &mut faults),
            (Value::Symbolic(_), Ok(None)) => {}
            (Value::Symbolic(_), Err(reason)) => faults.push((name.clone(), reason.to_owned())),
        }
    }
    for (name, oid) in &stored.more {
        add(name, None, *oid, &mut faults);
    }
    refs.sort_by(|one, other| one.name.cmp(&other.name));
    faults.iter().for_each(|(name, reason)| stored.gap(name, reason.as_str()));
    let head = Head::of(&stored);
    References { refs, head, gaps: stored.gaps }
}
