//! What providers can do to whoever asks them, and what is sent to them.

mod common;

use common::*;
use model::{Secret, Verdict};
use rules::Ruleset;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use testkit::double::{Double, Received, Reply};
use validate::{Candidate, Endpoint, Options, Proxy, Rates, Validator};

/// A double of Acme for which this secret is live.
fn acme(live: &str) -> Double {
    let live = live.to_owned();
    Double::start(move |received| match received.text().contains(&live) {
        true if received.target == "/projects" => Reply::json(200, r#"[{"name":"one"},{"name":"two"}]"#),
        true => {
            let body = format!(r#"{{"ok":true,"user":{{"login":"octo"}},"team":"t1 {live}","expires":"2027-01-01"}}"#);
            Reply::json(200, body).with("X-Scopes: write, read")
        }
        false if received.target.contains("/deadkey-") => Reply::json(404, r#"{"error":"no_such_path"}"#),
        false => Reply::json(200, r#"{"ok":false}"#),
    })
}

/// A double of Beta, which says only a status.
fn beta(live: &str) -> Double {
    let live = live.to_owned();
    Double::start(move |received| match received.header("x-key") {
        Some(key) if key == live => Reply::json(200, r#"{"name":"x"}"#),
        Some(_) => Reply::json(401, r#"{"message":"no"}"#),
        None => Reply::json(404, "{}"),
    })
}

fn holds(received: &[Received], secret: &str) -> usize {
    received.iter().filter(|one| one.text().contains(secret)).count()
}

#[test]
fn live_tells_whose_and_no_secret_even_if_the_provider_echoes_it() {
    let key = secret("acme", 1);
    let double = acme(&key);
    let verdict = ask_one(Options { blast_radius: true, ..towards(&double) }, candidate("acme", &key));
    let Verdict::Live(live) = &verdict else { panic!("{verdict:?}") };
    assert_eq!(live.identity.as_deref(), Some("octo, t1 …"));
    assert_eq!(live.scopes, ["read", "write"]);
    assert_eq!(live.expires.as_deref(), Some("2027-01-01"));
    assert_eq!((live.reach[0].count, live.reach[0].names.join(" ")), (2, "one two".to_owned()));
    assert!(!format!("{verdict:?}").contains(&key));
    let received = double.received();
    // The control, the credential, what it reaches.
    assert_eq!(received.len(), 3, "{received:?}");
    assert_eq!(holds(&received, &key), 2);
    assert!(!received[0].text().contains(&key), "the made-up one is the first");
}

#[test]
fn a_200_that_says_no_is_dead() {
    let double = acme("nobody's");
    let verdict = ask_one(towards(&double), candidate("acme", &secret("acme", 2)));
    let Verdict::Dead { why } = &verdict else { panic!("{verdict:?}") };
    assert!(why.contains("200 from 127.0.0.1") && why.contains("/ok is false"), "{why}");
}

#[test]
fn a_status_alone_is_dead_only_where_the_endpoint_tells_credentials_apart() {
    let double = beta("nobody's");
    assert!(ask_one(towards(&double), candidate("beta", &secret("beta", 3))).is_dead());
    let refuses = Double::start(|_| Reply::json(401, r#"{"message":"no","request_id":"8f2c11"}"#));
    let verdict = ask_one(towards(&refuses), candidate("beta", &secret("beta", 3)));
    assert!(why(&verdict).contains("refuses also what needs no credential"), "{verdict:?}");
}

#[test]
fn an_endpoint_that_takes_anything_proves_nothing() {
    let double = Double::start(|_| Reply::json(200, r#"{"ok":true,"user":{"login":"everybody"}}"#));
    let keys = [secret("acme", 1), secret("acme", 2)];
    let verdicts = ask(towards(&double), &keys.clone().map(|key| candidate("acme", &key)));
    verdicts.iter().for_each(|verdict| assert!(why(verdict).contains("a made-up value was taken, too"), "{verdict:?}"));
    assert_eq!(double.received().len(), 1, "only the made-up one is sent");
    keys.iter().for_each(|key| assert_eq!(holds(&double.received(), key), 0));
}

#[test]
fn pages_of_firewalls_and_others_are_unknown() {
    let page = |status: u16, kind: &'static str, body: &'static str, line: &'static str| {
        let double = Double::start(move |_| Reply::of(status, kind, body).with(line));
        let verdict = ask_one(towards(&double), candidate("beta", &secret("beta", 4)));
        why(&verdict)
    };
    assert!(page(401, "text/html; charset=utf-8", "denied", "X-A: b").contains("an HTML page answered 401"));
    assert!(page(403, "text/plain", "\n <!DOCTYPE HTML><html>", "X-A: b").contains("an HTML page answered 403"));
    assert!(page(401, "application/json", "{}", "cf-mitigated: challenge").contains("a firewall answered 401"));
    assert!(page(403, "application/json", "{}", "Server: AkamaiGHost").contains("a firewall answered 403"));
    assert!(page(200, "application/json", "{\"a\":", "X-A: b").contains("whose body is no JSON"));
    assert!(page(200, "application/json", r#"{"error":"nope"}"#, "X-A: b").contains("without what a live key's"));
    assert!(page(418, "application/json", "{}", "X-A: b").contains("418 from 127.0.0.1, which decides nothing"));
}

#[test]
fn a_403_is_live_only_where_a_made_up_value_is_refused() {
    let key = secret("beta", 5);
    let live = key.clone();
    let knows = Double::start(move |received| {
        let status = if received.text().contains(&live) { 403 } else { 401 };
        Reply::json(status, r#"{"message":"x"}"#)
    });
    assert!(ask_one(towards(&knows), candidate("beta", &key)).is_live());
    let live = key.clone();
    let vague = Double::start(move |received| {
        let status = if received.text().contains(&live) { 403 } else { 400 };
        Reply::json(status, "{}")
    });
    assert!(why(&ask_one(towards(&vague), candidate("beta", &key))).contains("was not refused either"));
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Double::start(|_| Reply::json(200, r#"{"ok":true}"#));
    let to = format!("Location: {}/me", elsewhere.url());
    let double = Double::start(move |_| Reply::json(302, "").with(&to));
    let key = secret("acme", 6);
    let verdict = ask_one(towards(&double), candidate("acme", &key));
    assert!(why(&verdict).contains("redirects to 127.0.0.1"), "{verdict:?}");
    assert_eq!(elsewhere.received().len(), 0);
}

#[test]
fn a_name_that_leads_to_loopback_is_not_contacted_unless_the_user_says_so() {
    let key = secret("acme", 7);
    let double = acme(&key);
    let verdict = ask_one(options(), candidate("acme", &key));
    assert!(why(&verdict).contains("leads to a private address"), "{verdict:?}");
    for inner in ["169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let resolver = Arc::new(Leads(vec![inner.parse::<IpAddr>().unwrap()]));
        let verdict = ask_one(Options { resolver, ..options() }, candidate("acme", &key));
        assert!(why(&verdict).contains("leads to a private address"), "{inner}: {verdict:?}");
    }
    assert_eq!(double.connections(), 0);
    // Allowed, it is contacted; nobody listens there.
    let verdict = ask_one(Options { allow_private: true, ..options() }, candidate("acme", &key));
    assert!(why(&verdict).contains("no connection to api.acme.example"), "{verdict:?}");
}

/// A name that leads to a public address whenever it is looked at, and to this machine whenever it is looked at again.
struct Rebinds(Arc<std::sync::Mutex<usize>>);

impl validate::Resolve for Rebinds {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>> {
        let mut asked = self.0.lock().unwrap();
        *asked += 1;
        // 192.0.1.1 is public, and unreachable here.
        let address: IpAddr = if *asked % 2 == 1 { [192, 0, 1, 1].into() } else { [127, 0, 0, 1].into() };
        Box::pin(std::future::ready(Ok(vec![address])))
    }
}

#[test]
fn a_name_that_is_rebound_to_this_machine_leads_nowhere() {
    let inner = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = inner.local_addr().expect("bound").port();
    inner.set_nonblocking(true).expect("set");
    let mut rules = rules::Ruleset::empty();
    let text = RULES.replace("api.acme.example/me", &format!("api.acme.example:{port}/me"));
    rules.add_text("invented.toml", &text).expect("they compile");
    let rules = Arc::new(rules);
    let ask = |resolver: Arc<dyn validate::Resolve>, allow_private: bool, from: u64| {
        let connect_timeout = Duration::from_millis(300);
        let options = Options { resolver, connect_timeout, allow_private, ..options() };
        let many: Vec<Candidate> = (from..from + 6).map(|n| candidate("acme", &secret("acme", n))).collect();
        let mut validator = validate::Validator::new(rules.clone(), options);
        validator.verify(&many, &AtomicBool::new(false), &mut |_| ()).expect("asked")
    };
    let count = Arc::new(std::sync::Mutex::new(0));
    for verdict in ask(Arc::new(Rebinds(count.clone())), false, 80) {
        let why = why(&verdict);
        assert!(why.contains("no connection to") || why.contains("private address"), "{why}");
    }
    assert!(*count.lock().unwrap() > 1, "it was looked at more than once");
    // Both in one answer: the inner one is left out.
    let both = Leads(vec![[192, 0, 1, 1].into(), [127, 0, 0, 1].into()]);
    for verdict in ask(Arc::new(both), false, 90) {
        assert!(why(&verdict).contains("no connection to"), "{verdict:?}");
    }
    assert!(inner.accept().is_err(), "nothing came to this machine");
    // The listener is where the name would have led: with leave, something comes.
    ask(Arc::new(Leads(vec![[127, 0, 0, 1].into()])), true, 99);
    assert!(inner.accept().is_ok());
}

#[test]
fn what_the_credential_says_leads_nowhere_but_to_the_rules_hosts() {
    let key = secret("eta", 1);
    for tenant in ["evil.example/", "evil.example#", "a@evil.example", "a.evil.example/x", "t:1@evil.example/"] {
        let mut asked = candidate("eta", &key);
        asked.parts = vec![("tenant".into(), Secret::new(tenant))];
        let verdict = ask_one(Options { allow_private: true, ..options() }, asked);
        let why = why(&verdict);
        assert!(why.contains("part of it"), "{tenant}: {why}");
    }
    for address in [
        format!("https://hooks.evil.example/{}", &key[4..]),
        format!("https://hooks.zeta.example.evil.example/{}", &key[4..]),
        format!("https://hooks.zeta.example@evil.example/{}", &key[4..]),
        format!("https://hooks.zeta.example:8443/{}", &key[4..]),
    ] {
        let verdict = ask_one(options(), candidate("zeta", &address));
        assert!(why(&verdict).contains("address"), "{address}: {verdict:?}");
    }
}

#[test]
fn a_part_that_is_missing_is_named() {
    let verdict = ask_one(options(), candidate("epsilon", &secret("eps", 1)));
    // The place is known, the request is not.
    assert!(why(&verdict).contains("client_id"), "{verdict:?}");
}

#[test]
fn steps_hand_values_on_and_a_refusal_in_one_counts() {
    let key = secret("eps", 2);
    let live = key.clone();
    let double = Double::start(move |received| match received.target.as_str() {
        "/token" if received.text().contains(&format!("cid_0123456789abcdef:{live}")) => {
            Reply::json(200, r#"{"access_token":"tok-123456"}"#)
        }
        "/token" => Reply::json(401, r#"{"error":"invalid_client"}"#),
        "/me" if received.header("authorization") == Some("Bearer tok-123456") => Reply::json(200, r#"{"id":1}"#),
        _ => Reply::json(403, "{}"),
    });
    let with_part = |secret: &str| {
        let mut asked = candidate("epsilon", secret);
        asked.parts = vec![("client_id".into(), Secret::new("cid_0123456789abcdef"))];
        asked
    };
    let verdicts = ask(towards(&double), &[with_part(&key), with_part(&secret("eps", 3))]);
    assert!(verdicts[0].is_live(), "{verdicts:?}");
    assert!(matches!(&verdicts[1], Verdict::Dead { why } if why.contains("invalid_client")), "{verdicts:?}");
}

#[test]
fn a_refusal_proves_nothing_where_the_other_part_is_unclear() {
    let double = Double::start(|_| Reply::json(401, r#"{"error":"invalid_client"}"#));
    let mut asked = candidate("epsilon", &secret("eps", 4));
    let id = |text: &str| ("client_id".to_owned(), Secret::new(format!("cid_{text}")));
    asked.parts = vec![id("0123456789abcdef"), id("0123456789abcdef")];
    assert!(ask_one(towards(&double), asked.clone()).is_dead());
    asked.parts.push(id("fedcba9876543210"));
    let verdict = ask_one(towards(&double), asked);
    assert!(why(&verdict).contains("several values of client_id stand beside it"), "{verdict:?}");
}

/// A user of Docker and an account of Azure are words like any other: one on another line may be somebody else's.
#[test]
fn a_refusal_proves_nothing_where_the_other_part_may_be_anybodys() {
    let docker = Double::start(|received| match received.target.as_str() {
        "/v2/auth/token" => Reply::json(401, r#"{"message":"incorrect username or password"}"#),
        _ => Reply::json(404, "{}"),
    });
    let azure = Double::start(|_| {
        Reply::of(403, "application/xml", "<Error><Code>AuthenticationFailed</Code></Error>")
            .with("x-ms-error-code: AuthenticationFailed")
    });
    let key = format!("{}+ASt{}==", "Ab3d".repeat(19), "Ab3dEf");
    let cases = [
        ("dockerhub-pat", format!("dckr_{}_{}", "pat", "Ab3".repeat(9)), "identifier", &docker),
        ("azure-storage-key", key, "account", &azure),
    ];
    for (rule, secret, part, double) in cases {
        let mut asked = candidate(rule, &secret);
        asked.parts = vec![(part.to_owned(), Secret::new("acme"))];
        let ask = |asked: &Candidate| {
            let options = Options { endpoints: vec![endpoint(rule, double)], ..options() };
            let mut validator = Validator::new(Arc::new(Ruleset::builtin()), options);
            validator
                .verify(std::slice::from_ref(asked), &AtomicBool::new(false), &mut |_| ())
                .expect("asked")
                .remove(0)
        };
        assert!(ask(&asked).is_dead(), "{rule}: {:?}", ask(&asked));
        asked.apart = vec![part.to_owned()];
        assert!(why(&ask(&asked)).contains("stands on another line and may be another's"), "{rule}");
        // With the same part it was live before.
        asked.was_live = true;
        assert!(ask(&asked).is_dead(), "{rule}");
    }
}

/// A live token of Vault without the default policy may not ask about itself, and is told what dead ones were before 1.17.
#[test]
fn a_denial_that_live_ones_are_told_too_is_dead_only_for_what_was_live() {
    let told = |errors: &'static str, was_live: bool| {
        let double = Double::start(move |_| Reply::json(403, format!(r#"{{"errors":["{errors}"]}}"#)));
        let options = Options { endpoints: vec![endpoint("hashicorp-vault", &double)], ..options() };
        let asked = Candidate { was_live, ..candidate("vault-service-token", &format!("hvs.{}", "Ab3d".repeat(6))) };
        let mut validator = Validator::new(Arc::new(Ruleset::builtin()), options);
        validator.verify(&[asked], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0)
    };
    let unknown = "2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token\\n\\n";
    assert!(told(unknown, false).is_dead(), "{:?}", told(unknown, false));
    let denied = "1 error occurred:\\n\\t* permission denied\\n\\n";
    let verdict = told(denied, false);
    assert!(why(&verdict).contains("which some live ones are told, too"), "{verdict:?}");
    assert!(told(denied, true).is_dead(), "{:?}", told(denied, true));
}

/// OpenAI says 401 also to a live key from a network that is not on its list.
#[test]
fn a_status_without_the_documented_words_counts_only_as_made_up_ones_are_told() {
    let key = format!("sk-{}-{}T3BlbkFJ{}", "proj", "Ab3d".repeat(18) + "Xy", "Ab3d".repeat(18) + "Xy");
    let told = |real: &'static str, made_up: &'static str, was_live: bool| {
        let own = key.clone();
        let double = Double::start(move |received| match received.target.as_str() {
            "/v1/models" if received.text().contains(&own) => Reply::json(401, real),
            "/v1/models" => Reply::json(401, made_up),
            _ => Reply::json(404, "{}"),
        });
        let options = Options { endpoints: vec![endpoint("openai-api-key", &double)], ..options() };
        let asked = Candidate { was_live, ..candidate("openai-api-key", &key) };
        let mut validator = Validator::new(Arc::new(Ruleset::builtin()), options);
        validator.verify(&[asked], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0)
    };
    let wrong = r#"{"error":{"code":"invalid_api_key","message":"Incorrect API key provided"}}"#;
    let network = r#"{"error":{"code":"ip_not_authorized","message":"IP not authorized"}}"#;
    assert!(told(wrong, wrong, false).is_dead());
    let verdict = told(network, wrong, false);
    assert!(why(&verdict).contains("in other words than its provider documents"), "{verdict:?}");
    assert!(told(r#"{"error":"no 1"}"#, r#"{"error":"no 2"}"#, false).is_dead());
    assert!(told(r#"{"error":"no"}"#, wrong, true).is_dead());
}

/// One fault of the server at the wrong moment must not decide about all credentials of a type.
#[test]
fn whether_a_host_refuses_everything_is_asked_again_where_there_was_no_answer() {
    let broken = Arc::new(AtomicBool::new(false));
    let first = broken.clone();
    let double = Double::start(move |received| match received.target.contains("/deadkey-") {
        true if !first.swap(true, Ordering::Relaxed) => Reply::json(503, "{}"),
        true => Reply::json(404, "{}"),
        false => Reply::json(401, r#"{"message":"no"}"#),
    });
    let asked: Vec<Candidate> = (0..4).map(|n| candidate("beta", &secret("beta", n))).collect();
    let verdicts = ask(Options { attempts: 1, ..towards(&double) }, &asked);
    let (dead, other): (Vec<_>, Vec<_>) = verdicts.iter().partition(|verdict| verdict.is_dead());
    assert_eq!((dead.len(), other.len()), (3, 1), "{verdicts:?}");
    assert!(why(other[0]).contains("whether it refuses everything nobody could ask"), "{other:?}");
}

/// One rule has `hvb.` and `hvr.`, and Vault answers 500 to the latter: every other run had no verdict.
#[test]
fn a_made_up_value_is_of_the_same_kind_as_the_real_one() {
    let key = format!("hvb.{}", "Ab3d".repeat(30));
    let own = key.clone();
    let double = Double::start(move |received| match received.header("x-vault-token") {
        Some(token) if token == own => Reply::json(200, r#"{"data":{"policies":["app"]}}"#),
        Some(token) if token.starts_with("hvb.") => {
            Reply::json(403, r#"{"errors":["permission denied, invalid token"]}"#)
        }
        _ => Reply::json(500, r#"{"errors":["internal error"]}"#),
    });
    for seed in 0..20 {
        let options = Options { endpoints: vec![endpoint("hashicorp-vault", &double)], attempts: 1, seed, ..options() };
        let mut validator = Validator::new(Arc::new(Ruleset::builtin()), options);
        let asked = candidate("vault-batch-token", &key);
        let verdict = validator.verify(&[asked], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0);
        assert!(verdict.is_live(), "{seed}: {verdict:?}");
    }
}

#[test]
fn what_rests_on_habit_is_never_dead() {
    let double = Double::start(|received| {
        let text = String::from_utf8_lossy(&received.body).into_owned();
        assert!(text.is_empty() || text.contains(r#""query":"{ viewer { id } }""#), "{text}");
        if received.target == "/check" { Reply::json(401, "{}") } else { Reply::json(404, "{}") }
    });
    let verdict = ask_one(towards(&double), candidate("delta", &secret("delta", 1)));
    assert!(why(&verdict).contains("experimental"), "{verdict:?}");
}

#[test]
fn what_can_be_self_hosted_is_dead_only_where_the_user_said() {
    let refusing = || Double::start(|_| Reply::json(401, r#"{"message":"401 Unauthorized"}"#));
    let double = refusing();
    let mut seen = candidate("gamma", &secret("gamma", 1));
    assert!(ask_one(towards(&double), seen.clone()).is_dead());
    seen.seen_hosts = vec!["git.corp.example".into()];
    let verdict = ask_one(towards(&double), seen.clone());
    assert!(why(&verdict).contains("beside it stands git.corp.example: the wrong instance"), "{verdict:?}");
    // Not named: asked at the provider's own host, and the one that was seen is proposed.
    let other = refusing();
    let port = other.address().port();
    let mut rules = rules::Ruleset::empty();
    let text = RULES.replace("https://gamma.example/", &format!("https://gamma.example:{port}/"));
    rules.add_text("x.toml", &text).unwrap();
    let mut validator = Validator::new(Arc::new(rules), Options { allow_private: true, ..options() });
    let plan = validator.plan(&seen).expect("a plan");
    assert_eq!(plan[0].url, format!("https://gamma.example:{port}/api/user"));
    assert_eq!(plan[0].headers, ["Private-Token: <secret>"]);
    assert_eq!(other.connections(), 0, "a plan opens no connection");
    // No TLS is spoken there, which is told and decides nothing.
    let verdicts = validator.verify(&[seen], &AtomicBool::new(false), &mut |_| ()).unwrap();
    assert!(why(&verdicts[0]).contains("no TLS connection to gamma.example"), "{verdicts:?}");
}

#[test]
fn a_network_that_fails_is_unknown_and_soon_left_alone() {
    struct Nowhere;
    impl validate::Resolve for Nowhere {
        fn resolve<'a>(
            &'a self,
            _: &'a str,
        ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>> {
            Box::pin(std::future::ready(Err(std::io::Error::other("no such name"))))
        }
    }
    let many: Vec<Candidate> = (0..500).map(|n| candidate("acme", &secret("acme", n))).collect();
    let started = Instant::now();
    let verdicts = ask(Options { resolver: Arc::new(Nowhere), ..options() }, &many);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    verdicts.iter().for_each(|verdict| assert!(why(verdict).contains("cannot be resolved"), "{verdict:?}"));
    // Nobody listens: a port that was just given back.
    let gone = Double::start(|_| Reply::Close).url();
    let endpoints = vec![Endpoint::parse(&format!("acme={gone}")).unwrap()];
    let closes = Double::start(|_| Reply::Close);
    for options in [Options { endpoints, ..options() }, towards(&closes)] {
        let verdicts = ask(options, &many[..20]);
        for verdict in &verdicts {
            let why = why(verdict);
            assert!(why.contains("no connection") || why.contains("broke"), "{why}");
        }
    }
}

#[test]
fn a_storm_of_429_is_unknown_and_says_when_to_come_again() {
    let key = secret("acme", 10);
    let storm = Double::start(|_| Reply::json(429, "{}").with("Retry-After: 120"));
    let many: Vec<Candidate> = (0..200).map(|n| candidate("acme", &secret("acme", n))).collect();
    let verdicts = ask(towards(&storm), &many);
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Unknown { .. })));
    assert!(
        matches!(&verdicts[0], Verdict::Unknown { retry_after: Some(120), why } if why.contains("429")),
        "{verdicts:?}"
    );
    assert!(storm.received().len() <= 20, "a storm is not answered with a storm: {}", storm.received().len());
    // A short wait is waited for.
    let (live, count) = (key.clone(), AtomicBool::new(false));
    let once = Double::start(move |received| match received.text().contains(&live) {
        true if !count.swap(true, Ordering::Relaxed) => Reply::json(503, "{}").with("Retry-After: 0"),
        true => Reply::json(200, r#"{"ok":true}"#),
        false => Reply::json(401, r#"{"error":"bad_key"}"#),
    });
    assert!(ask_one(towards(&once), candidate("acme", &key)).is_live());
    // A server's fault is no word on the credential, whatever it says.
    let faulty = Double::start(|_| Reply::json(500, r#"{"error":"bad_key","ok":false}"#));
    let verdict = ask_one(towards(&faulty), candidate("acme", &key));
    assert!(why(&verdict).contains("500 from 127.0.0.1"), "{verdict:?}");
}

#[test]
fn slow_and_endless_answers_are_bounded() {
    let drip = Double::start(|_| Reply::Drip(Duration::from_millis(20)));
    let started = Instant::now();
    let hasty = Options { answer_timeout: Duration::from_millis(400), ..towards(&drip) };
    let verdict = ask_one(hasty, candidate("acme", &secret("acme", 1)));
    assert!(why(&verdict).contains("did not answer within 0.4 s"), "{verdict:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
    let endless = Double::start(|received| match received.target.contains("deadkey") {
        true => Reply::json(404, "{}"),
        false => Reply::Endless(1 << 30),
    });
    let before = peak();
    let verdict = ask_one(towards(&endless), candidate("acme", &secret("acme", 1)));
    assert!(why(&verdict).contains("longer than 65536 bytes"), "{verdict:?}");
    // The kernel counts roughly: a later peak may be told as the smaller one.
    let more = peak().saturating_sub(before);
    assert!(more < 20 << 10, "{more} KiB");
}

/// The most memory this process had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("VmHWM: 0 kB");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[test]
fn a_credential_is_asked_about_once_however_often_it_was_found() {
    let key = secret("acme", 11);
    let double = acme(&key);
    let verdicts = ask(towards(&double), &vec![candidate("acme", &key); 50]);
    assert!(verdicts.iter().all(Verdict::is_live));
    assert_eq!(holds(&double.received(), &key), 1);
}

#[test]
fn a_cache_spares_the_provider_and_holds_no_secret() {
    let (key, dead) = (secret("acme", 12), secret("acme", 13));
    let double = acme(&key);
    let both = [candidate("acme", &key), candidate("acme", &dead)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("verdicts");
    let hour = Duration::from_secs(3600);
    let run = |time_to_live| {
        let cache = validate::Cache::load(&path, time_to_live).unwrap();
        let mut validator = Validator::new(ruleset(), towards(&double)).with_cache(cache);
        let verdicts = validator.verify(&both, &AtomicBool::new(false), &mut |_| ()).unwrap();
        validator.cache().save(&path).unwrap();
        verdicts
    };
    // The cache that is filled counts as long as the one that is read.
    let first = run(hour);
    let sent = double.received().len();
    assert_eq!(run(hour), first);
    assert_eq!(double.received().len(), sent, "nothing more was sent");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.lines().count() == 2 && !text.contains(&key) && !text.contains(&dead), "{text}");
    run(Duration::ZERO);
    assert!(double.received().len() > sent, "what is too old does not count");
}

#[test]
fn an_interrupt_keeps_what_is_decided() {
    let stop = AtomicBool::new(false);
    let double = acme("nobody's");
    let many: Vec<Candidate> = (0..400).map(|n| candidate("acme", &secret("acme", n))).collect();
    let options = Options { rates: Rates { global: 100.0, provider: 100.0, host: 100.0 }, ..towards(&double) };
    let mut validator = Validator::new(ruleset(), options);
    let mut progress = |done: usize| stop.store(done > 20, Ordering::Relaxed);
    let verdicts = validator.verify(&many, &stop, &mut progress).unwrap();
    let decided = verdicts.iter().filter(|verdict| verdict.is_dead()).count();
    let open = verdicts.iter().filter(|verdict| **verdict == Verdict::NotChecked).count();
    assert!(decided > 20 && open > 200 && decided + open == 400, "{decided} {open}");
}

#[test]
fn a_proxy_is_asked_for_the_way_and_its_exceptions_are_not() {
    let key = secret("acme", 14);
    let double = acme(&key);
    let proxy = Double::start(|_| Reply::json(407, "{}"));
    let parsed = |except: &str| {
        let url = format!("http://user:{}@{}", "pass", proxy.address());
        Some(Proxy::parse(&url, except).unwrap())
    };
    let verdict = ask_one(Options { proxy: parsed("localhost"), ..towards(&double) }, candidate("acme", &key));
    assert!(why(&verdict).contains("the proxy answered 407"), "{verdict:?}");
    assert_eq!(double.connections(), 0);
    let asked = &proxy.received()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("CONNECT", double.address().to_string().as_str()));
    assert!(asked.text().contains("user:pass"));
    let verdict = ask_one(Options { proxy: parsed("127.0.0.0/8"), ..towards(&double) }, candidate("acme", &key));
    assert!(verdict.is_live(), "{verdict:?}");
}

#[test]
fn a_secret_that_would_break_out_of_a_header_is_not_sent() {
    let double = beta("x");
    let verdict = ask_one(towards(&double), candidate("beta", "beta_a\r\nX-Evil: 1"));
    assert!(why(&verdict).contains("no request can carry"), "{verdict:?}");
    assert_eq!(double.received().iter().filter(|received| received.header("x-evil").is_some()).count(), 0);
}

#[test]
fn a_type_without_check_says_so() {
    let mut rules = rules::Ruleset::empty();
    let text = "provider = \"X\"\n[[rule]]\nid = \"x\"\nname = \"X\"\nseverity = \"low\"\nshape = 'xyz_[a-z]{20}'\n";
    rules.add_text("x.toml", text).unwrap();
    let mut validator = Validator::new(Arc::new(rules), options());
    let asked = [candidate("x", "xyz_aaaaaaaaaaaaaaaaaaaa"), candidate("gone", "y")];
    let verdicts = validator.verify(&asked, &AtomicBool::new(false), &mut |_| ()).unwrap();
    assert!(why(&verdicts[0]).contains("no check is known"), "{verdicts:?}");
    assert!(why(&verdicts[1]).contains("not among those"), "{verdicts:?}");
}
