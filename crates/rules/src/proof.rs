//! The names of the offline proofs a rule may ask for; `detect` owns the functions.

use serde::{Deserialize, Serialize};

macro_rules! proofs {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// An offline proof: a function of the secret's bytes alone that tells a well-formed credential from a look-alike.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Proof {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Proof {
            /// All proofs.
            pub const ALL: &[Proof] = &[$(Proof::$variant),+];

            /// The name as rules write it.
            pub const fn name(self) -> &'static str {
                match self { $(Proof::$variant => $name),+ }
            }

            /// What it looks for, as documented.
            pub const fn summary(self) -> &'static str {
                match self { $(Proof::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

proofs! {
    /// The last six characters are the base62 CRC32 of the body between the prefix's `_` and them (GitHub, npm).
    Crc32Base62 = "crc32-base62-6",
    /// GitLab routable token: base36 CRC32 in the last seven characters, length field before it.
    GitlabRoutable = "gitlab-routable",
    /// The last eight hexadecimal digits are the little-endian CRC32 of everything before the `_` in front of them
    /// (Grafana).
    Crc32HexPrefix = "crc32-hex8",
    /// The last eight hexadecimal digits are the CRC32 of the body after the prefix's `_` (Cloudflare, Zuplo).
    Crc32HexBody = "crc32-hex8-of-body",
    /// The last eight upper-case hexadecimal digits are the CRC32 of everything before them (Atlassian, Bitbucket).
    Crc32HexUpper = "crc32-hex8-upper",
    /// The last six characters begin the base64 of the little-endian CRC32 of the body after `cflt` (Confluent).
    Crc32Base64 = "crc32-base64-6",
    /// Azure DevOps personal access token of 52 characters: base32 with a masked CRC32 strewn in.
    AzureDevops = "azure-devops-crc32",
    /// Azure service key: the last four decoded bytes are the Marvin32 of the others under a known seed.
    AzureMarvin = "azure-marvin32",
    /// Microsoft Entra client secret of 40 characters: the last three are part of the Marvin32 of the others.
    EntraSecret = "entra-secret",
    /// Azure key of 84 or 88 characters with the `JQQJ9` marker: fields at their places.
    AzureCask = "azure-cask",
    /// AWS access key id: the base32 body decodes to an account id below 10^12.
    AwsKeyId = "aws-key-id",
    /// Amazon Bedrock API key, short or long: base64 of the text that such keys begin with.
    AwsBedrock = "aws-bedrock",
    /// Amazon SES SMTP password: 33 bytes, the first is the version 4.
    AwsSesSmtp = "aws-ses-smtp",
    /// JSON Web Token: header and payload are base64url JSON objects, the header names an algorithm.
    Jwt = "jwt",
    /// JSON Web Token of a Supabase project: issuer `supabase`, with a role.
    JwtSupabase = "jwt-supabase",
    /// JSON Web Token of a Kubernetes service account.
    JwtKubernetes = "jwt-kubernetes",
    /// Armoured private key: the body is base64 and its DER, OpenSSH, SSH2 or OpenPGP structure opens.
    PrivateKey = "private-key",
    /// Base64 of an armoured private key.
    Base64PrivateKey = "base64-private-key",
    /// Base64 of a PKCS #12 store.
    Pkcs12 = "pkcs12",
    /// Base64 of a private key in DER without armour: PKCS #1, PKCS #8 or SEC 1.
    DerPrivateKey = "der-private-key",
    /// PuTTY private key file: header lines, and as many base64 lines as they announce.
    PuttyKey = "putty-key",
    /// Base64 of `user:password`, printable.
    BasicAuth = "basic-auth",
    /// Base64 of `user:password`, printable, and no password that stands for one; anything else is none at all.
    BasicCredentials = "basic-credentials",
    /// Base64 of a value in a Kubernetes manifest: text that stands for no other, or 16 bytes and more; no certificate.
    KubernetesData = "kubernetes-data",
    /// Base64 of a decimal id, a colon and random bytes (Atlassian Data Center).
    Base64IdBytes = "base64-id-bytes",
    /// Base64 of `reftkn:NN:EXPIRY:TOKEN` (JFrog reference tokens).
    JfrogReference = "jfrog-reference",
    /// PyPI macaroon: base64url body that opens as a version 2 macaroon for `pypi.org`.
    PypiMacaroon = "pypi-macaroon",
    /// Fly.io token: base64 of a MessagePack macaroon.
    FlyMacaroon = "fly-macaroon",
    /// Base64 or base64url of a JSON object.
    Base64Json = "base64-json",
    /// Sentry organisation token: base64 JSON with `iat`, `url`, `region_url` and `org`, then 32 bytes.
    SentryOrg = "sentry-org",
    /// Grafana API key: base64 JSON with `k`, `n` and `id`.
    GrafanaKey = "grafana-key",
    /// Grafana Cloud token: base64 JSON with `o`, `n`, `k` and `m`.
    GrafanaCloud = "grafana-cloud",
    /// 1Password service account token: base64url JSON with `signInAddress`, `email`, `muk` and `secretKey`.
    OnePassword = "onepassword-service",
    /// Mapbox token: its middle segment is base64url JSON with `u` and `a`.
    Mapbox = "mapbox",
    /// Discord bot token: the first segment is base64 of a decimal snowflake.
    DiscordId = "discord-id",
    /// Telegram bot token: decimal bot id, `:`, 35 characters of which the first two are `AA`.
    TelegramBot = "telegram-bot",
    /// A KSUID in front: base62 of 20 bytes of which the first four are a time of issue (ngrok).
    Ksuid = "ksuid",
    /// A MongoDB ObjectId after the prefix: its first four bytes are a time of issue (Postman).
    ObjectId = "object-id",
    /// SendGrid API key: segments that decode to 16 and 32 bytes.
    Sendgrid = "sendgrid",
    /// Bitwarden access token: UUID, secret and a base64 key of 16 bytes.
    Bitwarden = "bitwarden",
    /// Base64 of 64 bytes (Azure keys of the form without a mark).
    Base64Bytes64 = "base64-64-bytes",
    /// Percent-encoded base64 of 32 bytes (the signature of an Azure shared access signature).
    SasSignature = "sas-signature",
    /// The private member of a JSON Web Key: base64url, without padding, of as many bytes as keys have.
    JwkMember = "jwk-member",
    /// WireGuard private key: base64 of 32 bytes, clamped for Curve25519.
    Wireguard = "wireguard",
    /// Base64 or base64url of 32 bytes after the prefix (Docker swarm, OpenShift).
    Base64Bytes32 = "base64-32-bytes",
    /// Base58 with four bytes of double SHA-256 behind it: Bitcoin private keys and extended private keys.
    Base58Check = "base58check",
    /// Base58 of 54 bytes (JFrog API keys).
    Base58Bytes54 = "base58-54-bytes",
    /// 32 bytes in hexadecimal that are a private key of the curve secp256k1 (Ethereum).
    Secp256k1 = "secp256k1",
    /// Bech32 checksum (age secret keys).
    Bech32 = "bech32",
    /// NATS nkey: base32 body with its CRC16.
    Nkey = "nkey-crc16",
    /// Password hash in the form of crypt (MD5, SHA-256, SHA-512, bcrypt, Argon2, Cisco's): salt and digest have their lengths.
    PasswordHash = "password-hash",
    /// Seed of one-time passwords: base32 of ten bytes or more.
    OtpSeed = "otp-seed",
    /// Base64 of an NTLM message that answers a challenge (type 3), its fields within its length.
    NtlmResponse = "ntlm-response",
    /// Groq API key: `WGdyb3FY` (the base64 of `Xgroq`) behind 20 characters.
    GroqMark = "groq-mark",
    /// Slack bot or user token: numbers of teams and users, then 24 letters and digits, or 32 hexadecimal digits.
    SlackToken = "slack-token",
    /// HashiCorp Vault token with a signature: base64url of a version, 32 bytes of HMAC and the token.
    VaultSigned = "vault-signed",
    /// A UUID whose version and variant digits are ones in use.
    Uuid = "uuid",
    /// A random UUID (version 4).
    UuidRandom = "uuid-v4",
}

impl std::str::FromStr for Proof {
    type Err = String;

    fn from_str(text: &str) -> Result<Proof, String> {
        Proof::ALL.iter().copied().find(|p| p.name() == text).ok_or_else(|| {
            let known: Vec<_> = Proof::ALL.iter().map(|p| p.name()).collect();
            format!("'{text}' is no offline proof; known are {}", known.join(", "))
        })
    }
}
