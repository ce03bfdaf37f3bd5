//! What is decoded, and what is left alone.

use super::*;

/// Base64 and hexadecimal units of a text.
fn runs(text: &str) -> Vec<String> {
    let mut all = decoded_by(text.as_bytes(), Decoder::Base64);
    all.extend(decoded_by(text.as_bytes(), Decoder::Hex));
    all
}

#[test]
fn names_paths_checksums_and_rulers_are_left_alone() {
    let checksum = Encoding::Hex { upper: false }.encode(&Rng::new(3).bytes(64));
    let plain = [
        "org/apache/catalina/core/StandardContextValve",
        "get_element_by_identifier_or_default_value",
        "GetElementByIdentifierOrDefaultValueFactory",
        "node_modules/@babel/plugin-transform-modules-commonjs/lib/index",
        "--------------------------------------------------------------------------------",
        "1234567890123456789012345678901234567890",
        &"/".repeat(300),
        &"A".repeat(300),
        &"AbC".repeat(100),
        &"0".repeat(300),
        std::str::from_utf8(&checksum).expect("ASCII"),
    ];
    for text in plain {
        assert_eq!(runs(text), [""; 0], "{text}");
    }
}

#[test]
fn text_is_found_behind_a_path_and_a_name() {
    let payload = "user:a long enough pass phrase, really";
    for (url_safe, before) in [
        (false, "/d/"),
        (true, "/d/"),
        (false, "sha-"),
        (false, "a/b+c/"),
        (true, "user_name-"),
        (true, "https//a-host/path_to/"),
        (false, "\\n"),
        (false, "Basic "),
        (true, "?q="),
    ] {
        let text = format!("{before}{}", base64(payload.as_bytes(), url_safe, false));
        assert!(runs(&text).contains(&payload.to_owned()), "{text}: {:?}", runs(&text));
    }
}

#[test]
fn what_follows_a_mask_is_tried_at_every_phase() {
    let payload = "a secret of which the first part is masked, the rest is not";
    let digits = base64(payload.as_bytes(), false, true);
    for hidden in 5..9 {
        let text = format!("x ***{}", &digits[hidden..]);
        assert!(runs(&text).iter().any(|text| text.ends_with("the rest is not")), "{hidden}");
    }
}

#[test]
fn packed_and_long_runs_are_decoded() {
    let mut rng = Rng::new(5);
    let binary = rng.bytes(240);
    assert_eq!(runs(&base64(&binary, false, true)).len(), 1);
    assert_eq!(runs(&base64(&binary[..120], false, true)).len(), 0);
    for head in
        [&[0x1f, 0x8b, 8, 0][..], &[0x78, 0x9c], &[0x30, 0x82, 1, 2, 2, 1], b"a\0b\0c\0", &[0xff, 0xfe, b'a', 0]]
    {
        let bytes = [head, &binary[..40]].concat();
        assert!(!runs(&base64(&bytes, true, false)).is_empty(), "{head:?}");
        let hex = Encoding::Hex { upper: true }.encode(&bytes);
        assert_eq!(runs(&format!("0x{}", String::from_utf8_lossy(&hex))).len(), 1, "{head:?}");
    }
}

#[test]
fn letters_beyond_ascii_are_text_too() {
    for payload in ["пароль для входа в систему", "密码是一个很长的字符串而且", "éàüöñ çà et là, partout"]
    {
        assert_eq!(runs(&base64(payload.as_bytes(), false, true))[0], payload);
    }
}

#[test]
fn escapes_that_spell_nothing_printable_are_left_alone() {
    let plain = ["\\x1b[31m red \\x1b[0m", "caf\\u00e9 \\u4e2d", "&#233;t&#233;", "100%20 %0a", "&#x4e2d;"];
    for text in plain {
        assert!(units(View::whole(text.as_bytes()), &Limits::default()).is_empty(), "{text}");
    }
}

#[test]
fn escapes_come_with_the_text_around_them() {
    let text = b"first line\n  \"password\": \"p\\u0026q\", \"next\": 1";
    assert_eq!(decoded_by(text, Decoder::Escape), ["  \"password\": \"p&q\""]);
    let text = b"see postgres://me:p%40ss@db.invalid:5432/x for more";
    assert_eq!(decoded_by(text, Decoder::Percent), ["see postgres://me:p@ss@db.invalid:5432/x "]);
}

#[test]
fn utf16_is_found_between_zeros_after_marks_and_in_either_order() {
    let text = "A note of some length, with a name = value";
    for little in [true, false] {
        let encoded = Encoding::Utf16 { little, mark: false }.encode(text.as_bytes());
        for before in [&b""[..], b"\0\0\0\0", b"\xff\xfe", b"\xfe\xff", b"abc", b"\x01", b"\0"] {
            for after in [&b""[..], b"\0\0\0\0", b"xyz", b"\xff\xff"] {
                let bytes = [before, &encoded, after].concat();
                let found = decoded_by(&bytes, Decoder::Utf16);
                let inner = &text[1..];
                assert!(found.iter().any(|f| f.contains(inner)), "{little} {before:?} {after:?} {found:?}");
            }
        }
    }
    let french: Vec<u8> =
        "Été à la plage, le mot de passe est caché".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = decoded_by(&[b"\0\0\0\0", &french[..], b"\0\0"].concat(), Decoder::Utf16);
    assert!(found.iter().any(|f| f.contains("té à la plage, le mot de passe est caché")), "{found:?}");
}
