use super::*;

/// A stream of random bytes (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn text(&mut self, alphabet: &[u8], len: usize) -> Vec<u8> {
        (0..len).map(|_| alphabet[self.next() as usize % alphabet.len()]).collect()
    }
}

const ALPHABETS: [&[u8]; 8] = [
    b"0123456789",
    b"0123456789abcdef",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    b"abcdefghijklmnopqrstuvwxyz0123456789",
    b"abcdefghijklmnopqrstuvwxyz",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
];

/// A million tokens where the code is optimised, a tenth of them where it is not.
const TOKENS: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

#[test]
fn random_tokens_are_never_refuted() {
    let mut random = Random(1);
    let mut refuted = Vec::new();
    for i in 0..TOKENS {
        let len = [16, 20, 24, 32, 36, 40, 48, 64, 88][i / ALPHABETS.len() % 9];
        let body = random.text(ALPHABETS[i % ALPHABETS.len()], len);
        let (token, prefix) = if i % 3 == 0 { ([b"tok_", &body[..]].concat(), 4) } else { (body, 0) };
        if looks_invented(&token, prefix) {
            refuted.push((Refutation::Sequence, String::from_utf8(token).unwrap()));
        } else if let Some(why) = refute(&token, prefix, None) {
            refuted.push((why, String::from_utf8(token).unwrap()));
        }
    }
    assert!(refuted.len() <= TOKENS / 100_000, "{} of {TOKENS} were refuted: {refuted:?}", refuted.len());
}

#[test]
fn random_generic_values_are_rarely_refuted() {
    let mut random = Random(2);
    let mut refuted = 0;
    for i in 0..TOKENS / 10 {
        let len = 10 + i % 30;
        let value = random.text(ALPHABETS[1 + i % (ALPHABETS.len() - 1)], len);
        refuted += usize::from(refute(&value, 0, Some(b"apiKey")).is_some());
    }
    assert!(refuted * 10_000 <= TOKENS / 10, "{refuted} of {} were refuted", TOKENS / 10);
}

#[test]
fn documented_values_are_known() {
    let key = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    let secret = ["wJalrXUtnFEMI", "/K7MDENG/", "bPxRfiCY", "EXAMPLEKEY"].concat();
    assert_eq!(refute(key.as_bytes(), 4, None), Some(Refutation::KnownExample));
    assert_eq!(refute(secret.as_bytes(), 0, None), Some(Refutation::KnownExample));
    assert_eq!(
        refute(concat!("QWxhZGRpbjpv", "cGVuIHNlc2FtZQ==").as_bytes(), 0, None),
        Some(Refutation::KnownExample),
        "RFC 7617"
    );
}

#[test]
fn provider_tokens_that_are_none() {
    let token = |prefix: &str, body: &str| (format!("{prefix}{body}").into_bytes(), prefix.len());
    let cases = [
        (token("ghp_", &"x".repeat(36)), Refutation::Placeholder),
        (token("ghp_", &"X".repeat(36)), Refutation::Placeholder),
        (token("ghp_", "xxxxxxxxxxxx1234567890xxxxxxxxxxxxxxxx"), Refutation::Placeholder),
        (token("ghp_", "1234567890abcdefghijklmnopqrstuvwxyz"), Refutation::Sequence),
        (token("ghp_", "0123456789abcdef0123456789abcdef0123"), Refutation::Sequence),
        (token("ghp_", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), Refutation::Sequence),
        (token("ghp_", "abcdabcdabcdabcdabcdabcdabcdabcdabcd"), Refutation::Sequence),
        (token("ghp_", "qwertyuiopasdfghjklzxcvbnmqwertyuiop"), Refutation::Sequence),
        (token("sk-", "your-api-key-here"), Refutation::Placeholder),
        (token("sk_live_", "ReplaceMeWithTheRealOne"), Refutation::Placeholder),
        (token("xoxb-", "000000000000-000000000000-000000000000000000000000"), Refutation::Sequence),
        (token("AKIA", "XXXXXXXXXXXXXXXX"), Refutation::Placeholder),
        (token("AKIA", "EXAMPLEEXAMPLEAB"), Refutation::Placeholder),
        (token("SG.", "**********************"), Refutation::Placeholder),
        (token("tok_", "${TOKEN}"), Refutation::Reference),
        (token("tok_", "{{ token }}"), Refutation::Reference),
    ];
    for ((token, prefix), why) in cases {
        assert_eq!(refute(&token, prefix, None), Some(why), "{}", token.escape_ascii());
    }
}

