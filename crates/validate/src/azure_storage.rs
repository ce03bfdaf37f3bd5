//! Azure Storage: whether an account takes a key's signature (Shared Key), by asking of which kind it is.

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::destination::Destination;
use crate::http_answer::Answer;
use crate::moment::http_date;
use crate::net::{Call, Net};
use crate::values::{Values, base64, base64_decoded};
use hmac::{Hmac, KeyInit, Mac};
use model::{Live, Reachable};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

const DOMAIN: &str = "blob.core.windows.net";
const VERSION: &str = "2021-08-06";
/// Query parameters, sorted by name.
const PROPERTIES: [(&str, &str); 2] = [("comp", "properties"), ("restype", "account")];
const CONTAINERS: [(&str, &str); 2] = [("comp", "list"), ("maxresults", "100")];
/// Names of containers that are told, at most.
const NAMED: usize = 5;
/// The part that names the account.
const ACCOUNT: &str = "account";

/// The rule for keys without a mark of their service.
const UNMARKED: &str = "azure-storage-key-old";

pub(crate) struct StorageKey;

fn account(asked: &Asked) -> Result<String, String> {
    let account = asked.values.get(ACCOUNT).ok_or("its account was not found beside it")?.expose_text();
    let fits =
        (3..=24).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if fits { Ok(account) } else { Err("what stands beside it is no name of an account".to_owned()) }
}

fn destination(asked: &Asked) -> Result<Destination, String> {
    Ok(Destination::of(asked, &format!("{}.{DOMAIN}", account(asked)?)))
}

/// A request, signed for this moment.
fn call(asked: &Asked, query: &[(&str, &str)]) -> Result<Call, String> {
    let (account, at) = (account(asked)?, destination(asked)?);
    let key = asked.values.get("secret").ok_or("no secret")?.expose_text();
    let key = base64_decoded(&key).ok_or("the key is no base64")?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let date = http_date(seconds);
    let resource: String = query.iter().map(|(name, value)| format!("\n{name}:{value}")).collect();
    // Of a GET without a body all eleven headers before those of its own are empty.
    let text = format!(
        "GET{}x-ms-date:{date}\nx-ms-version:{VERSION}\n/{account}{}{resource}",
        "\n".repeat(12),
        at.target("/")
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let signature = base64(&mac.finalize().into_bytes(), false);
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut call = at.get(asked, &format!("/?{}", pairs.join("&")));
    call.headers = vec![
        ("x-ms-date".to_owned(), date.into_bytes()),
        ("x-ms-version".to_owned(), VERSION.as_bytes().to_vec()),
        ("authorization".to_owned(), format!("SharedKey {account}:{signature}").into_bytes()),
    ];
    Ok(call)
}

async fn ask(asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
    let answer = net.send(&call(asked, &PROPERTIES).map_err(Ruling::unknown)?).await?;
    let Some(kind) = answer.header("x-ms-account-kind").filter(|_| answer.status == 200) else {
        return Ok(match refusal(&answer) {
            // Keys of Cosmos DB and Batch looked the same.
            Ruling::Refused { why, .. } if asked.kind.rule.id == UNMARKED => {
                Ruling::Doubtful { why: format!("{why}; it may be a key of another service") }
            }
            ruling => ruling,
        });
    };
    let sku = answer.header("x-ms-sku-name").unwrap_or_default();
    let identity = format!("storage account {} ({kind} {sku})", account(asked).map_err(Ruling::unknown)?);
    let reach = if net.options().blast_radius { containers(asked, net).await } else { Vec::new() };
    let evidence = format!("account properties from {}", answer.host);
    let live = Live { identity: Some(identity), evidence, reach, ..Live::default() };
    Ok(Ruling::Live { live, by_itself: false })
}

fn refusal(answer: &Answer) -> Ruling {
    let from = format!("from {}", answer.host);
    let body = String::from_utf8_lossy(&answer.body);
    let in_body = || body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let code: String = answer.header("x-ms-error-code").or_else(in_body).unwrap_or_default().to_owned();
    let refused = |why: &str| Ruling::Refused { why: format!("{code}: {why}, {from}"), by_itself: true };
    match (answer.status, code.as_str()) {
        // A clock that is wrong is told with the same code.
        (403, "AuthenticationFailed") if body.contains("date header") => {
            Ruling::unknown(format!("the clock here differs from that of {}", answer.host))
        }
        (403, "AuthenticationFailed") => refused("not a key of this account"),
        // Azurite, the emulator, has this code; Azure has it for network rules, in other words.
        (403, "AuthorizationFailure") if body.contains("including the signature") => {
            refused("not a key of this account")
        }
        (403, "KeyBasedAuthenticationNotPermitted") => refused("the account takes no keys"),
        (403 | 409, "AccountIsDisabled") => refused("the account is disabled"),
        (_, "") => Ruling::unknown(format!("{} {from} that is none of Azure Storage", answer.status)),
        (status, code) => {
            let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            Ruling::unknown(format!("{status} {code} {from}"))
        }
    }
}

async fn containers(asked: &Asked, net: &Net) -> Vec<Reachable> {
    let Ok(call) = call(asked, &CONTAINERS) else { return Vec::new() };
    let Ok(answer) = net.send(&call).await else { return Vec::new() };
    if answer.status != 200 {
        return Vec::new();
    }
    let body = String::from_utf8_lossy(&answer.body);
    let names: Vec<&str> =
        body.split("<Name>").skip(1).filter_map(|rest| Some(rest.split_once("</Name>")?.0)).collect();
    let first = names.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
    vec![Reachable { kind: "containers".to_owned(), count: names.len() as u64, names: first }]
}

impl Check for StorageKey {
    fn rules(&self) -> Vec<String> {
        ["azure-storage-key", "azure-storage-account-key", UNMARKED].map(str::to_owned).to_vec()
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        Ok(destination(asked)?.place())
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let headers = vec!["Authorization: SharedKey <account and signature>".to_owned()];
        let url = destination(asked)?.url("/?comp=properties&restype=account");
        Ok(vec![Sent { method: "GET".to_owned(), url, headers, body: String::new() }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { ask(asked, net).await.unwrap_or_else(|ruling| ruling) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        made_up.set_open(ACCOUNT, asked.values.get(ACCOUNT)?.expose().to_vec());
        Some(made_up)
    }

    fn open_parts(&self) -> &[&str] {
        &[ACCOUNT]
    }
}
