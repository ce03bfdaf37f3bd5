//! Names and ends of credentials are parts of hits: every partition tells the same, and what decoders find keeps them.

use crate::corpus::corpus;
use crate::partitions::{check_cuts, check_deltas, check_streams, report, whole};
use detect::Hit;
use testkit::{Encoding, Filler, Rng, Script, Step};

/// Texts in which `@` stands for 32 hexadecimal digits, with the rule that finds them and the name they go by.
const TEXTS: &[(&str, &str, &str)] = &[
    ("kind-prefix", "DEPLOY_AUTH=knd_@", "DEPLOY_AUTH"),
    ("kind-prefix", "{\"DEPLOY_AUTH\": {\n  \"value\": \"knd_@\"}}", "DEPLOY_AUTH"),
    ("kind-prefix", "- name: DEPLOY_AUTH\n  value: knd_@\n", "DEPLOY_AUTH"),
    ("kind-prefix", "X-Deploy: Bearer knd_@", "X-Deploy"),
    ("kind-assignment", "my_api_key = '@'", "my_api_key"),
    ("kind-userinfo", "DATABASE_URL=https://deploy:@@git.corp.invalid/x", "DATABASE_URL"),
    ("kind-named", "{\"OWN\":{\"knd\":\"@\",\"is", "OWN"),
    ("kind-beside", "{\"OWN\":\"@\",\"kndly\":\"x\"}", "OWN"),
    ("kind-beside", "{\"kndly\":\"x\",\"OWN\":\"@\"}", "OWN"),
];

fn texts() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    let mut rng = Rng::new(71);
    TEXTS.iter().map(move |(rule, text, name)| {
        let digits = String::from_utf8(rng.text(b"23456789abcdef", 32)).expect("ASCII");
        (*rule, text.replacen('@', &digits, 1), *name)
    })
}

fn name_of(hit: &Hit, bytes: &[u8]) -> Option<String> {
    let name = match &hit.decoded {
        Some(decoded) => decoded.name.as_deref(),
        None => hit.name.map(|name| name.of(bytes)),
    };
    name.map(|name| String::from_utf8_lossy(name).into_owned())
}

/// Whether a hit of the rule goes by the name.
fn is_named(hits: &[Hit], bytes: &[u8], rule: &str, name: &str) -> bool {
    hits.iter().any(|hit| corpus().id(hit.rule) == rule && name_of(hit, bytes).as_deref() == Some(name))
}

/// A text among others, once from its start on and once in the midst of lines.
fn surrounded(text: &[u8], seed: u64) -> [Vec<u8>; 2] {
    let filler = |seed| Filler::Source.write(&mut Rng::new(seed), 3000);
    [[text, b"\n", &filler(seed)].concat(), [&filler(seed + 1), &b"\n"[..], text, b"\n", &filler(seed)].concat()]
}

#[test]
fn every_cut_stream_and_delta_keeps_names() {
    let mut faults = Vec::new();
    for (index, (rule, text, name)) in texts().enumerate() {
        for bytes in surrounded(text.as_bytes(), index as u64) {
            let hits = whole(&corpus().detector, &bytes);
            if !is_named(&hits, &bytes, rule, name) {
                faults.push(format!("{rule}: text {index} has no name"));
            }
            let start = memchr::memmem::find(&bytes, text.as_bytes()).expect("it stands there");
            let cuts: Vec<usize> = (start..(start + text.len()).min(start + 60)).step_by(3).collect();
            faults.extend(check_cuts(&bytes, &cuts).err());
            faults.extend(check_streams(&bytes, &[200, 1]).err());
            faults.extend(check_deltas(&bytes, &hits, &renamed(start, bytes.len())).err());
        }
    }
    report(&faults);
}

/// Edits before a text, of its name's first byte, and right behind it.
fn renamed(start: usize, len: usize) -> Vec<Script> {
    let edit = |at: usize, skipped: usize, len: usize| {
        Script(vec![Step::Copy(0..at), Step::Insert(b"Z".to_vec()), Step::Copy(at + skipped..len)])
    };
    vec![edit(start, 0, len), edit(start + 2, 1, len + 1), edit(start + 40, 0, len + 1), edit(len + 1, 0, len + 2)]
}

#[test]
fn decoded_text_keeps_names() {
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    let wrapped = Encoding::Wrapped { width: 76, crlf: false };
    let chains: [&[Encoding]; 5] =
        [&[base64], &[base64, base64], &[wrapped], &[Encoding::GzipBase64], &[Encoding::Hex { upper: false }]];
    let mut faults = Vec::new();
    for (index, (rule, text, name)) in texts().enumerate() {
        for chain in chains {
            let inner = surrounded(text.as_bytes(), index as u64)[1].clone();
            let encoded = testkit::encode::through(chain, &inner);
            let bytes = [b"output: ", &encoded[..], b"\n"].concat();
            let hits = whole(&corpus().detector, &bytes);
            if !is_named(&hits, &bytes, rule, name) {
                faults.push(format!("{rule}: text {index} through {chain:?} has no name"));
            }
            faults.extend(check_cuts(&bytes, &[9, bytes.len() / 2]).err());
        }
    }
    report(&faults);
}

#[test]
fn a_name_that_is_a_secret_is_none() {
    let texts: Vec<String> = texts().map(|(_, text, _)| text).collect();
    let (first, second) =
        (texts[0].trim_start_matches("DEPLOY_AUTH="), texts[3].trim_start_matches("X-Deploy: Bearer "));
    let inner = format!("{{\"{first}\": \"{second}\"}} and then some text\n");
    let bytes = Encoding::Base64 { url_safe: false, padded: true }.encode(inner.as_bytes());
    let hits = whole(&corpus().detector, &bytes);
    assert_eq!(hits.iter().filter(|hit| corpus().id(hit.rule) == "kind-prefix").count(), 2);
    assert!(hits.iter().all(|hit| name_of(hit, &bytes).is_none()));
}

#[test]
fn the_end_of_a_signature_is_that_of_its_url_in_every_partition() {
    let date = "X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600";
    let pad = "x-id=PutObject&".repeat(90);
    let digits = String::from_utf8(Rng::new(72).text(b"23456789abcdef", 32)).expect("ASCII");
    for url in [format!("?{date}&{pad}X-Amz-Kndsig={digits}"), format!("?X-Amz-Kndsig={digits}&{pad}{date}")] {
        let bytes = surrounded(format!("https://x.invalid/a{url}").as_bytes(), 73)[1].clone();
        let hits = whole(&corpus().detector, &bytes);
        let ends: Vec<_> = hits.iter().filter_map(|hit| hit.expires).collect();
        assert_eq!(ends, [1_767_326_645], "{url}");
        let cuts: Vec<usize> = (0..bytes.len()).step_by(97).collect();
        report(&check_cuts(&bytes, &cuts).err().into_iter().collect::<Vec<_>>());
        let start = memchr::memmem::find(&bytes, b"20260102").expect("it stands there");
        report(&check_deltas(&bytes, &hits, &renamed(start, bytes.len())).err().into_iter().collect::<Vec<_>>());
    }
}
