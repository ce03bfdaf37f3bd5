//! What an answer says: live, refused, or nothing.

use crate::check::Ruling;
use crate::cover::Cover;
use crate::http_answer::Answer;
use crate::revoke::Withdrawal;
use model::Live;
use rules::{Condition, Extract, Spot, Verify};
use serde_json::Value;

/// Scopes and names that are told, at most.
const MOST: usize = 50;
/// Marks of pages that firewalls and gateways send in a provider's place.
const FIREWALLS: [(&str, &str); 6] = [
    ("cf-mitigated", ""),
    ("x-amzn-waf-action", ""),
    ("x-sucuri-block", ""),
    ("server", "akamaighost"),
    ("server", "zscaler"),
    ("x-squid-error", ""),
];
/// Keys of JSON whose value tells that something failed, whatever the status.
const FAILURES: [(&str, &[&str]); 9] = [
    ("ok", &["false"]),
    ("success", &["false", "0"]),
    ("valid", &["false"]),
    ("authenticated", &["false"]),
    ("active", &["false"]),
    ("isValid", &["false"]),
    ("status", &["error", "fail", "failed", "failure", "unauthorized", "forbidden"]),
    ("error", &[]),
    ("errors", &[]),
];

/// An answer, and what stands in it.
pub struct Read<'a> {
    answer: &'a Answer,
    json: Option<Value>,
}

