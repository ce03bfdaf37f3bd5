//! Sets of entries in which equal sets are the same number, and which share what they have in common.
//!
//! A set is a treap: a search tree by key and a heap by a hash of the key, so that its shape follows from its content
//! alone. Nodes are kept once. Adding or removing one of n members, and finding a difference, take time log n.

use super::mix::Seed;
use super::rows::NONE;

/// A set; equal sets have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Set(u32);

impl Set {
    pub(super) const EMPTY: Set = Set(0);

    pub(super) const fn number(self) -> u32 {
        self.0
    }

    /// The set of a number that was one of the same sets.
    pub(super) const fn numbered(number: u32) -> Set {
        Set(number)
    }
}

/// What stands at a name in a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    /// A blob that holds credentials.
    Blob(u32),
    /// A folder with such blobs somewhere below it.
    Folder(Set),
    /// The name itself holds a credential.
    Name,
    /// A folder that is missing.
    Missing,
}

/// The most blobs and sets that values tell apart.
pub(super) const MOST: u32 = 1 << 30;

impl Value {
    const fn packed(self) -> u32 {
        match self {
            Value::Blob(blob) => blob,
            Value::Folder(set) => 1 << 30 | set.0,
            Value::Name => 2 << 30,
            Value::Missing => 3 << 30,
        }
    }

    const fn unpacked(word: u32) -> Value {
        let number = word & (MOST - 1);
        match word >> 30 {
            0 => Value::Blob(number),
            1 => Value::Folder(Set(number)),
            2 => Value::Name,
            _ => Value::Missing,
        }
    }
}

/// A member: a name's number, and what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Member {
    pub(super) name: u32,
    pub(super) value: Value,
}

/// Members are counted no further.
const MOST_TIMES: u32 = u32::MAX >> 1;

impl Member {
    const fn key(self) -> Key {
        (self.name, self.value.packed())
    }
}

/// A node of a treap: its member, how often it is in the set (damaged trees name things twice), what lies before and
/// behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    name: u32,
    value: u32,
    /// How often, doubled; odd if something is missing in or below the set.
    count: u32,
    before: u32,
    behind: u32,
}

/// Words of a node.
pub(super) const NODE: usize = 5;

/// Whether words are those of nodes of sets: each names only nodes before it, and only so many names and blobs; `first` is the number
/// of the first one.
pub(super) fn are_nodes(words: &[u32], first: usize, names: usize, blobs: usize) -> bool {
    let (nodes, rest) = words.as_chunks::<NODE>();
    let is_node = |(number, [name, value, count, before, behind]): (usize, &[u32; NODE])| {
        let is_before = |node: u32| (node as usize) < number;
        let value = match Value::unpacked(*value) {
            Value::Blob(blob) => (blob as usize) < blobs,
            Value::Folder(set) => is_before(set.0),
            Value::Name => true,
            Value::Missing => false,
        };
        value && (*name as usize) < names && count & 1 == 0 && is_before(*before) && is_before(*behind)
    };
    rest.is_empty() && nodes.iter().enumerate().all(|(at, node)| is_node((first + at, node)))
}

/// All sets.
#[derive(Debug)]
pub(super) struct Sets {
    nodes: Vec<Node>,
    /// Part of a hash and the node's number; a number of `NONE` is a free place. As many as a power of two.
    places: Vec<(u32, u32)>,
    seed: Seed,
    most: usize,
    full: bool,
}

type Key = (u32, u32);

impl Sets {
    /// Sets that together take at most about `memory` bytes.
    pub(super) fn new(seed: Seed, memory: usize) -> Sets {
        let empty = Node { name: NONE, value: NONE, count: 0, before: 0, behind: 0 };
        let most = (memory / (size_of::<Node>() + 16)).min(MOST as usize);
        Sets { nodes: vec![empty], places: vec![(0, NONE); 1024], seed, most, full: false }
    }

