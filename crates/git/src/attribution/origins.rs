//! Sets of introductions, for what came and went many times.

use std::collections::HashMap;

/// Sets of commits, by numbers; 0 is the empty one.
#[derive(Debug)]
pub(super) struct Origins {
    lists: Vec<Vec<u32>>,
    unions: HashMap<(u32, u32), u32>,
    /// How many members there is room for.
    room: usize,
}

impl Origins {
    /// Sets with at most `room` members together.
    pub(super) fn new(room: usize) -> Origins {
        Origins { lists: vec![Vec::new()], unions: HashMap::new(), room }
    }

    /// The members of a set; they go up.
    pub(super) fn members(&self, set: u32) -> &[u32] {
        &self.lists[set as usize]
    }

    /// A new set of one member; `None` if there is no room.
    pub(super) fn single(&mut self, member: u32) -> Option<u32> {
        self.add(vec![member])
    }

    fn add(&mut self, list: Vec<u32>) -> Option<u32> {
        self.room = self.room.checked_sub(list.len())?;
        self.lists.push(list);
        u32::try_from(self.lists.len() - 1).ok()
    }

    /// The members of all of some sets; `None` if there is no room. The sets are left in order, each once.
    pub(super) fn union(&mut self, sets: &mut Vec<u32>) -> Option<u32> {
        sets.sort_unstable();
        sets.dedup();
        let key = match sets.strip_prefix(&[0]).unwrap_or(sets) {
            [] => return Some(0),
            [set] => return Some(*set),
            [one, other] => Some((*one, *other)),
            _ => None,
        };
        if let Some(union) = key.and_then(|key| self.unions.get(&key)) {
            return Some(*union);
        }
        let largest = sets.iter().max_by_key(|set| self.members(**set).len())?;
        let mut list: Vec<u32> = sets.iter().flat_map(|set| self.members(*set)).copied().collect();
        list.sort_unstable();
        list.dedup();
        let union = if list.len() == self.members(*largest).len() { *largest } else { self.add(list)? };
        if let Some(key) = key {
            self.unions.insert(key, union);
        }
        Some(union)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unions_hold_the_members_of_both_until_there_is_no_room() {
        let mut sets = Origins::new(8);
        let (one, two, three) = (sets.single(5), sets.single(3), sets.single(4));
        let [one, two, three] = [one, two, three].map(|set| set.expect("room"));
        let both = sets.union(&mut vec![one, 0, two, one]).expect("room");
        assert_eq!(sets.members(both), [3, 5]);
        assert_eq!(sets.union(&mut vec![two, one]), Some(both));
        assert_eq!(sets.union(&mut vec![both, two]), Some(both));
        assert_eq!(sets.union(&mut vec![both, two, one]), Some(both));
        assert_eq!(sets.union(&mut vec![both, both, 0]), Some(both));
        assert_eq!((sets.union(&mut vec![0]), sets.union(&mut vec![]), sets.members(0)), (Some(0), Some(0), &[][..]));
        let all = sets.union(&mut vec![one, two, three]).expect("room");
        assert_eq!(sets.members(all), [3, 4, 5]);
        assert_eq!(sets.single(9), None);
        assert_eq!(sets.union(&mut vec![three, two]), None);
    }
}
