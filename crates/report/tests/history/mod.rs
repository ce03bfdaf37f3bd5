//! What reports say of credentials in the histories of repositories.

use crate::sample::past::{commit, current, elsewhere, id, past, removed};
use crate::sample::{Planted, place};
use crate::{holds, line_schema, lines, sarif, sarif_schema, schema, summarised, written};
use model::{Finding, PlaceKind, Report, Stats, Verdict};
use report::{Format, Options};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// The report on one repository in which only `finding` was found.
fn report(finding: Finding) -> Report {
    let stats = Stats { repositories: 1, objects: 6_000, commits: 1, object_bytes: 999, ..Stats::default() };
    Report { findings: vec![finding], stats, ..Report::default() }
}

fn text(finding: Finding, width: usize) -> String {
    written(Format::Text, &report(finding), &Options { width, ..Options::default() })
}

fn result(finding: Finding) -> Value {
    sarif(&report(finding))["runs"][0]["results"][0].clone()
}

fn line(finding: Finding) -> Value {
    lines(&report(finding), &Options::default()).remove(0)
}

/// The part of a text between two labels, without its indent.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(from));
    lines.take_while(|line| !line.starts_with(to)).map(|line| line.get(11..).unwrap_or_default()).collect()
}

#[test]
fn the_text_of_what_only_history_holds() {
    let planted = Planted::new();
    let shown = &planted.stripe[..8];
    let expected = format!(
        "\
app/src/settings.py:12:15 in 9e3779b: critical stripe-secret-key
  Stripe secret key
  12 │ STRIPE_KEY = '{shown}…'
     │               ^^^^^^^^^
  seen     in 9e3779b (2021-03-01, Jane Doe)
             \"Add the payment settings that staging needs until the vau…\"
             removed by daa66d2 (2023-05-06)
  why      high confidence: STRIPE_KEY stands before it
  history  exposed 2021-03-01 to 2023-05-06 (796 days); introduced by 9e3779b
           (2021-03-01) and 3c6ef37 (2022-04-05); removed by daa66d2
           (2023-05-06); not at HEAD, on no branch or tag
           only in history: deleting the line was not enough, it must be rotated
  also at  app/src/legacy/settings.py:8:10
             in 3c6ef37 (2022-04-05, J\\x1b[31mörg \\u{{202e}}Evil)
             \"Revert \"…\"\\x1b]0;pwned\\x07\"  still there
           app/dist/app.zip!conf/settings.py:3:15
             in 3c6ef37 (2022-04-05, J\\x1b[31mörg \\u{{202e}}Evil)
             \"Revert \"…\"\\x1b]0;pwned\\x07\"
             removed by daa66d2 (2023-05-06) and 78dde6e (2023-05-10)
  rotate   Roll the key under Developers, API keys:
           https://dashboard.stripe.com/apikeys
  id       {id}
  allow    [allow-id.\"{id}\"]
           # in .deadkey.toml

",
        id = removed(&planted).fingerprint
    );
    assert_eq!(text(removed(&planted), 80), expected);
}

#[test]
fn the_text_of_what_is_still_there() {
    let planted = Planted::new();
    let text = text(current(&planted), 120);
    assert!(text.starts_with("app/packages/web/.npmrc:4:34: high npm-token\n"), "{text}");
    assert!(!text.contains("rotated"), "{text}");
    let expected = [
        "app: exposed since 2021-04-01; introduced by 1715609 (2021-04-01, Jane Doe); still at HEAD, on branches",
        "release/1.x, origin/fix-… and origin/\\u{202e}niam, on tags v1.1, v1.2, v1.3 and 12 more",
        "https://git.example.org/infra.git: exposed since 2021-05-30 or earlier; introduced at or before b54cda5",
        "(2021-05-30, Kim); not at HEAD, still on tag v2",
    ];
    assert_eq!(between(&text, "  history", "  also at"), expected);
    let expected = [
        "app/packages/web/.npmrc:3:34  in 1715609 (2021-04-01, Jane Doe)  \"Publish from CI\"  still there",
        "infra/ci/.npmrc:2:34  at or before b54cda5 (2021-05-30, Kim)  \"Import\"  still there",
    ];
    assert_eq!(between(&text, "  also at", "  rotate"), expected);
}

#[test]
fn the_text_of_what_no_file_holds() {
    let text = text(elsewhere(&Planted::new()), 120);
    assert!(text.starts_with("commit message of 5384541:1:7: medium slack-bot-token\n"), "{text}");
    assert!(text.contains("\n  seen     on 2021-03-13 by Jane Doe  \"Post to Slack with xoxb-"), "{text}");
    assert!(text.contains("\n           in no file, but git keeps it: it must be rotated\n"), "{text}");
    let expected = [
        "message of refs/tags/v1.0:3:7  in no commit",
        "file name app/notes/….md  in f1bbcdc (2021-03-14, Kim)  \"Notes\"  removed by 8ff3478 (2021-03-14)",
        "app/.git/config:7:7  metadata of the repository",
        "object 1fc8dd3:5:7  in no commit",
    ];
    assert_eq!(between(&text, "  also at", "  rotate"), expected);
}

#[test]
fn history_keeps_to_the_width() {
    let planted = Planted::new();
    for width in [60, 80, 120, 200] {
        for finding in [removed(&planted), current(&planted), elsewhere(&planted)] {
            let text = text(finding, width);
            // The first line is never broken, nor is one to be copied.
            let lines = text.lines().skip(1).filter(|line| !line.starts_with("  allow"));
            let wide: Vec<_> = lines.filter(|line| line.width() > width).collect();
            assert!(wide.is_empty(), "{width}: {wide:#?}");
        }
    }
}

#[test]
fn rotation_is_asked_for_where_deleting_was_not_enough_and_only_there() {
    let planted = Planted::new();
    let asks = |finding: &Finding| {
        let asked = text(finding.clone(), 100).contains("it must be rotated");
        let message = result(finding.clone())["message"]["text"].as_str().unwrap().contains("it must be rotated");
        assert_eq!(asked, message);
        asked
    };
    let mut finding = removed(&planted);
    assert!(asks(&finding));
    finding.verdict = Verdict::dead("");
    assert!(!asks(&finding), "its provider refuses it already");

    finding = removed(&planted);
    finding.histories[0].at_head = true;
    assert!(!asks(&finding), "a bare repository: the line is still there");
    finding.histories.clear();
    assert!(!asks(&finding), "nobody knows what is at HEAD");
    finding = removed(&planted);
    finding.places.insert(0, place("src/settings.py", 1, "", "…", ""));
    assert!(!asks(&finding), "in the working tree");

    finding = removed(&planted);
    finding.histories[0].of_a_range = true;
    assert!(!asks(&finding), "where the range ends one file still has it");
    assert!(!text(finding.clone(), 100).contains("not at HEAD"), "nobody asked");
    let gone = finding.places[0].history.clone().expect("it has one").removed;
    for place in &mut finding.places {
        place.history.as_mut().expect("a place of a history").removed.clone_from(&gone);
    }
    assert!(asks(&finding), "the range itself took it out again");

    let mut finding = elsewhere(&planted);
    finding.places.retain(|place| place.kind == PlaceKind::Message);
    finding.histories[0].at_head = true;
    assert!(asks(&finding), "a message is checked out nowhere");
    let mut finding = elsewhere(&planted);
    finding.places.retain(|place| place.kind == PlaceKind::Metadata);
    assert!(!asks(&finding), "a clone's own configuration is in no other clone");
}

#[test]
fn lines_tell_the_history_of_a_place_and_of_the_whole() {
    let planted = Planted::new();
    let elsewhere = line(elsewhere(&planted));
    let kinds: Vec<_> = elsewhere["places"].as_array().unwrap().iter().map(|place| place["kind"].clone()).collect();
    assert_eq!(kinds, ["message", "message", "name", "metadata", "object"]);
    let removed = line(removed(&planted));
    let place = &removed["places"][0];
    assert_eq!(place["kind"], "commit");
    let commit = serde_json::json!({
        "id": id(3),
        "author": { "name": "Max Muster", "email": "max@example.org", "time": "2023-05-05T13:00:00+01:00" },
        "committer": { "name": "Merge Bot", "email": "merge@example.org", "time": "2023-05-06T13:00:00+01:00" },
        "summary": "Read settings from the environment",
    });
    let history = &place["history"];
    assert_eq!((&history["removed"][0], &history["commit"]["id"]), (&commit, &id(1).into()));
    assert_eq!((&history["repository"], &history["at_or_before"]), (&"app".into(), &false.into()));
    assert_eq!(history["object"], id(1012));
    let whole = &removed["histories"][0];
    assert_eq!(whole["introduced"][1]["summary"], "Revert \"…\"\\x1b]0;pwned\\x07");
    assert_eq!(whole["removed"], Value::from(vec![commit]));
    assert_eq!(whole["exposed_from"], "2021-03-01T13:00:00+01:00");
    assert_eq!(whole["exposed_until"], "2023-05-06T13:00:00+01:00");

    let current = line(current(&planted));
    assert_eq!(current["places"][0].get("history"), None);
    assert_eq!(current["places"][2]["history"]["at_or_before"], true);
    let whole = &current["histories"];
    assert_eq!(whole[0]["tags"].as_array().map(Vec::len), Some(15));
    assert_eq!(whole[0]["branches"][2], "refs/remotes/origin/\\u{202e}niam");
    assert_eq!((&whole[0]["at_head"], &whole[1]["at_head"]), (&true.into(), &false.into()));
    assert_eq!(whole[1]["repository"], "https://git.example.org/infra.git");
}

#[test]
fn what_nobody_knows_is_absent() {
    fn no_nulls(value: &Value) {
        assert!(!value.is_null());
        value.as_object().into_iter().flatten().for_each(|(_, value)| no_nulls(value));
        value.as_array().into_iter().flatten().for_each(no_nulls);
    }
    let planted = Planted::new();
    let line = line(elsewhere(&planted));
    no_nulls(&line);
    no_nulls(&result(elsewhere(&planted)));
    assert_eq!(line["places"][1]["history"].get("commit"), None);
    assert_eq!(line["histories"][0].get("exposed_until"), None);
    let report = crate::sample::report(&planted);
    let lines = lines(&report, &Options::default());
    assert_eq!(lines[0].get("histories"), None, "no history, no key");
    assert_eq!(sarif(&report)["runs"][0]["results"][0]["properties"].get("history"), None);
}

/// `pattern` is beyond the schema check of these tests.
#[test]
fn times_keep_to_their_pattern() {
    let pattern = |text: &str| {
        let (date, time) = text.split_once('T').expect("date and time");
        let zone = time.get(8..).expect("a zone");
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        date.trim_start_matches('-').split('-').all(digits)
            && time[..8].split(':').all(digits)
            && (zone == "Z" || zone[1..].split(':').all(digits))
    };
    let planted = Planted::new();
    for (seconds, offset) in [(0, 0), (-1, 90), (i64::MIN, i32::MIN), (i64::MAX, i32::MAX), (-70_000_000_000, 0)] {
        let mut finding = removed(&planted);
        finding.histories[0].exposed_from = Some(model::Time { seconds, offset });
        let line = line(finding.clone());
        let text = line["histories"][0]["exposed_from"].as_str().unwrap();
        assert!(pattern(text), "{text}");
        assert!(self::text(finding, 80).contains("exposed "));
    }
}

#[test]
fn sarif_places_what_only_history_holds() {
    let planted = Planted::new();
    let removed = result(removed(&planted));
    let location = &removed["locations"][0];
    assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "app/src/settings.py");
    assert_eq!(location["physicalLocation"]["artifactLocation"]["uriBaseId"], "SRCROOT");
    assert_eq!(location["physicalLocation"]["region"]["startLine"], 12);
    let full_name = format!("{}:app/src/settings.py", id(1));
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], full_name);
    assert_eq!(location["properties"]["history"]["introduced"]["id"], id(1));
    assert_eq!(location["properties"]["history"]["removed"][0]["id"], id(3));
    let member = &removed["relatedLocations"][1];
    assert_eq!(member["physicalLocation"]["artifactLocation"]["uri"], "app/dist/app.zip");
    assert_eq!(
        member["logicalLocations"][0]["fullyQualifiedName"],
        format!("{}:app/dist/app.zip!conf/settings.py", id(2))
    );
    let properties = &removed["properties"];
    assert_eq!(properties["onlyInHistory"], true);
    assert_eq!(properties["history"][0]["exposedUntil"], "2023-05-06T13:00:00+01:00");
    assert_eq!(properties["history"][0]["atHead"], false);
    let message = removed["message"]["text"].as_str().unwrap();
    assert!(
        message.contains(" History: exposed 2021-03-01 to 2023-05-06 (796 days); introduced by 9e3779b "),
        "{message}"
    );
    assert!(
        message.contains(" It is only in history: deleting the line was not enough, it must be rotated. "),
        "{message}"
    );
    assert!(message.contains(" Also at [app/src/legacy/settings.py:8 in 3c6ef37](1), "), "{message}");
}

