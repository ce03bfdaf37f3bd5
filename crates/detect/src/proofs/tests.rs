use super::*;
use crate::judge::fnv64;
use radix::{BASE32, BASE62, STANDARD, URL_SAFE};
use seed::Seed;

/// A sampled secret: literals stand as they are, `{A:n}` is `n` characters of an alphabet.
fn sample(shape: &str, seed: &mut Seed) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, piece) in shape.split(['{', '}']).enumerate() {
        if i % 2 == 0 {
            out.extend(piece.as_bytes());
            continue;
        }
        let (name, len) = piece.split_once(':').unwrap();
        let alphabet: &[u8] = match name {
            "base62" => BASE62,
            "base64" => STANDARD,
            "base64url" => URL_SAFE,
            "base32" => BASE32,
            "base32-lower" => b"abcdefghijklmnopqrstuvwxyz234567",
            "base58" => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
            "bech32" => b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
            "alnum" => b"abcdefghijklmnopqrstuvwxyz0123456789",
            "hex" => b"0123456789abcdef",
            "HEX" => b"0123456789ABCDEF",
            "digit" => b"123456789",
            "entra" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~",
            other => panic!("no alphabet {other}"),
        };
        out.extend(seed.text(alphabet, len.parse().unwrap()));
    }
    out
}

