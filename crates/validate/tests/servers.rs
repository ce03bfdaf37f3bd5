//! Passwords of databases and keys of AWS against real servers, which `.ci/servers` starts. Where there are none the tests say
//! so and pass, unless `CI=true` or `DEADKEY_SERVERS=required`.

mod common;

use common::real::*;
use common::*;
use model::{Secret, Verdict};
use rules::Ruleset;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use testkit::double::{Double, Reply};
use validate::{Act, Endpoint, Operator, Options, Validator, Withdrawal};

#[test]
fn postgresql_tells_right_wrong_and_missing_apart() {
    let rule = "url-postgres-password";
    let (Some(port), Some(admin)) = (given("DEADKEY_POSTGRES_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let run = |sql: &str| {
        client("psql", &["-qh", "127.0.0.1", "-p", &port, "-U", "admin", "-d", "postgres", "-c", sql], &admin);
    };
    let (first, second) = (text(1, 20), text(2, 20));
    run(&format!("ALTER ROLE app PASSWORD '{first}'"));
    let url = format!("postgres://app@127.0.0.1:{port}/app");
    live(&at(rule, &url, &first), "AuthenticationOk from 127.0.0.1");
    dead(&at(rule, &url, &second), "28P01");
    dead(&at(rule, &url.replace("app@", "stranger@"), &first), "28P01");
    live(&at(rule, &format!("{url}_nowhere"), &first), "3D000");
    let demanding = format!("{url}?sslmode=require");
    unknown(&at(rule, &demanding, &first), "--verify-ca names an authority to trust");
    live(&at_with(trusting(), rule, &demanding, &first), "AuthenticationOk");
    dead(&at_with(trusting(), rule, &demanding, &second), "28P01");
    // A user who may come over TLS alone.
    run(&format!("DROP ROLE IF EXISTS tlsonly; CREATE ROLE tlsonly LOGIN PASSWORD '{first}'"));
    let only = format!("postgres://tlsonly@127.0.0.1:{port}/postgres");
    unknown(&at(rule, &only, &first), "not without TLS");
    live(&at_with(trusting(), rule, &only, &first), "AuthenticationOk");
    dead(&at_with(trusting(), rule, &only, &second), "28P01");
    unknown(&at_with(trusting(), rule, &format!("{only}?sslmode=disable"), &first), "TLS");
    unknown(&at(rule, "postgres://app@127.0.0.1:1/app", &first), "no connection");
    unknown(&at(rule, &url.replace("app@", "open@"), &first), "without a password");
    run(&format!("ALTER ROLE app PASSWORD '{second}'"));
    dead(&at(rule, &url, &first), "28P01");
    live(&at(rule, &url, &second), "AuthenticationOk");
    let md5 = format!(
        "SET password_encryption = 'md5'; DROP ROLE IF EXISTS md5user; CREATE ROLE md5user LOGIN PASSWORD '{first}'"
    );
    run(&md5);
    let url = format!("postgres://md5user@127.0.0.1:{port}/postgres");
    live(&at(rule, &url, &first), "AuthenticationOk");
    dead(&at(rule, &url, &second), "28P01");
    run(&format!("DROP ROLE IF EXISTS clear; CREATE ROLE clear LOGIN PASSWORD '{first}'"));
    let clear = url.replace("md5user", "clear");
    unknown(&at(rule, &clear, &first), "in the clear");
    live(&at_with(trusting(), rule, &clear, &first), "AuthenticationOk");
    dead(&at_with(trusting(), rule, &clear, &second), "28P01");
    // Nobody named this host.
    let verdict = verdict(options(), asked(rule, &first, &[("url", &url)]));
    unknown(&verdict, "private address");
}

#[test]
fn mariadb_tells_right_wrong_and_missing_apart() {
    let rule = "url-mysql-password";
    let (Some(port), Some(admin)) = (given("DEADKEY_MARIADB_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let Some(program) = given("DEADKEY_MARIADB") else { return };
    let run = |sql: &str| {
        client(&program, &["--no-defaults", "-h", "127.0.0.1", "-P", &port, "-u", "admin", "-e", sql], &admin);
    };
    let (first, second) = (text(3, 20), text(4, 20));
    run(&format!(
        "CREATE OR REPLACE USER app@'127.0.0.1' IDENTIFIED BY '{first}'; GRANT ALL ON app.* TO app@'127.0.0.1'"
    ));
    let url = format!("mysql://app@127.0.0.1:{port}/app");
    live(&at(rule, &url, &first), "OK from 127.0.0.1");
    dead(&at_with(trusting(), rule, &url, &second), "1045");
    unknown(&at(rule, &url, &second), "1045, which it says also where a user must come over TLS");
    dead(&at_with(trusting(), rule, &url.replace("app@", "stranger@"), &first), "1045");
    live(&at(rule, &format!("{url}_nowhere"), &first), "104");
    run("GRANT ALL ON *.* TO app@'127.0.0.1'");
    live(&at(rule, &format!("{url}_nowhere"), &first), "1049");
    let demanding = format!("{url}?ssl-mode=REQUIRED");
    unknown(&at(rule, &demanding, &first), "--verify-ca names an authority to trust");
    live(&at_with(trusting(), rule, &demanding, &first), "OK from 127.0.0.1");
    dead(&at_with(trusting(), rule, &demanding, &second), "1045");
    // A user who must come over TLS.
    run(&format!("CREATE OR REPLACE USER tlsonly@'127.0.0.1' IDENTIFIED BY '{first}' REQUIRE SSL"));
    let only = format!("mysql://tlsonly@127.0.0.1:{port}");
    unknown(&at(rule, &only, &first), "TLS");
    live(&at_with(trusting(), rule, &only, &first), "OK from 127.0.0.1");
    dead(&at_with(trusting(), rule, &only, &second), "1045");
    unknown(&at(rule, "mysql://app@127.0.0.1:1/app", &first), "no connection");
    run(&format!("ALTER USER app@'127.0.0.1' IDENTIFIED BY '{second}'"));
    dead(&at_with(trusting(), rule, &url, &first), "1045");
    live(&at(rule, &url, &second), "OK");
}

#[test]
fn redis_tells_right_and_wrong_apart() {
    let rule = "url-redis-password";
    let (Some(port), Some(admin)) = (given("DEADKEY_REDIS_PORT"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let Some(program) = given("DEADKEY_REDIS_CLI") else { return };
    let run = |arguments: &[&str]| client(&program, &[&["-h", "127.0.0.1", "-p", &port], arguments].concat(), &admin);
    let (first, second) = (text(5, 20), text(6, 20));
    run(&["ACL", "SETUSER", "app", "reset", "on", &format!(">{first}"), "+ping"]);
    let url = format!("redis://app@127.0.0.1:{port}/0");
    live(&at(rule, &url, &first), "OK to AUTH");
    live(&at(rule, &format!("redis://127.0.0.1:{port}/99"), &admin), "OK to AUTH");
    dead(&at(rule, &url, &second), "WRONGPASS");
    dead(&at(rule, &url.replace("app@", "stranger@"), &first), "WRONGPASS");
    unknown(&at(rule, "redis://app@127.0.0.1:1", &first), "no connection");
    unknown(&at(rule, &url.replace("redis:", "rediss:"), &first), "connection to 127.0.0.1");
    run(&["ACL", "SETUSER", "app", "resetpass", &format!(">{second}")]);
    dead(&at(rule, &url, &first), "WRONGPASS");
    live(&at(rule, &url, &second), "OK to AUTH");
    run(&["ACL", "SETUSER", "open", "reset", "on", "nopass"]);
    unknown(&at(rule, &url.replace("app@", "open@"), &first), "a made-up value was taken, too");
}

/// There is one moto, and what a test sets up in it is for that test alone.
static MOTO: Mutex<()> = Mutex::new(());

/// Calls moto through `boto3`, which is beside its server.
fn python(code: &str) -> String {
    let program = std::env::var("DEADKEY_MOTO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(program).args(["-c", code]).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn aws_keys_against_moto_with_signatures_checked() {
    let Some(port) = given("DEADKEY_MOTO_PORT") else { return };
    let _alone = MOTO.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let url = format!("http://127.0.0.1:{port}");
    let setup = format!(
        r#"
import boto3, json, urllib.request as u
url = "{url}"
def auth(n): u.urlopen(u.Request(url + "/moto-api/reset-auth", data=n, headers={{"Content-Type": "text/plain"}}))
u.urlopen(u.Request(url + "/moto-api/reset", data=b""))
auth(b"1000")
k = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
iam = boto3.client("iam", **k)
def key(name, allow):
    iam.create_user(UserName=name)
    doc = dict(Version="2012-10-17", Statement=[dict(Effect=allow, Action="*", Resource="*")])
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(doc))
    a = iam.create_access_key(UserName=name)["AccessKey"]
    return a["AccessKeyId"], a["SecretAccessKey"]
l, d, g = key("live", "Allow"), key("denied", "Deny"), key("gone", "Allow")
iam.delete_access_key(UserName="gone", AccessKeyId=g[0])
iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(dict(Version="2012-10-17", Statement=[dict(Effect="Allow", Action="sts:AssumeRole", Principal=dict(AWS="*"))])))
iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(dict(Version="2012-10-17", Statement=[dict(Effect="Allow", Action="*", Resource="*")])))
c = boto3.client("sts", **k).assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")["Credentials"]
auth(b"0")
print("\n".join([*l, *d, *g, c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"]]))
"#
    );
    let made = python(&setup);
    let made: Vec<&str> = made.lines().collect();
    let ask = |rule: &str, id: &str, parts: &[(&str, &str)]| {
        let endpoints = vec![Endpoint::parse(&format!("aws={url}")).expect("an endpoint")];
        verdict(Options { endpoints, blast_radius: true, ..options() }, asked(rule, id, parts))
    };
    let pair = |id: &str, secret: &str| ask("aws-access-key", id, &[("secret_access_key", secret)]);
    let verdict = pair(made[0], made[1]);
    live(&verdict, "GetCallerIdentity");
    assert!(
        matches!(&verdict, Verdict::Live(live) if live.identity.as_deref() == Some("arn:aws:iam::123456789012:user/live"))
    );
    let Verdict::Live(told) = &verdict else { unreachable!() };
    let reach: Vec<String> =
        told.reach.iter().map(|one| format!("{} {} {:?}", one.kind, one.count, one.names)).collect();
    assert_eq!(reach, ["attached policies 0 []", "inline policies 1 [\"p\"]", "groups 0 []"]);
    live(&ask("aws-secret-access-key", made[1], &[("access_key_id", made[0])]), "GetCallerIdentity");
    dead(&pair(made[0], made[3]), "SignatureDoesNotMatch");
    dead(&pair(&format!("AKIA{}", "Q3RTMN5HBXQ7RT2Z"), made[1]), "InvalidClientTokenId");
    dead(&pair(made[4], made[5]), "InvalidClientTokenId");
    // moto, as AWS, tells whoever is denied everything who he is; what he has he may not read.
    let denied = pair(made[2], made[3]);
    live(&denied, "from 127.0.0.1");
    assert!(matches!(&denied, Verdict::Live(told) if told.reach.is_empty()), "{denied:?}");
    let session = [("secret_access_key", made[7]), ("session_token", made[8])];
    live(&ask("aws-temporary-access-key", made[6], &session), "GetCallerIdentity");
    unknown(&ask("aws-temporary-access-key", made[6], &session[..1]), "session token");
}

/// Keys of users of moto: one that may do what it likes, one that may not touch itself, and an operator's.
fn keys_of_moto(url: &str) -> Vec<String> {
    let setup = format!(
        r#"
import boto3, json, urllib.request as u
url = "{url}"
def auth(n): u.urlopen(u.Request(url + "/moto-api/reset-auth", data=n, headers={{"Content-Type": "text/plain"}}))
auth(b"1000")
k = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y")
iam = boto3.client("iam", **k)
def key(name, allow):
    try: iam.create_user(UserName=name)
    except iam.exceptions.EntityAlreadyExistsException: pass
    doc = dict(Version="2012-10-17", Statement=[dict(Effect="Allow", Action=allow, Resource="*")])
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(doc))
    a = iam.create_access_key(UserName=name)["AccessKey"]
    return a["AccessKeyId"], a["SecretAccessKey"]
own, weak, operator = key("own", "*"), key("weak", "sts:*"), key("operator", "*")
auth(b"0")
print("\n".join([*own, *weak, *operator]))
"#
    );
    python(&setup).lines().map(str::to_owned).collect()
}

/// Whether a key of moto is on; `None` where there is none.
fn status_in_moto(url: &str, user: &str, id: &str, operator: &[String]) -> Option<String> {
    let asked = format!(
        r#"
import boto3
iam = boto3.client("iam", endpoint_url="{url}", region_name="us-east-1", aws_access_key_id="{}", aws_secret_access_key="{}")
print("\n".join(k["Status"] for k in iam.list_access_keys(UserName="{user}")["AccessKeyMetadata"] if k["AccessKeyId"] == "{id}"))
"#,
        operator[0], operator[1]
    );
    Some(python(&asked)).filter(|status| !status.is_empty())
}

#[test]
fn aws_keys_are_switched_off_on_again_and_deleted() {
    let Some(port) = given("DEADKEY_MOTO_PORT") else { return };
    let _alone = MOTO.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let url = format!("http://127.0.0.1:{port}");
    let keys = keys_of_moto(&url);
    let operator = keys[4..].to_vec();
    let signs = Operator { id: operator[0].clone(), secret: Secret::new(operator[1].as_str()), session: None };
    let validator = |operator: Option<Operator>| {
        let endpoints = vec![Endpoint::parse(&format!("aws={url}")).expect("an endpoint")];
        Validator::new(Arc::new(Ruleset::builtin()), Options { endpoints, operator, ..options() })
    };
    let own = asked("aws-access-key", &keys[0], &[("secret_access_key", &keys[1])]);
    let weak = asked("aws-secret-access-key", &keys[3], &[("access_key_id", &keys[2])]);
    // It may do so itself.
    let told = validator(None).told_of_use(&own).expect("asked");
    assert!(told.contains(&"it is the user own's".to_owned()), "{told:?}");
    let done = validator(None).withdraw(&own, Act::Withdraw).expect("asked");
    assert!(matches!(&done, Withdrawal::Done { said } if said.contains("UpdateAccessKey")), "{done:?}");
    assert_eq!(status_in_moto(&url, "own", &keys[0], &operator).as_deref(), Some("Inactive"));
    // What is off signs nothing, not even its own return.
    let why = validator(None).prospect(&own, Act::Undo).expect("a prospect").why_not;
    assert!(why.contains("--operator"), "{why}");
    let done = validator(Some(signs.clone())).withdraw(&own, Act::Undo).expect("asked");
    assert!(matches!(done, Withdrawal::Done { .. }), "{done:?}");
    assert_eq!(status_in_moto(&url, "own", &keys[0], &operator).as_deref(), Some("Active"));
    // What is on is not deleted.
    let refused = validator(Some(signs.clone())).withdraw(&own, Act::Delete).expect("asked");
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("not switched off")), "{refused:?}");
    for (act, said_of) in [(Act::Withdraw, "UpdateAccessKey"), (Act::Delete, "DeleteAccessKey")] {
        let done = validator(Some(signs.clone())).withdraw(&own, act).expect("asked");
        assert!(matches!(&done, Withdrawal::Done { said } if said.contains(said_of)), "{done:?}");
    }
    assert_eq!(status_in_moto(&url, "own", &keys[0], &operator), None);
    let verdict = validator(None).verify(&[own], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0);
    dead(&verdict, "InvalidClientTokenId");
    // It has no right over itself, and the operator has.
    let refused = validator(None).withdraw(&weak, Act::Withdraw).expect("asked");
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("--operator signs")), "{refused:?}");
    let done = validator(Some(signs.clone())).withdraw(&weak, Act::Withdraw).expect("asked");
    assert!(matches!(done, Withdrawal::Done { .. }), "{done:?}");
    assert_eq!(status_in_moto(&url, "weak", &keys[2], &operator).as_deref(), Some("Inactive"));
    // The operator's own key is none to sign with against itself.
    let itself = asked("aws-access-key", &operator[0], &[("secret_access_key", &operator[1])]);
    let refused = validator(Some(signs)).withdraw(&itself, Act::Withdraw).expect("asked");
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("this very key")), "{refused:?}");
}

