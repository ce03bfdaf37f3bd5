//! The figures.

use crate::arguments::Arguments;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use testkit::evaluation::{Half, Kind, Score, Set, Tally, Total};

/// Classes of vectors; whether their rows are credentials.
const CLASSES: [(&str, bool); 5] =
    [("plain", true), ("dummy", true), ("placeholder", false), ("near-miss", false), ("context", false)];

pub fn print(text: &mut String, set: &Set, columns: &[&str], scores: &[Score], arguments: &Arguments) {
    let rows = scores.first().map_or(0, |score| score.outcomes.len());
    let half = match arguments.half {
        None => "",
        Some(Half::Training) => ", the half the model is trained on",
        Some(Half::Held) => ", the half the model is not trained on",
    };
    let _ = writeln!(text, "{}: {rows} rows{half}", set.kind.name());
    match set.kind {
        Kind::Vectors => vectors(text, columns, scores),
        Kind::Lines => lines(text, columns, scores),
    }
    if set.kind == Kind::Lines || arguments.by_rule {
        by_rule(text, columns, scores);
    }
    text.push('\n');
}

/// By source, in percent; then the mean over sources of what should be found, and the share of all rows that should not.
fn vectors(text: &mut String, columns: &[&str], scores: &[Score]) {
    let head: Vec<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
    for (column, score) in columns.iter().zip(scores) {
        let _ = writeln!(text, "\n  {column}: found of plain and dummy, alarms on the others, %");
        let _ = writeln!(text, "  {:<16}{}", "source", head.iter().map(|c| format!("{c:>18}")).collect::<String>());
        let sources: BTreeSet<&String> = score.by_class.keys().map(|(source, _)| source).collect();
        for source in sources {
            let cell = |(class, positive): &(&str, bool)| {
                let total = score.by_class.get(&(source.clone(), (*class).to_owned())).copied().unwrap_or_default();
                cell(if *positive { total.found } else { total.alarms })
            };
            let _ = writeln!(text, "  {source:<16}{}", CLASSES.iter().map(cell).collect::<String>());
        }
        let mean = |(class, positive): &(&str, bool)| match positive {
            true => score.mean_recall(class).map_or_else(|| format!("{:>18}", "-"), |mean| format!("{mean:>18.1}")),
            false => cell(score.class(class).alarms),
        };
        let _ = writeln!(text, "  {:<16}{}", "mean; all", CLASSES.iter().map(mean).collect::<String>());
    }
}

fn cell(tally: Tally) -> String {
    tally.percent().map_or_else(|| format!("{:>18}", "-"), |percent| format!("{percent:>11.1} /{:>5}", tally.of))
}

fn lines(text: &mut String, columns: &[&str], scores: &[Score]) {
    let classes: BTreeSet<&String> = scores.iter().flat_map(|s| s.by_class.keys().map(|(_, class)| class)).collect();
    let _ = writeln!(
        text,
        "\n  {:<12}{:<12}{:>10}{:>10}{:>8}{:>8}{:>8}",
        "group", "level", "precision", "recall", "found", "missed", "alarms"
    );
    for class in classes {
        for (column, score) in columns.iter().zip(scores) {
            let total = score.class(class);
            let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
            let (precision, recall) = (percent(total.precision()), percent(total.found.percent()));
            let Total { found, alarms } = total;
            let missed = found.of - found.hit;
            let _ = writeln!(
                text,
                "  {class:<12}{column:<12}{precision:>10}{recall:>10}{:>8}{missed:>8}{:>8}",
                found.hit, alarms.hit
            );
        }
    }
}

/// By class and rule or category: found of the positives, alarms of the negatives.
fn by_rule(text: &mut String, columns: &[&str], scores: &[Score]) {
    let keys: BTreeSet<&(String, String)> = scores.iter().flat_map(|score| score.by_rule.keys()).collect();
    let width = keys.iter().map(|(_, rule)| rule.chars().count()).max().unwrap_or(0).max(8) + 2;
    let head: String =
        columns.iter().map(|column| format!("{:>16}{:>16}", format!("found, {column}"), "alarms")).collect();
    let _ = writeln!(text, "\n  {:<12}{:<width$}{head}", "class", "rule");
    for key in keys {
        let of = |score: &Score| {
            let total = score.by_rule.get(key).copied().unwrap_or_default();
            let cell =
                |tally: Tally| if tally.of == 0 { "-".to_owned() } else { format!("{} of {}", tally.hit, tally.of) };
            format!("{:>16}{:>16}", cell(total.found), cell(total.alarms))
        };
        let (class, rule) = key;
        let _ = writeln!(text, "  {class:<12}{rule:<width$}{}", scores.iter().map(of).collect::<String>());
    }
}
