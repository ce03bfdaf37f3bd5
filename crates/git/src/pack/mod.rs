//! Packs: many objects in one file, most of them as the difference to another one.

mod cache;
mod deltas;
pub(crate) mod entry;
pub(crate) mod index;
mod inflate;
mod walk;

pub use entry::Instruction;
pub use walk::{Node, Tally, Visitor, WalkOptions, Walked};

pub(crate) use cache::Cache;
pub(crate) use deltas::DeltaTree;
pub(crate) use inflate::Inflater;
pub(crate) use walk::walk;

use crate::error::Error;
use crate::map::Map;
use crate::oid::{HashKind, Kind, Oid};
use entry::{Form, Head, apply, delta_head, head};
use index::Index;
use std::path::Path;

/// A pack and its index.
#[derive(Debug)]
pub(crate) struct Pack {
    name: String,
    data: Map,
    index: Index,
    hash: HashKind,
}

/// Why an object of a pack cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// What is wrong with it.
    Damaged(&'static str),
    /// Its base is not in this pack.
    BaseElsewhere(Oid),
}

impl From<&'static str> for Broken {
    fn from(reason: &'static str) -> Broken {
        Broken::Damaged(reason)
    }
}

/// What rebuilding an object needs.
pub(crate) struct Tools<'a, 'f> {
    pub(crate) inflater: &'a mut Inflater,
    /// Objects of this pack that have been rebuilt lately.
    pub(crate) cache: Option<&'a mut Cache>,
    /// Most bytes that an object may have.
    pub(crate) limit: usize,
    /// Gives bases that are not in this pack.
    pub(crate) elsewhere: &'a mut (dyn FnMut(Oid, &mut Vec<u8>) -> Option<Kind> + 'f),
}

/// Deltas on deltas, at most; git makes no more than 4,095.
const LONGEST_CHAIN: usize = 10_000;