/// Code scanning cannot compute a line hash where there is no file: without one of ours alerts would have no identity.
#[test]
fn sarif_gives_its_own_line_hash_where_no_file_has_one() {
    let planted = Planted::new();
    let hash = |finding| result(finding)["partialFingerprints"].get("primaryLocationLineHash").cloned();
    let fingerprint = removed(&planted).fingerprint;
    let expected = format!("{}:1", &fingerprint.as_str()[13..29]);
    assert_eq!(hash(removed(&planted)), Some(expected.clone().into()));
    assert_eq!(hash(current(&planted)), None, "the file is there to be hashed");
    assert_ne!(hash(elsewhere(&planted)), hash(removed(&planted)));

    // The same credential keeps its alert when an earlier place comes to light.
    let mut earlier = removed(&planted);
    earlier
        .places
        .insert(0, past(place("a", 1, "", "…", ""), PlaceKind::Commit, Some(commit(20, -9, "Jane", "")), vec![]));
    assert_eq!(hash(earlier), Some(expected.into()));
}

#[test]
fn sarif_keeps_the_file_first_and_names_repositories() {
    let planted = Planted::new();
    let log = sarif(&report(current(&planted)));
    let run = &log["runs"][0];
    let first = &run["results"][0]["locations"][0];
    assert_eq!((&first["properties"]["kind"], first.get("logicalLocations")), (&"file".into(), None));
    assert_eq!(run["results"][0]["properties"].get("onlyInHistory"), None);
    let provenance = serde_json::json!([{ "repositoryUri": "https://git.example.org/infra.git" }]);
    assert_eq!(run["versionControlProvenance"], provenance);
    assert_eq!(run["properties"]["history"]["objects"], 6_000);
    assert_eq!(sarif(&report(removed(&planted)))["runs"][0].get("versionControlProvenance"), None);
}

