//! Texts made from rules: examples and near misses are templates, so that nothing in the tree looks like a credential.
//!
//! [`render`] turns a template and a rule into a text and the secret planted in it. The same seed gives the same text.
//! The forms of templates are described in `docs/rules.md`.

use crate::error::Error;
use crate::pattern;
use crate::proof::Proof;
use crate::rule::{Companion, Details, Matcher, Rule};
use crate::shape::{ByteSet, Mark, Shape, Step};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;

/// An open repetition is sampled at most this much longer than its least length.
const SLACK: usize = 32;
/// A sample of an expression goes on for this many bytes, about: repetitions of repetitions multiply. No match is half as
/// long.
const LONGEST: usize = 2 * pattern::MAX_WINDOW as usize;
/// How many samples are tried until one takes a seal that fits the shape.
const ATTEMPTS: usize = 64;
/// And until one has the length that a rule wants of the whole.
const LENGTHS: usize = 1 << 15;
/// What random passwords are made of: nothing that ends or quotes a value in a shell, a URL, YAML, JSON or XML.
const PASSWORD: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!*-._~^";
/// A class with as many visible bytes takes nearly anything; base64 has 65.
const ANYTHING: usize = 72;
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Names of alphabets in templates such as `{hex:32}`, and their bytes.
const ALPHABETS: &[(&str, &[u8])] = &[
    ("hex", b"0123456789abcdef"),
    ("HEX", b"0123456789ABCDEF"),
    ("digits", b"0123456789"),
    ("lower", b"abcdefghijklmnopqrstuvwxyz"),
    ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("alnum-lower", b"0123456789abcdefghijklmnopqrstuvwxyz"),
    ("alnum-upper", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base62", BASE62),
    ("base64", BASE64),
    ("base64url", BASE64URL),
    ("password", PASSWORD),
];

/// A template turned to text.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: Vec<u8>,
    /// The secret part of the credential in it; `None` where the template has no `{secret}`.
    pub secret: Option<Vec<u8>>,
    /// The names of the companions planted in it.
    pub parts: Vec<String>,
}

/// Makes a text of `template`: an example or near miss of `rule`, whose details are `details`.
///
/// `seal` rewrites a secret so that a proof passes, and says whether it could (`detect::proofs::seal`).
///
/// # Errors
/// A template that names what the rule or the format has not, or a rule of which no sealed sample fits its shape.
pub fn render(
    template: &str,
    rule: &Rule,
    details: &Details,
    seal: &dyn Fn(Proof, &mut Vec<u8>) -> bool,
    seed: u64,
) -> Result<Rendered, Error> {
    let mut renderer = Renderer { rule, details, seal, sampler: Sampler::new(seed), sealed: None, parts: Vec::new() };
    let mut text = Vec::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.extend_from_slice(&rest.as_bytes()[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if let Some(escaped) = rest.strip_prefix(brace) {
            text.push(brace.as_bytes()[0]);
            rest = escaped;
            continue;
        }
        let Some((form, behind)) = (brace == "{").then(|| rest.split_once('}')).flatten() else {
            return Err(
                renderer.error(format!("a single '{brace}' in a template; write '{brace}{brace}' for the character"))
            );
        };
        text.extend(renderer.form(form)?);
        rest = behind;
    }
    text.extend_from_slice(rest.as_bytes());
    let secret = renderer.sealed.map(|sample| sample.bytes[sample.secret].to_vec());
    Ok(Rendered { text, secret, parts: renderer.parts })
}

/// Random choices that follow from a seed alone (SplitMix64).
#[derive(Clone, Debug)]
pub struct Sampler {
    state: u64,
}

/// A random text that fits a shape or pattern, and what is where in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The text.
    pub bytes: Vec<u8>,
    /// The secret part.
    pub secret: Range<usize>,
    /// The identity part, where it is not the secret.
    pub identity: Option<Range<usize>>,
    runs: Vec<Run>,
}

/// The bytes that one class of the shape gave.
#[derive(Clone, PartialEq, Eq)]
struct Run {
    at: Range<usize>,
    alphabet: Vec<u8>,
    min: usize,
    max: usize,
}

