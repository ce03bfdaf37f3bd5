//! Offline proofs: functions of a secret's bytes alone that tell a well-formed credential from a look-alike.
//!
//! Turns a proof's name and a secret into an [`Outcome`]. It knows no rule, no position, no clock and no network; the one
//! entry point is [`check`]. [`seal`] is its inverse, for examples made by sampling a rule's shape.
//!
//! Each family of formats has a file of its own whose documentation cites where its facts come from; `radix`, `crc`,
//! `json` and `seed` are what they share.

mod aws;
mod azure;
mod base58;
mod bech32;
mod checksum;
mod crc;
mod hash;
mod issued;
mod json;
mod jwt;
mod key;
mod macaroon;
mod marks;
mod nkey;
mod ntlm;
mod object;
mod otp;
mod radix;
mod seed;
mod sized;
mod text;
mod uuid;
mod vault;

pub(crate) use radix::base64;
use rules::Proof;

/// What a proof says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is what it claims to be, as far as its bytes can tell; see [`is_decisive`] for how far that is.
    Passed,
    /// It has the form and not the content: a typo, a cut, or an invention.
    Failed,
    /// It cannot be one at all.
    Impossible,
}

impl Outcome {
    /// `Passed` or `Failed`.
    const fn of(passed: bool) -> Outcome {
        if passed { Outcome::Passed } else { Outcome::Failed }
    }
}

/// When the JSON Web Token that `secret` is or ends with says that it ends, in seconds since 1970.
pub(crate) fn jwt_expiry(secret: &[u8]) -> Option<i64> {
    jwt::expiry(secret)
}

/// Checks `secret`, the value without quotes. Linear in its length, and safe on any bytes.
pub fn check(proof: Proof, secret: &[u8]) -> Outcome {
    match proof {
        Proof::Crc32Base62 => checksum::base62(secret),
        Proof::GitlabRoutable => checksum::gitlab(secret),
        Proof::Crc32HexPrefix => checksum::hex_prefix(secret),
        Proof::Crc32HexBody => checksum::hex_body(secret),
        Proof::Crc32HexUpper => checksum::hex_upper(secret),
        Proof::Crc32Base64 => checksum::base64(secret),
        Proof::AzureDevops => azure::devops(secret),
        Proof::AzureMarvin => azure::service_key(secret),
        Proof::EntraSecret => azure::entra(secret),
        Proof::AzureCask => azure::cask(secret),
        Proof::AwsKeyId => aws::key_id(secret),
        Proof::AwsBedrock => aws::bedrock(secret),
        Proof::AwsSesSmtp => aws::ses_smtp(secret),
        Proof::Jwt => jwt::any(secret),
        Proof::JwtSupabase => jwt::supabase(secret),
        Proof::JwtKubernetes => jwt::kubernetes(secret),
        Proof::PrivateKey => key::check(secret),
        Proof::Base64PrivateKey => key::check_base64(secret),
        Proof::Pkcs12 => key::check_pkcs12(secret),
        Proof::DerPrivateKey => key::check_der(secret),
        Proof::PuttyKey => key::check_putty(secret),
        Proof::BasicAuth => text::basic(secret),
        Proof::BasicCredentials => text::credentials(secret),
        Proof::KubernetesData => text::kubernetes_data(secret),
        Proof::Base64IdBytes => text::id_bytes(secret),
        Proof::JfrogReference => text::jfrog_reference(secret),
        Proof::PypiMacaroon => macaroon::pypi(secret),
        Proof::FlyMacaroon => macaroon::fly(secret),
        Proof::Base64Json
        | Proof::SentryOrg
        | Proof::GrafanaKey
        | Proof::GrafanaCloud
        | Proof::OnePassword
        | Proof::Mapbox => object::check(proof, secret),
        Proof::DiscordId => issued::discord(secret),
        Proof::TelegramBot => issued::telegram(secret),
        Proof::Ksuid => issued::ksuid(secret),
        Proof::ObjectId => issued::object_id(secret),
        Proof::Sendgrid => sized::sendgrid(secret),
        Proof::Bitwarden => sized::bitwarden(secret),
        Proof::Wireguard => sized::wireguard(secret),
        Proof::Base64Bytes32 => sized::bytes32(secret),
        Proof::Base64Bytes64 => sized::bytes64(secret),
        Proof::SasSignature => sized::sas_signature(secret),
        Proof::JwkMember => sized::jwk_member(secret),
        Proof::PasswordHash => hash::check(secret),
        Proof::OtpSeed => otp::check(secret),
        Proof::NtlmResponse => ntlm::check(secret),
        Proof::GroqMark => marks::groq(secret),
        Proof::SlackToken => marks::slack(secret),
        Proof::VaultSigned => vault::check(secret),
        Proof::Base58Check => base58::checked(secret),
        Proof::Base58Bytes54 => base58::bytes54(secret),
        Proof::Secp256k1 => sized::secp256k1(secret),
        Proof::Bech32 => bech32::check(secret),
        Proof::Nkey => nkey::check(secret),
        Proof::Uuid => uuid::any(secret),
        Proof::UuidRandom => uuid::random(secret),
    }
}

/// What the public half of a private key says, one line without anything secret: kind, size, passphrase, fingerprint;
/// `None` for everything else, and where the key does not open.
pub fn describe(proof: Proof, secret: &[u8]) -> Option<String> {
    match proof {
        Proof::PrivateKey => key::describe(secret),
        Proof::Base64PrivateKey | Proof::DerPrivateKey => key::describe_base64(secret),
        _ => None,
    }
}