#[test]
fn long_histories_stay_within_the_limits_of_platforms() {
    let planted = Planted::new();
    let mut finding = removed(&planted);
    let kind = PlaceKind::Commit;
    let at = |n: u64| past(place(&format!("f{n}"), n, "", "…", ""), kind, Some(commit(n, n as i64, "A", "b")), vec![]);
    finding.places = (1..=20_000).map(at).collect();
    finding.histories[0].introduced = (1..=20_000).map(|n| commit(n, n as i64, "A", "b")).collect();
    finding.histories[0].branches = (0..5_000).map(|n| format!("refs/heads/b{n}").into()).collect();

    let text = text(finding.clone(), 100);
    assert!(text.lines().count() < 25, "{text}");
    assert!(text.contains("and 19994 more, all in history\n"), "{text}");
    assert!(text.contains("on branches b0, b1, b2 and 4997 more"), "{text}");
    assert_eq!(line(finding.clone())["histories"][0]["branches"].as_array().unwrap().len(), 5_000);

    let limited = written(Format::Sarif, &report(finding), &Options { sarif_places: 99, ..Options::default() });
    let log: Value = serde_json::from_str(&limited).unwrap();
    assert_eq!(schema::faults(&sarif_schema(), &log), Vec::<String>::new());
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["locations"].as_array().unwrap().len(), 1);
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 99);
    let history = &result["properties"]["history"][0];
    assert_eq!((history["branches"].as_array().map(Vec::len), &history["branchesOmitted"]), (Some(100), &4_900.into()));
    assert_eq!(history["introducedOmitted"], 19_900);
    assert!(limited.len() < 200_000, "{} bytes", limited.len());
    assert!(result["message"]["text"].as_str().unwrap().len() < 1_000);
}

