//! MongoDB: `hello`, then SCRAM-SHA-256 or SCRAM-SHA-1 over `OP_MSG`.

use super::login::{Login, Outcome};
use super::scram::{Hash, Scram};
use super::wire::Wire;
use crate::check::Ruling;
use crate::net::{Net, NoAnswer};
use crate::values::hex;
use md5::{Digest, Md5};

const OP_MSG: u32 = 2013;
/// Exchanges that a log-in may take: a server that does not skip the empty one needs three.
const MOST_STEPS: usize = 4;

/// How one kind of SCRAM ended.
enum Tried {
    Ruled(Outcome),
    /// The user has no password of this kind, or none at all: the other kind may be asked.
    Refused(i64),
}

pub(super) async fn log_in(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    let mechanism = login.query("authMechanism").unwrap_or_default();
    let named = match mechanism.as_str() {
        "" | "DEFAULT" => None,
        "SCRAM-SHA-1" => Some(Hash::Sha1),
        "SCRAM-SHA-256" => Some(Hash::Sha256),
        other => {
            let other: String = other.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
            return Ok(login.unknown(format_args!("it wants authentication of the kind {other}")));
        }
    };
    let mut ended = None;
    for database in databases(login) {
        match log_in_at(login, net, tls, &database, named).await? {
            refused @ Outcome::Ruled(Ruling::Refused { .. }) => ended = Some(refused),
            other => return Ok(other),
        }
    }
    let elsewhere = login.is_domain && login.query("authSource").is_none() && !login.host.ends_with(".mongodb.net");
    Ok(match ended {
        Some(_) if elsewhere => login.unknown("18, and its domain may name another database for its users"),
        Some(refused) => refused,
        None => login.unknown("there is no database to log in at"),
    })
}

/// The databases that may know the user. Those of a domain (`mongodb+srv://`) may say so in a record that is not read here;
/// Atlas always says `admin`.
fn databases(login: &Login) -> Vec<String> {
    let admin = || "admin".to_owned();
    match (login.query("authSource"), login.database.as_str()) {
        (Some(named), _) => vec![named],
        (None, "" | "admin") => vec![admin()],
        (None, own) if login.is_domain => vec![admin(), own.to_owned()],
        (None, own) => vec![own.to_owned()],
    }
}

async fn log_in_at(
    login: &Login,
    net: &Net,
    tls: bool,
    database: &str,
    named: Option<Hash>,
) -> Result<Outcome, NoAnswer> {
    let mut wire = Wire::open(login, net, tls).await?;
    let hello = document(|doc| {
        doc.number("hello", 1);
        doc.text("saslSupportedMechs", &format!("{database}.{}", login.user));
        doc.text("$db", "admin");
    });
    let hello = match told(&mut wire, &hello).await {
        Ok(hello) => hello,
        // A server that speaks TLS alone hangs up on anything else.
        Err(none) if !tls => return Ok(Outcome::WantsTls(format!("{}; it may want TLS (tls=true)", none.why))),
        Err(none) => return Err(none),
    };
    let offered = value(&hello, "saslSupportedMechs").map(|kinds| texts(&kinds)).unwrap_or_default();
    let has = |name: &str| offered.is_empty() || offered.iter().any(|kind| kind == name);
    let first = named.unwrap_or(if has("SCRAM-SHA-256") { Hash::Sha256 } else { Hash::Sha1 });
    let code = match scram(&mut wire, login, net, first, database).await? {
        Tried::Ruled(outcome) => return Ok(outcome),
        Tried::Refused(code) => code,
    };
    // A server that does not say which kinds a user has may still know the older one alone.
    let other = named.is_none() && offered.is_empty();
    let code = match other {
        true => match scram(&mut Wire::open(login, net, tls).await?, login, net, Hash::Sha1, database).await? {
            Tried::Ruled(outcome) => return Ok(outcome),
            Tried::Refused(18) => 18,
            Tried::Refused(_) => code,
        },
        false => code,
    };
    Ok(match code {
        18 | 11 => login.refused("18 (AuthenticationFailed: wrong password, or unknown user)"),
        other => login.unknown(format_args!("error {other} to saslStart")),
    })
}

async fn scram(wire: &mut Wire<'_>, login: &Login, net: &Net, hash: Hash, database: &str) -> Result<Tried, NoAnswer> {
    let (name, password) = match hash {
        Hash::Sha256 => ("SCRAM-SHA-256", login.password.expose().to_vec()),
        // The older kind is done with what version 3 stored.
        Hash::Sha1 => {
            let stored = [login.user.as_bytes(), b":mongo:", login.password.expose()].concat();
            ("SCRAM-SHA-1", hex(&Md5::digest(stored)).into_bytes())
        }
    };
    let scram = Scram::new(hash, &login.user, net.options().seed);
    let start = document(|doc| {
        doc.number("saslStart", 1);
        doc.text("mechanism", name);
        doc.bytes("payload", scram.first().as_bytes());
        doc.document("options", document(|options| options.truth("skipEmptyExchange", true)));
        doc.text("$db", database);
    });
    let mut answer = told(wire, &start).await?;
    let (mut expected, mut proven) = (None, false);
    for _ in 0..MOST_STEPS {
        if !is_ok(&answer) {
            let code = value(&answer, "code").and_then(|code| code.number()).unwrap_or_default();
            // Behind the server's proof nothing can refuse the password any more.
            return Ok(Tried::Refused(code));
        }
        let payload = value(&answer, "payload").and_then(Value::into_bytes).ok_or_else(|| wire.odd())?;
        let payload = String::from_utf8_lossy(&payload).into_owned();
        if let Some(expected) = &expected {
            proven |= payload == *expected;
        }
        if value(&answer, "done").and_then(|done| done.number()) == Some(1) && proven {
            return Ok(Tried::Ruled(login.live(&format!("{name} was done"), true)));
        }
        let reply = match expected {
            None => {
                let (last, server) = scram.last(&payload, &password).ok_or_else(|| wire.odd())?;
                expected = Some(server);
                last
            }
            Some(_) if !proven => {
                return Ok(Tried::Ruled(login.unknown("it does not prove that it knows the password")));
            }
            Some(_) => String::new(),
        };
        let id = value(&answer, "conversationId").and_then(|id| id.number()).unwrap_or(1);
        let go_on = document(|doc| {
            doc.number("saslContinue", 1);
            doc.number("conversationId", id as i32);
            doc.bytes("payload", reply.as_bytes());
            doc.text("$db", database);
        });
        answer = told(wire, &go_on).await?;
    }
    Err(wire.odd())
}