#[test]
fn invented_tokens_are_doubted_but_kept() {
    let piece = "mQ4xZ7tR2w";
    let bodies = [
        (0..18).map(|i| format!("{}{}", char::from(b'a' + i), i % 10)).collect::<String>(),
        ["abcd", "1234", "efgh", "5678", "ijkl", "9012", "mnop", "3456", "qrst"].concat(),
        format!("{}{}", piece.repeat(3), &piece[..6]),
    ];
    for body in bodies {
        assert_eq!(refute(format!("ghp_{body}").as_bytes(), 4, None), None, "{body}");
        assert!(looks_invented(format!("ghp_{body}").as_bytes(), 4), "{body}");
    }
    let url = format!("mongodb://app:{piece}@db.{}.com/app", "example");
    assert_eq!(refute(url.as_bytes(), 0, None), None);
}

#[test]
fn a_piece_repeated_is_nothing_only_where_it_is_short() {
    let token = |piece: &str| format!("ghp_{}", piece.repeat(36 / piece.len()));
    for piece in ["a", "q7", "q7w", "q7wz"] {
        assert_eq!(refute(token(piece).as_bytes(), 4, None), Some(Refutation::Sequence), "{piece}");
    }
    for piece in ["q7wz2", "q7wz2m", "q7wz2m4t", "q7wz2m4tk"] {
        assert_eq!(refute(token(piece).as_bytes(), 4, None), None, "{piece}");
        assert!(looks_invented(token(piece).as_bytes(), 4), "{piece}");
    }
    // Bound to a name, up to eight characters.
    let value = |piece: &str| piece.repeat(3);
    assert_eq!(refute(value("q7wz2m4t").as_bytes(), 0, Some(b"api_key")), Some(Refutation::Sequence));
    let long = value("q7wz2m4tk9");
    assert_eq!(refute(long.as_bytes(), 0, Some(b"api_key")), None);
    assert!(looks_invented(long.as_bytes(), 0));
}

/// What people write where a value belongs.
const PLACEHOLDERS: &[&str] = &[
    "xxx",
    "XXXXXXXX",
    "xx-xx",
    "<your-key>",
    "<password>",
    "YOUR_API_KEY",
    "your-token",
    "yourPassword",
    "changeme",
    "CHANGE_ME",
    "REPLACE_ME",
    "replace-with-your-secret",
    "****",
    "...",
    "TODO",
    "example",
    "example-password",
    "dummy",
    "dummyPassword",
    "[REDACTED]",
    "REDACTED",
    "insert-here",
    "insert_your_key_here",
    "test",
    "test-token",
    "mysecret",
    "my-secret-key",
    "foobar",
    "fake",
    "placeholder",
    "null",
    "none",
    "undefined",
    "__SECRET__",
    "\u{2022}\u{2022}\u{2022}\u{2022}",
    "some-password",
    "foo",
    "thisisasecret",
    "password",
    "dbPassword",
    "DB_PASSWORD",
    "________",
    "override-me",
    "update_me",
    "set-me-please",
    "to-be-replaced",
    "toBeReplaced",
    "not_configured",
    "no-key-required",
    "ihr-schluessel",
    "tu-clave-aqui",
    "votre_cle",
    "contraseña",
    "hasło",
    "twoj-klucz",
    "Geheimnis",
    "deadbeefcafebabe",
];

#[test]
fn generic_placeholders() {
    for value in PLACEHOLDERS {
        assert_eq!(refute(value.as_bytes(), 0, Some(b"dbPassword")), Some(Refutation::Placeholder), "{value}");
    }
}

#[test]
fn generic_references() {
    let values = [
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "$password",
        "$(cat /run/secrets/db)",
        "{{ vault_password }}",
        "%DB_PASSWORD%",
        "#{password}",
        "<%= password %>",
        "process.env.DB_PASSWORD",
        "os.environ['DB']",
        "os.environ[\"DB\"]",
        "os.getenv('DB')",
        "ENV['DB']",
        "ENV.fetch('DB')",
        "System.getenv(\"DB\")",
        "getPassword()",
        "config.get('db.password')",
        "var.db_password",
        "data.vault.db.password",
        "local.secret",
        "module.db.password",
        "vault:secret/data/db#password",
        "ssm:/prod/db",
        "op://vault/item/field",
        "params[:password]",
        "self.password",
        "this.state.password",
        "req.body.password",
        "user->password",
        "Config::PASSWORD",
        "secrets.TOKEN",
        "%s",
        "%(password)s",
        "${{ secrets.TOKEN }}",
        "{password}",
        "arn:aws:secretsmanager:eu:1:secret:x",
        "!vault |",
        "credentials('id')",
        "await getToken(",
        "@password",
        "*password",
        "props.token,",
        "ENC[AES256_GCM,data:x]",
        "Yii::$app->request->post('password')",
        "crwdns12312:0crwdne12312:0",
        "mapstructure:\",squash\"",
        "json:\"password,omitempty\"",
        "confirmed|",
        "required|string|min:8",
        "PBKDF2WithHmacSHA256",
        "HmacSHA1",
        "AES/CBC/PKCS5Padding",
        "1.10@sha256:93a633d4f2b76a1c66bf19c664dbddc56093a543de6d54320f19f585ccd7d605",
    ];
    for value in values {
        assert_eq!(refute(value.as_bytes(), 0, Some(b"dbPass")), Some(Refutation::Reference), "{value}");
    }
}

