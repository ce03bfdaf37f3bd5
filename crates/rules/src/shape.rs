//! Shape programs: literals, byte classes and lengths, matched from a fixed start without backtracking.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of byte values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    /// The set of the bytes in `bytes`.
    pub const fn of(bytes: &[u8]) -> ByteSet {
        let mut set = ByteSet([0; 4]);
        let mut i = 0;
        while i < bytes.len() {
            set.0[(bytes[i] >> 6) as usize] |= 1 << (bytes[i] & 63);
            i += 1;
        }
        set
    }

    /// Adds a byte.
    pub const fn insert(&mut self, byte: u8) {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    /// Both sets' bytes.
    pub const fn union(self, other: ByteSet) -> ByteSet {
        ByteSet([self.0[0] | other.0[0], self.0[1] | other.0[1], self.0[2] | other.0[2], self.0[3] | other.0[3]])
    }

    /// Whether every byte of this set is in `other`.
    pub fn is_subset(&self, other: &ByteSet) -> bool {
        self.0.iter().zip(other.0).all(|(a, b)| a & !b == 0)
    }

    /// Whether the sets share no byte.
    pub fn is_disjoint(&self, other: &ByteSet) -> bool {
        self.0.iter().zip(other.0).all(|(a, b)| a & b == 0)
    }

    /// Whether no byte is in it.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// How many bytes are in it.
    pub fn len(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// The bytes in order.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255u8).filter(|b| self.contains(*b))
    }
}

impl fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<u8> = self.bytes().collect();
        write!(f, "[{}]", bytes.escape_ascii())
    }
}

/// A shape: alternatives, tried in order; the first that matches counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The classes that steps refer to.
    pub sets: Vec<ByteSet>,
    /// The alternatives.
    pub alternatives: Vec<Vec<Step>>,
    /// Bytes that must not follow the match: the last class of every alternative and the word bytes; empty where the
    /// rule wants no boundary.
    pub not_after: ByteSet,
    /// Bytes that must not stand before the match (an escape sequence that ends there excepted).
    pub not_before: ByteSet,
}

/// One step of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Exactly these bytes.
    Literal(Vec<u8>),
    /// As many bytes of the class as there are, at least `min`; more than `max` in a row never match.
    Class {
        /// Index into [`Shape::sets`].
        set: u8,
        /// Least number of bytes.
        min: u16,
        /// Greatest number of bytes.
        max: u16,
    },
    /// A part of the match begins or ends here.
    Mark(Mark),
}

/// What begins or ends at a [`Step::Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// The secret begins.
    SecretStart,
    /// The secret ends.
    SecretEnd,
    /// The identity part begins.
    IdentityStart,
    /// The identity part ends.
    IdentityEnd,
}

/// Spans of a matched shape, as offsets from the match's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeMatch {
    /// Length of the match.
    pub len: usize,
    /// The secret part.
    pub secret: (usize, usize),
    /// The identity part, where it is not the secret.
    pub identity: Option<(usize, usize)>,
}

impl Shape {
    /// Matches the shape at the start of `text`, which runs to the object's end or beyond the shape's greatest length.
    /// Boundaries are the caller's: see [`Shape::match_where`]. Takes time linear in the length of the match, times the number
    /// of alternatives.
    pub fn match_at(&self, text: &[u8]) -> Option<ShapeMatch> {
        self.match_where(text, |_| true)
    }

    /// As [`Shape::match_at`], the first alternative whose match `fits`: one that ends within a word must not hide another
    /// that ends with it.
    pub fn match_where(&self, text: &[u8], fits: impl Fn(&ShapeMatch) -> bool) -> Option<ShapeMatch> {
        self.alternatives.iter().filter_map(|steps| self.match_steps(steps, text)).find(fits)
    }

    fn match_steps(&self, steps: &[Step], text: &[u8]) -> Option<ShapeMatch> {
        let mut at = 0;
        let mut secret = (0, usize::MAX);
        let mut identity = None;
        for step in steps {
            match step {
                Step::Literal(bytes) => {
                    if !text[at..].starts_with(bytes) {
                        return None;
                    }
                    at += bytes.len();
                }
                Step::Class { set, min, max } => {
                    let set = &self.sets[usize::from(*set)];
                    let rest = &text[at..];
                    let cap = rest.len().min(usize::from(*max));
                    let len = rest[..cap].iter().position(|b| !set.contains(*b)).unwrap_or(cap);
                    if len < usize::from(*min) {
                        return None;
                    }
                    at += len;
                }
                Step::Mark(Mark::SecretStart) => secret.0 = at,
                Step::Mark(Mark::SecretEnd) => secret.1 = at,
                Step::Mark(Mark::IdentityStart) => identity = Some((at, at)),
                Step::Mark(Mark::IdentityEnd) => identity = identity.map(|(start, _)| (start, at)),
            }
        }
        Some(ShapeMatch { len: at, secret: (secret.0, secret.1.min(at)), identity })
    }