impl<'a> Read<'a> {
    /// Reads an answer.
    pub fn of(answer: &'a Answer) -> Read<'a> {
        let json = if answer.is_whole { serde_json::from_slice(&answer.body).ok() } else { None };
        Read { answer, json }
    }

    /// What the answer says under a rule's check.
    pub fn rule_by(&self, verify: &Verify, cover: &Cover) -> Ruling {
        if let Some(why) = self.is_nobodys() {
            return Ruling::unknown(why);
        }
        let refused = self.refusal(&verify.dead, &verify.dead_body, &verify.dead_when);
        let taken = verify.live.contains(&self.answer.status) && self.says_live(verify);
        match (refused, taken) {
            (Some(_), true) => {
                Ruling::unknown(format!("{}, which says both that it is live and that it is not", self.said()))
            }
            (Some(refusal), false) => refusal,
            (None, true) => self.live(verify, cover),
            (None, false) => match verify.doubt_when.iter().find(|condition| self.meets(condition)) {
                Some(condition) => Ruling::Doubtful { why: format!("{}: {condition}", self.said()) },
                None => Ruling::unknown(self.odd(verify)),
            },
        }
    }

    /// The refusal in the answer, if it is one.
    pub fn refusal(&self, dead: &[u16], dead_body: &str, dead_when: &[Condition]) -> Option<Ruling> {
        if let Some(why) = self.is_nobodys() {
            return Some(Ruling::unknown(why));
        }
        if !dead_body.is_empty() && self.holds(dead_body) {
            return Some(Ruling::Refused { why: format!("{}: {dead_body}", self.said()), by_itself: true });
        }
        if let Some(condition) = dead_when.iter().find(|condition| self.meets(condition)) {
            let by_itself = condition.at.is_some() || !condition.has.is_empty();
            return Some(Ruling::Refused { why: format!("{}: {condition}", self.said()), by_itself });
        }
        let status = self.answer.status;
        let has_words = |condition: &Condition| condition.status.is_empty() || condition.status.contains(&status);
        dead.contains(&status).then(|| match dead_body.is_empty() && !dead_when.iter().any(has_words) {
            true => Ruling::Refused { why: self.said(), by_itself: false },
            false => Ruling::Bare { why: self.said(), gist: gist(self.answer) },
        })
    }

    /// What the answer to a request to withdraw something says.
    pub fn withdrawal(&self, done: &[u16], done_when: &[Condition]) -> Withdrawal {
        if let Some(why) = self.is_nobodys() {
            return Withdrawal::Unclear { why };
        }
        let said = self.said();
        let reason = self.reason().map_or(String::new(), |reason| format!(": {reason}"));
        let fails = self.json.as_ref().is_some_and(is_failure);
        match self.answer.status {
            status if done.contains(&status) => match done_when.iter().find(|condition| !self.meets(condition)) {
                Some(_) => Withdrawal::NotDone { why: format!("{said}, which does not say that it was done{reason}") },
                None if fails && done_when.is_empty() => Withdrawal::NotDone { why: format!("{said}{reason}") },
                None => Withdrawal::Done { said },
            },
            400..=499 => Withdrawal::NotDone { why: format!("{said}{reason}") },
            300..=399 => Withdrawal::Unclear { why: format!("{said}, a redirect, which was not followed") },
            _ => Withdrawal::Unclear { why: format!("{said}, which says nothing that is known{reason}") },
        }
    }

    /// What the provider gives as its reason.
    fn reason(&self) -> Option<String> {
        let spots = ["/error_description", "/error/message", "/errors/*/message", "/errors/*", "/error", "/message"];
        let texts = spots.iter().flat_map(|spot| self.texts(&Spot::Json((*spot).to_owned())));
        texts.into_iter().find(|text| !text.is_empty() && text != "{…}")
    }

    /// `401 from api.example.com`.
    pub fn said(&self) -> String {
        format!("{} from {}", self.answer.status, self.answer.host)
    }

    /// Why it is not the provider's word at all.
    fn is_nobodys(&self) -> Option<String> {
        let header = |name: &str| self.answer.header(name).unwrap_or_default().to_ascii_lowercase();
        let wall = FIREWALLS.iter().any(|(name, has)| match self.answer.header(name) {
            Some(value) => value.to_ascii_lowercase().contains(has),
            None => false,
        });
        if wall {
            return Some(format!("a firewall answered {} for {}", self.answer.status, self.answer.host));
        }
        let start = self.answer.body.iter().position(|b| !b.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(b));
        let start = &self.answer.body[start.unwrap_or(self.answer.body.len())..];
        let begins = |tag: &str| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes()));
        if header("content-type").contains("text/html") || ["<!doctype html", "<html", "<head"].into_iter().any(begins)
        {
            return Some(format!("an HTML page answered {} for {}", self.answer.status, self.answer.host));
        }
        if !self.answer.is_whole {
            return Some(format!("{}, longer than {} bytes", self.said(), self.answer.body.len()));
        }
        None
    }

    fn odd(&self, verify: &Verify) -> String {
        let to = self.answer.header("location").and_then(|to| to.split_once("://")).map(|(_, behind)| behind);
        let to = to.and_then(|behind| behind.split(['/', '?', '#']).next()).and_then(|at| at.rsplit('@').next());
        match self.answer.status {
            status @ 300..=399 => match to {
                Some(host) => format!("{} redirects to {host} ({status}), which was not followed", self.answer.host),
                None => format!("{} redirects ({status}), which was not followed", self.answer.host),
            },
            status if verify.live.contains(&status) && self.claims_json() && self.json.is_none() => {
                format!("{}, whose body is no JSON", self.said())
            }
            status if verify.live.contains(&status) => {
                format!("{} without what a live key's answer holds", self.said())
            }
            _ => format!("{}, which decides nothing", self.said()),
        }
    }

    fn claims_json(&self) -> bool {
        self.answer.header("content-type").is_some_and(|kind| kind.contains("json"))
    }

    /// Whether the body says what a live key's must: what the rule names, or at least nothing to the contrary.
    fn says_live(&self, verify: &Verify) -> bool {
        if self.claims_json() && self.json.is_none() && verify.request.method != "HEAD" && self.answer.status != 204 {
            return false;
        }
        let named = !verify.live_body.is_empty() || !verify.live_when.is_empty();
        let holds = verify.live_body.is_empty() || self.holds(&verify.live_body);
        if !holds || !verify.live_when.iter().all(|condition| self.meets(condition)) {
            return false;
        }
        // Beyond 2xx the status itself is the message.
        if named || verify.request.method == "HEAD" || !(200..300).contains(&self.answer.status) {
            return true;
        }
        match &self.json {
            Some(json) => !is_failure(json),
            None if self.answer.status == 204 => true,
            None => self.is_xml(),
        }
    }

    fn is_xml(&self) -> bool {
        let body = self.answer.body.trim_ascii_start();
        body.starts_with(b"<") && self.answer.header("content-type").is_some_and(|kind| kind.contains("xml"))
    }

    fn live(&self, verify: &Verify, cover: &Cover) -> Ruling {
        let named = !verify.live_body.is_empty() || !verify.live_when.is_empty();
        // A made-up value was not taken; whatever it was told, a success is something else.
        let by_itself = named || (200..300).contains(&self.answer.status);
        let live = Live { evidence: self.said(), ..self.told(&verify.extract, cover) };
        Ruling::Live { live, by_itself }
    }

    /// What the answer tells about a live key.
    fn told(&self, extract: &Extract, cover: &Cover) -> Live {
        let told = |spot: &Spot| self.texts(spot).into_iter().map(|text| cover.text(&text)).filter(|t| !t.is_empty());
        let identity: Vec<String> = extract.identity.iter().flat_map(|spot| told(spot).take(1)).collect();
        let split = |text: String| -> Vec<String> {
            text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let mut scopes: Vec<String> = extract.scopes.iter().flat_map(|spot| told(spot).flat_map(split)).collect();
        scopes.sort();
        scopes.dedup();
        scopes.truncate(MOST);
        Live {
            identity: (!identity.is_empty()).then(|| identity.join(", ")),
            scopes,
            expires: extract.expires.as_ref().and_then(|spot| told(spot).next()),
            ..Live::default()
        }
    }

    /// Whether the body holds a text, white space aside.
    fn holds(&self, text: &str) -> bool {
        let dense = |bytes: &[u8]| bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect::<Vec<u8>>();
        let (body, text) = (dense(&self.answer.body), dense(text.as_bytes()));
        body.windows(text.len().max(1)).any(|window| window == text)
    }

    fn meets(&self, condition: &Condition) -> bool {
        if !condition.status.is_empty() && !condition.status.contains(&self.answer.status) {
            return false;
        }
        let Some(at) = &condition.at else { return condition.has.is_empty() || self.holds(&condition.has) };
        let texts = self.texts_and_nulls(at);
        let fits = |text: &Option<String>| {
            let known = text.as_deref().unwrap_or("null");
            let is = if condition.is.is_empty() { text.is_some() } else { condition.is.iter().any(|is| is == known) };
            is && known.contains(&condition.has)
        };
        texts.iter().any(fits)
    }

    /// What stands at a place, `null` left out.
    pub fn texts(&self, spot: &Spot) -> Vec<String> {
        self.texts_and_nulls(spot).into_iter().flatten().collect()
    }

    fn texts_and_nulls(&self, spot: &Spot) -> Vec<Option<String>> {
        match spot {
            Spot::Header(name) => self.answer.header(name).map(|value| Some(value.to_owned())).into_iter().collect(),
            Spot::Json(pointer) => {
                let mut found = Vec::new();
                if let Some(json) = &self.json {
                    walk(json, pointer, &mut found);
                }
                found
            }
        }
    }
}

