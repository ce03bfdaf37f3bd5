//! Requests and answers, and the patience that trackers ask for.

use crate::{Error, Result};
use serde_json::Value;

/// A request to a tracker.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Header lines; one of them holds a token.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} {})", self.method, self.url)
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// Seconds that it asks to be left alone for.
    pub retry_after: Option<u64>,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// No answer came; the request may have taken effect all the same. One phrase, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost(pub String);

/// Carries requests; the command line fulfils it. Sends each of them once.
pub trait Courier {
    /// What is answered.
    ///
    /// # Errors
    /// If no whole answer came.
    fn send(&mut self, request: &Request) -> std::result::Result<Response, Lost>;

    /// Waits.
    fn pause(&mut self, seconds: f64);
}

/// How long trackers are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest pause that is kept when a tracker asks for one, in seconds; beyond it the run ends.
    pub longest: u64,
    /// How often a question is asked when no answer comes; what changes something is sent once.
    pub attempts: u32,
    /// Seconds between two requests that change something.
    pub between_changes: f64,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { longest: 120, attempts: 3, between_changes: 1.0 }
    }
}

/// What trackers have in common: a base address, header lines, patience.
pub struct Line {
    courier: Box<dyn Courier>,
    patience: Patience,
    base: String,
    headers: Vec<(String, String)>,
    stamp: Option<Stamp>,
    has_changed: bool,
}

/// Header lines made of the body when it is sent: a signature tells the time, and after a pause it is another one.
pub type Stamp = Box<dyn Fn(&[u8]) -> Vec<(String, String)>>;

/// How often the same request is sent after a refusal for its rate.
const RATE_ATTEMPTS: u32 = 6;

impl Line {
    pub fn new(courier: Box<dyn Courier>, patience: Patience, base: &str, headers: Vec<(String, String)>) -> Line {
        let base = base.trim_end_matches('/').to_owned();
        Line { courier, patience, base, headers, stamp: None, has_changed: false }
    }

    /// The line with header lines that are made anew each time something is sent.
    pub fn stamped(self, stamp: Stamp) -> Line {
        Line { stamp: Some(stamp), ..self }
    }

    /// Sets a header line that is another one for each request.
    pub fn set_header(&mut self, name: &str, value: String) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value));
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn pause(&mut self, seconds: f64) {
        self.courier.pause(seconds);
    }

    /// Asks.
    pub fn get(&mut self, target: &str) -> Result<Response> {
        self.request("GET", &self.url(target), Vec::new(), true)
    }

    /// Asks by a method that sends a body, and changes nothing.
    pub fn query(&mut self, target: &str, body: &Value) -> Result<Response> {
        self.request("POST", &self.url(target), body.to_string().into_bytes(), true)
    }

    /// Changes something.
    pub fn send(&mut self, method: &'static str, target: &str, body: &Value) -> Result<Response> {
        self.send_bytes(method, &self.url(target), body.to_string().into_bytes())
    }

    /// Changes something, at a whole address.
    pub fn send_bytes(&mut self, method: &'static str, url: &str, body: Vec<u8>) -> Result<Response> {
        if self.has_changed {
            self.courier.pause(self.patience.between_changes);
        }
        self.has_changed = true;
        self.request(method, url, body, false)
    }

    /// Asks without saying who; whether anybody gets an answer.
    pub fn is_open_to_all(&mut self, target: &str) -> Result<bool> {
        let request = Request { method: "GET", url: self.url(target), headers: vec![accept()], body: Vec::new() };
        let answer = self.courier.send(&request).map_err(|lost| self.lost("GET", &lost))?;
        match answer.status {
            200 => Ok(true),
            401 | 403 | 404 => Ok(false),
            status => Err(Error::Tracker(format!(
                "{} answered {status} when asked without a token, so nobody knows whether anybody can read it; try again",
                host(&self.base)
            ))),
        }
    }

    /// All pages of a list, as `Link: <…>; rel="next"` leads through them.
    pub fn pages(&mut self, target: &str, mut each: impl FnMut(&Value)) -> Result<()> {
        let mut url = self.url(target);
        loop {
            let answer = self.request("GET", &url, Vec::new(), true)?;
            let page = self.expect(&answer, "GET", &[200])?;
            let items = page.as_array().ok_or_else(|| self.fault(&url, "the list is no list"))?;
            items.iter().for_each(&mut each);
            let Some(next) = answer.header("link").and_then(next_page) else { return Ok(()) };
            if next == url {
                return Err(self.fault(&url, "its next page is the same page"));
            }
            // The token goes where the user said, and nowhere else.
            if !next.starts_with(&format!("{}/", self.base)) {
                return Err(self.fault(&url, "its next page is at another address"));
            }
            url = next;
        }
    }

    /// The JSON of an answer with one of these statuses.
    pub fn expect(&self, answer: &Response, what: &str, statuses: &[u16]) -> Result<Value> {
        if statuses.contains(&answer.status) {
            return match answer.body.is_empty() {
                true => Ok(Value::Null),
                false => serde_json::from_slice(&answer.body).map_err(|_| self.fault(what, "the answer is no JSON")),
            };
        }
        let said = said(&answer.body);
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        let (host, status) = (host(&self.base), answer.status);
        Err(match status {
            // About this one issue; the others may go well.
            400 | 404 | 409 | 410 | 413 | 422 => {
                Error::TrackerRefused(format!("{host} answered {status} to {what}{said}"))
            }
            401 => Error::Tracker(format!("{host} does not know the token (401){said}")),
            403 => Error::Tracker(format!("{host} forbids {what} to the token (403){said}")),
            300..=399 => Error::Tracker(format!("{host} says that it has moved ({status}); name where it is now")),
            _ => Error::Tracker(format!("{host} answered {status} to {what}{said}")),
        })
    }

    fn url(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }

    fn fault(&self, what: &str, why: &str) -> Error {
        Error::Tracker(format!("{}: {why} ({what})", host(&self.base)))
    }

    fn lost(&self, what: &str, lost: &Lost) -> Error {
        Error::Tracker(format!("no answer to {what} from {}: {}", host(&self.base), lost.0))
    }

    fn request(&mut self, method: &'static str, url: &str, body: Vec<u8>, may_repeat: bool) -> Result<Response> {
        let mut headers = self.headers.clone();
        if !headers.iter().any(|(name, _)| name == "Accept") {
            headers.push(accept());
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| name == "Content-Type") {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let unstamped = headers.len();
        let mut request = Request { method, url: url.to_owned(), headers, body };
        let (mut lost, mut limited) = (0, 0);
        loop {
            request.headers.truncate(unstamped);
            request.headers.extend(self.stamp.as_ref().into_iter().flat_map(|stamp| stamp(&request.body)));
            match self.courier.send(&request) {
                Ok(answer) if is_for_its_rate(&answer) => {
                    limited += 1;
                    // Without a word when to come again, longer each time, as GitHub asks.
                    let seconds = answer.retry_after.unwrap_or(15 << limited.min(4)).max(1);
                    if limited > RATE_ATTEMPTS || seconds > self.patience.longest {
                        return Err(Error::Tracker(format!(
                            "{} asks to be left alone for {seconds} s; what was done is done, run it again then",
                            host(&self.base)
                        )));
                    }
                    self.courier.pause(seconds as f64);
                }
                Ok(answer) if may_repeat && answer.status >= 500 && lost + 1 < self.patience.attempts => {
                    lost += 1;
                    self.courier.pause(f64::from(lost));
                }
                Ok(answer) => return Ok(answer),
                Err(_) if may_repeat && lost + 1 < self.patience.attempts => {
                    lost += 1;
                    self.courier.pause(f64::from(lost) * 0.2);
                }
                Err(why) => return Err(self.lost(method, &why)),
            }
        }
    }
}

