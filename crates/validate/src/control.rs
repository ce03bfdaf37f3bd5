//! Made-up credentials of the same shape.

use crate::check::Kind;
use crate::options::Options;
use crate::values::Values;
use rules::sample::render;

/// A made-up value for the secret and every part of a rule; `None` where its shape gives no sample.
pub fn made_up(kind: &Kind, options: &Options) -> Option<Values> {
    // Not the same for every rule, or one would tell the others' providers.
    let seed = kind.rule.id.bytes().fold(options.seed, |seed, b| seed.rotate_left(5) ^ u64::from(b));
    let seal = |proof, secret: &mut Vec<u8>| (options.seal)(proof, secret);
    let text = |template: &str| render(template, &kind.rule, &kind.details, &seal, seed).ok();
    // A provider refuses one without its checksum, too.
    let unsealed = || render("{secret}", &kind.rule, &kind.details, &|_, _| true, seed).ok();
    let secret = text("{secret}").or_else(unsealed).and_then(|made| made.secret)?;
    let mut values = Values::new();
    values.set("secret", secret);
    for companion in &kind.rule.companions {
        values.set(&companion.name, text(&format!("{{part:{}}}", companion.name))?.text);
    }
    Some(values)
}
