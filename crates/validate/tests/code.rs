//! A check that needs code: a protocol of its own over `Net::connect`, as a database driver would do it.

mod common;

use common::*;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use validate::{Asked, Check, Future, NoAnswer, Options, Place, Ruling, Sent, Trust, Validator, Values};

/// `LOGIN secret`, answered `+OK name` or `-WRONG`; the server is that of the companion `tenant`.
struct Line;

fn server(asked: &Asked) -> Result<(String, u16, Trust), String> {
    if let Some(base) = &asked.kind.endpoint {
        return Ok((base.host.clone(), base.port, Trust::User));
    }
    let tenant = asked.values.get("tenant").ok_or("its tenant was not found beside it")?.expose_text();
    let (host, port) = tenant.split_once('#').ok_or("the tenant is no HOST#PORT")?;
    Ok((host.to_owned(), port.parse().map_err(|_| "the port is no number")?, Trust::Rule))
}

async fn login(asked: &Asked, net: &validate::Net) -> Result<Ruling, NoAnswer> {
    let (host, port, trust) = server(asked).map_err(NoAnswer::new)?;
    let mut stream = net.connect(&asked.kind.rule.provider, &host, port, false, trust).await?;
    let broke = |_| NoAnswer::new(format!("the connection to {host} broke"));
    let secret = asked.values.get("secret").expect("every credential has one").expose();
    stream.write_all(&[b"LOGIN ", secret, b"\n"].concat()).await.map_err(broke)?;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(net.options().answer_timeout, read)
        .await
        .map_err(|_| NoAnswer::new(format!("{host} did not answer")))?
        .map_err(broke)?;
    Ok(match String::from_utf8_lossy(&answer).trim_end() {
        "-WRONG" => Ruling::Refused { why: format!("WRONG from {host}"), by_itself: true },
        text if text.starts_with("+OK ") => {
            let identity = Some(text[4..].to_owned());
            let live = model::Live { identity, evidence: format!("OK from {host}"), ..Default::default() };
            Ruling::Live { live, by_itself: true }
        }
        _ => Ruling::unknown(format!("{host} speaks something else")),
    })
}

impl Check for Line {
    fn rules(&self) -> Vec<String> {
        vec!["eta".to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let (host, port, _) = server(asked)?;
        Ok(Place { key: format!("line://{host}:{port}"), host })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let (host, port, _) = server(asked)?;
        let (headers, body) = (Vec::new(), "LOGIN <secret>".to_owned());
        Ok(vec![Sent { method: "LINE".to_owned(), url: format!("line://{host}:{port}"), headers, body }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a validate::Net) -> Future<'a, Ruling> {
        Box::pin(async move { login(asked, net).await.unwrap_or_else(Ruling::from) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        if let Some(tenant) = asked.values.get("tenant") {
            made_up.set_open("tenant", tenant.expose().to_vec());
        }
        Some(made_up)
    }
}

/// A server for which this secret is right; what it was sent.
fn start(right: &str, takes_all: bool) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, received) = (listener.local_addr().expect("bound"), Arc::new(Mutex::new(Vec::new())));
    let (right, kept) = (right.to_owned(), received.clone());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(stream.try_clone().expect("a clone")).read_line(&mut line);
            let is_right = takes_all || line.trim_end() == format!("LOGIN {right}");
            kept.lock().expect("not poisoned").push(line);
            let _ = stream.write_all(if is_right { b"+OK octo\n" } else { b"-WRONG\n" });
        }
    });
    (address, received)
}

fn validator(options: Options) -> Validator {
    Validator::new(ruleset(), options).with_check(Arc::new(Line))
}

fn of(tenant: &str, secret: &str) -> validate::Candidate {
    let mut asked = candidate("eta", secret);
    asked.parts = vec![("tenant".into(), model::Secret::new(tenant))];
    asked
}

#[test]
fn a_check_in_code_has_the_same_engine_around_it() {
    let key = secret("eta", 1);
    let (address, received) = start(&key, false);
    let tenant = format!("localhost#{}", address.port());
    let stop = AtomicBool::new(false);
    let both = [of(&tenant, &key), of(&tenant, &secret("eta", 2))];
    let options = Options { allow_private: true, ..options() };
    let verdicts = validator(options).verify(&both, &stop, &mut |_| ()).expect("it can be asked");
    assert!(matches!(&verdicts[0], model::Verdict::Live(live) if live.identity.as_deref() == Some("octo")));
    assert!(verdicts[1].is_dead(), "{verdicts:?}");
    let received = received.lock().unwrap();
    assert!(received.len() == 3 && !received[0].contains(&key), "the made-up one came first: {received:?}");
    assert_eq!(validator(common::options()).plan(&both[0]).unwrap()[0].body, "LOGIN <secret>");
}

#[test]
fn a_check_in_code_cannot_forget_its_manners() {
    let key = secret("eta", 3);
    let (address, received) = start(&key, false);
    let tenant = format!("localhost#{}", address.port());
    let stop = AtomicBool::new(false);
    let ask = |options: Options, asked| validator(options).verify(&[asked], &stop, &mut |_| ()).unwrap().remove(0);
    // What was scanned names a host on this machine.
    let verdict = ask(options(), of(&tenant, &key));
    assert!(why(&verdict).contains("leads to a private address"), "{verdict:?}");
    assert!(received.lock().unwrap().is_empty());
    // One that takes anything.
    let (open, _) = start(&key, true);
    let verdict = ask(Options { allow_private: true, ..options() }, of(&format!("localhost#{}", open.port()), &key));
    assert!(why(&verdict).contains("a made-up value was taken, too"), "{verdict:?}");
    // One that says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let quick = Options { allow_private: true, answer_timeout: Duration::from_millis(200), ..options() };
    let verdict = ask(quick, of(&format!("localhost#{}", silent.local_addr().unwrap().port()), &key));
    assert!(why(&verdict).contains("did not answer"), "{verdict:?}");
    let verdict = ask(options(), candidate("eta", &key));
    assert!(why(&verdict).contains("tenant was not found"), "{verdict:?}");
}