fn accept() -> (String, String) {
    ("Accept".to_owned(), "application/json".to_owned())
}

/// Refused for the rate of requests, not for what was asked: it did not take effect.
fn is_for_its_rate(answer: &Response) -> bool {
    answer.status == 429
        || answer.status == 403
            && (answer.header("retry-after").is_some() || answer.header("x-ratelimit-remaining") == Some("0"))
}

/// `https://host` of a base address.
pub fn host(base: &str) -> &str {
    let from = base.find("://").map_or(0, |at| at + 3);
    let end = base[from..].find(['/', '?', '#']).map_or(base.len(), |at| from + at);
    &base[from..end]
}

/// The address behind `rel="next"`.
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|part| {
        let (address, rest) = part.trim().strip_prefix('<')?.split_once('>')?;
        rest.split(';').any(|parameter| parameter.trim() == r#"rel="next""#).then(|| address.to_owned())
    })
}

/// What an error's body says, in short: `message`, `error` or `errorMessages`. Trackers are told no secret, so they have
/// none to repeat.
fn said(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return String::new() };
    let mut words = Vec::new();
    for pointer in ["/message", "/error", "/errorMessages/0", "/errors/0/message"] {
        if let Some(text) = value.pointer(pointer).and_then(Value::as_str) {
            words.push(text.to_owned());
        }
    }
    if let Some(errors) = value["errors"].as_object() {
        words.extend(errors.iter().filter_map(|(field, why)| Some(format!("{field}: {}", why.as_str()?))));
    }
    let flat: String = words.join(", ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    super::markup::shortened(&flat, 200)
}

/// Percent-encoded for a path or a query.
pub fn encoded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => coded.push(char::from(byte)),
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_hosts_are_read() {
        let link = r#"<https://h/x?page=1>; rel="prev", <https://h/x?page=3>; rel="next""#;
        assert_eq!(next_page(link).as_deref(), Some("https://h/x?page=3"));
        assert_eq!(next_page(r#"<https://h/x>; rel="last""#), None);
        assert_eq!((host("https://h.example/api/v3"), host("https://h.example")), ("h.example", "h.example"));
        assert_eq!(encoded("team/my app"), "team%2Fmy%20app");
    }

    #[test]
    fn what_errors_say_is_one_short_line() {
        assert_eq!(said(br#"{"message":"Validation\nFailed"}"#), "Validation Failed");
        assert_eq!(said(br#"{"errorMessages":[],"errors":{"duedate":"no such field"}}"#), "duedate: no such field");
        assert_eq!(said(b"<html>"), "");
    }
}
