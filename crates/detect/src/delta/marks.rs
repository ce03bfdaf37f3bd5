//! What is remembered of an object besides its hits, so that little of its deltas must be looked at: where the rules that
//! read far are anchored, and where encoded units may start. Which positions these are is decided by few bytes, so that
//! they are carried along a delta as hits are.

use crate::assignment::NAMED;
use crate::lanes::LANE_AFTER;
use crate::tokens::LONGEST;
use crate::units::{self, LOCAL, Trigger};
use rules::{Anchor, Reach, Rule};

/// Rules that read no farther are evaluated wherever something near by is new. Most keywords are looked for within 138 bytes.
const NEAR: Reach = Reach { before: 144, after: 256 };
/// Names to which values are assigned, of which there are many, read no farther, and few other rules do.
const MIDDLE: Reach = Reach { before: 160, after: 640 };
/// Rules that read farther than this have rare anchors, but for some: `echo`, `secret`, long tokens.
const FAR: Reach = Reach { before: 1024, after: 1024 };
/// Rules that read farther than this are few, and their anchors rare.
const FARTHER: Reach = Reach { before: 2048, after: 2600 };
/// Bytes before a position that decide whether it is an anchor: an escape and what stands before it.
const LANE_BEFORE: u32 = 16;

/// How far a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Near,
    Middle,
    Far,
    Farther,
    Farthest,
}

impl Class {
    /// Those of rules whose anchors are remembered.
    pub(crate) const MARKED: [Class; 4] = [Class::Middle, Class::Far, Class::Farther, Class::Farthest];
}

/// The classes of a ruleset's rules.
#[derive(Clone, Debug)]
pub(crate) struct Near {
    /// How far the rules of the first class read, and what decides whether a position is an anchor.
    pub(crate) reach: Reach,
    middle: Reach,
    far: Reach,
    farther: Reach,
    farthest: Reach,
    classes: Vec<Class>,
    /// For each class of tokens and each length, the class of the rules whose keywords may stand farther from a token
    /// than those of the first class read: whether one stands there is not asked.
    tokens: [Vec<Class>; 3],
}

impl Near {
    pub(crate) fn new(rules: &[Rule]) -> Near {
        let classes: Vec<Class> = rules.iter().map(|rule| class(rule.reach)).collect();
        let most = |class: Class| {
            let of_class = rules.iter().zip(&classes).filter(|(_, own)| **own == class);
            of_class.fold(Reach::default(), |reach, (rule, _)| reach.max(rule.reach))
        };
        let mut tokens = [(); 3].map(|()| vec![Class::Near; LONGEST + 1]);
        let mut keyword = 0;
        for (rule, own) in rules.iter().zip(&classes) {
            let Anchor::Token { class, len } = &rule.anchor else { continue };
            if rule.keyword_reach() <= NEAR.before {
                keyword = keyword.max(rule.keyword_reach());
                continue;
            }
            let lens = usize::from(len.0).min(LONGEST)..=usize::from(len.1).min(LONGEST);
            tokens[*class as usize][lens].iter_mut().for_each(|most| *most = (*most).max(*own));
        }
        let literal = rules.iter().map(longest_literal).max().unwrap_or(0) as u32 + 1;
        let local = Reach {
            before: LANE_BEFORE.max(keyword).max(NAMED.before).max(LOCAL.before),
            after: (LANE_AFTER as u32 + 1).max(literal + NAMED.after).max(LOCAL.after),
        };
        let reach = most(Class::Near).max(local);
        Near {
            reach,
            middle: most(Class::Middle),
            far: most(Class::Far),
            farther: most(Class::Farther),
            farthest: most(Class::Farthest),
            classes,
            tokens,
        }
    }

    /// How far the rules of a class read, at most.
    pub(crate) fn reach_of(&self, class: Class) -> Reach {
        match class {
            Class::Near => self.reach,
            Class::Middle => self.middle,
            Class::Far => self.far,
            Class::Farther => self.farther,
            Class::Farthest => self.farthest,
        }
    }

    /// How far anything in a block may read that is recognised by its fingerprint: rules of the first two classes, and units that are
    /// short.
    pub(crate) fn block_reach(&self) -> Reach {
        self.reach.max(self.middle)
    }

    /// How far anything in a page may read that is recognised by its fingerprint: all rules but those that read farthest, and
    /// units that go little beyond it.
    pub(crate) fn page_reach(&self) -> Reach {
        self.block_reach().max(self.far).max(self.farther).max(Reach { before: units::LOOKBACK as u32, after: 2048 })
    }

    pub(crate) fn class(&self, rule: usize) -> Class {
        self.classes[rule]
    }