/// Shapes of each proof's credentials, and whether sealing keeps the length. One arm a proof: a table that is read, not
/// followed.
#[expect(clippy::too_many_lines)]
fn shapes(proof: Proof) -> &'static [(&'static str, bool)] {
    const UUID: &str = "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}";
    match proof {
        Proof::Crc32Base62 => &[("ghp_{base62:36}", true), ("ghr_{base62:76}", true), ("npm_{base62:36}", true)],
        Proof::GitlabRoutable => &[
            ("glpat-{base64url:27}.01.{alnum:9}", true),
            ("glpat-{base64url:40}.{alnum:9}", true),
            ("glrt-t1_{base64url:27}.01.{alnum:9}", true),
        ],
        Proof::Crc32HexPrefix => &[("glsa_{base62:32}_{hex:8}", true)],
        Proof::Crc32HexBody => &[("zpka_{alnum:32}_{hex:8}", true), ("cfut_{base62:40}{hex:8}", true)],
        Proof::Crc32HexUpper => &[("ATATT3xFfGF0{base64url:170}={HEX:8}", true), ("ATBB{base62:24}{HEX:8}", true)],
        Proof::Crc32Base64 => &[("cflt{base64:54}{base64:6}", true)],
        Proof::AzureDevops => &[("{base32-lower:52}", true)],
        Proof::AzureMarvin => &[
            ("{base64:76}+ASt{base64:5}A==", true),
            ("{base64:42}AzSe{base64:5}A", true),
            ("{base64:33}AIoT{base64:5}A=", true),
        ],
        Proof::EntraSecret => &[("{entra:3}8Q~{entra:34}", true)],
        Proof::AzureCask => &[("{base62:76}AZDO{base62:4}", true)],
        Proof::AwsKeyId => &[("AKIA{base32:16}", true), ("ASIA{base32:16}", true)],
        Proof::AwsBedrock => &[("ABSK{base64:120}", false), ("bedrock-api-key-{base64:140}", false)],
        Proof::AwsSesSmtp => &[("B{base64:43}", true)],
        Proof::Jwt => &[
            ("eyJ{base64url:33}.eyJ{base64url:71}.{base64url:43}", true),
            ("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ1c2VyIiwianRpIjoiYXQt{base64url:24}.{base64url:43}", true),
            ("eyJ{base64url:18}.eyJ{base64url:40}.{base64url:22}", false),
        ],
        Proof::JwtSupabase | Proof::JwtKubernetes => &[("eyJ{base64url:33}.eyJ{base64url:137}.{base64url:43}", false)],
        Proof::PrivateKey => &[("{base64:64}", false)],
        Proof::Base64PrivateKey => &[("LS0tLS1CRUdJTi{base64:400}", false)],
        Proof::BasicAuth => &[("{base64:24}", true), ("Basic {base64:22}==", true)],
        Proof::BasicCredentials => &[("{base64:24}", true), ("{base64:40}", true)],
        Proof::DerPrivateKey => &[("MIIE{base64:400}", false), ("MHcC{base64:160}", false)],
        Proof::Base64Bytes64 => &[("{base64:86}==", true)],
        Proof::SasSignature => &[("{base62:42}%3D", false)],
        Proof::JwkMember => &[("{base64url:43}", true), ("{base64url:86}", false)],
        Proof::KubernetesData => &[("{base64:24}", true), ("{base64:64}", true)],
        Proof::PasswordHash => &[
            ("$6${base62:16}${base62:86}", true),
            ("$2b$12${base62:53}", true),
            ("$apr1${base62:8}${base62:22}", true),
            ("$8${base62:14}${base62:43}", true),
            ("$argon2id$v=19$m=65536,t=3,p=4${base64:22}${base64:43}", true),
        ],
        Proof::OtpSeed => &[("{base32:16}", true), ("{base32:32}", true), ("{base32:27}", false)],
        Proof::NtlmResponse => &[("TlRMTVNTUAAD{base64:120}", false)],
        Proof::GroqMark => &[("gsk_{base62:52}", true)],
        Proof::SlackToken => &[
            ("xoxb-{digit:12}-{digit:12}-{base62:24}", true),
            ("xoxp-{digit:12}-{digit:12}-{digit:12}-{hex:32}", true),
        ],
        Proof::VaultSigned => &[("hvs.CAES{base64url:90}", false)],
        Proof::Base64IdBytes => &[("M{base64:43}", true), ("BBDC-N{base64:43}", true)],
        Proof::JfrogReference => &[("cmVmdGtu{base64:56}", true)],
        Proof::PypiMacaroon => {
            &[("pypi-AgEIcHlwaS5vcmc{base64url:150}", false), ("pypi-AgENdGVzdC5weXBpLm9yZw{base64url:150}", false)]
        }
        Proof::FlyMacaroon => &[("fm2_{base64:300}", true), ("FlyV1 fm2_{base64:100}", true)],
        Proof::Base64Json => &[("eyJ{base64:61}", true), ("pk_eyJ{base64:61}_{base62:20}", true)],
        Proof::SentryOrg => &[("sntrys_eyJ{base64:200}_{base64:43}", false)],
        Proof::GrafanaKey => &[("eyJrIjoi{base64:84}", false)],
        Proof::GrafanaCloud => &[("glc_eyJ{base64:120}", false)],
        Proof::OnePassword => &[("ops_eyJ{base64url:400}", false)],
        Proof::Mapbox => &[("sk.eyJ1Ijoi{base64url:60}.{base64url:22}", false)],
        Proof::DiscordId => {
            &[("M{base64:23}.{base64url:6}.{base64url:27}", true), ("N{base64:25}.{base64url:6}.{base64url:38}", true)]
        }
        Proof::TelegramBot => &[("{digit:9}:{base64url:35}", true)],
        Proof::Ksuid => &[("2{base62:26}_{base62:21}", true)],
        Proof::ObjectId => &[("PMAK-{hex:24}-{hex:34}", true)],
        Proof::Sendgrid => &[("SG.{base64url:22}.{base64url:43}", true)],
        Proof::Bitwarden => &[("0.{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}.{base62:30}:{base64:22}==", true)],
        Proof::Wireguard => &[("{base64:43}=", true)],
        Proof::Base64Bytes32 => &[("SWMKEY-1-{base64:43}", true), ("sha256~{base64url:43}", true)],
        Proof::Base58Check => &[("xprv{base58:107}", true), ("5J{base58:49}", true), ("L{base58:51}", true)],
        Proof::Base58Bytes54 => &[("AKCp{base58:69}", true)],
        Proof::Secp256k1 => &[("0x{hex:64}", true), ("{hex:64}", true)],
        Proof::Bech32 => &[("AGE-SECRET-KEY-1{bech32:58}", true)],
        Proof::Nkey => &[("SU{base32:56}", true)],
        Proof::Uuid => &[(UUID, true)],
        Proof::UuidRandom => &[(UUID, true), ("sdk-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}", true)],
        Proof::Pkcs12 | Proof::PuttyKey => &[],
    }
}