fn is_ok(answer: &[u8]) -> bool {
    value(answer, "ok").and_then(|ok| ok.number()) == Some(1)
}

/// The document that answers a command.
async fn told(wire: &mut Wire<'_>, command: &[u8]) -> Result<Vec<u8>, NoAnswer> {
    // Flags, then a section of one document.
    let body = [&[0; 5][..], command].concat();
    let head = [16 + body.len() as u32, 1, 0, OP_MSG].map(u32::to_le_bytes).concat();
    wire.send(&[head, body].concat()).await?;
    let head = wire.read(16).await?;
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let length = (number(0) as usize).checked_sub(16).filter(|length| *length > 5).ok_or_else(|| wire.odd())?;
    if number(12) != OP_MSG {
        return Err(wire.odd());
    }
    let body = wire.read(length).await?;
    if body[4] != 0 {
        return Err(wire.odd());
    }
    Ok(body[5..].to_vec())
}

/// A document of BSON that is written.
#[derive(Default)]
struct Writer(Vec<u8>);

/// The document that `write` fills.
fn document(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    [&(writer.0.len() as u32 + 5).to_le_bytes()[..], &writer.0, b"\0"].concat()
}

impl Writer {
    fn element(&mut self, kind: u8, name: &str, value: &[u8]) {
        self.0.push(kind);
        self.0.extend([name.as_bytes(), b"\0", value].concat());
    }

    fn number(&mut self, name: &str, number: i32) {
        self.element(0x10, name, &number.to_le_bytes());
    }

    fn text(&mut self, name: &str, text: &str) {
        let length = (text.len() as u32 + 1).to_le_bytes();
        self.element(0x02, name, &[&length[..], text.as_bytes(), b"\0"].concat());
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let length = (bytes.len() as u32).to_le_bytes();
        self.element(0x05, name, &[&length[..], b"\0", bytes].concat());
    }

    fn truth(&mut self, name: &str, truth: bool) {
        self.element(0x08, name, &[u8::from(truth)]);
    }

    fn document(&mut self, name: &str, document: Vec<u8>) {
        self.element(0x03, name, &document);
    }
}

/// A value of BSON that is read: its kind, and its bytes.
struct Value(u8, Vec<u8>);

impl Value {
    fn number(&self) -> Option<i64> {
        Some(match self.0 {
            0x01 => f64::from_le_bytes(self.1.as_slice().try_into().ok()?) as i64,
            0x08 => i64::from(*self.1.first()?),
            0x10 => i64::from(i32::from_le_bytes(self.1.as_slice().try_into().ok()?)),
            0x12 => i64::from_le_bytes(self.1.as_slice().try_into().ok()?),
            _ => return None,
        })
    }

    fn into_bytes(self) -> Option<Vec<u8>> {
        (self.0 == 0x05).then(|| self.1.get(5..).map(<[u8]>::to_vec))?
    }
}

/// The value of a name of a document.
fn value(document: &[u8], name: &str) -> Option<Value> {
    elements(document).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The texts of an array.
fn texts(array: &Value) -> Vec<String> {
    let text = |(_, value): (String, Value)| match value.0 {
        0x02 => Some(String::from_utf8_lossy(value.1.get(4..value.1.len() - 1)?).into_owned()),
        _ => None,
    };
    elements(&array.1).into_iter().filter_map(text).collect()
}

/// Names and values of a document, as far as its kinds are known.
fn elements(document: &[u8]) -> Vec<(String, Value)> {
    let mut elements = Vec::new();
    let mut rest = document.get(4..).unwrap_or_default();
    while let Some(element) = first(rest) {
        let (name, kind, value, behind) = element;
        elements.push((name, Value(kind, value.to_vec())));
        rest = behind;
    }
    elements
}

/// The first element: name, kind, value, and what stands behind it.
fn first(bytes: &[u8]) -> Option<(String, u8, &[u8], &[u8])> {
    let kind = *bytes.first().filter(|kind| **kind != 0)?;
    let name = super::wire::until_zero(&bytes[1..]);
    let rest = bytes.get(1 + name.len() + 1..)?;
    let counted = || Some(u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize);
    let length = match kind {
        0x01 | 0x09 | 0x11 | 0x12 => 8,
        0x02 => counted()?.checked_add(4).filter(|length| *length > 4)?,
        0x03 | 0x04 => counted()?,
        0x05 => counted()?.checked_add(5)?,
        0x07 => 12,
        0x08 => 1,
        0x0a => 0,
        0x10 => 4,
        0x13 => 16,
        _ => return None,
    };
    Some((String::from_utf8_lossy(name).into_owned(), kind, rest.get(..length)?, &rest[length..]))
}
