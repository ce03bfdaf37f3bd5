//! Asking a command of the user's whether a credential works.

use model::{Finding, Verdict};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tickets::{Answer, Evidence, Verify};
#[cfg(feature = "verify")]
use tickets::{Deed, Revoke, Revoked, Withdrawn};

/// How often is looked whether the command has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// Bytes of an answer, at most.
const MOST: u64 = 1 << 20;

/// A shell command that gets a credential on its input, and says what it is.
pub struct CommandVerifier {
    /// The command.
    pub command: String,
    /// How long it may take.
    pub timeout: Duration,
}

/// Nobody to ask.
#[cfg(not(feature = "verify"))]
pub struct Nobody;

#[cfg(not(feature = "verify"))]
impl Verify for Nobody {
    fn verify(&mut self, findings: &[Finding]) -> Vec<Answer> {
        vec![Answer::default(); findings.len()]
    }
}

/// The providers themselves, as `deadkey verify` asks them.
#[cfg(feature = "verify")]
pub struct Providers {
    /// The engine.
    pub validator: validate::Validator,
}

#[cfg(feature = "verify")]
impl Verify for Providers {
    fn verify(&mut self, findings: &[Finding]) -> Vec<Answer> {
        let candidates: Vec<_> = findings.iter().map(validate::Candidate::of).collect();
        let verdicts = self.validator.verify(&candidates, &crate::request::STOP, &mut |_| {});
        let verdicts = verdicts.unwrap_or_else(|error| {
            vec![Verdict::unknown(format!("nobody could be asked: {error}")); candidates.len()]
        });
        verdicts.into_iter().zip(&candidates).map(|(verdict, candidate)| self.answer(candidate, verdict)).collect()
    }
}

#[cfg(feature = "verify")]
impl Providers {
    /// A verdict with how it was asked: what would be sent, without the secret, is what an auditor sees of it.
    pub fn answer(&mut self, candidate: &validate::Candidate, verdict: Verdict) -> Answer {
        let plan = self.validator.plan(candidate).unwrap_or_default();
        let request = plan.first().map(|sent| format!("{} {}", sent.method, sent.url)).unwrap_or_default();
        let status = verdict.details().join("; ");
        let by = "deadkey, asking the provider".to_owned();
        Answer { verdict, evidence: Evidence { by, request, status, ..Evidence::default() } }
    }
}

#[cfg(feature = "verify")]
impl Revoke for Providers {
    fn request(&mut self, finding: &Finding, deed: Deed) -> String {
        let prospect = self.validator.prospect(&validate::Candidate::of(finding), act(deed));
        let sent = prospect.ok().and_then(|prospect| prospect.requests?.pop());
        sent.map(|sent| format!("{} {}", sent.method, sent.url)).unwrap_or_default()
    }

    fn revoke(&mut self, finding: &Finding, deed: Deed) -> Withdrawn {
        use validate::Withdrawal::{Done, NotDone, Unclear};
        let request = self.request(finding, deed);
        let withdrawal = self.validator.withdraw(&validate::Candidate::of(finding), act(deed));
        let (outcome, why) = match withdrawal {
            Ok(Done { said }) => (Revoked::Done, said),
            Ok(NotDone { why }) => (Revoked::NotDone, why),
            Ok(Unclear { why }) => (Revoked::Unclear, why),
            Err(error) => (Revoked::NotDone, format!("nobody could be asked: {error}")),
        };
        let by = "deadkey, asking the provider".to_owned();
        Withdrawn { outcome, evidence: Evidence { by, request, status: why.clone(), ..Evidence::default() }, why }
    }
}

/// What the validator calls it.
#[cfg(feature = "verify")]
pub const fn act(deed: Deed) -> validate::Act {
    match deed {
        Deed::Withdraw => validate::Act::Withdraw,
        Deed::Delete => validate::Act::Delete,
        Deed::Undo => validate::Act::Undo,
    }
}

#[derive(Deserialize)]
struct Said {
    verdict: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    status: Value,
}

impl Verify for CommandVerifier {
    fn verify(&mut self, findings: &[Finding]) -> Vec<Answer> {
        findings.iter().map(|finding| self.answer(finding)).collect()
    }
}

impl CommandVerifier {
    fn answer(&self, finding: &Finding) -> Answer {
        let by = || Evidence { by: "command of --verifier".to_owned(), ..Evidence::default() };
        let unknown = |why: String| Answer { verdict: Verdict::unknown(why), evidence: by() };
        let output = match self.ask(finding) {
            Ok(output) => output,
            Err(why) => return unknown(why),
        };
        let Ok(said) = serde_json::from_slice::<Said>(&output) else {
            return unknown("the command's answer is no JSON object with `verdict`".to_owned());
        };
        let verdict = match said.verdict.as_str() {
            "live" => Verdict::live(),
            "dead" => Verdict::dead(covered(&said.why, finding)),
            "unknown" => Verdict::unknown(covered(&said.why, finding)),
            _ => return unknown("the command's verdict is none of live, dead, unknown".to_owned()),
        };
        let status = match said.status {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let body = tickets::sha256(&output).iter().map(|b| format!("{b:02x}")).collect();
        let request = covered(&said.request, finding);
        Answer { verdict, evidence: Evidence { request, status: covered(&status, finding), body, ..by() } }
    }
}

impl CommandVerifier {
    fn ask(&self, finding: &Finding) -> Result<Vec<u8>, String> {
        let parts: Map<String, Value> =
            finding.parts.iter().map(|part| (part.name.clone(), part.value.expose_text().into())).collect();
        let question = json!({
            "rule": finding.rule.id,
            "provider": finding.rule.provider,
            "secret": finding.secret.expose_text(),
            "parts": parts,
        });
        let mut child = Command::new("sh")
            .args(["-c", &self.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the command cannot be run: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let reading = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            output.map(|output| output.take(MOST).read_to_end(&mut bytes));
            bytes
        });
        // A command that does not read gets no more; what it says counts.
        let writing =
            std::thread::spawn(move || input.map(|mut input| input.write_all(question.to_string().as_bytes())));
        let end = Instant::now() + self.timeout;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("the command took longer than {} s", self.timeout.as_secs()));
                }
                Err(error) => return Err(format!("the command cannot be waited for: {error}")),
            }
        };
        let _ = writing.join();
        let output = reading.join().unwrap_or_default();
        if status.success() { Ok(output) } else { Err(format!("the command failed ({status})")) }
    }
}

/// What a command says, without the credential in it.
fn covered(text: &str, finding: &Finding) -> String {
    let values = std::iter::once(&finding.secret).chain(finding.parts.iter().map(|part| &part.value));
    let mut text = text.to_owned();
    for value in values.filter(|value| value.len() >= 4) {
        text = text.replace(&value.expose_text(), "…");
    }
    text
}
