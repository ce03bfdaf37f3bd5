//! The names of the offline proofs a rule may ask for; `detect` owns the functions.

use serde::{Deserialize, Serialize};

macro_rules! proofs {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// An offline proof: a function of the secret's bytes alone that tells a well-formed credential from a look-alike.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Proof {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Proof {
            /// All proofs.
            pub const ALL: &[Proof] = &[$(Proof::$variant),+];

            /// The name as rules write it.
            pub const fn name(self) -> &'static str {
                match self { $(Proof::$variant => $name),+ }
            }
        }
    };
}

proofs! {
    /// The last six characters are the base62 CRC32 of the body between the prefix's `_` and them (GitHub, npm).
    Crc32Base62 = "crc32-base62-6",
    /// GitLab routable token: base36 CRC32 in the last seven characters, length field before it.
    GitlabRoutable = "gitlab-routable",
    /// The last eight hexadecimal digits are the CRC32 of everything before the `_` in front of them (Grafana).
    Crc32HexPrefix = "crc32-hex8",
    /// AWS access key id: the base32 body decodes to an account id below 10^12.
    AwsKeyId = "aws-key-id",
    /// JSON Web Token: header and payload are base64url JSON objects, the header names an algorithm.
    Jwt = "jwt",
    /// Armoured private key: the body is base64 and its DER or OpenSSH structure opens as the label says.
    PrivateKey = "private-key",
    /// Base64 of `user:password`, printable.
    BasicAuth = "basic-auth",
    /// PyPI macaroon: base64url body that opens as a version 2 macaroon for `pypi.org`.
    PypiMacaroon = "pypi-macaroon",
    /// Base64 or base64url of a JSON object.
    Base64Json = "base64-json",
    /// Discord bot token: the first segment is base64 of a decimal snowflake.
    DiscordId = "discord-id",
    /// Bech32 checksum (age secret keys).
    Bech32 = "bech32",
    /// NATS nkey: base32 body with its CRC16.
    Nkey = "nkey-crc16",
    /// A UUID whose version and variant digits are ones in use.
    Uuid = "uuid",
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