impl Sampler {
    /// Choices for this seed.
    pub fn new(seed: u64) -> Sampler {
        Sampler { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A random text of `len` bytes of `alphabet`. Sixteen bytes or more of an alphabet with letters and digits hold a
    /// digit, as nearly all real tokens do: one in fifty of 24 characters would not, and the detector's lane for
    /// tokens without a prefix looks for digits. Of an empty alphabet there is no text.
    pub fn text(&mut self, alphabet: &[u8], len: usize) -> Vec<u8> {
        if alphabet.is_empty() {
            return Vec::new();
        }
        let mut text: Vec<u8> = (0..len).map(|_| alphabet[self.below(alphabet.len())]).collect();
        let digits: Vec<u8> = alphabet.iter().copied().filter(u8::is_ascii_digit).collect();
        if len >= 16 && !digits.is_empty() && !text.iter().any(u8::is_ascii_digit) {
            text[len / 2] = digits[self.below(digits.len())];
        }
        text
    }

    /// A text that `shape` matches.
    pub fn shape(&mut self, shape: &Shape) -> Sample {
        let steps = &shape.alternatives[self.below(shape.alternatives.len())];
        let mut sample = Sample::default();
        let mut secret = (0, None);
        for step in steps {
            match step {
                Step::Literal(bytes) => sample.bytes.extend(bytes),
                Step::Class { set, min, max } => {
                    let alphabet = printable(&shape.sets[usize::from(*set)]);
                    self.run(alphabet, usize::from(*min), usize::from(*max), &mut sample);
                }
                Step::Mark(Mark::SecretStart) => secret.0 = sample.bytes.len(),
                Step::Mark(Mark::SecretEnd) => secret.1 = Some(sample.bytes.len()),
                Step::Mark(Mark::IdentityStart) => sample.identity = Some(sample.bytes.len()..sample.bytes.len()),
                Step::Mark(Mark::IdentityEnd) => {
                    sample.identity = sample.identity.map(|at| at.start..sample.bytes.len());
                }
            }
        }
        sample.secret = secret.0..secret.1.unwrap_or(sample.bytes.len());
        sample
    }

    /// A text that a parsed expression matches; boundaries and other looks around are passed over.
    pub fn pattern(&mut self, hir: &Hir) -> Sample {
        let mut sample = Sample::default();
        let mut secret = None;
        self.expression(hir, &mut sample, &mut secret);
        sample.secret = secret.unwrap_or(0..sample.bytes.len());
        sample
    }

    fn expression(&mut self, hir: &Hir, into: &mut Sample, secret: &mut Option<Range<usize>>) {
        match hir.kind() {
            _ if into.bytes.len() > LONGEST => {}
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => into.bytes.extend(&*literal.0),
            HirKind::Class(class) => self.run(class_alphabet(class), 1, 1, into),
            HirKind::Repetition(rep) => {
                let min = rep.min as usize;
                let max = rep.max.map_or(min + SLACK, |max| max as usize);
                if let HirKind::Class(class) = rep.sub.kind() {
                    return self.run(class_alphabet(class), min.min(LONGEST), max, into);
                }
                for _ in 0..self.length(min.min(LONGEST), max) {
                    let before = into.bytes.len();
                    self.expression(&rep.sub, into, secret);
                    if into.bytes.len() == before {
                        break;
                    }
                }
            }
            HirKind::Capture(capture) => {
                let start = into.bytes.len();
                self.expression(&capture.sub, into, secret);
                match capture.name.as_deref() {
                    Some("secret") => *secret = Some(start..into.bytes.len()),
                    Some("identity") => into.identity = Some(start..into.bytes.len()),
                    _ => {}
                }
            }
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.expression(part, into, secret)),
            HirKind::Alternation(parts) => {
                let chosen = self.below(parts.len());
                self.expression(&parts[chosen], into, secret);
            }
        }
    }

    fn length(&mut self, min: usize, max: usize) -> usize {
        min + self.below(max.min(min + SLACK) - min + 1)
    }

    fn run(&mut self, alphabet: Vec<u8>, min: usize, max: usize, into: &mut Sample) {
        let start = into.bytes.len();
        let len = self.length(min, max);
        into.bytes.extend(self.text(&alphabet, len));
        into.runs.push(Run { at: start..into.bytes.len(), alphabet, min, max });
    }

    /// A random UUID, version 4.
    fn uuid(&mut self) -> Vec<u8> {
        let mut digits = self.text(b"0123456789abcdef", 32);
        digits[12] = b'4';
        digits[16] = b"89ab"[self.below(4)];
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join(&b'-')
    }

    /// An armoured block with a random body; no structure opens in it.
    fn armour(&mut self, label: &str) -> Vec<u8> {
        let body: Vec<Vec<u8>> = (0..12).map(|_| self.text(BASE64, 64)).collect();
        let dashes = "-".repeat(5);
        let mut block = format!("{dashes}BEGIN {label}{dashes}\n").into_bytes();
        block.extend(body.join(&b'\n'));
        block.extend(format!("\n{dashes}END {label}{dashes}").into_bytes());
        block
    }
}

struct Renderer<'a> {
    rule: &'a Rule,
    details: &'a Details,
    seal: &'a dyn Fn(Proof, &mut Vec<u8>) -> bool,
    sampler: Sampler,
    /// The text's credential, made when first asked for.
    sealed: Option<Sample>,
    /// The companions in the text.
    parts: Vec<String>,
}

