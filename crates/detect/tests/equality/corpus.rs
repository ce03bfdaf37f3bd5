//! What is looked for, and what is planted.

use detect::units::Limits;
use detect::{Detector, Options, proofs};
use rules::{Anchor, Reach, Rule, Ruleset, sample};
use std::sync::{Arc, OnceLock};
use testkit::Rng;
use testkit::secrets::{self, BASE62, HEX};

/// Seeds of which every example is written once.
const SEEDS: [u64; 2] = [1, 2];
/// Rules that read no farther than this have a detector of their own: the longest reach is every window's margin, and a
/// window of 32 KiB is none.
const NEAR: u32 = 700;

/// Pieces that texts of tests outgrow, with margins that tokens and nested units do; what is compressed is cut short.
const PIECES: Limits = Limits { piece: 512, margin: 64, inflate: 300 };

/// A text that a rule must find.
#[derive(Clone)]
pub(crate) struct Sample {
    /// Index of the rule.
    pub(crate) rule: u32,
    /// The text: the credential with what its rule wants around it.
    pub(crate) bytes: Vec<u8>,
}

/// Rules, detectors for them, samples.
pub(crate) struct Corpus {
    pub(crate) detector: Detector,
    pub(crate) portable: Detector,
    /// Of the rules that read [`NEAR`] only, decoding long units in small pieces.
    pub(crate) near: Detector,
    /// Keeps hits that are taken back at once, with the reason.
    pub(crate) keeping: Detector,
    pub(crate) samples: Vec<Sample>,
    /// Examples that cannot be written, and rules without any.
    pub(crate) unwritten: Vec<String>,
    /// The samples' bytes alone, as the planter takes them.
    pub(crate) texts: Vec<Vec<u8>>,
}

/// The built-in rules and one rule of every kind.
pub(crate) fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(Corpus::new)
}

impl Corpus {
    fn new() -> Corpus {
        let all = Arc::new(ruleset(|_| true));
        let near = Arc::new(ruleset(|rule| is_near(rule.reach)));
        let (samples, unwritten) = samples(&all);
        let texts = samples.iter().map(|sample| sample.bytes.clone()).collect();
        Corpus {
            detector: Detector::new(all.clone(), Options::default()),
            portable: Detector::new(all.clone(), Options { portable: true, ..Options::default() }),
            keeping: Detector::new(all, Options { keep_refuted: true, ..Options::default() }),
            near: Detector::new(near, Options { units: PIECES, ..Options::default() }),
            samples,
            unwritten,
            texts,
        }
    }

    /// The rule with this index.
    pub(crate) fn rule(&self, rule: u32) -> &Rule {
        &self.detector.ruleset().rules()[rule as usize]
    }

    /// Id of a rule.
    pub(crate) fn id(&self, rule: u32) -> &str {
        &self.rule(rule).id
    }

    /// A detector that knows one rule, and so has no other rule's margin.
    pub(crate) fn alone(&self, rule: u32) -> Detector {
        let id = self.id(rule);
        Detector::new(Arc::new(ruleset(|rule| rule.id == id)), Options::default())
    }
}

fn is_near(reach: Reach) -> bool {
    reach.before <= NEAR && reach.after <= NEAR
}

fn ruleset(keep: impl FnMut(&Rule) -> bool) -> Ruleset {
    let mut ruleset = Ruleset::builtin();
    ruleset.add_text("kinds.toml", include_str!("kinds.toml")).expect("rules that compile");
    ruleset.retain(keep);
    ruleset
}

/// Every example of every rule, and what this file knows to make for the kinds.
fn samples(ruleset: &Ruleset) -> (Vec<Sample>, Vec<String>) {
    let (mut samples, mut unwritten) = (Vec::new(), Vec::new());
    for (index, rule) in ruleset.rules().iter().enumerate() {
        // Not found within other text: see `alone`.
        if rule.alone {
            continue;
        }
        let details = ruleset.details(index);
        for (template, seed) in details.examples.iter().flat_map(|example| SEEDS.map(|seed| (example, seed))) {
            match sample::render(template, rule, &details, &proofs::seal, seed) {
                Ok(rendered) => samples.push(Sample { rule: index as u32, bytes: rendered.text }),
                Err(error) => unwritten.push(format!("{}: {error}", rule.id)),
            }
        }
    }
    for (id, texts) in own(&mut Rng::new(0xdead_6e1e)) {
        let Some((index, _)) = ruleset.get(id) else { continue };
        samples.extend(texts.into_iter().map(|bytes| Sample { rule: index as u32, bytes }));
    }
    let sampled = |index: usize| samples.iter().any(|sample| sample.rule as usize == index);
    let bare =
        ruleset.rules().iter().enumerate().filter(|(index, rule)| {
            !matches!(rule.anchor, Anchor::Path | Anchor::Log) && !rule.alone && !sampled(*index)
        });
    unwritten.extend(bare.map(|(_, rule)| format!("{}: no example", rule.id)));
    (samples, unwritten)
}