impl Pack {
    /// Opens the pack at `path` (`….pack`), its index beside it. Only the heads of both are looked at.
    pub(crate) fn open(path: &Path, hash: HashKind) -> Result<Pack, Error> {
        let index = Index::open(&path.with_extension("idx"), hash)?;
        let data = Map::open(path)?;
        let fault = match data.get(..12) {
            None => Some(format!("it ends after {} bytes", data.len())),
            Some(head) if head[..4] != *b"PACK" => Some("it does not begin with `PACK`".to_owned()),
            Some(head) if !matches!(head[4..8], [0, 0, 0, 2 | 3]) => Some("its version is not known here".to_owned()),
            Some(_) => None,
        };
        match fault {
            Some(reason) => Err(Error::damaged(path, reason)),
            None => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Ok(Pack { name, data, index, hash })
            }
        }
    }

    /// Its file's name without the ending, which git makes of its content.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong with the pack as a whole, though its entries may be read: a phrase. Damage in its middle is found only
    /// where it is read.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let sum = self.data.len().checked_sub(self.hash.len()).map(|at| &self.data[at..]);
        (sum != Some(self.index.pack_sum())).then_some(
            "it does not end in the checksum that its index names: it is cut off or damaged, or the index is another's",
        )
    }

    /// How many objects it holds.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// The id at a position of the index.
    pub(crate) fn oid(&self, at: usize) -> Oid {
        self.index.oid(at)
    }

    /// The position of an object in the index.
    pub(crate) fn find(&self, oid: &Oid) -> Option<usize> {
        self.index.find(oid.as_bytes())
    }

    /// Positions of the objects whose id begins with these digits.
    pub(crate) fn abbreviated(&self, digits: &str) -> std::ops::Range<usize> {
        self.index.abbreviated(digits)
    }

    pub(crate) fn offset(&self, at: usize) -> Option<u64> {
        self.index.offset(at)
    }

    /// The bytes from an offset on, without the checksum at the pack's end.
    fn from(&self, offset: u64) -> Result<&[u8], &'static str> {
        let end = self.data.len().saturating_sub(self.hash.len());
        let start = usize::try_from(offset).map_err(|_| "an offset beyond the pack's end")?;
        self.data.get(start.max(12)..end).filter(|_| start >= 12).ok_or("an offset beyond the pack's end")
    }

    fn head(&self, offset: u64) -> Result<Head, &'static str> {
        head(self.from(offset)?, self.hash.len()).ok_or("an entry whose head is damaged")
    }

    /// Inflates an entry's own bytes: an object, or a delta. They are the first of `out`. `limit`: the most bytes it may have.
    fn inflate<'o>(
        &self,
        offset: u64,
        head: Head,
        inflater: &mut Inflater,
        out: &'o mut Vec<u8>,
        limit: usize,
    ) -> Result<&'o [u8], &'static str> {
        let size = usize::try_from(head.size).ok().filter(|size| *size <= limit).ok_or(TOO_LARGE)?;
        let input = self.from(offset)?;
        // Deflate makes at most 1,032 bytes of one: a length that its bytes cannot make is not believed.
        let input = input.get(head.len..).ok_or("an entry that ends early")?;
        if size / 1032 > input.len() {
            return Err("an entry that ends early");
        }
        inflater.inflate(input, out, size)
    }

    /// The base of an entry, as an offset.
    fn base(&self, offset: u64, head: Head) -> Result<Option<u64>, Broken> {
        match head.form {
            Form::Whole(_) => Ok(None),
            Form::Offset(back) => match offset.checked_sub(back) {
                Some(base) if back > 0 => Ok(Some(base)),
                _ => Err(Broken::Damaged("a delta whose base lies outside of the pack")),
            },
            Form::Reference(at) => {
                let id = self.from(offset)?.get(at..at + self.hash.len()).ok_or("an entry that ends early")?;
                let oid = Oid::new(id).ok_or("an entry that ends early")?;
                let base = self.find(&oid).ok_or(Broken::BaseElsewhere(oid))?;
                Ok(Some(self.offset(base).ok_or("an index that is damaged")?))
            }
        }
    }

    /// Rebuilds the object at a position of the index into `out`. Takes time linear in the lengths of its chain of
    /// deltas, as far as it is not in the cache.
    pub(crate) fn object(&self, at: usize, out: &mut Vec<u8>, tools: &mut Tools<'_, '_>) -> Result<Kind, Broken> {
        let mut offset = self.offset(at).ok_or("an index that is damaged")?;
        let mut chain = Vec::new();
        let kind = loop {
            if let Some((kind, bytes)) = tools.cache.as_deref_mut().and_then(|cache| cache.get(offset)) {
                out.clear();
                out.extend_from_slice(bytes);
                break kind;
            }
            let head = self.head(offset)?;
            match self.base(offset, head) {
                Ok(Some(base)) if chain.len() < LONGEST_CHAIN => {
                    chain.push((offset, head));
                    offset = base;
                }
                Ok(Some(_)) => return Err(Broken::Damaged("a chain of deltas without end")),
                Ok(None) => {
                    let Form::Whole(kind) = head.form else { return Err(Broken::Damaged("an entry of no kind")) };
                    let len = self.inflate(offset, head, tools.inflater, out, tools.limit)?.len();
                    out.truncate(len);
                    break kind;
                }
                Err(Broken::BaseElsewhere(oid)) => {
                    chain.push((offset, head));
                    break (tools.elsewhere)(oid, out).ok_or(Broken::BaseElsewhere(oid))?;
                }
                Err(broken) => return Err(broken),
            }
        };
        self.apply_chain(&chain, kind, out, tools)?;
        Ok(kind)
    }

    /// Applies deltas, the last one first, to the base in `out`; every object passed goes to the cache.
    fn apply_chain(
        &self,
        chain: &[(u64, Head)],
        kind: Kind,
        out: &mut Vec<u8>,
        tools: &mut Tools<'_, '_>,
    ) -> Result<(), Broken> {
        let (mut buffer, mut target, mut script) = (Vec::new(), Vec::new(), Vec::new());
        for (offset, head) in chain.iter().rev() {
            let delta = self.inflate(*offset, *head, tools.inflater, &mut buffer, tools.limit)?;
            target.clear();
            apply(delta, out, &mut target, (&mut script, usize::MAX), tools.limit)?;
            std::mem::swap(out, &mut target);
            if let Some(cache) = tools.cache.as_deref_mut() {
                cache.put(*offset, kind, out);
            }
        }
        Ok(())
    }

    /// Kind and length of the object at a position of the index, without rebuilding it.
    pub(crate) fn object_head(
        &self,
        at: usize,
        inflater: &mut Inflater,
        elsewhere: &mut dyn FnMut(Oid) -> Option<Kind>,
    ) -> Result<(Kind, u64), Broken> {
        let offset = self.offset(at).ok_or("an index that is damaged")?;
        let head = self.head(offset)?;
        let size = match head.form {
            Form::Whole(_) => head.size,
            _ => {
                let mut buffer = Vec::new();
                let delta = self.inflate(offset, head, inflater, &mut buffer, usize::MAX)?;
                delta_head(delta).ok_or("a delta without lengths")?.1 as u64
            }
        };
        Ok((self.object_kind(at, elsewhere)?, size))
    }

    /// What the object at a position of the index is: only the heads of entries are read.
    pub(crate) fn object_kind(
        &self,
        at: usize,
        elsewhere: &mut dyn FnMut(Oid) -> Option<Kind>,
    ) -> Result<Kind, Broken> {
        let mut offset = self.offset(at).ok_or("an index that is damaged")?;
        for _ in 0..LONGEST_CHAIN {
            let head = self.head(offset)?;
            match (head.form, self.base(offset, head)) {
                (Form::Whole(kind), _) => return Ok(kind),
                (_, Ok(Some(base))) => offset = base,
                (_, Err(Broken::BaseElsewhere(oid))) => return elsewhere(oid).ok_or(Broken::BaseElsewhere(oid)),
                (_, Err(broken)) => return Err(broken),
                (_, Ok(None)) => break,
            }
        }
        Err(Broken::Damaged("a chain of deltas without end"))
    }
}

/// Why an object larger than the limit is not rebuilt, nor what is stored as a delta of it.
pub const TOO_LARGE: &str = "an object larger than the limit";