    /// Least and greatest length of a match, in bytes.
    pub fn len_range(&self) -> (usize, usize) {
        let range = |steps: &Vec<Step>| {
            steps.iter().fold((0, 0), |(lo, hi), step| match step {
                Step::Literal(bytes) => (lo + bytes.len(), hi + bytes.len()),
                Step::Class { min, max, .. } => (lo + usize::from(*min), hi + usize::from(*max)),
                Step::Mark(_) => (lo, hi),
            })
        };
        let ranges: Vec<_> = self.alternatives.iter().map(range).collect();
        (ranges.iter().map(|r| r.0).min().unwrap_or(0), ranges.iter().map(|r| r.1).max().unwrap_or(0))
    }

    /// The literal every match of `steps` starts with; empty if none.
    pub fn prefix(steps: &[Step]) -> &[u8] {
        match steps.iter().find(|s| !matches!(s, Step::Mark(_))) {
            Some(Step::Literal(bytes)) => bytes,
            _ => &[],
        }
    }
}

/// Why an expression is no shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAShape {
    /// A repetition without an upper bound, as written.
    Unbounded(String),
    /// Anything else, a phrase.
    Other(String),
}

/// Lowers a parsed expression to a shape. `names` maps capture indices to names.
///
/// # Errors
/// If the expression cannot be matched without backtracking, or needs look-around.
pub fn lower(hir: &Hir, word_boundary: bool) -> Result<Shape, NotAShape> {
    let mut lowering = Lowering { sets: Vec::new() };
    let mut alternatives = lowering.lower(hir)?;
    for steps in &mut alternatives {
        join_literals(steps);
        lowering.check_deterministic(steps)?;
    }
    let mut shape = Shape { sets: lowering.sets, alternatives, ..Shape::default() };
    let longest = shape.len_range().1;
    if longest > MAX_LEN {
        return Err(NotAShape::Other(format!("a match may take {longest} bytes, more than {MAX_LEN}")));
    }
    if word_boundary {
        shape.set_boundaries();
    }
    Ok(shape)
}