/// A body without what differs from answer to answer: numbers, ids, times.
pub fn gist(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let plain = words.filter(|word| !word.is_empty() && !word.bytes().any(|b| b.is_ascii_digit()));
    plain.collect::<Vec<_>>().join(" ")
}

/// Collects what stands at a pointer; see [`Spot::Json`].
fn walk(json: &Value, pointer: &str, found: &mut Vec<Option<String>>) {
    if found.len() > MOST * 20 {
        return;
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        match json {
            Value::Null => found.push(None),
            Value::String(text) => found.push(Some(text.clone())),
            Value::Array(list) => list.iter().for_each(|one| walk(one, "", found)),
            Value::Object(_) => found.push(Some("{…}".to_owned())),
            other => found.push(Some(other.to_string())),
        }
        return;
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    let word = word.replace("~1", "/").replace("~0", "~");
    match (json, word.as_str()) {
        (Value::Array(list), "*") => list.iter().for_each(|one| walk(one, rest, found)),
        (Value::Object(map), "*") => map.values().for_each(|one| walk(one, rest, found)),
        (Value::Object(map), "#") => found.extend(map.keys().map(|key| Some(key.clone()))),
        (Value::Array(list), word) => {
            if let Some(one) = word.parse::<usize>().ok().and_then(|at| list.get(at)) {
                walk(one, rest, found);
            }
        }
        (Value::Object(map), word) => {
            if let Some(one) = map.get(word) {
                walk(one, rest, found);
            }
        }
        _ => {}
    }
}

/// Whether JSON tells by a usual word that something failed.
fn is_failure(json: &Value) -> bool {
    let Value::Object(map) = json else { return false };
    FAILURES.iter().any(|(key, values)| {
        let Some(value) = map.get(*key) else { return false };
        let text = match value {
            Value::String(text) => text.to_ascii_lowercase(),
            other => other.to_string(),
        };
        match values.is_empty() {
            // An error that is there at all, and not an empty list of them.
            true => !matches!(text.as_str(), "null" | "false" | "0" | "" | "[]" | "{}"),
            false => values.contains(&text.as_str()),
        }
    })
}
