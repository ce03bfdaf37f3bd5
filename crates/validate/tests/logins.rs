//! Passwords of brokers, mail, files and directories against real servers, which `.ci/servers` starts.

mod common;

use common::real::*;
use validate::{Endpoint, Options};

const MAIL_OR_FILE: &str = "url-mail-or-file-password";

#[test]
fn rabbitmq_tells_right_wrong_and_missing_apart() {
    let rule = "url-amqp-password";
    let (Some(port), Some(right)) = (given("DEADKEY_AMQP_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let wrong = text(11, 24);
    let url = format!("amqp://app@127.0.0.1:{port}");
    live(&at(rule, &url, &right), "connection.open-ok from 127.0.0.1");
    live(&at(rule, &format!("{url}/%2F"), &right), "connection.open-ok");
    live(&at(rule, &format!("{url}/nowhere"), &right), "no such virtual host (530)");
    dead(&at(rule, &url, &wrong), "403");
    dead(&at(rule, &url.replace("app@", "stranger@"), &right), "403");
    unknown(&at(rule, "amqp://app@127.0.0.1:1", &right), "no connection");
    let tls = format!("amqps://app@127.0.0.1:{}", given("DEADKEY_AMQPS_PORT").expect("it goes with the other"));
    unknown(&at(rule, &tls, &right), "--verify-ca names an authority to trust");
    live(&at_with(trusting(), rule, &tls, &right), "connection.open-ok");
    dead(&at_with(trusting(), rule, &tls, &wrong), "403");
    // A server that speaks TLS alone is asked within it.
    live(&at_with(trusting(), rule, &tls.replace("amqps", "amqp"), &right), "connection.open-ok");
}

#[test]
fn mail_tells_right_and_wrong_apart() {
    let (Some(port), Some(right)) = (given("DEADKEY_SMTP_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let wrong = text(12, 24);
    let url = format!("smtp://app@127.0.0.1:{port}");
    live(&at_with(trusting(), MAIL_OR_FILE, &url, &right), "235");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url, &wrong), "535");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url.replace("app@", "stranger@"), &right), "535");
    unknown(&at(MAIL_OR_FILE, &url, &right), "--verify-ca names an authority to trust");
    unknown(&at(MAIL_OR_FILE, "smtp://app@127.0.0.1:1", &right), "no connection");
    unknown(&at_with(trusting(), MAIL_OR_FILE, &url.replace("smtp:", "smtps:"), &right), "no TLS connection");
    // Without TLS, and with the other mechanism.
    let clear = format!("smtp://app@127.0.0.1:{}", given("DEADKEY_SMTP_CLEAR_PORT").expect("it goes with the other"));
    live(&at(MAIL_OR_FILE, &clear, &right), "235");
    dead(&at(MAIL_OR_FILE, &clear, &wrong), "535");
    unknown(&at(MAIL_OR_FILE, &format!("{clear}/?tls=true"), &right), "TLS is demanded");
}

#[test]
fn files_tell_right_and_wrong_apart() {
    let (Some(port), Some(right)) = (given("DEADKEY_FTP_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let wrong = text(13, 24);
    let url = format!("ftp://app@127.0.0.1:{port}/pub");
    live(&at_with(trusting(), MAIL_OR_FILE, &url, &right), "230");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url, &wrong), "530");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url.replace("app@", "stranger@"), &right), "530");
    unknown(&at(MAIL_OR_FILE, &url, &right), "--verify-ca names an authority to trust");
    unknown(&at(MAIL_OR_FILE, "ftp://app@127.0.0.1:1", &right), "no connection");
    let clear = format!("ftp://app@127.0.0.1:{}", given("DEADKEY_FTP_CLEAR_PORT").expect("it goes with the other"));
    live(&at(MAIL_OR_FILE, &clear, &right), "230");
    dead(&at(MAIL_OR_FILE, &clear, &wrong), "530");
    unknown(&at(MAIL_OR_FILE, &clear.replace("ftp:", "ftps:"), &right), "no TLS connection");
}

#[test]
fn a_directory_tells_right_and_wrong_apart() {
    let (Some(port), Some(right)) = (given("DEADKEY_LDAP_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let wrong = text(14, 24);
    let name = "cn%3Dadmin%2Cdc%3Dacme%2Cdc%3Dexample";
    let url = format!("ldap://{name}@127.0.0.1:{port}/dc=acme,dc=example");
    live(&at_with(trusting(), MAIL_OR_FILE, &url, &right), "success of a bind");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url, &wrong), "49");
    dead(&at_with(trusting(), MAIL_OR_FILE, &url.replace("admin", "stranger"), &right), "49");
    unknown(&at_with(trusting(), MAIL_OR_FILE, &url.replace(name, "admin"), &right), "34");
    unknown(&at(MAIL_OR_FILE, &url, &right), "--verify-ca names an authority to trust");
    unknown(&at(MAIL_OR_FILE, "ldap://a@127.0.0.1:1", &right), "no connection");
    let tls = format!("ldaps://{name}@127.0.0.1:{}", given("DEADKEY_LDAPS_PORT").expect("it goes with the other"));
    live(&at_with(trusting(), MAIL_OR_FILE, &tls, &right), "success of a bind");
    dead(&at_with(trusting(), MAIL_OR_FILE, &tls, &wrong), "49");
}

/// Whoever listens on the way to a server has what is said in the clear.
#[test]
fn a_password_travels_in_the_clear_only_where_the_user_says_so() {
    let (Some(port), Some(right)) = (given("DEADKEY_SMTP_CLEAR_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else {
        return;
    };
    let url = "smtp://app@mail.acme.example:587";
    let endpoint = Endpoint::parse(&format!("{MAIL_OR_FILE}=http://127.0.0.1:{port}")).expect("an endpoint");
    let named = Options { endpoints: vec![endpoint], ..common::options() };
    live(&at_with(named, MAIL_OR_FILE, url, &right), "235");
}