    /// How far the rules may read that are anchored at a token: `rules`, which have a keyword before it or need none, and
    /// those whose keyword may stand far away. `lens`: its length by each class, [`LONGEST`] at most.
    pub(crate) fn token(&self, rules: &[u32], lens: [usize; 3]) -> Class {
        // Loops: this is asked of every token.
        let mut most = Class::Near;
        for (classes, len) in self.tokens.iter().zip(lens) {
            most = most.max(classes[len]);
        }
        for rule in rules {
            most = most.max(self.class(*rule as usize));
        }
        most
    }
}

fn class(reach: Reach) -> Class {
    let fits = |most: Reach| reach.before <= most.before && reach.after <= most.after;
    match reach {
        _ if fits(NEAR) => Class::Near,
        _ if fits(MIDDLE) => Class::Middle,
        _ if fits(FAR) => Class::Far,
        _ if fits(FARTHER) => Class::Farther,
        _ => Class::Farthest,
    }
}

fn longest_literal(rule: &Rule) -> usize {
    match &rule.anchor {
        Anchor::Prefix(literals) | Anchor::Literal { literals, .. } => {
            literals.iter().map(String::len).max().unwrap_or(0)
        }
        Anchor::Token { .. } | Anchor::Path | Anchor::Log => 0,
    }
}

/// What is remembered of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchored {
    /// How far the rules read that are anchored there.
    pub(crate) class: Class,
    /// Whether it is found by what run of characters begins there, and not by a literal.
    pub(crate) by_run: bool,
}

/// Positions of an object, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    /// Where rules that read far may be anchored.
    pub(crate) anchors: Vec<(usize, Anchored)>,
    /// Where encoded units may start.
    pub(crate) triggers: Vec<(usize, Trigger)>,
}

impl Marks {
    /// None, and room for as many as others are.
    pub(crate) fn with_room_for(others: &Marks) -> Marks {
        let (anchors, triggers) = (others.anchors.len(), others.triggers.len());
        Marks { anchors: Vec::with_capacity(anchors), triggers: Vec::with_capacity(triggers) }
    }

    /// Remembers an anchor, if the rules anchored there read far.
    pub(crate) fn anchor(&mut self, at: usize, class: Class) {
        self.remember(at, Anchored { class, by_run: false });
    }

    /// The same for one that is found by the run of characters that begins there.
    pub(crate) fn run(&mut self, at: usize, class: Class) {
        self.remember(at, Anchored { class, by_run: true });
    }

    fn remember(&mut self, at: usize, anchored: Anchored) {
        if anchored.class > Class::Near {
            self.anchors.push((at, anchored));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.anchors.clear();
        self.triggers.clear();
    }

    /// Takes over all marks of another list.
    pub(crate) fn take(&mut self, other: &mut Marks) {
        self.anchors.append(&mut other.anchors);
        self.triggers.append(&mut other.triggers);
    }

    pub(crate) fn sort(&mut self) {
        self.anchors.sort_unstable();
        self.anchors.dedup();
        self.triggers.sort_unstable();
        self.triggers.dedup();
    }

    /// Adds `sorted` to these, of which few are expected and no order.
    pub(crate) fn append(&mut self, sorted: Marks) {
        self.sort();
        merge(&mut self.anchors, sorted.anchors);
        merge(&mut self.triggers, sorted.triggers);
    }
}

/// Adds a sorted list to another, each item once. Takes time linear in `many`, and logarithmic in it for each of `few`.
fn merge<T: Ord + Copy>(few: &mut Vec<T>, many: Vec<T>) {
    let added = std::mem::take(few);
    if added.is_empty() {
        *few = many;
        return;
    }
    few.reserve_exact(added.len() + many.len());
    let mut rest = &many[..];
    for one in added {
        let (before, behind) = rest.split_at(rest.partition_point(|other| *other < one));
        few.extend_from_slice(before);
        rest = behind;
        if rest.first() != Some(&one) {
            few.push(one);
        }
    }
    few.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Rng;

    #[test]
    fn merged_lists_are_sorted_and_hold_each_item_once() {
        let mut rng = Rng::new(3);
        for _ in 0..2000 {
            let mut list = |most: usize| {
                let mut list: Vec<usize> = (0..rng.below(most)).map(|_| rng.below(20)).collect();
                list.sort_unstable();
                list.dedup();
                list
            };
            let (few, many) = (list(5), list(20));
            let mut expected = [few.clone(), many.clone()].concat();
            expected.sort_unstable();
            expected.dedup();
            let mut merged = few;
            merge(&mut merged, many);
            assert_eq!(merged, expected);
        }
    }
}