#[test]
fn sealed_samples_pass_and_random_ones_do_not() {
    for proof in Proof::ALL {
        for (shape, keeps_length) in shapes(*proof) {
            let mut seed = Seed::of(shape.as_bytes());
            let mut passed = 0;
            for _ in 0..200 {
                let sampled = sample(shape, &mut seed);
                passed += usize::from(check(*proof, &sampled) == Outcome::Passed);
                let mut sealed = sampled.clone();
                assert!(seal(*proof, &mut sealed), "{} on {shape}", proof.name());
                assert_eq!(check(*proof, &sealed), Outcome::Passed, "{} on {shape}", proof.name());
                assert!(!keeps_length || sealed.len() == sampled.len(), "{} on {shape}", proof.name());
                let mut again = sampled;
                seal(*proof, &mut again);
                assert_eq!(sealed, again, "{} is repeatable", proof.name());
            }
            assert!(!is_decisive(*proof) || passed == 0, "{} on {shape}: {passed} of 200 passed", proof.name());
        }
    }
}

#[test]
fn one_changed_character_fails_every_checksum() {
    let checksums = [
        Proof::Crc32Base62,
        Proof::GitlabRoutable,
        Proof::Crc32HexPrefix,
        Proof::Crc32HexBody,
        Proof::Crc32HexUpper,
        Proof::Crc32Base64,
        Proof::AzureDevops,
        Proof::EntraSecret,
        Proof::Base58Check,
        Proof::Bech32,
        Proof::Nkey,
    ];
    for proof in checksums {
        for (shape, _) in shapes(proof) {
            let mut secret = sample(shape, &mut Seed::of(proof.name().as_bytes()));
            assert!(seal(proof, &mut secret));
            let at = secret.len() - 14;
            secret[at] = if secret[at].eq_ignore_ascii_case(&b'Q') { b'Z' } else { secret[at].map_case(b'Q') };
            assert_eq!(check(proof, &secret), Outcome::Failed, "{} on {shape}", proof.name());
        }
    }
}

trait MapCase {
    /// `other` in this byte's case.
    fn map_case(self, other: u8) -> u8;
}

impl MapCase for u8 {
    fn map_case(self, other: u8) -> u8 {
        if self.is_ascii_lowercase() { other.to_ascii_lowercase() } else { other }
    }
}