impl Renderer<'_> {
    fn error(&self, message: impl Into<String>) -> Error {
        Error::new(&self.details.source, message).rule(&self.rule.id)
    }

    fn form(&mut self, form: &str) -> Result<Vec<u8>, Error> {
        let (name, argument) = form.split_once(':').unwrap_or((form, ""));
        match name {
            "secret" => self.secret(argument),
            "part" => {
                let rule = self.rule;
                let part = rule.companions.iter().find(|c| c.name == argument);
                let part =
                    part.ok_or_else(|| self.error(format!("'{{{form}}}': {}", known_parts(&rule.companions))))?;
                self.parts.push(part.name.clone());
                Ok(self.sampler.shape(&part.shape).bytes)
            }
            "pem" => self.block(argument),
            "uuid" => Ok(self.sampler.uuid()),
            "password" if argument.is_empty() => Ok(self.sampler.text(PASSWORD, 16)),
            _ => {
                let alphabet = ALPHABETS.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes);
                match (alphabet, argument.parse::<usize>()) {
                    (Some(alphabet), Ok(len)) if len <= 65_536 => Ok(self.sampler.text(alphabet, len)),
                    (Some(_), _) => Err(self.error(format!("'{{{form}}}' needs a length, such as {{{name}:32}}"))),
                    (None, _) => Err(self.error(format!("'{{{form}}}' is no form of templates; see docs/rules.md"))),
                }
            }
        }
    }

    fn secret(&mut self, variant: &str) -> Result<Vec<u8>, Error> {
        if self.sealed.is_none() {
            self.sealed = Some(self.sealed_sample()?);
        }
        let sample = self.sealed.clone().expect("made above");
        match variant {
            "" => Ok(sample.bytes),
            "short" => Ok(sample.resized(&mut self.sampler, |run| run.min.saturating_sub(1))),
            "long" => Ok(sample.resized(&mut self.sampler, |run| run.max + 1)),
            "flip" => Ok(sample.flipped(&mut self.sampler)),
            "unsealed" => Ok(self.raw_sample()?.bytes),
            "upper" => Ok(sample.bytes.to_ascii_uppercase()),
            "lower" => Ok(sample.bytes.to_ascii_lowercase()),
            "repeat" => Ok(sample.repeated()),
            other => Err(self.error(format!(
                "'{{secret:{other}}}' is no form of templates; known are short, long, flip, unsealed, upper, lower, repeat"
            ))),
        }
    }

    /// A sample that passes the rule's proof and still fits its shape.
    fn sealed_sample(&mut self) -> Result<Sample, Error> {
        let Some(proof) = self.rule.proof else { return self.raw_sample() };
        for _ in 0..ATTEMPTS {
            let sample = self.raw_sample()?;
            let mut secret = sample.bytes[sample.secret.clone()].to_vec();
            if (self.seal)(proof, &mut secret)
                && let Some(sealed) = self.with_secret(sample, &secret)
            {
                return Ok(sealed);
            }
        }
        Err(self.error(format!("no sample of the rule passes '{}' and fits the shape", proof.name())))
    }

    /// The sample with this secret in the place of its own; `None` if the shape does not match it then.
    fn with_secret(&self, sample: Sample, secret: &[u8]) -> Option<Sample> {
        match &self.rule.matcher {
            Matcher::Shape(shape) => {
                let (before, behind) = (&sample.bytes[..sample.secret.start], &sample.bytes[sample.secret.end..]);
                Sample::traced(shape, [before, secret, behind].concat())
            }
            _ => Some(sample.with_secret(secret)),
        }
    }

    fn raw_sample(&mut self) -> Result<Sample, Error> {
        Ok(match &self.rule.matcher {
            Matcher::Shape(shape) => {
                let mut samples = (0..LENGTHS).map(|_| self.sampler.shape(shape));
                let fitting = samples.find(|sample| self.rule.takes_len(sample.bytes.len()));
                fitting.ok_or_else(|| self.error("no sample of the shape has the length wanted"))?
            }
            Matcher::Pattern(_) => {
                let hir = pattern::parse(&self.details.written).map_err(|e| self.error(e))?;
                self.sampler.pattern(&hir)
            }
            Matcher::Assignment(assignment) => {
                let (min, max) = (usize::from(assignment.len.0), usize::from(assignment.len.1));
                self.value(min, max, 16)
            }
            Matcher::UserInfo { .. } => self.value(1, 64, 16),
            Matcher::Armour { labels } => {
                let label = &labels[self.sampler.below(labels.len())];
                let bytes = self.sampler.armour(label);
                Sample { secret: 0..bytes.len(), bytes, ..Sample::default() }
            }
            Matcher::Log(_) => return Err(self.error("what a log says is no example text")),
            Matcher::Path => return Err(self.error("a rule on paths has no secret; write the path itself")),
        })
    }

    fn value(&mut self, min: usize, max: usize, wanted: usize) -> Sample {
        let len = wanted.clamp(min, max);
        let bytes = self.sampler.text(PASSWORD, len);
        let run = Run { at: 0..len, alphabet: PASSWORD.to_vec(), min, max };
        Sample { bytes, secret: 0..len, identity: None, runs: vec![run] }
    }

    /// An armoured block; one that claims to be a private key gets a structure that opens.
    fn block(&mut self, label: &str) -> Result<Vec<u8>, Error> {
        if label.is_empty() {
            return Err(self.error("'{pem}' needs a label, such as {pem:PUBLIC KEY}"));
        }
        for _ in 0..ATTEMPTS {
            let mut block = self.sampler.armour(label);
            if !label.ends_with("PRIVATE KEY") || (self.seal)(Proof::PrivateKey, &mut block) {
                return Ok(block);
            }
        }
        Err(self.error(format!("no body that opens can be made for the label '{label}'")))
    }
}