/// `finding` with `text` wherever a history holds text.
fn stuffed(mut finding: Finding, text: &str) -> Finding {
    let stuff_commit = |commit: &mut model::Commit| {
        for signature in [&mut commit.author, &mut commit.committer] {
            (signature.name, signature.email) = (format!("Name {text}"), format!("{text}@example.org"));
        }
        (commit.id, commit.summary) = (text.to_owned(), format!("Add {text}, then {text}"));
    };
    for place in &mut finding.places {
        place.path = format!("dir/{text}");
        let passage = place.history.as_mut().expect("a place in history");
        (passage.repository, passage.object) = (format!("repo {text}"), text.to_owned());
        passage.commit.iter_mut().chain(&mut passage.removed).for_each(stuff_commit);
    }
    for history in &mut finding.histories {
        history.repository = format!("https://host/{text}");
        history.branches = vec![format!("refs/heads/{text}").into(); 3];
        history.tags = vec![format!("refs/tags/{text}").into()];
        history.introduced.iter_mut().chain(&mut history.removed).for_each(stuff_commit);
    }
    finding
}

#[test]
fn no_text_of_a_history_shows_a_secret() {
    let planted = Planted::new();
    for (finding, secret) in [(removed(&planted), &planted.stripe), (elsewhere(&planted), &planted.slack)] {
        for repositories in [1, 2] {
            let mut report = report(stuffed(finding.clone(), secret));
            report.stats.repositories = repositories;
            let mut outputs = vec![summarised(&report, &Options::default())];
            outputs.extend(Format::ALL.iter().map(|&format| written(format, &report, &Options::default())));
            for output in outputs {
                assert!(!holds(&output, secret.as_bytes()), "{}", output.replace(secret.as_str(), "SECRET"));
                assert!(!holds(&output, &secret.as_bytes()[secret.len() - 12..]));
            }
        }
    }
    // What a URL holds to log in is no finding, and shows for nothing in the world.
    let options = Options { show_secrets: true, ..Options::default() };
    for &format in Format::ALL {
        assert!(!holds(&written(format, &report(current(&planted)), &options), planted.login.as_bytes()), "{format}");
    }
}