    /// Goes on with nodes that were taken out of sets of the same seed, and fit.
    pub(super) fn put_back(&mut self, words: &[u32]) {
        let (nodes, _) = words.as_chunks::<NODE>();
        let node = |[name, value, count, before, behind]: &[u32; NODE]| Node {
            name: *name,
            value: *value,
            count: *count,
            before: *before,
            behind: *behind,
        };
        self.nodes.extend(nodes.iter().map(node));
        let mut places = self.places.len();
        while 3 * self.nodes.len() > 2 * places {
            places *= 2;
        }
        self.lay_out(places);
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes from one on, in words.
    pub(super) fn taken_out(&self, first: usize) -> Vec<u32> {
        let words = |node: &Node| [node.name, node.value, node.count, node.before, node.behind];
        self.nodes[first..].iter().flat_map(words).collect()
    }

    /// Whether there were more sets than fit; what was said of them since is not to be believed.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Whether a folder is missing in the set or below it.
    pub(super) fn misses(&self, set: Set) -> bool {
        self.nodes[set.0 as usize].count & 1 != 0
    }

    /// The set with members put in and taken out: so many times more or less each. One that is taken out more often than
    /// it is in, is out. `changes` is put into order.
    pub(super) fn update(&mut self, set: Set, changes: &mut Vec<(Member, i32)>) -> Set {
        changes.sort_unstable_by_key(|(member, _)| member.key());
        changes.dedup_by(|next, first| {
            let is_same = next.0 == first.0;
            first.1 = if is_same { first.1.saturating_add(next.1) } else { first.1 };
            is_same
        });
        changes.retain(|(_, times)| *times != 0);
        Set(self.update_at(set.0, changes))
    }

    /// The names at which two sets differ, in order.
    pub(super) fn differing(&mut self, one: Set, other: Set, names: &mut Vec<u32>) {
        names.clear();
        self.differ(one.0, other.0, names);
        names.sort_unstable();
        names.dedup();
    }

    /// All names, in order.
    pub(super) fn names(&self, set: Set, names: &mut Vec<u32>) {
        self.each_name(set.0, names);
        names.dedup();
    }

    /// What stands at a name, in order.
    pub(super) fn values(&self, set: Set, name: u32, values: &mut Vec<Value>) {
        self.values_at(set.0, name, values);
    }

    fn key(&self, node: u32) -> Key {
        let node = &self.nodes[node as usize];
        (node.name, node.value)
    }

    /// Which of two keys stands higher in a treap.
    fn is_higher(&self, one: Key, other: Key) -> bool {
        let rank = |(name, value): Key| self.seed.mix(u64::from(name) << 32 | u64::from(value));
        (rank(one), one) > (rank(other), other)
    }

    fn node(&mut self, (name, value): Key, times: u32, before: u32, behind: u32) -> u32 {
        let misses = match Value::unpacked(value) {
            Value::Missing => true,
            Value::Folder(set) => self.misses(set),
            Value::Blob(_) | Value::Name => false,
        };
        let misses = misses || self.misses(Set(before)) || self.misses(Set(behind));
        let node = Node { name, value, count: times << 1 | u32::from(misses), before, behind };
        let hash = self.hash(&node);
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.places[at] {
                (_, NONE) => break,
                (part, number) if part == (hash >> 32) as u32 && self.nodes[number as usize] == node => return number,
                _ => at = (at + 1) & mask,
            }
        }
        if self.nodes.len() >= self.most {
            self.full = true;
            return 0;
        }
        let number = self.nodes.len() as u32;
        self.nodes.push(node);
        self.places[at] = ((hash >> 32) as u32, number);
        if 3 * self.nodes.len() > 2 * self.places.len() {
            self.grow();
        }
        number
    }

    fn hash(&self, node: &Node) -> u64 {
        let hash = self.seed.mix(u64::from(node.name) << 32 | u64::from(node.value));
        self.seed.mix(hash ^ (u64::from(node.before) << 32 | u64::from(node.behind)) ^ u64::from(node.count) << 16)
    }

    fn grow(&mut self) {
        self.lay_out(self.places.len() * 2);
    }

