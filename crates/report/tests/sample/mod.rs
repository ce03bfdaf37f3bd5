//! A report with everything in it that a report can hold, hostile names included. Secrets are assembled when it runs.

pub mod past;

use model::{
    Confidence, Decoder, Finding, FingerprintKey, Gap, Part, Place, PlaceKind, Report, RuleRef, Secret, Severity,
    Snippet, Stats, Verdict,
};

/// `len` characters that look random and are the same each time.
fn token(seed: u64, len: usize) -> String {
    let alphabet = b"ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let digits = (0..len).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    });
    digits.collect()
}

/// The secrets of the sample, none of which may be in any output.
pub struct Planted {
    pub github: String,
    pub aws_id: String,
    pub aws_key: String,
    pub password: String,
    pub pem: String,
    pub binary: Vec<u8>,
    /// What only histories hold, and the token in the URL of a repository, in [`past`].
    pub stripe: String,
    pub slack: String,
    pub npm: String,
    pub login: String,
}

impl Planted {
    pub fn new() -> Planted {
        Planted {
            github: format!("{}_{}", "ghp", token(1, 36)),
            aws_id: format!("{}{}", "AKIA", token(2, 16).to_uppercase()),
            aws_key: token(3, 40),
            password: format!("S3{}!", token(4, 9)),
            pem: format!("-----BEGIN {0}-----\n{1}\n{2}\n-----END {0}-----", "PRIVATE KEY", token(5, 64), token(6, 40)),
            binary: [token(7, 12).as_bytes(), b"\xff\x00\xfe", token(8, 12).as_bytes()].concat(),
            stripe: format!("{}_live_{}", "sk", token(9, 24)),
            slack: format!("{}-{}", "xoxb", token(10, 48)),
            npm: format!("{}_{}", "npm", token(11, 36)),
            login: token(12, 24),
        }
    }
}

pub fn rule(id: &str, name: &str, provider: &str, severity: Severity, rotate: &str) -> RuleRef {
    let tags = vec!["CWE-798".to_owned(), "NHI2:2025".to_owned()];
    RuleRef { id: id.into(), name: name.into(), provider: provider.into(), severity, tags, rotate: rotate.into() }
}

/// A place on `line` whose snippet is `before`, a mask, `after`.
pub fn place(path: &str, line: u64, before: &str, mask: &str, after: &str) -> Place {
    let column = before.encode_utf16().count() as u64 + 1;
    Place {
        path: path.into(),
        kind: if path.contains(".zip!") { PlaceKind::Archive } else { PlaceKind::File },
        line,
        column,
        end_line: line,
        end_column: column + 40,
        offset: line * 31,
        length: 40,
        decoded: Vec::new(),
        rule: None,
        name: None,
        confidence: Confidence::High,
        snippet: Some(Snippet {
            text: format!("{before}{mask}{after}"),
            mark: (before.len(), before.len() + mask.len()),
        }),
        line_hash: None,
        history: None,
        log: None,
        suppression: None,
    }
}

pub fn finding(rule: RuleRef, secret: &[u8], prefix: usize, confidence: Confidence, places: Vec<Place>) -> Finding {
    Finding {
        fingerprint: FingerprintKey::public().fingerprint(secret),
        rule: rule.into(),
        confidence,
        reasons: Vec::new(),
        secret: Secret::new(secret),
        public_prefix: prefix,
        parts: Vec::new(),
        expires: None,
        verdict: Verdict::NotChecked,
        places,
        histories: Vec::new(),
        remarks: Vec::new(),
        suppressions: Vec::new(),
    }
}

fn github(planted: &Planted) -> Finding {
    let mask = format!("{}…", &planted.github[..8]);
    let rule = rule(
        "github-pat-classic",
        "GitHub personal access token (classic)",
        "GitHub",
        Severity::Critical,
        "Create a new token under Settings, Developer settings, Personal access tokens, replace it where it is used, then delete the old one there: https://github.com/settings/tokens",
    );
    let mut places = vec![
        place("deploy/prod.env", 12, "export GITHUB_TOKEN=", &mask, ""),
        place("deploy/wörld 100%/[id]#?.yaml", 8, "\ttoken: \"", &mask, "\"  # 文字 𝄞"),
        // The file is named after the token, and scanning did not mask its line.
        place(&format!("dump/{}.txt", planted.github), 1, "seen: ", &planted.github, " again"),
    ];
    places[0].name = Some("GITHUB_TOKEN".into());
    places[1].name = Some("tok\u{1b}[2Jen".into());
    places[1].decoded = vec![Decoder::Base64, Decoder::Gzip];
    places[1].rule = Some("generic-token".into());
    places.extend(
        (1..=4).map(|n| place(&format!("logs/build-{n}.log"), 100 * n, "fetch https://x:", &mask, "@github.com")),
    );
    let mut finding = finding(rule, planted.github.as_bytes(), 4, Confidence::Confirmed, places);
    finding.reasons = vec!["the checksum in the token is right".into(), "GITHUB_TOKEN stands before it".into()];
    finding.verdict = Verdict::live();
    finding
}

