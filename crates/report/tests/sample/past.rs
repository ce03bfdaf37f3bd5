//! The part of the sample that lies in the histories of two repositories.

use super::{Planted, finding, place, rule};
use model::{Commit, Confidence, Finding, History, Passage, Place, PlaceKind, Severity, Signature, Time};

/// 2021-03-01, one o'clock in the afternoon in Berlin.
const MARCH_2021: i64 = 1_614_600_000;
const DAY: i64 = 86_400;

fn repository() -> String {
    "app".into()
}

/// The id of the commit or object number `n`.
pub fn id(n: u64) -> String {
    format!("{0:016x}{1:016x}{0:08x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n ^ 0xDEAD)[..40].to_owned()
}

/// Commit number `n`, made on the `day`-th day after 1 March 2021 by `author`.
pub fn commit(n: u64, day: i64, author: &str, summary: &str) -> Commit {
    let signature = |name: &str, seconds| Signature {
        name: name.into(),
        email: format!("{}@example.org", name.split(' ').next().unwrap_or_default().to_lowercase()),
        time: Time { seconds, offset: 60 },
    };
    let seconds = MARCH_2021 + day * DAY;
    // Written the day before: reports date by the commit.
    Commit {
        id: id(n),
        author: signature(author, seconds - DAY),
        committer: signature("Merge Bot", seconds),
        summary: summary.into(),
    }
}

/// `place`, in the history of the repository: brought by `commit`, removed by `removed`.
pub fn past(place: Place, kind: PlaceKind, commit: Option<Commit>, removed: Vec<Commit>) -> Place {
    let object = id(1000 + place.line);
    let passage = Passage { repository: repository(), commit, at_or_before: false, removed, object };
    Place { kind, history: Some(Box::new(passage)), ..place }
}

fn history(introduced: Vec<Commit>, removed: Vec<Commit>) -> History {
    let exposed_from = introduced.first().map(|commit| commit.committer.time);
    let exposed_until = removed.last().map(|commit| commit.committer.time);
    History { repository: repository(), introduced, removed, exposed_from, exposed_until, ..History::default() }
}

/// Once in files and since removed from most. The texts of a commit are hostile, and hold the secret.
pub fn removed(planted: &Planted) -> Finding {
    let rule = rule(
        "stripe-secret-key",
        "Stripe secret key",
        "Stripe",
        Severity::Critical,
        "Roll the key under Developers, API keys: https://dashboard.stripe.com/apikeys",
    );
    let mask = format!("{}…", &planted.stripe[..8]);
    let came =
        commit(1, 0, "Jane Doe", "Add the payment settings that staging needs until the vault is up, see INFRA-17");
    let again =
        commit(2, 400, "J\u{1b}[31mörg \u{202e}Evil", &format!("Revert \"{}\"\u{1b}]0;pwned\u{7}", planted.stripe));
    let gone = commit(3, 796, "Max Muster", "Read settings from the environment");
    let places = vec![
        past(
            place("app/src/settings.py", 12, "STRIPE_KEY = '", &mask, "'"),
            PlaceKind::Commit,
            Some(came.clone()),
            vec![gone.clone()],
        ),
        past(
            place("app/src/legacy/settings.py", 8, "    key='", &mask, "')"),
            PlaceKind::Commit,
            Some(again.clone()),
            Vec::new(),
        ),
        past(
            place("app/dist/app.zip!conf/settings.py", 3, "STRIPE_KEY = '", &mask, "'"),
            PlaceKind::Archive,
            Some(again.clone()),
            vec![gone.clone(), commit(4, 800, "", "")],
        ),
    ];
    let mut finding = finding(rule, planted.stripe.as_bytes(), 8, Confidence::High, places);
    finding.reasons = vec!["STRIPE_KEY stands before it".into()];
    finding.histories = vec![history(vec![came, again], vec![gone])];
    finding
}

/// In the working tree and in the histories of two repositories: on many refs with hostile names, and in a shallow clone
/// named by a URL with a token.
pub fn current(planted: &Planted) -> Finding {
    let rule = rule("npm-token", "npm access token", "npm", Severity::High, "Revoke it with npm token revoke.");
    let mask = format!("{}…", &planted.npm[..8]);
    let came = commit(5, 31, "Jane Doe", "Publish from CI");
    let shallow = commit(6, 90, "Kim", "Import");
    let line = |path: &str, line| place(path, line, "//registry.npmjs.org/:_authToken=", &mask, "");
    let mut imported = past(line("infra/ci/.npmrc", 2), PlaceKind::Commit, Some(shallow.clone()), Vec::new());
    let url = format!("https://bot:{}@git.example.org/infra.git", planted.login);
    let passage = imported.history.as_mut().expect("a place in history");
    (passage.repository, passage.at_or_before) = (url.clone(), true);
    let places = vec![
        line("app/packages/web/.npmrc", 4),
        past(line("app/packages/web/.npmrc", 3), PlaceKind::Commit, Some(came.clone()), Vec::new()),
        imported,
    ];
    let mut finding = finding(rule, planted.npm.as_bytes(), 4, Confidence::Confirmed, places);
    let mut here = history(vec![came], Vec::new());
    here.at_head = true;
    here.branches = vec![
        "refs/heads/release/1.x".into(),
        format!("refs/remotes/origin/fix-{}", planted.npm).into(),
        "refs/remotes/origin/\u{202e}niam".into(),
    ];
    here.tags = (1..=15).map(|n| format!("refs/tags/v1.{n}").into()).collect();
    let mut there = history(vec![shallow], Vec::new());
    (there.repository, there.at_or_before, there.tags) = (url, true, vec!["refs/tags/v2".into()]);
    finding.histories = vec![here, there];
    finding
}

/// In messages, a name, an object that no commit holds, and a clone's configuration.
pub fn elsewhere(planted: &Planted) -> Finding {
    let rule = rule("slack-bot-token", "Slack bot token", "Slack", Severity::Medium, "");
    let mask = format!("{}…", &planted.slack[..9]);
    let came = commit(7, 12, "Jane Doe", &format!("Post to Slack with {mask}"));
    let at = |path: &str, line| place(path, line, "token ", &mask, "");
    let named = place(&format!("app/notes/{}.md", planted.slack), 1, "notes/", &mask, ".md");
    let mut gone = past(at("lost+found", 5), PlaceKind::Object, None, Vec::new());
    gone.snippet = None;
    let places = vec![
        past(at("message", 1), PlaceKind::Message, Some(came.clone()), Vec::new()),
        past(at("refs/tags/v1.0", 3), PlaceKind::Message, None, Vec::new()),
        past(named, PlaceKind::Name, Some(commit(8, 13, "Kim", "Notes")), vec![commit(9, 13, "Kim", "Oops")]),
        past(at("app/.git/config", 7), PlaceKind::Metadata, None, Vec::new()),
        gone,
    ];
    let mut finding = finding(rule, planted.slack.as_bytes(), 5, Confidence::High, places);
    finding.histories = vec![history(vec![came], Vec::new())];
    finding
}

/// In the order of a report.
pub fn findings(planted: &Planted) -> [Finding; 3] {
    [elsewhere(planted), current(planted), removed(planted)]
}
