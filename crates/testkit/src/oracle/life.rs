use std::collections::{BTreeMap, BTreeSet};

/// When a property came and went in a history; by the definitions of the module above.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// The introducing commits, ancestors first.
    pub(super) introduced: Vec<usize>,
    /// The removing commits, ancestors first.
    pub(super) removed: Vec<usize>,
    /// For each introducing commit the removals that end it.
    pub(super) ended: BTreeMap<usize, BTreeSet<usize>>,
}

impl Life {
    /// The life of the property that the commits in `has` have. `parents` of a commit have smaller numbers than it.
    pub(super) fn of(parents: &[Vec<usize>], has: &[bool]) -> Life {
        let mut life = Life::default();
        // Of each commit: whether it or one of its ancestors removes; and from which introductions an unbroken chain
        // leads to it.
        let mut removed_by_now = vec![false; has.len()];
        let mut since: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); has.len()];
        for commit in 0..has.len() {
            let parents = &parents[commit];
            let holding = parents.iter().filter(|p| has[**p]).count();
            removed_by_now[commit] = parents.iter().any(|p| removed_by_now[*p]);
            let origins: BTreeSet<usize> = parents.iter().flat_map(|p| since[*p].iter().copied()).collect();
            if has[commit] {
                if holding == 0 {
                    life.introduced.push(commit);
                    since[commit].insert(commit);
                } else {
                    since[commit] = origins;
                }
                continue;
            }
            let every_parent = holding == parents.len();
            if holding > 0 && (every_parent || !removed_by_now[commit]) {
                life.removed.push(commit);
                removed_by_now[commit] = true;
                for origin in origins {
                    life.ended.entry(origin).or_default().insert(commit);
                }
            }
        }
        life
    }
}