fn aws(planted: &Planted) -> Finding {
    let rule = rule("aws-access-key", "AWS access key", "Amazon Web Services", Severity::High, "");
    let mask = format!("{}…", &planted.aws_id[..4]);
    let long = format!("{}aws_access_key_id={mask}", "{\"padding\": 0}, ".repeat(20));
    let mut snippet = place(
        "backup/site.zip!conf/app [old].js",
        3,
        &long[..long.len() - mask.len()],
        &mask,
        &", \"x\": 1".repeat(40),
    );
    snippet.decoded = vec![Decoder::Escape];
    let mut finding = finding(rule, planted.aws_id.as_bytes(), 4, Confidence::High, vec![snippet]);
    let fingerprint = FingerprintKey::public().fingerprint(planted.aws_key.as_bytes());
    finding.parts = vec![Part {
        name: "secret_key".into(),
        value: Secret::new(planted.aws_key.as_bytes()),
        fingerprint,
        is_apart: false,
    }];
    finding.verdict = Verdict::unknown(format!("sts.amazonaws.com answered 503 to {}", planted.aws_id));
    finding
}

fn hostile(planted: &Planted) -> Finding {
    let rule =
        rule("generic-password", "Password in an assignment", "Generic", Severity::Medium, "Choose a new password.");
    let mut place =
        place("evil/\u{1b}[2J\u{202e}txt.exe", 7, "x = '\u{1b}]0;pwned\u{7}", "…", "'\u{9b}31m\r\u{2028}end");
    place.confidence = Confidence::Low;
    let mut finding = finding(rule, planted.password.as_bytes(), 0, Confidence::Low, vec![place]);
    finding.reasons = vec!["PASSWORD\u{1b}[8m stands before it".into(), "in [a](test) \\ file".into()];
    finding
}

fn keys(planted: &Planted) -> [Finding; 2] {
    let rule = rule("private-key", "Private key", "Generic", Severity::Critical, "Make a new key pair.");
    let mut pem = place("-", 1, "", "-----BEGIN…", "");
    (pem.kind, pem.end_line, pem.end_column) = (PlaceKind::Stdin, 4, 26);
    let mut binary = place("/srv/key store.bin", 1, "", "", "");
    (binary.snippet, binary.confidence) = (None, Confidence::Medium);
    [
        finding(rule.clone(), planted.pem.as_bytes(), 11, Confidence::Confirmed, vec![pem]),
        finding(rule, &planted.binary, 0, Confidence::Medium, vec![binary]),
    ]
}

/// The whole sample.
pub fn report(planted: &Planted) -> Report {
    let [pem, binary] = keys(planted);
    let mut findings = vec![pem, binary, aws(planted), github(planted), hostile(planted)];
    findings.extend(past::findings(planted));
    Report {
        tool_version: "0.1.0".into(),
        ruleset_digest: "5f1c0de5".into(),
        rules: 123,
        key_id: FingerprintKey::public().id().into(),
        key_guessable: true,
        findings,
        hidden: Vec::new(),
        below_threshold: 1234,
        gaps: vec![
            Gap::happened("secret\u{1b}.bin", "cannot be opened: permission denied; run as its owner."),
            Gap::happened(format!("tmp/{}", planted.aws_key), "vanished while it was read."),
            Gap::input("backup/old.zip!x.zip", "is encrypted; its raw bytes were scanned."),
        ],
        stats: Stats {
            files: 10_623,
            members: 12,
            bytes: 101_300_000,
            repositories: 2,
            objects: 382_118,
            commits: 203_000,
            object_bytes: 7_123_456_789,
            unreached: 12,
            remembered: 0,
            stored: 0,
        },
        baselined: false,
        notes: vec!["history not scanned: vendor/lib".into()],
        categories: Vec::new(),
        checkouts: Vec::new(),
        work_items: std::collections::BTreeMap::new(),
    }
}
