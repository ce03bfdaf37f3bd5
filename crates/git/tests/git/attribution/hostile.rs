//! Shapes that nobody needs, and what is said of them.

use super::handmade::{commit_bytes, id_of, tree_bytes};
use git::attribution::{Attribution, Collector, Holder, Query, Reach, Selection, Survey, Surveyed, TooMany};
use git::{HashKind, Instruction, Oid};

fn ignore(_: &[u8]) {}

fn secret() -> Oid {
    id_of(b"the blob")
}

fn survey(tell: impl FnOnce(&mut Collector<'_>)) -> Surveyed<'static> {
    let survey = Survey::new(HashKind::Sha1, 1 << 28);
    let mut collector = survey.collector();
    tell(&mut collector);
    survey.finish(vec![collector])
}

/// All commits count; the blob holds credential 7 wherever it stands.
fn ask(surveyed: &Surveyed<'_>, query: Query<'_>) -> Result<Attribution, TooMany> {
    let blobs = [secret()];
    let query = Query { blobs: &blobs, reach: Reach::Everything, ..query };
    surveyed.attribute(&query, &mut |_: Holder, _: &[u8], list: &mut Vec<u32>| list.push(7))
}

fn tell_tree(collector: &mut Collector<'_>, entries: &[(&str, &str, Oid)]) -> Oid {
    let bytes = tree_bytes(entries);
    let oid = id_of(&bytes);
    collector.tree(&oid, &bytes, &mut ignore);
    oid
}

fn tell_commit(collector: &mut Collector<'_>, tree: Oid, parents: &[Oid]) -> Oid {
    let bytes = commit_bytes(tree, parents, parents.len());
    let oid = id_of(&bytes);
    collector.commit(&oid, &bytes);
    oid
}

#[test]
fn a_long_line_of_commits_takes_no_stack() {
    let surveyed = survey(|collector| {
        let trees = [tell_tree(collector, &[("100644", "a", secret())]), tell_tree(collector, &[])];
        let mut parents = Vec::new();
        for number in 0..100_000 {
            let bytes = commit_bytes(trees[usize::from(number % 100 == 99)], &parents, number);
            let oid = id_of(&bytes);
            collector.commit(&oid, &bytes);
            parents = vec![oid];
        }
    });
    let attribution = ask(&surveyed, Query::default()).expect("room");
    let of = &attribution.credentials[0];
    assert_eq!((of.introduced.len(), of.removed.len(), of.passages.len()), (1000, 1000, 1000));
    assert!(of.passages.iter().zip(&of.removed).all(|(passage, removed)| passage.removed == [*removed]));
    assert!(of.introduced.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn folders_in_folders_take_no_stack_and_end_at_a_limit() {
    for (deep, is_found) in [(4000, true), (20_000, false)] {
        let surveyed = survey(|collector| {
            let mut tree = tell_tree(collector, &[("100644", "a", secret())]);
            for _ in 0..deep {
                tree = tell_tree(collector, &[("40000", "d", tree)]);
            }
            tell_commit(collector, tree, &[]);
        });
        let attribution = ask(&surveyed, Query::default()).expect("room");
        assert_eq!((attribution.credentials.len() == 1, attribution.is_incomplete), (is_found, !is_found));
    }
}

#[test]
fn a_merge_of_ten_thousand_is_a_merge() {
    let surveyed = survey(|collector| {
        let with = tell_tree(collector, &[("100644", "a", secret())]);
        let parents: Vec<Oid> = (0..10_000)
            .map(|number| {
                let bytes = commit_bytes(with, &[], number);
                collector.commit(&id_of(&bytes), &bytes);
                id_of(&bytes)
            })
            .collect();
        let without = tell_tree(collector, &[]);
        tell_commit(collector, without, &parents);
    });
    let attribution = ask(&surveyed, Query::default()).expect("room");
    let of = &attribution.credentials[0];
    assert_eq!((of.introduced.len(), of.removed.len(), of.passages.len()), (10_000, 1, 10_000));
    assert!(of.passages.iter().all(|passage| passage.removed == of.removed));
}

#[test]
fn pairs_of_introduction_and_removal_are_told_up_to_a_limit() {
    for (many, is_told) in [(300, true), (1100, false)] {
        let surveyed = survey(|collector| {
            let trees = [tell_tree(collector, &[("100644", "a", secret())]), tell_tree(collector, &[])];
            let mut number = 0;
            let mut commit = |tree: usize, parents: &[Oid]| {
                number += 1;
                let bytes = commit_bytes(trees[tree], parents, number);
                collector.commit(&id_of(&bytes), &bytes);
                id_of(&bytes)
            };
            let introduced: Vec<Oid> = (0..many).map(|_| commit(0, &[])).collect();
            let merge = commit(0, &introduced);
            for _ in 0..many {
                commit(1, &[merge]);
            }
        });
        let attribution = ask(&surveyed, Query::default()).expect("room");
        let of = &attribution.credentials[0];
        assert_eq!((of.introduced.len(), of.removed.len()), (many, many));
        let expected: &[u32] = if is_told { &of.removed } else { &[] };
        assert!(of.passages.iter().all(|passage| passage.removed == expected));
    }
}

#[test]
fn ids_that_go_round_in_circles_lead_nowhere() {
    let (one, other, bytes) =
        (id_of(b"one"), id_of(b"other"), |down: Oid| tree_bytes(&[("40000", "d", down), ("100644", "a", secret())]));
    let surveyed = survey(|collector| {
        let state = collector.tree(&one, &bytes(other), &mut ignore);
        let script = [
            Instruction::Copy { base: 0, len: 8 },
            Instruction::Insert { len: 20 },
            Instruction::Copy { base: 28, len: 29 },
        ];
        collector.tree_delta(&state, &script, &other, &bytes(one), &mut ignore);
        let (first, second) = (id_of(b"first"), id_of(b"second"));
        collector.commit(&first, &commit_bytes(one, &[second], 0));
        collector.commit(&second, &commit_bytes(other, &[first], 0));
        let itself = id_of(b"itself");
        collector.commit(&itself, &commit_bytes(itself, &[itself], 0));
    });
    let attribution = ask(&surveyed, Query::default()).expect("room");
    let of = &attribution.credentials[0];
    assert_eq!(of.introduced.len(), 1);
    assert!(of.at_or_before, "a parent does not count");
    assert_eq!(attribution.missing_trees, [id_of(b"itself")]);
}

#[test]
fn a_folder_stored_as_the_delta_of_one_that_contains_it_is_understood() {
    let low = tree_bytes(&[("100644", "a", secret()), ("100644", "b", id_of(b"b"))]);
    let high = tree_bytes(&[("100644", "a", id_of(b"other")), ("40000", "d", id_of(&low))]);
    let surveyed = survey(|collector| {
        let state = collector.tree(&id_of(&high), &high, &mut ignore);
        let script = [Instruction::Copy { base: 0, len: 9 }, Instruction::Insert { len: low.len() - 9 }];
        collector.tree_delta(&state, &script, &id_of(&low), &low, &mut ignore);
        tell_commit(collector, id_of(&high), &[]);
    });
    let attribution = ask(&surveyed, Query::default()).expect("room");
    assert_eq!(attribution.paths, [b"d/a".to_vec()]);
}

#[test]
fn damage_is_told_and_what_stands_before_it_counts() {
    let mut bytes = tree_bytes(&[("100644", "a", secret()), ("100644", "b", secret())]);
    bytes.truncate(bytes.len() - 1);
    let tree = id_of(&bytes);
    let surveyed = survey(|collector| {
        collector.tree(&tree, &bytes, &mut ignore);
        tell_commit(collector, tree, &[]);
        collector.commit(&id_of(b"x"), b"tree of no id\n\n");
    });
    assert_eq!(surveyed.faults().damaged.len(), 2);
    assert!(surveyed.faults().damaged.contains(&tree));
    let attribution = ask(&surveyed, Query::default()).expect("room");
    assert_eq!(attribution.paths, [b"a".to_vec()]);
}

#[test]
fn memory_has_limits_and_reaching_them_is_told() {
    let small = Survey::new(HashKind::Sha1, 1 << 20);
    let mut collector = small.collector();
    for number in 0..40_000 {
        let name = format!("{number}");
        tell_tree(&mut collector, &[("100644", &name, id_of(name.as_bytes()))]);
        tell_commit(&mut collector, secret(), &[id_of(name.as_bytes())]);
    }
    let surveyed = small.finish(vec![collector]);
    assert!(surveyed.faults().left_out > 0);
    assert!(surveyed.bytes() <= 2 << 20, "{}", surveyed.bytes());
    let wide = survey(|collector| {
        let names: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let entries: Vec<(&str, &str, Oid)> = names.iter().map(|name| ("100644", name.as_str(), secret())).collect();
        let tree = tell_tree(collector, &entries);
        tell_commit(collector, tree, &[]);
    });
    assert_eq!(ask(&wide, Query { memory: 10_000, ..Query::default() }), Err(TooMany));
    assert_eq!(ask(&wide, Query::default()).expect("room").credentials[0].passages.len(), 1000);
}

#[test]
fn a_selection_tells_less_of_the_same() {
    let mut commits = Vec::new();
    let surveyed = survey(|collector| {
        let trees = [tell_tree(collector, &[("100644", "a", secret())]), tell_tree(collector, &[])];
        for tree in [0, 1, 0, 1] {
            let last: Vec<Oid> = commits.last().copied().into_iter().collect();
            commits.push(tell_commit(collector, trees[tree], &last));
            let bytes = commit_bytes(trees[tree], &last, 9 + commits.len());
            collector.commit(&id_of(&bytes), &bytes);
            *commits.last_mut().expect("one") = id_of(&bytes);
        }
    });
    let told = |selection: Selection<'_>| {
        let attribution = ask(&surveyed, Query { selection, ..Query::default() }).expect("room");
        let of = attribution.credentials[0].clone();
        let oids = |list: Vec<u32>| list.into_iter().map(|c| attribution.commits[c as usize]).collect::<Vec<_>>();
        (oids(of.introduced), oids(of.removed), of.passages.len())
    };
    let [first, second, third, fourth] = commits[..] else { panic!("four") };
    let within = [second];
    let selected = told(Selection { within: Some(&within), ..Selection::default() });
    assert_eq!(selected, (vec![first], vec![second], 1));
    let selected = told(Selection { without: &within, ..Selection::default() });
    assert!(selected.0.contains(&third) && !selected.0.contains(&first) && selected.1.contains(&fourth));
    let only = |oid: &Oid| *oid == fourth;
    assert_eq!(told(Selection { only: Some(&only), ..Selection::default() }), (vec![], vec![fourth], 0));
    assert_eq!(told(Selection { within: Some(&[]), ..Selection::default() }), (vec![], vec![], 0));
}
