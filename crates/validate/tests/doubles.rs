//! Passwords of servers that no package gives in seconds: MongoDB and IMAP, against doubles that follow their protocols, and
//! the refusals of Active Directory.

mod common;

use common::real::{at, at_with, dead, live, private, text, unknown};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use validate::Values;

/// A server on loopback that speaks as `speak` does; its port.
fn start(speak: impl Fn(TcpStream) -> std::io::Result<()> + Send + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let speak = speak.clone();
            std::thread::spawn(move || speak(stream));
        }
    });
    port
}

fn keyed(key: &[u8], said: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(said);
    mac.finalize().into_bytes().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    let mut values = Values::new();
    values.set("secret", bytes.to_vec());
    let template = rules::template::Template::parse("{base64:{secret}}").expect("a template");
    String::from_utf8(values.fill(&template, validate::Context::Plain).expect("filled")).expect("ASCII")
}

/// What a server of RFC 7677 answers to the last message, and whether it takes it.
fn last_of_scram(password: &str, first: &str, challenge: &str, last: &str) -> Option<String> {
    let mut block = keyed(password.as_bytes(), b"salt\0\0\0\x01");
    let mut salted = block.clone();
    for _ in 1..4096 {
        block = keyed(password.as_bytes(), &block);
        salted.iter_mut().zip(&block).for_each(|(sum, byte)| *sum ^= byte);
    }
    let (without, proof) = last.rsplit_once(",p=")?;
    let said = format!("{},{challenge},{without}", first.strip_prefix("n,,")?);
    let client = keyed(&salted, b"Client Key");
    let signature = keyed(&Sha256::digest(&client), said.as_bytes());
    let expected: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    let server = keyed(&keyed(&salted, b"Server Key"), said.as_bytes());
    (base64(&expected) == proof).then(|| format!("v={}", base64(&server)))
}

/// A document of BSON of numbers (0x10), truths (0x08), texts (0x02) and bytes (0x05).
fn bson(elements: &[(u8, &str, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, name, value) in elements {
        body.push(*kind);
        body.extend([name.as_bytes(), b"\0", value].concat());
    }
    [&(body.len() as u32 + 5).to_le_bytes()[..], &body, b"\0"].concat()
}

fn number(number: i32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

fn bytes(bytes: &str) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes()[..], b"\0", bytes.as_bytes()].concat()
}

/// The value of `payload` of a command.
fn payload(command: &[u8]) -> String {
    let at = command.windows(9).position(|part| part == b"\x05payload\0").expect("a payload") + 9;
    let length = u32::from_le_bytes(command[at..at + 4].try_into().expect("four bytes")) as usize;
    String::from_utf8(command[at + 5..at + 5 + length].to_vec()).expect("text")
}

/// MongoDB with a user `app` of this password in `admin`; one that lies does not know it.
fn mongodb(password: String, lies: bool) -> u16 {
    start(move |mut stream| {
        let (mut first, mut challenge) = (String::new(), String::new());
        loop {
            let mut head = [0; 16];
            stream.read_exact(&mut head)?;
            let length = u32::from_le_bytes(head[..4].try_into().expect("four bytes")) as usize;
            let mut body = vec![0; length - 16];
            stream.read_exact(&mut body)?;
            let has = |word: &[u8]| body.windows(word.len()).any(|part| part == word);
            let done = |done: bool, said: &str| {
                let elements = [(0x10, "conversationId", number(1)), (0x08, "done", vec![u8::from(done)])];
                bson(&[&elements[..], &[(0x05, "payload", bytes(said)), (0x10, "ok", number(1))]].concat())
            };
            let refusal = || bson(&[(0x10, "ok", number(0)), (0x10, "code", number(18))]);
            let answer = if has(b"hello\0") {
                bson(&[(0x10, "ok", number(1)), (0x10, "maxWireVersion", number(21))])
            } else if has(b"SCRAM-SHA-1\0") || (has(b"saslStart\0") && !has(b"$db\0\x06\0\0\0admin\0")) {
                refusal()
            } else if has(b"saslStart\0") {
                first = payload(&body);
                let nonce = first.rsplit_once("r=").expect("a nonce").1;
                challenge = format!("r={nonce}server,s={},i=4096", base64(b"salt"));
                done(false, &challenge)
            } else if !first.starts_with("n,,n=app,") {
                refusal()
            } else {
                match last_of_scram(&password, &first, &challenge, &payload(&body)) {
                    Some(_) if lies => done(true, "v=AAAA"),
                    Some(server) => done(true, &server),
                    None => refusal(),
                }
            };
            let said = [&[0; 5][..], &answer].concat();
            let head = [16 + said.len() as u32, 1, 1, 2013].map(u32::to_le_bytes).concat();
            stream.write_all(&[head, said].concat())?;
        }
    })
}

#[test]
fn mongodb_tells_right_and_wrong_apart() {
    let rule = "url-mongodb-password";
    let (right, wrong) = (text(21, 24), text(22, 24));
    let port = mongodb(right.clone(), false);
    let url = format!("mongodb://app@127.0.0.1:{port}");
    live(&at(rule, &url, &right), "SCRAM-SHA-256 was done from 127.0.0.1");
    live(&at(rule, &format!("mongodb://app@127.0.0.1:{port},127.0.0.1:1/app?authSource=admin"), &right), "SCRAM");
    dead(&at(rule, &url, &wrong), "18 (AuthenticationFailed");
    dead(&at(rule, &url.replace("app@", "stranger@"), &right), "18");
    dead(&at(rule, &format!("{url}/other"), &right), "18");
    unknown(&at(rule, &format!("{url}/?authMechanism=MONGODB-X509"), &right), "of the kind MONGODBX509");
    unknown(&at(rule, &format!("{url}/?tls=true"), &right), "connection to 127.0.0.1");
    unknown(&at(rule, "mongodb://app@127.0.0.1:1", &right), "no connection");
    let lying = format!("mongodb://app@127.0.0.1:{}", mongodb(right.clone(), true));
    unknown(&at(rule, &lying, &right), "does not prove that it knows the password");
}

