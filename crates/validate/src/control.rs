//! Made-up credentials of the same shape.

use crate::check::Kind;
use crate::options::Options;
use crate::values::Values;
use rules::sample::render;
use rules::shape::Shape;

/// Bytes that tell which of several kinds a secret is.
const PREFIX: usize = 4;
/// Samples that are looked at for one of the same kind.
const TRIES: u64 = 24;

/// A made-up value for the secret and every part of a rule, of the same kind as `secret` where the rule has several: a host may
/// have no answer to another (Vault says 500 to `hvr.`). `None` where its shape gives no sample.
pub fn made_up(kind: &Kind, options: &Options, secret: &[u8]) -> Option<Values> {
    let of = |number: u64| sample(kind, options, number);
    let is_alike = |values: &Values| {
        let start = |bytes: &[u8]| bytes.get(..PREFIX).map(<[u8]>::to_vec);
        values.get("secret").is_some_and(|made| start(made.expose()) == start(secret))
    };
    (0..TRIES).filter_map(of).find(is_alike).or_else(|| of(0))
}

fn sample(kind: &Kind, options: &Options, number: u64) -> Option<Values> {
    // Not the same for every rule, or one would tell the others' providers.
    let seed =
        kind.rule.id.bytes().fold(options.seed, |seed, b| seed.rotate_left(5) ^ u64::from(b)).wrapping_add(number);
    let seal = |proof, secret: &mut Vec<u8>| (options.seal)(proof, secret);
    let text = |template: &str| render(template, &kind.rule, &kind.details, &seal, seed).ok();
    // A provider refuses one without its checksum, too.
    let unsealed = || render("{secret}", &kind.rule, &kind.details, &|_, _| true, seed).ok();
    let secret = text("{secret}").or_else(unsealed).and_then(|made| made.secret)?;
    let mut values = Values::new();
    values.set("secret", secret);
    for companion in &kind.rule.companions {
        values.set(&companion.name, part(&companion.shape, text(&format!("{{part:{}}}", companion.name))?.text));
    }
    Some(values)
}

/// Of a text that has a part's shape, what the part is: a word that tells what it is may stand before it.
fn part(shape: &Shape, mut text: Vec<u8>) -> Vec<u8> {
    match shape.match_where(&text, |_| true).map(|found| found.secret) {
        Some((start, end)) => text.drain(..).take(end).skip(start).collect(),
        None => text,
    }
}
