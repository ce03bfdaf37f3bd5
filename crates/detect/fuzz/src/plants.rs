//! Samples of every rule, planted where a text asks for them. The corpus names credentials by number and holds none.

use detect::proofs;
use rules::{Ruleset, sample};
use std::sync::OnceLock;
use testkit::{Encoding, Rng, secrets};

/// The two bytes that ask for a sample; its number (two bytes, low one first) and a byte for its encodings follow.
pub const CODE: [u8; 2] = [1, b'P'];
/// Texts do not grow beyond this many bytes.
pub const LONGEST: usize = 32 << 10;

/// Texts that the built-in rules and the harness's find.
pub fn samples() -> &'static [Vec<u8>] {
    static SAMPLES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let mut rng = Rng::new(0x5a17);
        let mut samples = vec![
            secrets::github_classic(&mut rng),
            [b"aws_access_key_id = ".to_vec(), secrets::aws_key_id(&mut rng)].concat(),
            secrets::jwt(&mut rng),
            secrets::private_key(&mut rng),
        ];
        samples.extend(of_rules(&super::setup::all_rules()));
        samples
    })
}

/// The first example of every rule that has one.
fn of_rules(ruleset: &Ruleset) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        let details = ruleset.details(index);
        let Some(template) = details.examples.first() else { continue };
        let text = sample::render(template, rule, &details, &proofs::seal, index as u64);
        texts.push(text.unwrap_or_else(|e| panic!("the first example of {}: {e}", rule.id)).text);
    }
    texts
}

/// The text with its samples planted, [`LONGEST`] bytes at most.
pub fn planted(text: &[u8]) -> Vec<u8> {
    let mut planted = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() && planted.len() < LONGEST {
        match rest {
            [a, b, low, high, encodings, behind @ ..] if [*a, *b] == CODE => {
                let samples = samples();
                let sample = &samples[usize::from(u16::from_le_bytes([*low, *high])) % samples.len()];
                planted.extend(encoded(sample, *encodings));
                rest = behind;
            }
            [byte, behind @ ..] => {
                planted.push(*byte);
                rest = behind;
            }
            [] => {}
        }
    }
    planted.truncate(LONGEST);
    planted
}

/// The sample as it is (a third of the choices), in one encoding, or in two.
fn encoded(sample: &[u8], choice: u8) -> Vec<u8> {
    let all = Encoding::ALL.len();
    let choice = usize::from(choice);
    match choice {
        0..85 => sample.to_vec(),
        85..170 => Encoding::ALL[choice % all].encode(sample),
        _ => Encoding::ALL[choice * 7 % all].encode(&Encoding::ALL[choice % all].encode(sample)),
    }
}