/// A domain that names these hosts as its servers; every name leads to loopback.
struct Domain(Vec<(&'static str, u16)>);

impl validate::Resolve for Domain {
    fn resolve<'a>(&'a self, _: &'a str) -> validate::Addresses<'a> {
        Box::pin(std::future::ready(Ok(vec![[127, 0, 0, 1].into()])))
    }

    fn hosts<'a>(&'a self, service: &'a str) -> validate::Hosts<'a> {
        assert_eq!(service, "_mongodb._tcp.cluster.acme.example");
        let hosts = self.0.iter().map(|(host, port)| ((*host).to_owned(), *port)).collect();
        Box::pin(std::future::ready(Ok(hosts)))
    }
}

#[test]
fn the_servers_of_a_mongodb_domain_are_looked_up() {
    let right = text(26, 24);
    let port = mongodb(right.clone(), false);
    let ask = |url: &str, hosts: Vec<(&'static str, u16)>| {
        let resolver = std::sync::Arc::new(Domain(hosts));
        at_with(validate::Options { resolver, ..private() }, "url-mongodb-password", url, &right)
    };
    let url = "mongodb+srv://app@cluster.acme.example/shop?tls=false";
    live(&ask(url, vec![("one.acme.example", port), ("two.acme.example", 1)]), "SCRAM-SHA-256 was done");
    unknown(&ask(url, vec![("one.acme.example", port), ("elsewhere.example", port)]), "outside of acme.example");
    unknown(&ask(url, Vec::new()), "has no servers");
    // TLS goes without saying.
    unknown(&ask("mongodb+srv://app@cluster.acme.example", vec![("one.acme.example", port)]), "one.acme.example");
    let lost = validate::Options { resolver: std::sync::Arc::new(common::Leads(Vec::new())), ..private() };
    unknown(&at_with(lost, "url-mongodb-password", url, &right), "cannot be looked up");
}

#[test]
fn imap_tells_right_and_wrong_apart() {
    let (right, wrong) = (format!("{}\"\\", text(23, 22)), text(24, 24));
    let quoted = format!("\"app\" \"{}\"", right.replace('\\', "\\\\").replace('"', "\\\""));
    let port = start(move |mut stream| {
        stream.write_all(b"* OK ready\r\n")?;
        for line in BufReader::new(stream.try_clone()?).lines() {
            let line = line?;
            let (tag, command) = line.split_once(' ').unwrap_or_default();
            let answer = match command.split_once(' ') {
                Some(("LOGIN", who)) if who == quoted => "* CAPABILITY IMAP4rev1\r\n# OK logged in".to_owned(),
                Some(("LOGIN", _)) => "# NO [AUTHENTICATIONFAILED] no".to_owned(),
                _ => "# BAD unknown".to_owned(),
            };
            stream.write_all(format!("{}\r\n", answer.replace('#', tag)).as_bytes())?;
        }
        Ok(())
    });
    let rule = "url-mail-or-file-password";
    let url = format!("imap://app@127.0.0.1:{port}");
    let written = right.replace('"', "%22").replace('\\', "%5C");
    live(&at(rule, &url, &written), "OK to LOGIN");
    dead(&at(rule, &url, &wrong), "AUTHENTICATIONFAILED");
    unknown(&at(rule, &url.replace("imap:", "imaps:"), &wrong), "no TLS connection");
}

#[test]
fn active_directory_says_more_than_invalid_credentials() {
    let rule = "url-mail-or-file-password";
    for (data, verdict) in [("52e", "dead"), ("525", "dead"), ("533", "dead"), ("532", "live"), ("775", "unknown")] {
        let right = text(25, 24);
        let known = right.clone();
        let port = start(move |mut stream| {
            let mut bytes = [0; 512];
            loop {
                let read = stream.read(&mut bytes)?;
                if read == 0 {
                    return Ok(());
                }
                let said = |id: u8, kind: u8, code: u8, text: &str| {
                    let result = [&[0x0a, 1, code, 4, 0, 4, text.len() as u8][..], text.as_bytes()].concat();
                    let inner = [&[2, 1, id, kind, result.len() as u8][..], &result].concat();
                    [&[0x30, inner.len() as u8][..], &inner].concat()
                };
                // No TLS; then the reason, for the right password, or that of a wrong one.
                let is_right = String::from_utf8_lossy(&bytes[..read]).contains(&known);
                let answer = match bytes[5] {
                    0x77 => said(1, 0x78, 52, ""),
                    0x60 if is_right => {
                        said(2, 0x61, 49, &format!("80090308: AcceptSecurityContext, data {data}, v4563"))
                    }
                    0x60 => said(2, 0x61, 49, "80090308: AcceptSecurityContext, data 52e, v4563"),
                    _ => return Ok(()),
                };
                stream.write_all(&answer)?;
            }
        });
        let told = at(rule, &format!("ldap://app%40corp.example@127.0.0.1:{port}"), &right);
        assert_eq!(told.name(), verdict, "{data}: {told:?}");
        assert!(told.details().join(" ").contains(&format!("data {data}")), "{told:?}");
    }
}