#[test]
fn what_only_resembles_a_notation_is_none() {
    for value in [
        "required!8",
        "Hk4q|required",
        "HmacPass77",
        "x:\"k8Qz\"",
        "crwd7Qk2",
        "k8@sha256:93a6",
        "Padding/7/kQ",
        "9:\"Tk2\"",
    ] {
        assert_ne!(refute(value.as_bytes(), 0, Some(b"dbPass")), Some(Refutation::Reference), "{value}");
    }
}

#[test]
fn generic_sequences() {
    for value in [
        "1234",
        "12345678",
        "abcdefgh",
        "abcdef123456",
        "aaaaaaaa",
        "qwertyuiop",
        "00000000",
        "abababab",
        "11112222",
        "987654321",
        "a1b2c3d4e5f6",
        "1a2b3c4d5e6f",
    ] {
        assert_eq!(refute(value.as_bytes(), 0, Some(b"password")), Some(Refutation::Sequence), "{value}");
    }
}

#[test]
fn what_is_counted_up_behind_a_prefix_or_in_base64_is_a_sequence() {
    let id = ["AKIA", "ABCDEFGHIJKL", "MNOP"].concat();
    assert_eq!(refute(id.as_bytes(), 0, Some(b"api_key")), Some(Refutation::Sequence));
    let encoded = ["MDEyMzQ1Njc4", "OWFiY2RlZjAxMjM0NTY3", "ODlhYmNkZWY="].concat();
    assert_eq!(refute(encoded.as_bytes(), 0, Some(b"account_key")), Some(Refutation::Placeholder));
}

#[test]
fn digests_and_events_are_known_by_what_they_say() {
    let hex = "3f1c9ab7".repeat(4).replace("b7", "2e");
    assert!(is_of_event(b"request_id", hex.as_bytes()) && is_of_event(b"traceId", &hex.as_bytes()[..16]));
    assert!(!is_of_event(b"request_key", hex.as_bytes()) && !is_of_event(b"session_id", hex.as_bytes()));
    assert!(is_digest(b"ETag", hex.as_bytes()) && is_digest(b"SSH_FINGERPRINT", hex.as_bytes()));
    assert!(is_id(b"acmeProjectId") && !is_id(b"acme_paid") && is_part(b"ACME_CLIENT_ID") && !is_part(b"project_id"));
    let named = format!("SHA256:{}", "Zq7w2mX4".repeat(5));
    assert_eq!(refute(named.as_bytes(), 0, Some(b"auth")), Some(Refutation::Reference));
    assert_eq!(refute(b"sha256-pass", 0, Some(b"auth")), None);
}

#[test]
fn random_base64_is_no_path_and_paths_are_names() {
    let mut random = Random(6);
    let like_paths = (0..20_000).filter(|_| is_file_path(&random.text(ALPHABETS[7], 40))).count();
    assert!(like_paths <= 2, "{like_paths} of 20000");
    for path in ["lib/modules/Kernel5/drivers/NetworkE1000", "src/main/java/com/example/ShopOrders9234"] {
        assert!(is_file_path(path.as_bytes()), "{path}");
    }
}

/// What people choose, and what looks like code without being any.
#[test]
fn passwords_are_not_refuted() {
    let values = [
        "Summer2024!",
        "letmein-prod",
        "hunter2",
        "P@ssw0rd!",
        "$ecr3tPass",
        "@Kqxvtr27",
        "lop:mxw:ui",
        "Tr0ub4dor&3",
        "correct horse battery",
        "s3cr3t",
        "kx(9v]2pL",
        "a.b9c-d3x",
        "qwn318.vrtxkp",
        "*qvrkd",
        "minioadmin",
        "foobared1",
        "x7Q",
        "%tGbnhy6",
        "Winter#2023",
        "pa$$w0rd",
        "#9dk2-xlq",
        "vzxqk",
        "q{{w}e)r${t]yu(io[p>-_$#as}}",
    ];
    for value in values {
        assert_eq!(refute(value.as_bytes(), 0, Some(b"password")), None, "{value}");
    }
}

