//! Over TLS: whom it trusts, and that nothing is sent to whom it does not.

mod common;

use common::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use validate::{Endpoint, Options};

/// A server with a certificate for `name` by an authority of its own: address, the authority in PEM, what it received.
fn server(name: &str) -> (SocketAddr, Vec<u8>, Arc<Mutex<Vec<u8>>>) {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let pem = authority.self_signed(&authority_key).expect("a certificate").pem().into_bytes();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().expect("a key");
    let own =
        CertificateParams::new(vec![name.to_owned()]).expect("parameters").signed_by(&key, &issuer).expect("signed");
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], private)
        .expect("a certificate and its key");
    let (config, received) = (Arc::new(config), Arc::new(Mutex::new(Vec::new())));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, kept) = (listener.local_addr().expect("bound"), received.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = stream;
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            let mut buffer = [0; 4096];
            // One request a connection is enough here.
            let Ok(read) = tls.read(&mut buffer) else { continue };
            kept.lock().expect("not poisoned").extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let body = if text.contains(&secret("acme", 1)) { r#"{"ok":true}"# } else { r#"{"ok":false}"# };
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let _ = tls.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    (address, pem, received)
}

fn asked(address: SocketAddr, authorities: Vec<u8>) -> model::Verdict {
    let endpoint = Endpoint::parse(&format!("acme=https://api.acme.example:{}", address.port())).expect("an endpoint");
    let options = Options { endpoints: vec![endpoint], authorities, attempts: 1, ..options() };
    ask_one(options, candidate("acme", &secret("acme", 1)))
}

#[test]
fn a_known_authority_is_trusted() {
    let (address, pem, received) = server("api.acme.example");
    let verdict = asked(address, pem);
    assert!(verdict.is_live(), "{verdict:?}");
    let received = received.lock().unwrap();
    assert!(String::from_utf8_lossy(&received).contains(&secret("acme", 1)));
}

#[test]
fn an_unknown_authority_and_another_name_get_nothing() {
    let (address, _, received) = server("api.acme.example");
    let (_, others, _) = server("api.acme.example");
    let verdict = asked(address, others);
    assert!(why(&verdict).contains("no TLS connection to api.acme.example"), "{verdict:?}");
    let (other, pem, received_there) = server("other.example");
    let verdict = asked(other, pem);
    assert!(why(&verdict).contains("no TLS connection to api.acme.example"), "{verdict:?}");
    assert!(received.lock().unwrap().is_empty() && received_there.lock().unwrap().is_empty());
}

#[test]
fn what_is_no_certificate_is_said() {
    let options = Options { authorities: b"not PEM at all".to_vec(), ..options() };
    let mut validator = validate::Validator::new(ruleset(), options);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let failed = validator.verify(&[candidate("acme", &secret("acme", 1))], &stop, &mut |_| ());
    assert!(failed.unwrap_err().to_string().contains("holds no certificate"));
}
