//! SSH: whether a host takes a public key for a user. Asked as far as `SSH_MSG_USERAUTH_PK_OK` (RFC 4252, section 7): the host says
//! whether the key would do, before anything is signed, so nobody is logged in and nothing is run.

mod packets;

use crate::key_file::{PublicKey, next_string, string};
use crate::net::{Net, NoAnswer, Trust};
use crate::options::Account;
use crate::values::base64;
use packets::{Packets, mpint};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature;
use sha2::{Digest, Sha256};

const DISCONNECT: u8 = 1;
const SERVICE_REQUEST: u8 = 5;
const SERVICE_ACCEPT: u8 = 6;
const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;
const ECDH_INIT: u8 = 30;
const ECDH_REPLY: u8 = 31;
const USERAUTH_REQUEST: u8 = 50;
const USERAUTH_FAILURE: u8 = 51;
const USERAUTH_SUCCESS: u8 = 52;
const USERAUTH_PK_OK: u8 = 60;

const EXCHANGE: &str = "curve25519-sha256,curve25519-sha256@libssh.org";
const HOST_KEYS: &str = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,rsa-sha2-512,rsa-sha2-256";
const CIPHER: &str = "chacha20-poly1305@openssh.com";
const MAC: &str = "hmac-sha2-256";

/// What a host says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It would do; the fingerprint of the host's own key.
    Accepted(String),
    /// It would not.
    Refused,
    /// Something else decides; why.
    Unknown(String),
}

/// What one side proposes.
struct Proposal {
    lists: Vec<String>,
    /// Whether its first message of the exchange follows unasked.
    guesses: bool,
}

/// Asks a host whether it takes the key for the user.
pub(crate) async fn ask(account: &Account, key: &PublicKey, net: &Net) -> Result<Said, NoAnswer> {
    let limit = net.options().answer_timeout;
    let host = &account.host;
    let stream = net.connect("ssh", host, account.port, false, Trust::User).await?;
    let said = converse(Packets::new(stream, host), account, key);
    let late = |_| NoAnswer::new(format!("{host} did not answer within {} s", limit.as_secs_f32()));
    tokio::time::timeout(limit, said).await.map_err(late)?
}

async fn converse(mut packets: Packets<'_>, account: &Account, key: &PublicKey) -> Result<Said, NoAnswer> {
    let fingerprint = match exchange(&mut packets).await? {
        Ok(fingerprint) => fingerprint,
        Err(why) => return Ok(Said::Unknown(why)),
    };
    packets.send(&[&[SERVICE_REQUEST][..], &string(b"ssh-userauth")].concat()).await?;
    let accepted = packets.next().await?;
    if accepted[0] != SERVICE_ACCEPT {
        return Ok(Said::Unknown(disconnected(&accepted)));
    }
    let kind = next_string(&key.ssh).map(|(kind, _)| kind).ok_or_else(|| packets.odd())?;
    // Keys of RSA may be signed with in three ways; older hosts know the last alone.
    let kinds: &[&[u8]] = if kind == b"ssh-rsa" { &[b"rsa-sha2-512", b"ssh-rsa"] } else { &[kind] };
    for kind in kinds {
        let wish = [string(account.user.as_bytes()), string(b"ssh-connection"), string(b"publickey")].concat();
        packets.send(&[&[USERAUTH_REQUEST][..], &wish, &[0], &string(kind), &string(&key.ssh)].concat()).await?;
        let answer = packets.next().await?;
        match answer[0] {
            USERAUTH_PK_OK => return Ok(Said::Accepted(fingerprint)),
            USERAUTH_SUCCESS => return Ok(Said::Unknown("it lets this user in without any proof".to_owned())),
            USERAUTH_FAILURE => {
                let (left, _) = next_string(&answer[1..]).ok_or_else(|| packets.odd())?;
                if !left.split(|byte| *byte == b',').any(|method| method == b"publickey") {
                    return Ok(Said::Unknown("it takes no keys for this user".to_owned()));
                }
            }
            _ => return Ok(Said::Unknown(disconnected(&answer))),
        }
    }
    Ok(Said::Refused)
}

fn disconnected(message: &[u8]) -> String {
    match (message[0], message.get(1..5)) {
        (DISCONNECT, Some(&[_, _, _, reason])) => format!("it hangs up for reason {reason}"),
        (kind, _) => format!("it answers with message {kind}"),
    }
}