#[test]
fn a_canary_of_aws_is_known_offline_and_never_used() {
    let double = Double::start(|_| Reply::json(200, "{}"));
    let options = Options { endpoints: vec![endpoint("aws", &double)], ..options() };
    // The id of an account stands in its first 48 bits, behind one bit.
    let mut bits = (1u128 << 47 | 52_310_077_262 << 7) << 32;
    let mut letters = Vec::new();
    for _ in 0..16 {
        letters.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits & 31) as usize]);
        bits >>= 5;
    }
    letters.reverse();
    let id = format!("AKIA{}", String::from_utf8(letters).expect("ASCII"));
    let verdict = verdict(options, asked("aws-access-key", &id, &[("secret_access_key", &text(9, 40))]));
    unknown(&verdict, "a canary of account 052310077262");
    assert!(double.received().is_empty());
}

/// What AWS answers where a policy of the organisation denies even that.
#[test]
fn a_key_of_aws_that_is_denied_is_live() {
    let id = format!("AKIA{}", "Q3RTMN5HBXQ7RT2Z");
    let known = id.clone();
    let double = Double::start(move |received| {
        let is_known = received.header("authorization").is_some_and(|line| line.contains(&known));
        let (code, message) = if is_known {
            (
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:GetCallerIdentity",
            )
        } else {
            ("InvalidClientTokenId", "The security token included in the request is invalid.")
        };
        let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
        Reply::of(403, "text/xml", format!("<ErrorResponse>{error}</ErrorResponse>"))
    });
    let options = Options { endpoints: vec![endpoint("aws", &double)], ..options() };
    let secret = text(8, 40);
    let verdict = verdict(options, asked("aws-access-key", &id, &[("secret_access_key", &secret)]));
    live(&verdict, "AccessDenied");
    assert!(double.received().iter().all(|one| !one.text().contains(&secret)), "a signature alone is sent");
}

