//! Known values in a command's output: told, and masked.

use super::filter::Filter;
use super::position::Position;
use crate::known;
use detect::known::{Known, KnownStream, KnownValues};
use model::{Confidence, Finding, Place, PlaceKind, Report, RuleRef, Severity, Stats, Verdict};

/// What stands for a secret.
const MASK: &[u8] = b"***";
/// Places that are kept for the report; more are counted.
const PLACES: usize = 10_000;

/// Looks for known values.
pub struct KnownFilter<'a> {
    values: &'a KnownValues,
    stream: KnownStream<'a>,
    is_masking: bool,
    /// Bytes that may be part of a value, and the offset of the first.
    held: Vec<u8>,
    base: u64,
    position: Position,
    /// Stretches to mask, in order and apart.
    secrets: Vec<(u64, u64)>,
    /// Whether the last byte passed on is one that a mask stands for.
    is_in_mask: bool,
    found: Vec<(Known, Place)>,
    not_kept: usize,
}

impl<'a> KnownFilter<'a> {
    pub fn new(values: &'a KnownValues, is_masking: bool) -> KnownFilter<'a> {
        KnownFilter {
            values,
            stream: KnownStream::new(values),
            is_masking,
            held: Vec::new(),
            base: 0,
            position: Position::start(),
            secrets: Vec::new(),
            is_in_mask: false,
            found: Vec::new(),
            not_kept: 0,
        }
    }

    fn settle(&mut self, out: &mut Vec<u8>) {
        let to = self.stream.open_from();
        let mut position = self.position.clone();
        let mut at = self.base;
        for known in self.stream.take_settled() {
            match self.secrets.last_mut() {
                Some(last) if known.start <= last.1 => last.1 = last.1.max(known.end),
                _ => self.secrets.push((known.start, known.end)),
            }
            // Of a form whose beginning was passed on already, the rest is masked.
            let start = known.start.max(at);
            position.advance(self.bytes(at, start));
            at = start;
            self.note(known, &position);
        }
        position.advance(self.bytes(at, to.max(at)));
        // What is settled begins before what is open.
        self.position = position;
        self.release(to, out);
    }

    fn bytes(&self, from: u64, to: u64) -> &[u8] {
        &self.held[(from - self.base) as usize..(to - self.base) as usize]
    }

    fn note(&mut self, known: Known, start: &Position) {
        if self.found.len() >= PLACES {
            self.not_kept += 1;
            return;
        }
        let mut end = start.clone();
        end.advance(self.bytes(known.start, known.end));
        let place = Place {
            path: "-".to_owned(),
            kind: PlaceKind::Log,
            line: start.line(),
            column: start.column(),
            end_line: end.line(),
            end_column: end.column(),
            offset: known.start,
            length: known.end - known.start,
            decoded: known.encoding.decoders().to_vec(),
            rule: None,
            confidence: Confidence::High,
            snippet: None,
            history: None,
            log: None,
        };
        self.found.push((known, place));
    }

    /// Lets go what stands before `to`.
    fn release(&mut self, to: u64, out: &mut Vec<u8>) {
        if self.is_masking {
            let mut at = self.base;
            let secrets = std::mem::take(&mut self.secrets);
            for (start, end) in secrets.iter().copied().filter(|(start, _)| *start < to) {
                let (start, end) = (start.max(at), end.min(to).max(at));
                self.pass(at, start, out);
                self.mask(start, end, out);
                at = end;
            }
            self.pass(at, to, out);
            self.secrets = secrets;
        }
        self.secrets.retain(|(_, end)| *end >= to);
        self.held.drain(..(to - self.base) as usize);
        self.base = to;
    }

    fn pass(&mut self, from: u64, to: u64, out: &mut Vec<u8>) {
        if from < to {
            out.extend_from_slice(self.bytes(from, to));
            self.is_in_mask = false;
        }
    }

    /// One mask for every line, so that lines stay where they are.
    fn mask(&mut self, from: u64, to: u64, out: &mut Vec<u8>) {
        let mut is_in_mask = self.is_in_mask;
        for byte in self.bytes(from, to) {
            if matches!(byte, b'\n' | b'\r') {
                out.push(*byte);
                is_in_mask = false;
            } else if !std::mem::replace(&mut is_in_mask, true) {
                out.extend_from_slice(MASK);
            }
        }
        self.is_in_mask = is_in_mask;
    }

    /// The finding that a value's places are.
    fn finding(&self, value: u32, key: &model::FingerprintKey) -> Finding {
        let named = &self.values.values()[value as usize];
        let of_value = || self.found.iter().filter(|(known, _)| known.value == value);
        let mut encodings: Vec<&str> = of_value().map(|(known, _)| known.encoding.name()).collect();
        encodings.sort_unstable();
        encodings.dedup();
        Finding {
            rule: rule(),
            fingerprint: key.fingerprint(named.value.expose()),
            confidence: Confidence::High,
            reasons: vec![format!("the value of the variable {} ({})", named.name, encodings.join(", "))],
            secret: named.value.clone(),
            public_prefix: 0,
            parts: Vec::new(),
            verdict: Verdict::NotChecked,
            places: of_value().map(|(_, place)| place.clone()).collect(),
            histories: Vec::new(),
            suppressions: Vec::new(),
        }
    }
}

impl Filter for KnownFilter<'_> {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(bytes);
        self.stream.feed(bytes);
        self.settle(out);
    }

    /// What is open stays so: silence says nothing of what comes.
    fn pause(&mut self, _: &mut Vec<u8>) {}

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.stream.finish();
        self.settle(out);
    }

    fn leaked(&self) -> bool {
        !self.found.is_empty()
    }

    fn report(self) -> Report {
        let key = known::key();
        let mut leaked: Vec<u32> = self.found.iter().map(|(known, _)| known.value).collect();
        leaked.sort_unstable();
        leaked.dedup();
        let mut findings: Vec<Finding> = leaked.into_iter().map(|value| self.finding(value, &key)).collect();
        findings.sort_by(|a, b| {
            let place = |finding: &Finding| (finding.places[0].offset, finding.fingerprint.clone());
            place(a).cmp(&place(b))
        });
        let more = format!("{} more places are not listed", self.not_kept);
        Report {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            key_id: key.id().to_owned(),
            key_guessable: key.is_guessable(),
            findings,
            stats: Stats { files: 1, bytes: self.base, ..Stats::default() },
            notes: if self.not_kept > 0 { vec![more] } else { Vec::new() },
            category: Some("logs".to_owned()),
            ..Report::default()
        }
    }
}

/// What reports say of a known value that came in the output. It is no rule of the ruleset: it has no pattern.
fn rule() -> RuleRef {
    RuleRef {
        id: "known-value".to_owned(),
        name: "Value of a credential-named environment variable in the output".to_owned(),
        provider: "Generic".to_owned(),
        severity: Severity::High,
        tags: vec!["CWE-532".to_owned(), "NHI2:2025".to_owned()],
        rotate:
            "Whoever can read the output has it: replace the value where it was issued, and keep it out of what the \
                 command prints."
                .to_owned(),
    }
}