    /// Finds all nodes places anew, of which there are so many.
    fn lay_out(&mut self, places: usize) {
        let mask = places - 1;
        self.places = vec![(0, NONE); places];
        for number in 1..self.nodes.len() {
            let hash = self.hash(&self.nodes[number]);
            let mut at = hash as usize & mask;
            while self.places[at].1 != NONE {
                at = (at + 1) & mask;
            }
            self.places[at] = ((hash >> 32) as u32, number as u32);
        }
    }

    fn with(&mut self, node: u32, before: u32, behind: u32) -> u32 {
        let times = self.nodes[node as usize].count >> 1;
        self.node(self.key(node), times, before, behind)
    }

    /// All changes at once: few nodes are made that are not part of the result.
    fn update_at(&mut self, set: u32, changes: &[(Member, i32)]) -> u32 {
        if changes.is_empty() {
            return set;
        }
        // What will stand at the top: the set's top, or a new member that stands higher.
        let (mut top, mut new) = (self.key(set), None);
        for (at, (member, times)) in changes.iter().enumerate().filter(|(_, (_, times))| *times > 0) {
            if (set == 0 && new.is_none()) || self.is_higher(member.key(), top) {
                (top, new) = (member.key(), Some((at, times.unsigned_abs())));
            }
        }
        if let Some((at, times)) = new {
            let (low, high) = self.split(set, top);
            let before = self.update_at(low, &changes[..at]);
            let behind = self.update_at(high, &changes[at + 1..]);
            return self.node(top, times.min(MOST_TIMES), before, behind);
        }
        if set == 0 {
            return 0;
        }
        let Node { count, before, behind, .. } = self.nodes[set as usize];
        let at = changes.partition_point(|(member, _)| member.key() < top);
        let own = changes.get(at).filter(|(member, _)| member.key() == top);
        let before = self.update_at(before, &changes[..at]);
        let behind = self.update_at(behind, &changes[at + usize::from(own.is_some())..]);
        let times = i64::from(count >> 1) + own.map_or(0, |(_, times)| i64::from(*times));
        match u32::try_from(times) {
            Ok(0) | Err(_) => self.join(before, behind),
            Ok(times) => self.node(top, times.min(MOST_TIMES), before, behind),
        }
    }

    /// The members before a key that is no member, and those behind it.
    fn split(&mut self, set: u32, key: Key) -> (u32, u32) {
        if set == 0 {
            return (0, 0);
        }
        let Node { before, behind, .. } = self.nodes[set as usize];
        if key < self.key(set) {
            let (low, high) = self.split(before, key);
            (low, self.with(set, high, behind))
        } else {
            let (low, high) = self.split(behind, key);
            (self.with(set, before, low), high)
        }
    }

    /// Two sets as one, of which all members of the first are before those of the second.
    fn join(&mut self, low: u32, high: u32) -> u32 {
        if low == 0 || high == 0 {
            return low | high;
        }
        if self.is_higher(self.key(low), self.key(high)) {
            let Node { before, behind, .. } = self.nodes[low as usize];
            let behind = self.join(behind, high);
            self.with(low, before, behind)
        } else {
            let Node { before, behind, .. } = self.nodes[high as usize];
            let before = self.join(low, before);
            self.with(high, before, behind)
        }
    }

    fn differ(&mut self, one: u32, other: u32, names: &mut Vec<u32>) {
        if one == other {
            return;
        }
        if one == 0 || other == 0 {
            return self.each_name(one | other, names);
        }
        let (own, its) = (self.key(one), self.key(other));
        let (first, second) = (self.nodes[one as usize], self.nodes[other as usize]);
        if own == its {
            if first.count >> 1 != second.count >> 1 {
                names.push(own.0);
            }
            self.differ(first.before, second.before, names);
            self.differ(first.behind, second.behind, names);
        } else if self.is_higher(own, its) {
            names.push(own.0);
            let (low, high) = self.split(other, own);
            self.differ(first.before, low, names);
            self.differ(first.behind, high, names);
        } else {
            names.push(its.0);
            let (low, high) = self.split(one, its);
            self.differ(low, second.before, names);
            self.differ(high, second.behind, names);
        }
    }