/// Rewrites `secret`, sampled at random from a rule's shape, so that `proof` passes: fills in the checksum, or replaces
/// the body by a valid one made from the sampled bytes (same bytes in, same bytes out). Lengths are kept where the
/// format leaves a choice. False, with `secret` unspecified, where no valid value of that shape can be made.
pub fn seal(proof: Proof, secret: &mut Vec<u8>) -> bool {
    let done = match proof {
        Proof::Crc32Base62 => checksum::seal_base62(secret),
        Proof::GitlabRoutable => checksum::seal_gitlab(secret),
        Proof::Crc32HexPrefix => checksum::seal_hex_prefix(secret),
        Proof::Crc32HexBody => checksum::seal_hex_body(secret),
        Proof::Crc32HexUpper => checksum::seal_hex_upper(secret),
        Proof::Crc32Base64 => checksum::seal_base64(secret),
        Proof::AzureDevops => azure::seal_devops(secret),
        Proof::AzureMarvin => azure::seal_service_key(secret),
        Proof::EntraSecret => azure::seal_entra(secret),
        Proof::AzureCask => azure::seal_cask(secret),
        Proof::AwsKeyId => aws::seal_key_id(secret),
        Proof::AwsBedrock => aws::seal_bedrock(secret),
        Proof::AwsSesSmtp => aws::seal_ses_smtp(secret),
        Proof::Jwt | Proof::JwtSupabase | Proof::JwtKubernetes => jwt::seal(proof, secret),
        Proof::PrivateKey => key::seal(secret),
        Proof::Base64PrivateKey => key::seal_base64(secret),
        Proof::DerPrivateKey => key::seal_der(secret),
        Proof::Pkcs12 | Proof::PuttyKey => false,
        Proof::BasicAuth | Proof::BasicCredentials => text::seal_basic(secret),
        Proof::KubernetesData => text::seal_kubernetes_data(secret),
        Proof::Base64IdBytes => text::seal_id_bytes(secret),
        Proof::JfrogReference => text::seal_jfrog_reference(secret),
        Proof::PypiMacaroon => macaroon::seal_pypi(secret),
        Proof::FlyMacaroon => macaroon::seal_fly(secret),
        Proof::Base64Json
        | Proof::SentryOrg
        | Proof::GrafanaKey
        | Proof::GrafanaCloud
        | Proof::OnePassword
        | Proof::Mapbox => object::seal(proof, secret),
        Proof::DiscordId => issued::seal_discord(secret),
        Proof::TelegramBot => issued::seal_telegram(secret),
        Proof::Ksuid => issued::seal_ksuid(secret),
        Proof::ObjectId => issued::seal_object_id(secret),
        Proof::Sendgrid => sized::seal_sendgrid(secret),
        Proof::Bitwarden => sized::seal_bitwarden(secret),
        Proof::Wireguard => sized::seal_wireguard(secret),
        Proof::Base64Bytes32 => sized::seal_bytes32(secret),
        Proof::Base64Bytes64 => sized::seal_bytes64(secret),
        Proof::SasSignature => sized::seal_sas_signature(secret),
        Proof::JwkMember => sized::seal_jwk_member(secret),
        Proof::PasswordHash => hash::seal(secret),
        Proof::OtpSeed => otp::seal(secret),
        Proof::NtlmResponse => ntlm::seal(secret),
        Proof::GroqMark => marks::seal_groq(secret),
        Proof::SlackToken => marks::seal_slack(secret),
        Proof::VaultSigned => vault::seal(secret),
        Proof::Base58Check => base58::seal_checked(secret),
        Proof::Base58Bytes54 => base58::seal_bytes54(secret),
        Proof::Secp256k1 => sized::seal_secp256k1(secret),
        Proof::Bech32 => bech32::seal(secret),
        Proof::Nkey => nkey::seal(secret),
        Proof::Uuid | Proof::UuidRandom => uuid::seal(secret),
    };
    done && check(proof, secret) == Outcome::Passed
}

/// Whether a passed proof settles the matter: a random value of the same shape passes with a probability below 1 in
/// 10,000. The others (an account id in range, a plausible date, a UUID's version) only fail to refute; so do the forms that
/// anybody writes for anything (a JWT, `user:password` in base64): they tell what a value is, not that it is in use.
pub const fn is_decisive(proof: Proof) -> bool {
    !matches!(
        proof,
        Proof::AwsKeyId
            | Proof::AwsSesSmtp
            | Proof::AzureCask
            | Proof::BasicAuth
            | Proof::BasicCredentials
            | Proof::Base58Bytes54
            | Proof::Base64Bytes32
            | Proof::Base64Bytes64
            | Proof::Bitwarden
            | Proof::Jwt
            | Proof::JwkMember
            | Proof::KubernetesData
            | Proof::Ksuid
            | Proof::NtlmResponse
            | Proof::ObjectId
            | Proof::OtpSeed
            | Proof::PasswordHash
            | Proof::SasSignature
            | Proof::Secp256k1
            | Proof::Sendgrid
            | Proof::SlackToken
            | Proof::TelegramBot
            | Proof::Uuid
            | Proof::UuidRandom
            | Proof::Wireguard
    )
}

/// Whether a proof that fails speaks against a value: the algorithm is the provider's own or a standard's. The others rest on what
/// the tokens seen so far have in common (a mark, counts of digits, a time of issue); the provider may have come to issue others.
pub const fn is_certain(proof: Proof) -> bool {
    !matches!(
        proof,
        Proof::TelegramBot | Proof::GroqMark | Proof::SlackToken | Proof::ObjectId | Proof::Ksuid | Proof::UuidRandom
    )
}

#[cfg(test)]
mod tests;