/// Samples made without the rules' help.
fn own(rng: &mut Rng) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let aws = [b"aws_access_key_id = ".to_vec(), secrets::aws_key_id(rng), b"\naws_secret_access_key = ".to_vec()];
    let aws = [aws.concat(), secrets::aws_secret(rng)].concat();
    let mut own = vec![
        ("kind-armour", vec![secrets::private_key(rng)]),
        ("github-pat-classic", vec![secrets::github_classic(rng)]),
        ("aws-access-key", vec![aws]),
        ("jwt", vec![secrets::jwt(rng)]),
    ];
    let mut text = |alphabet: &[u8], len: usize| String::from_utf8(rng.text(alphabet, len)).expect("ASCII");
    let kinds = [short_kinds(&mut text), long_kinds(&mut text)].concat();
    own.extend(kinds.into_iter().map(|(id, texts)| (id, texts.into_iter().map(String::into_bytes).collect())));
    own
}

const DIGITS: &[u8] = b"0123456789";
const CAPITALS: &[u8] = b"ABCDEFGHJK0123456789";

fn short_kinds(text: &mut dyn FnMut(&[u8], usize) -> String) -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("kind-prefix", vec![format!("\\u003dknd_{}", text(BASE62, 40)), format!("key = knd_{};", text(BASE62, 20))]),
        ("kind-prefix-parts", vec![format!("\"kndp-{}-{}\"", text(HEX, 12), text(HEX, 24))]),
        ("kind-prefix-keyword", vec![format!("the kindly one: kk-{}", text(CAPITALS, 24).to_lowercase())]),
        ("kind-literal", vec![format!("#knd{{{}}}", text(HEX, 31))]),
        ("kind-open-end", vec![format!("kndx{}", text(DIGITS, 16)), format!("kndx{}ab", text(DIGITS, 16))]),
        ("kind-token", vec![format!("kindred_hash: '{}'", text(HEX, 32))]),
        ("kind-token-inner", vec![format!("{}.knd.{}", text(BASE62, 23), text(DIGITS, 6))]),
        (
            "kind-pattern",
            vec![format!("kndr:ab-cde-{} ", text(DIGITS, 70)), format!("kndr:ab-cd-fg-{}", text(DIGITS, 8))],
        ),
        ("kind-pattern-around", vec![format!("{}kndcore{}", text(b"bcdfghjklmnpqrstvwxz", 7), text(DIGITS, 9))]),
        (
            "kind-assignment",
            vec![
                format!("my_api_key = \"{}\"", text(BASE62, 32)),
                format!("DB_PASSWORD='{}'", text(BASE62, 20)),
                format!("{{\"clientSecret\": \"{}\"}}", text(BASE62, 40)),
            ],
        ),
        ("kind-userinfo", vec![format!("https://deploy:{}@git.corp.invalid/x.git", text(BASE62, 18))]),
    ]
}

fn long_kinds(text: &mut dyn FnMut(&[u8], usize) -> String) -> Vec<(&'static str, Vec<String>)> {
    let far = " ".repeat(200);
    vec![
        ("kind-token-word", vec![format!("KinshipKey ={far}\"{}\"", text(BASE62, 27))]),
        ("kind-token-long", vec![format!("kinfolk={}", text(BASE62, 199)), format!("kinfolk={}", text(BASE62, 290))]),
        ("kind-pattern-far", vec![format!("knd<<{}>>", text(HEX, 1800)), format!("knd<<{}>>", text(HEX, 40))]),
        (
            "kind-named",
            vec![
                format!("\"DB_PIN\":{{\"knd\":\"{}\",\"is", text(DIGITS, 4)),
                format!("\"A\":{{\"knd\":\"{}\",\"is", text(BASE62, 190)),
            ],
        ),
        (
            "kind-beside",
            vec![
                format!("{{\"kndly\":\"x\",\"ONE\":\"{}\",\"TWO\":\"{}\"}}", text(DIGITS, 4), text(HEX, 32)),
                format!("{{\"ONE\":\"{}\",{far}\"kndly\":\"x\"}}", text(BASE62, 12)),
            ],
        ),
        ("kind-signed", vec![format!("?X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-Kndsig={}", text(HEX, 32))]),
        (
            "kind-companion",
            vec![
                format!("id: KNDID{}\nkey: {}\nin kr-{}", text(CAPITALS, 16), text(BASE62, 40), text(DIGITS, 4)),
                format!("in kr-{}, {} of KNDID{}", text(DIGITS, 4), text(BASE62, 40), text(CAPITALS, 16)),
            ],
        ),
    ]
}