#[test]
fn what_cannot_be_one_is_impossible() {
    let cases: [(Proof, &[u8]); 29] = [
        (Proof::Crc32Base62, b"ghp_"),
        (Proof::Jwt, b"eyL_____nm90IGpzb24.eyJhIjoxfQ.c2ln"),
        (Proof::Jwt, b"not.a.token"),
        (Proof::BasicAuth, b"not base64!"),
        (Proof::Uuid, b"0123456789abcdef0123456789abcdef"),
        (Proof::Nkey, b"SUA"),
        (Proof::AwsKeyId, b"AKIA-too-short"),
        (Proof::PypiMacaroon, b"npm_x"),
        (Proof::TelegramBot, b"123:short"),
        (Proof::Sendgrid, b"SG.only"),
        (Proof::Wireguard, b"c2hvcnQ="),
        (Proof::Base58Check, b"0OIl"),
        (Proof::Secp256k1, b"0x00"),
        (Proof::DiscordId, b"!!!.x.y"),
        (Proof::BasicCredentials, b"QXV0aG9yaXphdGlvbg=="),
        (Proof::BasicCredentials, b"dXNlcjpwYXNzd29yZA=="),
        (Proof::BasicCredentials, b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"),
        (Proof::DerPrivateKey, b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"),
        (Proof::Base64Bytes64, b"c2hvcnQ="),
        (Proof::SasSignature, b"abc%2"),
        (Proof::JwkMember, b"AQAB+/=="),
        (Proof::KubernetesData, b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"),
        (Proof::KubernetesData, b"YmFyCg=="),
        (Proof::PasswordHash, b"$6$short"),
        (Proof::OtpSeed, b"NOT-BASE32-0189"),
        (Proof::NtlmResponse, b"TlRMTVNTUAABAAAA"),
        (Proof::GroqMark, b"gsk_short"),
        (Proof::SlackToken, b"xapp-1-A-1"),
        (Proof::VaultSigned, b"s.abc"),
    ];
    for (proof, value) in cases {
        assert_eq!(check(proof, value), Outcome::Impossible, "{} on {}", proof.name(), value.escape_ascii());
    }
}

#[test]
fn tokens_of_other_issuers() {
    let token = |payload: &str| {
        let segment = |text: &str| String::from_utf8(radix::to_base64(text.as_bytes(), URL_SAFE)).unwrap();
        format!("{}.{}.c2lnbmF0dXJl", segment("{\"alg\":\"RS256\"}"), segment(payload)).into_bytes()
    };
    let other = token("{\"iss\":\"https://idp.example\",\"sub\":\"1\"}");
    let supabase = token("{\"iss\":\"supabase\",\"role\":\"anon\"}");
    let account = token("{\"iss\":\"kubernetes/serviceaccount\",\"sub\":\"system:serviceaccount:a:b\"}");
    assert_eq!(check(Proof::Jwt, &other), Outcome::Passed);
    assert_eq!(check(Proof::JwtSupabase, &other), Outcome::Impossible);
    assert_eq!(check(Proof::JwtSupabase, &supabase), Outcome::Passed);
    assert_eq!(check(Proof::JwtKubernetes, &account), Outcome::Passed);
    assert_eq!(check(Proof::JwtKubernetes, &supabase), Outcome::Impossible);
    assert_eq!(check(Proof::Jwt, &other[..other.len() - 13]), Outcome::Failed, "no signature");
    let slip = [
        radix::to_base64(b"{\"alg\":\"RS256}", URL_SAFE),
        other[other.iter().position(|b| *b == b'.').unwrap()..].to_vec(),
    ];
    assert_eq!(check(Proof::Jwt, &slip.concat()), Outcome::Failed, "a slip in the header");
}

#[test]
fn basic_auth_of_rfc_7617() {
    assert_eq!(check(Proof::BasicAuth, concat!("QWxhZGRpbjpv", "cGVuIHNlc2FtZQ==").as_bytes()), Outcome::Passed);
    assert_eq!(check(Proof::BasicAuth, b"bm8gY29sb24gaGVyZQ=="), Outcome::Failed);
}

#[test]
fn npm_and_github_share_an_algorithm() {
    // The CRC32 of the body, read back from the token's end.
    let body = "0".repeat(30);
    let number = u64::from(crc::crc32(body.as_bytes()));
    let mut token = format!("npm_{body}000000").into_bytes();
    assert!(seal(Proof::Crc32Base62, &mut token));
    let digits = token[34..].iter().map(|b| BASE62.iter().position(|d| d == b).unwrap() as u64);
    assert_eq!(digits.fold(0, |n, d| n * 62 + d), number);
}

#[test]
fn no_bytes_panic() {
    let mut seed = Seed::of(&fnv64(b"noise").to_be_bytes());
    for proof in Proof::ALL {
        for len in 0..130 {
            let noise = seed.bytes(len);
            check(*proof, &noise);
            seal(*proof, &mut noise.clone());
            for (shape, _) in shapes(*proof) {
                let mut text = sample(shape, &mut seed);
                text.truncate(len);
                check(*proof, &text);
                seal(*proof, &mut text);
            }
        }
    }
}