#[test]
fn no_text_of_a_history_steers_the_terminal_or_breaks_a_format() {
    let planted = Planted::new();
    let hostile = "\u{1b}[2J\u{1b}]0;pwned\u{7}\u{9b}31m\u{7f}\r\n::error::x\u{202e}\u{2066}\u{2028}\u{200b} [a](b) \\ \" </script>";
    let steers =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{2028}' | '\u{202e}' | '\u{2066}');
    for finding in [removed(&planted), elsewhere(&planted)] {
        let finding = stuffed(finding, hostile);
        let text = text(finding.clone(), 80);
        assert_eq!(text.find(steers), None, "{text:?}");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text}");
        let result = result(finding.clone());
        assert_eq!(result["message"]["text"].as_str().unwrap().find(steers), None);
        let line = line(finding);
        assert_eq!(schema::faults(&line_schema(), &line), Vec::<String>::new());
        for (key, value) in [("history", &result["properties"]["history"]), ("histories", &line["histories"])] {
            assert_eq!(serde_json::to_string(value).unwrap().find(steers), None, "{key}");
        }
        for place in line["places"].as_array().unwrap() {
            assert_eq!(serde_json::to_string(&place["history"]).unwrap().find(steers), None);
        }
        assert_eq!(schema::faults(&sarif_schema(), &sarif(&report(stuffed(removed(&planted), hostile)))), [""; 0]);
    }
}

#[test]
fn the_summary_counts_history() {
    let planted = Planted::new();
    let text = summarised(&report(removed(&planted)), &Options::default());
    assert!(
        text.starts_with("1 credential in 3 places: 1 critical; 1 only in history\nconfidence: 1 high\n"),
        "{text}"
    );
    assert!(text.contains("\nhistory: 1 repository, 6,000 objects (999 B) of 1 commit\n"), "{text}");
    let text = summarised(&report(current(&planted)), &Options::default());
    assert!(text.starts_with("1 credential in 3 places: 1 high\nconfidence: 1 confirmed\n"), "{text}");
}