fn known_parts(companions: &[Companion]) -> String {
    if companions.is_empty() {
        return "the rule has no companions".to_owned();
    }
    let names: Vec<&str> = companions.iter().map(|c| c.name.as_str()).collect();
    format!("no such companion; known are {}", names.join(", "))
}

impl Sample {
    /// What `shape` sees in `bytes`; `None` if it does not match the whole of them.
    fn traced(shape: &Shape, bytes: Vec<u8>) -> Option<Sample> {
        let steps = shape.alternatives.iter().find(|steps| {
            let alone = Shape { alternatives: vec![(*steps).clone()], ..shape.clone() };
            alone.match_at(&bytes).is_some_and(|found| found.len == bytes.len())
        })?;
        let found = shape.match_at(&bytes)?;
        let (mut at, mut runs) = (0, Vec::new());
        for step in steps {
            match step {
                Step::Literal(literal) => at += literal.len(),
                Step::Class { set, min, max } => {
                    let set = &shape.sets[usize::from(*set)];
                    let (min, max) = (usize::from(*min), usize::from(*max));
                    let len = bytes[at..].iter().take(max).take_while(|b| set.contains(**b)).count();
                    runs.push(Run { at: at..at + len, alphabet: printable(set), min, max });
                    at += len;
                }
                Step::Mark(_) => {}
            }
        }
        let identity = found.identity.map(|(start, end)| start..end);
        Some(Sample { secret: found.secret.0..found.secret.1, identity, runs, bytes })
    }

