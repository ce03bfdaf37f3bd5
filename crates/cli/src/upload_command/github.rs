//! `deadkey upload github`: code scanning takes a log, or says why not.

use super::select::{leave_out, parts};
use super::{GithubArgs, fallback};
use crate::http_client::{HttpClient, checked_address, token};
use crate::known::count;
use crate::{exit, tell};
use anyhow::{Context, Result, bail};
use sarif::Limits;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use validate::Answer;

/// How often a request is sent; the same log may be uploaded again, since it replaces itself.
const ATTEMPTS: u32 = 4;
/// The longest pause that is kept when GitHub asks for one.
const LONGEST_PAUSE: u64 = 120;

/// What is uploaded where.
struct Upload {
    client: HttpClient,
    /// `https://api.github.com/repos/OWNER/NAME/code-scanning/sarifs`
    url: String,
    headers: Vec<(String, String)>,
    commit: String,
    reference: String,
    wait: Duration,
}

/// Why it was not taken.
enum Refused {
    /// The token may only read.
    Forbidden(String),
    /// Anything else, a sentence.
    Otherwise(String),
}

/// Uploads the log.
pub fn run(args: &GithubArgs) -> Result<u8> {
    let mut log = read(args)?;
    let upload = Upload::of(args)?;
    let (suppressed, absent) = leave_out(&mut log);
    if suppressed + absent > 0 {
        tell!(
            "left out, since code scanning shows them as open: {} suppressed, {} absent",
            count(suppressed, "result", "results"),
            absent
        );
    }
    let parts = parts(&log, Limits::default())?;
    for (n, part) in parts.iter().enumerate() {
        let which = if parts.len() > 1 { format!("part {} of {}: ", n + 1, parts.len()) } else { String::new() };
        match upload.send(part) {
            Ok(told) => tell!("{which}{told}"),
            Err(Refused::Forbidden(why)) => {
                tell!("{which}code scanning did not take the log: {why}");
                return fallback::tell_instead(&log, &why);
            }
            Err(Refused::Otherwise(why)) => {
                tell!("deadkey: {which}{why}");
                return Ok(exit::GAPS);
            }
        }
    }
    Ok(exit::CLEAN)
}

fn read(args: &GithubArgs) -> Result<Value> {
    let named = || format!("{} cannot be uploaded", args.file.display());
    let bytes = std::fs::read(&args.file).with_context(named)?;
    let log: Value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
        .map_err(|_| anyhow::anyhow!("it is no JSON"))
        .with_context(named)?;
    let is_log = log["version"] == "2.1.0" && log["runs"].as_array().is_some_and(|runs| !runs.is_empty());
    if !is_log {
        bail!("{}: it is no SARIF 2.1.0 with runs; `--report sarif=FILE` writes one", named());
    }
    Ok(log)
}