#[test]
fn random_values_are_likely_and_names_are_not() {
    let mut random = Random(5);
    let names = ["apiKey", "client_secret", "access_token", "db.password", "PASSWORD"];
    let mut low = 0;
    for i in 0..1000 {
        let value = random.text(ALPHABETS[1 + i % 7], 20 + i % 20);
        low += usize::from(likelihood(names[i % names.len()].as_bytes(), &value, i % 2 == 0) < 50);
    }
    assert!(low <= 10, "{low} of 1000 random values score below 50");
    let unlikely = [
        ("password_field", "user_password"),
        ("tokenUrl", "https://login.host/oauth2/token"),
        ("key", "com.acme.feature.Flag"),
        ("secretName", "db-credentials"),
        ("passwordHint", "Please enter your password"),
        ("auth", "Basic"),
        ("key", "select2"),
        ("token", "string"),
        ("private_key_path", "/etc/ssl/private/server.pem"),
        ("integrity", "sha512-9NOtkFLCoSqX1c5wk3s7zJfxa"),
        ("credential_type", "authorized_user"),
        ("password", ""),
    ];
    for (name, value) in unlikely {
        assert!(likelihood(name.as_bytes(), value.as_bytes(), true) <= 20, "{name} {value}");
    }
}

#[test]
fn chosen_passwords_score_in_between_or_above() {
    for value in
        ["Summer2024!", "letmein-prod", "hunter2", "Winter#2023", "P@ssw0rd!", "tiger.eagle42", "Postgres-2021"]
    {
        let score = likelihood(b"db_password", value.as_bytes(), true);
        assert!(score >= 30, "{value} scores {score}");
    }
}

#[test]
fn percentages_rise_with_the_odds() {
    let mut random = Random(3);
    let mut seen = [false; 101];
    for i in 0..20_000 {
        let value = random.text(ALPHABETS[i % ALPHABETS.len()], i % 40);
        let name = ["", "password", "key", "token_url", "API_KEY"][i % 5];
        seen[usize::from(likelihood(name.as_bytes(), &value, i % 2 == 0))] = true;
    }
    assert!(seen.iter().filter(|s| **s).count() > 50);
}

#[test]
fn no_bytes_panic() {
    let mut random = Random(4);
    let all: Vec<u8> = (0..=255).collect();
    for len in 0..400 {
        for alphabet in [&all[..], b"${}%()[]<>.:->'\"_-xX aA1", b"aB_-.1"] {
            let value = random.text(alphabet, len);
            let name = random.text(alphabet, len % 120);
            refute(&value, len % 7, Some(&name));
            refute(&value, 0, None);
            assert!(likelihood(&name, &value, len % 2 == 0) <= 100);
            entropy(&value);
        }
    }
}

#[test]
fn a_jumble_of_marks_is_doubtful_and_no_program() {
    let jumbles: [&[u8]; 3] = [b"k}{w7!q$(m^z]", b"x,.:-@*w?!q", b"q{z)w]$!#8-m"];
    for jumble in jumbles {
        assert!(likelihood(b"password", jumble, true) >= 40, "{}", jumble.escape_ascii());
    }
    let programs: [&[u8]; 3] = [b"get(config[\"db\"].x,'y')", b"{{user.name}}:${x[0]}", b"${a[b]}@$(c)"];
    for program in programs {
        assert!(!super::likelihood::is_jumble(program), "{}", program.escape_ascii());
    }
}

#[test]
fn names_say_who_may_have_a_value_and_what_it_is() {
    for name in ["SEARCH_ONLY_API_KEY", "searchOnlyKey", "publishableKey", "recaptcha-site-key"] {
        assert!(is_public(name.as_bytes()), "{name}");
    }
    for name in ["search_api_key", "onlySearch", "site_admin_key", "public"] {
        assert!(!is_public(name.as_bytes()), "{name}");
    }
    assert!(is_setting(b"PREF_PASSCODE_1", b"prefPinCode1") && is_setting(b"extraToken", b"acme.token"));
    assert!(!is_setting(b"PASSCODE_PREF", b"prefPinCode1") && !is_setting(b"PREF_PASSCODE", b"kT9xw2Qv"));
    assert_eq!(last_word(b"PASSWORD_ADMINISTRATOR_2"), Some(b"administrator".to_vec()));
}
