fn main() {
    let r = rules::Ruleset::builtin();
    let mut v: Vec<_> = r
        .rules()
        .iter()
        .map(|r| {
            (r.reach.before, r.reach.after, format!("{:?}", r.anchor).chars().take(150).collect::<String>(), &r.id)
        })
        .collect();
    v.sort_by_key(|x| x.0.max(x.1));
    let mut hist = std::collections::BTreeMap::new();
    for x in &v {
        *hist.entry((x.0.next_power_of_two(), x.1.next_power_of_two())).or_insert(0) += 1;
    }
    println!("{hist:?}");
    for x in v.iter().rev().take(60) {
        println!("{x:?}");
    }
}