impl Upload {
    fn of(args: &GithubArgs) -> Result<Upload> {
        let variable = |name: &str| std::env::var(name).ok().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let given = |option: &str, value: &Option<String>, name: &str| {
            let missing = || format!("nothing says {option}; name it, or set {name}");
            value.clone().or_else(|| variable(name)).with_context(missing)
        };
        let repository = given("--repository", &args.repository, "GITHUB_REPOSITORY")?;
        let is_part =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !repository.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name)) {
            bail!("--repository '{repository}' is no repository of GitHub; it is written OWNER/NAME");
        }
        let commit = given("--commit", &args.commit, "GITHUB_SHA")?;
        if commit.len() != 40 || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
            bail!("--commit '{commit}' is no commit; GitHub wants its 40 digits");
        }
        let reference = given("--ref", &args.reference, "GITHUB_REF")?;
        if !reference.starts_with("refs/") {
            bail!("--ref '{reference}' is not written in full, as refs/heads/main or refs/pull/12/merge");
        }
        let base = args.api_url.clone().or_else(|| variable("GITHUB_API_URL"));
        let base = base.unwrap_or_else(|| "https://api.github.com".to_owned());
        checked_address("--api-url", &base)?;
        let token = token(&args.token_env, "a token that may write security events")?;
        Ok(Upload {
            client: HttpClient::new(args.ca.as_deref())?,
            url: format!("{}/repos/{repository}/code-scanning/sarifs", base.trim_end_matches('/')),
            headers: vec![
                ("Accept".to_owned(), "application/vnd.github+json".to_owned()),
                ("X-GitHub-Api-Version".to_owned(), "2022-11-28".to_owned()),
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("Authorization".to_owned(), format!("Bearer {token}")),
            ],
            commit,
            reference,
            wait: Duration::from_secs(args.wait),
        })
    }

    fn send(&self, part: &[u8]) -> Result<String, Refused> {
        let mut body =
            json!({"commit_sha": self.commit, "ref": self.reference, "sarif": validate::base64(part, false)});
        if let Some(folder) = std::env::var("GITHUB_WORKSPACE").ok().filter(|folder| folder.starts_with('/')) {
            body["checkout_uri"] = format!("file://{}", folder.replace('%', "%25").replace(' ', "%20")).into();
        }
        let answer = self.ask("POST", &self.url, body.to_string().into_bytes())?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let message = said["message"].as_str().map(|text| format!(": {}", one_line(text))).unwrap_or_default();
        match answer.status {
            202 => {}
            403 => return Err(Refused::Forbidden(format!("the token may not write security events (403{message})"))),
            404 => {
                let why = "there is no such repository or commit, or the token may not see it";
                return Err(Refused::Otherwise(format!("{why} (404{message})")));
            }
            status => return Err(Refused::Otherwise(format!("code scanning answered {status}{message}"))),
        }
        let Some(id) = said["id"].as_str().filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        else {
            return Err(Refused::Otherwise("code scanning answered without an id".to_owned()));
        };
        self.processed(id)
    }

    /// Waits until it has been taken in.
    fn processed(&self, id: &str) -> Result<String, Refused> {
        let end = Instant::now() + self.wait;
        let mut pause = Duration::from_millis(500);
        if self.wait.is_zero() {
            return Ok(format!("uploaded as {id}; nobody waited until it is taken in"));
        }
        loop {
            let answer = self.ask("GET", &format!("{}/{id}", self.url), Vec::new())?;
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            match (answer.status, said["processing_status"].as_str()) {
                (200, Some("complete")) => return Ok(format!("code scanning has taken it in ({id})")),
                (200, Some("failed")) => {
                    let errors = said["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let errors: Vec<_> = errors.iter().filter_map(Value::as_str).map(one_line).collect();
                    let why = if errors.is_empty() { "without a reason".to_owned() } else { errors.join("; ") };
                    return Err(Refused::Otherwise(format!("code scanning did not take it in: {why}")));
                }
                // 404: it has not begun.
                (200 | 404, _) => {}
                (status, _) => return Err(Refused::Otherwise(format!("code scanning answered {status} about {id}"))),
            }
            if Instant::now() + pause > end {
                let seconds = self.wait.as_secs();
                return Err(Refused::Otherwise(format!("code scanning has not taken it in within {seconds} s ({id})")));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Sends, and again where no answer came, the server failed or asked for patience.
    fn ask(&self, method: &str, url: &str, body: Vec<u8>) -> Result<Answer, Refused> {
        let mut attempt = 1;
        loop {
            let answer = self.client.send(method, url, &self.headers, body.clone());
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
            let (why, seconds) = match answer {
                Ok(answer) if is_for_its_rate(&answer) => {
                    (format!("code scanning answered {}", answer.status), answer.retry_after(now).unwrap_or(60))
                }
                Ok(answer) if answer.status >= 500 => {
                    (format!("code scanning answered {}", answer.status), answer.retry_after(now).unwrap_or(1))
                }
                Ok(answer) => return Ok(answer),
                Err(why) => (format!("no answer from code scanning: {why}"), 1),
            };
            if attempt == ATTEMPTS || seconds > LONGEST_PAUSE {
                return Err(Refused::Otherwise(why));
            }
            attempt += 1;
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }
}

fn is_for_its_rate(answer: &Answer) -> bool {
    let is_spent = answer.header("retry-after").is_some() || answer.header("x-ratelimit-remaining") == Some("0");
    answer.status == 429 || answer.status == 403 && is_spent
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