/// The bytes that make a word go on.
pub const WORD: ByteSet = ByteSet::of(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
/// Letters and digits.
pub const ALNUM: ByteSet = ByteSet::of(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

impl Shape {
    fn set_boundaries(&mut self) {
        let mut not_after = WORD;
        for steps in &self.alternatives {
            if let Some(Step::Class { set, .. }) = steps.iter().rfind(|s| !matches!(s, Step::Mark(_))) {
                not_after = not_after.union(self.sets[usize::from(*set)]);
            }
        }
        self.not_after = not_after;
        self.not_before = ALNUM;
    }
}

/// More alternatives than this are not spelled out.
const MAX_ALTERNATIVES: usize = 24;
/// Nor more steps of all alternatives: repetitions of repetitions multiply.
const MAX_STEPS: usize = 1024;
/// The longest match, in bytes: a stream keeps so much in memory.
pub const MAX_LEN: usize = 1 << 16;

struct Lowering {
    sets: Vec<ByteSet>,
}

impl Lowering {
    fn set(&mut self, set: ByteSet) -> Result<u8, NotAShape> {
        let at = self.sets.iter().position(|s| *s == set).unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        u8::try_from(at).map_err(|_| NotAShape::Other("more than 256 different classes".into()))
    }

    fn lower(&mut self, hir: &Hir) -> Result<Vec<Vec<Step>>, NotAShape> {
        match hir.kind() {
            HirKind::Empty => Ok(vec![vec![]]),
            HirKind::Literal(literal) if !literal.0.is_ascii() => {
                Err(NotAShape::Other("a literal with bytes beyond ASCII".into()))
            }
            HirKind::Literal(literal) => Ok(vec![vec![Step::Literal(literal.0.to_vec())]]),
            HirKind::Class(class) => {
                let set = self.set(class_bytes(class)?)?;
                Ok(vec![vec![Step::Class { set, min: 1, max: 1 }]])
            }
            HirKind::Look(_) => Err(NotAShape::Other("it looks around (a boundary or an anchor)".into())),
            HirKind::Repetition(rep) => self.lower_repetition(hir, rep),
            HirKind::Capture(capture) => {
                let inner = self.lower(&capture.sub)?;
                Ok(match capture.name.as_deref() {
                    Some("secret") => surround(inner, Mark::SecretStart, Mark::SecretEnd),
                    Some("identity") => surround(inner, Mark::IdentityStart, Mark::IdentityEnd),
                    _ => inner,
                })
            }
            HirKind::Concat(parts) => {
                let mut all = vec![vec![]];
                for part in parts {
                    let next = self.lower(part)?;
                    if all.len() * next.len() > MAX_ALTERNATIVES {
                        return Err(NotAShape::Other(format!("more than {MAX_ALTERNATIVES} alternatives")));
                    }
                    all = all.iter().flat_map(|a| next.iter().map(|n| [&a[..], &n[..]].concat())).collect();
                    check_steps(&all, 1)?;
                }
                Ok(all)
            }
            HirKind::Alternation(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(self.lower(part)?);
                }
                if all.len() > MAX_ALTERNATIVES {
                    return Err(NotAShape::Other(format!("more than {MAX_ALTERNATIVES} alternatives")));
                }
                Ok(all)
            }
        }
    }

    fn lower_repetition(
        &mut self,
        whole: &Hir,
        rep: &regex_syntax::hir::Repetition,
    ) -> Result<Vec<Vec<Step>>, NotAShape> {
        let Some(max) = rep.max else { return Err(NotAShape::Unbounded(whole.to_string())) };
        if let Some(set) = single_byte(&rep.sub)? {
            let too_long = || NotAShape::Other(format!("'{whole}' repeats more than 65,535 times"));
            let min = u16::try_from(rep.min).map_err(|_| too_long())?;
            let max = u16::try_from(max).map_err(|_| too_long())?;
            return Ok(vec![vec![Step::Class { set: self.set(set)?, min, max }]]);
        }
        let once = self.lower(&rep.sub)?;
        let variants = (max - rep.min) as usize + 1;
        if max > 16 || variants * once.len() > MAX_ALTERNATIVES || (max > 1 && once.len() > 1) {
            return Err(NotAShape::Other(format!("'{whole}' repeats more than one byte")));
        }
        check_steps(&once, max as usize * variants)?;
        let mut all = Vec::new();
        for count in (rep.min..=max).rev() {
            if count == 0 {
                all.push(vec![]);
            } else {
                all.extend(once.iter().map(|steps| vec![steps.clone(); count as usize].concat()));
            }
        }
        Ok(all)
    }

    /// A class of variable length takes all it can, so what follows it must start with another byte.
    fn check_deterministic(&self, steps: &[Step]) -> Result<(), NotAShape> {
        let solid: Vec<&Step> = steps.iter().filter(|s| !matches!(s, Step::Mark(_))).collect();
        for (i, step) in solid.iter().enumerate() {
            let Step::Class { set, min, max } = step else { continue };
            if min == max {
                continue;
            }
            let set = &self.sets[usize::from(*set)];
            for next in &solid[i + 1..] {
                let (first, may_be_empty) = match next {
                    Step::Literal(bytes) => (ByteSet::of(&bytes[..1]), false),
                    Step::Class { set, min, .. } => (self.sets[usize::from(*set)], *min == 0),
                    Step::Mark(_) => continue,
                };
                if !set.is_disjoint(&first) {
                    return Err(NotAShape::Other(format!(
                        "a part of variable length {set:?} is followed by bytes it contains"
                    )));
                }
                if !may_be_empty {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Whether so many copies of the alternatives are few enough steps.
fn check_steps(alternatives: &[Vec<Step>], copies: usize) -> Result<(), NotAShape> {
    let steps: usize = alternatives.iter().map(Vec::len).sum();
    if steps * copies > MAX_STEPS {
        return Err(NotAShape::Other(format!("more than {MAX_STEPS} literals and classes")));
    }
    Ok(())
}

fn surround(alternatives: Vec<Vec<Step>>, start: Mark, end: Mark) -> Vec<Vec<Step>> {
    let wrap = |steps: Vec<Step>| [vec![Step::Mark(start)], steps, vec![Step::Mark(end)]].concat();
    alternatives.into_iter().map(wrap).collect()
}

fn single_byte(hir: &Hir) -> Result<Option<ByteSet>, NotAShape> {
    Ok(match hir.kind() {
        HirKind::Class(class) => Some(class_bytes(class)?),
        HirKind::Literal(literal) if literal.0.len() == 1 => Some(ByteSet::of(&literal.0)),
        _ => None,
    })
}

fn class_bytes(class: &Class) -> Result<ByteSet, NotAShape> {
    let mut set = ByteSet::default();
    match class {
        Class::Bytes(class) => {
            for range in class.iter() {
                (range.start()..=range.end()).for_each(|b| set.insert(b));
            }
        }
        Class::Unicode(class) => {
            for range in class.iter() {
                if !range.end().is_ascii() {
                    return Err(NotAShape::Other("a class with characters beyond ASCII".into()));
                }
                (range.start() as u8..=range.end() as u8).for_each(|b| set.insert(b));
            }
        }
    }
    if set.is_empty() {
        return Err(NotAShape::Other("a class that holds no byte".into()));
    }
    Ok(set)
}

fn join_literals(steps: &mut Vec<Step>) {
    let mut joined: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps.drain(..) {
        match (joined.last_mut(), step) {
            (Some(Step::Literal(last)), Step::Literal(bytes)) => last.extend(bytes),
            (_, step) => joined.push(step),
        }
    }
    *steps = joined;
}