/// Tokens of OpenBao: one with the default policy, one without any right over itself, a batch token, one that has ended.
fn tokens_of_vault(url: &str, root: &str) -> Vec<String> {
    let setup = format!(
        r#"
import json, time, urllib.request as u
def call(path, **said):
    request = u.Request("{url}/v1/" + path, json.dumps(said).encode(), {{"X-Vault-Token": "{root}"}})
    return json.load(u.urlopen(request))["auth"]["client_token"]
create = "auth/token/create"
made = [call(create, display_name="ci", ttl="1h", policies=["default"])]
made.append(call(create, ttl="1h", policies=["nothing"], no_default_policy=True))
made.append(call(create, type="batch", ttl="1h", policies=["default"]))
made.append(call(create, ttl="1s", policies=["default"]))
time.sleep(2)
print("\n".join(made))
"#
    );
    python(&setup).lines().map(str::to_owned).collect()
}

#[test]
fn a_token_of_vault_revokes_itself_and_is_dead() {
    let (Some(url), Some(root)) = (given("DEADKEY_VAULT_URL"), given("DEADKEY_SERVERS_PASSWORD")) else { return };
    let tokens = tokens_of_vault(&url, &root);
    let validator = || {
        let endpoints = vec![Endpoint::parse(&format!("hashicorp-vault={url}")).expect("an endpoint")];
        Validator::new(Arc::new(Ruleset::builtin()), Options { endpoints, ..options() })
    };
    let ask = |one: validate::Candidate| {
        validator().verify(&[one], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0)
    };
    let of = |rule: &str, token: &str| asked(rule, token, &[]);
    let own = of("vault-legacy-token", &tokens[0]);
    let verdict = ask(own.clone());
    live(&verdict, "200 from 127.0.0.1");
    let Verdict::Live(told) = &verdict else { unreachable!() };
    assert_eq!(told.identity.as_deref(), Some("token-ci, auth/token/create"));
    assert_eq!(told.scopes, ["default"]);
    assert!(told.expires.is_some(), "{told:?}");
    live(&ask(of("vault-batch-token", &tokens[2])), "200");
    // What is known to nobody, what has ended and what has no right over itself are told the same.
    for token in [&format!("s.{}", text(31, 24)), &tokens[3], &tokens[1]] {
        unknown(&ask(of("vault-legacy-token", token)), "permission denied");
    }
    let was_live = |one: &validate::Candidate| validate::Candidate { was_live: true, ..one.clone() };
    dead(&ask(was_live(&of("vault-legacy-token", &tokens[3]))), "permission denied");
    live(&ask(was_live(&own)), "200");
    // A batch token cannot be revoked: nothing is sent.
    let refused = validator().withdraw(&of("vault-batch-token", &tokens[2]), Act::Withdraw).expect("asked");
    assert!(matches!(&refused, Withdrawal::NotDone { why } if why.contains("cannot be revoked")), "{refused:?}");
    live(&ask(of("vault-batch-token", &tokens[2])), "200");
    let done = validator().withdraw(&own, Act::Withdraw).expect("asked");
    assert!(matches!(&done, Withdrawal::Done { said } if said.contains("204")), "{done:?}");
    dead(&ask(was_live(&own)), "permission denied");
    // The server says it, too.
    let looked_up = format!(
        r#"
import json, urllib.error, urllib.request as u
said = json.dumps(dict(token="{}")).encode()
try: print(u.urlopen(u.Request("{url}/v1/auth/token/lookup", said, {{"X-Vault-Token": "{root}"}})).status)
except urllib.error.HTTPError as e: print(e.code, e.read().decode())
"#,
        tokens[0]
    );
    let said = python(&looked_up);
    assert!(said.starts_with("40") && said.contains("bad token"), "{said}");
    // Another instance knows nothing of it.
    let elsewhere = Endpoint::parse("hashicorp-vault=http://127.0.0.1:1").expect("an endpoint");
    let mut nowhere = Validator::new(Arc::new(Ruleset::builtin()), Options { endpoints: vec![elsewhere], ..options() });
    let verdict = nowhere.verify(&[own], &AtomicBool::new(false), &mut |_| ()).expect("asked").remove(0);
    unknown(&verdict, "no connection");
}