    /// The sample with a sealed secret in the place of the sampled one; runs keep their places as far as they can.
    fn with_secret(mut self, sealed: &[u8]) -> Sample {
        let grown = sealed.len() as isize - self.secret.len() as isize;
        let old_end = self.secret.end;
        self.bytes.splice(self.secret.clone(), sealed.iter().copied());
        self.secret.end = self.secret.start + sealed.len();
        let len = self.bytes.len();
        let moved = |at: usize| if at >= old_end { at.saturating_add_signed(grown) } else { at.min(len) };
        for run in &mut self.runs {
            let start = if run.at.start == old_end { self.secret.end } else { moved(run.at.start) };
            run.at = start..moved(run.at.end).max(start);
        }
        self.identity = self.identity.take().map(|at| moved(at.start)..moved(at.end));
        self
    }

    /// The last run that has a length to change.
    fn last_run(&self) -> Option<&Run> {
        let long = self.runs.iter().rev().find(|run| run.min >= 2);
        long.or_else(|| self.runs.iter().rev().find(|run| run.min == 1))
    }

    /// The text with the last run cut or filled up to the length `len` names; without any run one byte less.
    fn resized(&self, sampler: &mut Sampler, len: impl Fn(&Run) -> usize) -> Vec<u8> {
        let Some(run) = self.last_run() else { return self.bytes[..self.bytes.len().saturating_sub(1)].to_vec() };
        let wanted = len(run);
        let mut body = self.bytes[run.at.clone()].to_vec();
        if wanted > body.len() {
            let more = sampler.text(&run.alphabet, wanted - body.len());
            body.extend(more);
        }
        body.truncate(wanted);
        [&self.bytes[..run.at.start], &body, &self.bytes[run.at.end..]].concat()
    }

    /// The text with one character in the middle of its longest run changed: what a typing error does to a checksum. The
    /// last character would not do: its low bits mean nothing in padded base64.
    fn flipped(&self, sampler: &mut Sampler) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let Some(run) = self.runs.iter().max_by_key(|run| run.at.len()) else { return bytes };
        let at = (run.at.start + run.at.len() / 2).min(bytes.len().saturating_sub(1));
        if bytes.is_empty() {
            return bytes;
        }
        let others: Vec<u8> = run.alphabet.iter().copied().filter(|b| *b != bytes[at]).collect();
        if !others.is_empty() {
            bytes[at] = others[sampler.below(others.len())];
        }
        bytes
    }

    /// The text with every run's bytes replaced by one of its characters.
    fn repeated(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for run in &self.runs {
            let letter = run.alphabet.iter().copied().find(|b| matches!(b, b'x' | b'X' | b'a' | b'A'));
            if let Some(one) = letter.or(run.alphabet.first().copied()) {
                bytes[run.at.clone()].fill(one);
            }
        }
        bytes
    }
}

/// What a class is sampled from: its bytes that can be seen; of a class that takes nearly anything those that passwords
/// are made of; of white space what stands between words.
fn printable(set: &ByteSet) -> Vec<u8> {
    let among = |fits: &dyn Fn(&u8) -> bool| set.bytes().filter(|b| fits(b)).collect::<Vec<u8>>();
    let visible = among(&u8::is_ascii_graphic);
    let chosen = match visible.len() {
        0 => among(&|b| matches!(b, b' ' | b'\t' | b'\n')),
        ANYTHING.. => among(&|b| PASSWORD.contains(b)),
        _ => visible,
    };
    if chosen.is_empty() { set.bytes().collect() } else { chosen }
}

fn class_alphabet(class: &Class) -> Vec<u8> {
    let mut set = ByteSet::default();
    match class {
        Class::Bytes(class) => class.iter().flat_map(|r| r.start()..=r.end()).for_each(|b| set.insert(b)),
        Class::Unicode(class) => {
            let ascii = class.iter().flat_map(|r| r.start()..=r.end().min('\x7f'));
            ascii.for_each(|c| set.insert(c as u8));
        }
    }
    printable(&set)
}

#[cfg(test)]
mod tests;