/// Agrees on keys, and takes up the cipher; gives the fingerprint of the host's key, or why there is none.
async fn exchange(packets: &mut Packets<'_>) -> Result<Result<String, String>, NoAnswer> {
    let random = SystemRandom::new();
    let mut cookie = [0; 16];
    random.fill(&mut cookie).map_err(|_| NoAnswer::new("the system gives no random bytes"))?;
    let lists = [EXCHANGE, HOST_KEYS, CIPHER, CIPHER, MAC, MAC, "none", "none", "", ""];
    let lists: Vec<u8> = lists.iter().flat_map(|list| string(list.as_bytes())).collect();
    let ours = [&[KEXINIT][..], &cookie, &lists, &[0; 5]].concat();
    let (own, other) = packets.greet().await?;
    packets.send(&ours).await?;
    let theirs = packets.next().await?;
    let proposal = proposal(&theirs).ok_or_else(|| packets.odd())?;
    let chosen = |at: usize, known: &str| {
        let theirs: Vec<&str> = proposal.lists[at].split(',').collect();
        known.split(',').find(|one| theirs.contains(one)).map(str::to_owned)
    };
    let (Some(method), Some(host_key)) = (chosen(0, EXCHANGE), chosen(1, HOST_KEYS)) else {
        return Ok(Err("it agrees on keys in ways that are not spoken here".to_owned()));
    };
    if chosen(2, CIPHER).is_none() || chosen(3, CIPHER).is_none() {
        return Ok(Err("it has none of the ciphers that are spoken here".to_owned()));
    }
    let first = |at: usize| proposal.lists[at].split(',').next().unwrap_or_default();
    if proposal.guesses && (first(0) != method || first(1) != host_key) {
        packets.next().await?;
    }
    let private = EphemeralPrivateKey::generate(&X25519, &random).map_err(|_| packets.odd())?;
    let public = private.compute_public_key().map_err(|_| packets.odd())?;
    packets.send(&[&[ECDH_INIT][..], &string(public.as_ref())].concat()).await?;
    let reply = packets.next().await?;
    let parts = (reply[0] == ECDH_REPLY).then(|| reply_parts(&reply[1..])).flatten().ok_or_else(|| packets.odd())?;
    let (blob, point, signed) = parts;
    let peer = UnparsedPublicKey::new(&X25519, point);
    let shared = agree_ephemeral(private, &peer, mpint).map_err(|_| packets.odd())?;
    let texts = [own.as_bytes(), other.as_bytes(), &ours, &theirs, blob, public.as_ref(), point];
    let texts: Vec<u8> = texts.iter().flat_map(|text| string(text)).collect();
    let hash = Sha256::digest([&texts[..], &shared].concat());
    if !has_signed(&host_key, blob, signed, &hash) {
        return Ok(Err("it does not prove that it has its own key".to_owned()));
    }
    packets.send(&[NEWKEYS]).await?;
    if packets.next().await? != [NEWKEYS] {
        return Err(packets.odd());
    }
    packets.take_up(&shared, &hash);
    Ok(Ok(format!("SHA256:{}", base64(&Sha256::digest(blob), false).trim_end_matches('='))))
}

fn proposal(message: &[u8]) -> Option<Proposal> {
    let mut rest = message.get(17..).filter(|_| message[0] == KEXINIT)?;
    let mut lists = Vec::new();
    for _ in 0..10 {
        let (list, behind) = next_string(rest)?;
        lists.push(String::from_utf8_lossy(list).into_owned());
        rest = behind;
    }
    Some(Proposal { lists, guesses: *rest.first()? != 0 })
}

/// The host's key, its point, and its signature.
fn reply_parts(reply: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (blob, rest) = next_string(reply)?;
    let (point, rest) = next_string(rest)?;
    Some((blob, point, next_string(rest)?.0))
}

/// Whether the host's key has signed the exchange.
fn has_signed(method: &str, blob: &[u8], signed: &[u8], hash: &[u8]) -> bool {
    let parts = || {
        let (_, key) = next_string(blob)?;
        let (kind, rest) = next_string(signed)?;
        (kind == method.as_bytes()).then_some(())?;
        Some((key, next_string(rest)?.0))
    };
    let Some((key, signature)) = parts() else { return false };
    let plain = |kind: &'static dyn signature::VerificationAlgorithm, key: &[u8], signature: &[u8]| {
        signature::UnparsedPublicKey::new(kind, key).verify(hash, signature).is_ok()
    };
    let curve = |kind: &'static dyn signature::VerificationAlgorithm, width: usize| {
        let point = next_string(key).and_then(|(_, rest)| next_string(rest)).map(|(point, _)| point);
        let fixed = next_string(signature).and_then(|(r, rest)| {
            let (s, _) = next_string(rest)?;
            Some([fixed_width(r, width)?, fixed_width(s, width)?].concat())
        });
        matches!((point, fixed), (Some(point), Some(fixed)) if plain(kind, point, &fixed))
    };
    let rsa = |kind: &'static signature::RsaParameters| {
        let numbers = next_string(key).and_then(|(e, rest)| Some((e, next_string(rest)?.0)));
        let Some((e, n)) = numbers else { return false };
        let whole = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
        signature::RsaPublicKeyComponents { n: whole(n), e: whole(e) }.verify(kind, hash, signature).is_ok()
    };
    match method {
        "ssh-ed25519" => next_string(key).is_some_and(|(key, _)| plain(&signature::ED25519, key, signature)),
        "ecdsa-sha2-nistp256" => curve(&signature::ECDSA_P256_SHA256_FIXED, 32),
        "ecdsa-sha2-nistp384" => curve(&signature::ECDSA_P384_SHA384_FIXED, 48),
        "rsa-sha2-256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "rsa-sha2-512" => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        _ => false,
    }
}

fn fixed_width(number: &[u8], width: usize) -> Option<Vec<u8>> {
    let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    let missing = width.checked_sub(digits.len())?;
    Some([vec![0; missing], digits].concat())
}