    fn each_name(&self, set: u32, names: &mut Vec<u32>) {
        if set != 0 {
            let node = &self.nodes[set as usize];
            self.each_name(node.before, names);
            names.push(node.name);
            self.each_name(node.behind, names);
        }
    }

    fn values_at(&self, set: u32, name: u32, values: &mut Vec<Value>) {
        if set == 0 {
            return;
        }
        let node = &self.nodes[set as usize];
        if name <= node.name {
            self.values_at(node.before, name, values);
        }
        if name == node.name {
            values.push(Value::unpacked(node.value));
        }
        if name >= node.name {
            self.values_at(node.behind, name, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Numbers that look random.
    fn numbers(mut state: u64) -> impl FnMut(u32) -> u32 {
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % u64::from(below)) as u32
        }
    }

    type Model = BTreeMap<Member, u32>;

    fn names(model: &Model) -> Vec<u32> {
        let mut names: Vec<u32> = model.keys().map(|member| member.name).collect();
        names.dedup();
        names
    }

    #[test]
    fn sets_with_the_same_members_are_the_same_however_they_came_about() {
        for seed in 0..40 {
            let mut random = numbers(seed);
            let mut sets = Sets::new(Seed::random(), usize::MAX);
            let mut known: Vec<(Set, Model)> = vec![(Set::EMPTY, Model::new())];
            let mut by_content: BTreeMap<Vec<(Member, u32)>, Set> = BTreeMap::new();
            for _ in 0..400 {
                let (mut set, mut model) = known[random(known.len() as u32) as usize].clone();
                let mut changes = Vec::new();
                for _ in 0..=random(4) {
                    let value = if random(20) == 0 { Value::Missing } else { Value::Blob(random(3)) };
                    let member = Member { name: random(12), value };
                    let times = model.entry(member).or_default();
                    // Not more often out than in.
                    let change = if random(2) == 0 || *times == 0 { 1 + random(2) as i32 } else { -1 };
                    *times = times.saturating_add_signed(change);
                    changes.push((member, change));
                }
                model.retain(|_, times| *times > 0);
                set = sets.update(set, &mut changes);
                let content = model.iter().map(|(member, times)| (*member, *times)).collect();
                assert_eq!(*by_content.entry(content).or_insert(set), set);
                assert_eq!(sets.misses(set), model.keys().any(|member| member.value == Value::Missing));
                known.push((set, model));
            }
            let distinct: std::collections::BTreeSet<Set> = by_content.values().copied().collect();
            assert_eq!(distinct.len(), by_content.len(), "different sets are different");
            compare(&mut sets, &known, &mut random);
        }
    }

    fn compare(sets: &mut Sets, known: &[(Set, Model)], random: &mut impl FnMut(u32) -> u32) {
        for _ in 0..300 {
            let (one, first) = &known[random(known.len() as u32) as usize];
            let (other, second) = &known[random(known.len() as u32) as usize];
            let mut found = Vec::new();
            sets.differing(*one, *other, &mut found);
            let differs = |member: &&Member| first.get(member) != second.get(member);
            let expected: Model = first.keys().chain(second.keys()).filter(differs).map(|m| (*m, 1)).collect();
            assert_eq!(found, names(&expected));
            found.clear();
            sets.names(*one, &mut found);
            assert_eq!(found, names(first));
            for name in 0..12 {
                let mut values = Vec::new();
                sets.values(*one, name, &mut values);
                values.sort_unstable();
                assert_eq!(values, first.keys().filter(|m| m.name == name).map(|m| m.value).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn too_many_sets_are_told() {
        let mut sets = Sets::new(Seed::random(), 36 * 50);
        let mut set = Set::EMPTY;
        for name in 0..100 {
            set = sets.update(set, &mut vec![(Member { name, value: Value::Name }, 1)]);
        }
        assert!(sets.is_full());
    }
}
