//! Every encoding is undone, and the way back is exact.

use super::*;
use proptest::prelude::{TestCaseError, any, prop_assert, prop_assert_eq, proptest};

/// Where the marker's encoded bytes must lie, if `payload` is encoded at `start` of the text and holds it at `at`.
fn expected(encoding: Encoding, payload: &[u8], start: usize, at: usize) -> Span {
    let encoded = encoding.encode(payload);
    let end = at + MARKER.len();
    let len = |bytes: &[u8]| encoding.encode(bytes).len();
    match encoding {
        Encoding::Base64 { .. } | Encoding::Wrapped { .. } => {
            let digits = digits(&encoded);
            Span::new(start + digits[at * 8 / 6], start + digits[(end * 8 - 1) / 6] + 1)
        }
        Encoding::GzipBase64 | Encoding::ZlibBase64 => {
            Span::new(start, start + encoded.iter().rposition(|byte| *byte != b'=').expect("digits") + 1)
        }
        // The rest spells byte by byte.
        _ => Span::new(start + len(&payload[..at]), start + len(&payload[..end])),
    }
}

fn chain(encoding: Encoding) -> Vec<Decoder> {
    match encoding {
        Encoding::GzipBase64 => vec![Decoder::Base64, Decoder::Gzip],
        Encoding::ZlibBase64 => vec![Decoder::Base64, Decoder::Zlib],
        _ => vec![decoder(encoding)],
    }
}

fn check(encoding: Encoding, seed: u64, before: usize, after: usize) -> Result<(), TestCaseError> {
    let mut rng = Rng::new(seed);
    let (payload, at) = marked(&mut rng, before + 40, after + 40);
    let left = rng.pick(&["", "key: \"", "\n", "let x = (", "data:text/plain;base64,", "\0\0\0"]);
    // What follows must not go on with the encoding.
    let right = rng.pick(&["", "\"", "\n\n", "\n--\n", " and so on"]);
    let encoded = encoding.encode(payload.as_bytes());
    let text = [left.as_bytes(), &encoded, right.as_bytes()].concat();
    let found = sightings(&text, &Limits::default(), 2);
    let wanted = (chain(encoding), expected(encoding, payload.as_bytes(), left.len(), at));
    // Long ASCII in UTF-16 after other text may be read one byte off, in the other byte order.
    let off = matches!(encoding, Encoding::Utf16 { .. })
        && found.iter().any(|(_, span)| span.start.abs_diff(wanted.1.start) == 1);
    prop_assert!(off || found.contains(&wanted), "{encoding:?} {left:?}: not {wanted:?} but {found:?}");
    Ok(())
}

proptest! {
    #![proptest_config(configuration(400))]

    #[test]
    fn every_encoding_gives_the_marker_and_its_place(
        encoding in proptest::sample::select(Encoding::ALL.to_vec()),
        seed in any::<u64>(),
        before in 0..300usize,
        after in 0..300usize,
    ) {
        check(encoding, seed, before, after)?;
    }

    #[test]
    fn wrapped_digits_are_one_unit(
        seed in any::<u64>(),
        width in proptest::sample::select(vec![40usize, 60, 64, 70, 76, 100, 250]),
        end in proptest::sample::select(vec!["\n", "\r\n", "\\n", "\\r\\n"]),
        indent in proptest::sample::select(vec!["", "  ", "\t", "> ", "# ", "// ", " * "]),
        head in proptest::sample::select(vec!["", "key: |\n", "-----BEGIN NOTES-----\n", "x\n\n"]),
        hex in any::<bool>(),
        len in 60..900usize,
    ) {
        let mut rng = Rng::new(seed);
        let (payload, at) = marked(&mut rng, len / 2, len / 2);
        let spelled = end.starts_with('\\');
        let (indent, head) = if spelled { ("", "\"") } else { (indent, head) };
        let digits = if hex {
            String::from_utf8(Encoding::Hex { upper: false }.encode(payload.as_bytes())).expect("ASCII")
        } else {
            base64(payload.as_bytes(), seed.is_multiple_of(2), true)
        };
        let block = wrap(&digits, width, indent, end);
        let text = format!("{head}{block}\"-- ");
        let bits = if hex { 4 } else { 6 };
        // The digits' places, found without the code under test.
        let lines = (0..digits.len()).map(|i| {
            let line = i / width;
            head.len() + (line + 1) * indent.len() + line * (width + end.len()) + i % width
        });
        let places: Vec<usize> = lines.collect();
        let last = at + MARKER.len();
        let span = Span::new(places[at * 8 / bits], places[(last * 8 - 1) / bits] + 1);
        let decoder = if hex { Decoder::Hex } else { Decoder::Base64 };
        let found = sightings(text.as_bytes(), &Limits::default(), 1);
        prop_assert!(found.contains(&(vec![decoder], span)), "not {span:?} in {found:?}\n{text}");
    }

    #[test]
    fn what_a_span_leads_back_to_spells_it(seed in any::<u64>(), kind in 0..6usize) {
        // Letters beyond ASCII, surrogate pairs, escapes of every length.
        let mut rng = Rng::new(seed);
        let mut payload = words(&mut rng, 40);
        for _ in 0..rng.between(30, 400) {
            payload.push_str(rng.pick(&["é", "中", "😀", "a", "token", " ", "&", "\"", "/"]));
        }
        let encoded: Vec<u8> = match kind {
            0 => payload.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => payload.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            2 => payload.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes(),
            3 => payload.chars().map(|c| format!("\\u{{{:x}}}", c as u32)).collect::<String>().into_bytes(),
            4 => payload.chars().map(|c| format!("&#x{:X};", c as u32)).collect::<String>().into_bytes(),
            _ => payload.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>().into_bytes(),
        };
        let view = View::whole(&encoded);
        let unit = units(view, &Limits::default()).into_iter().next().expect("a unit");
        let mut out = Vec::new();
        let text = unit.decode(0, &encoded, 0, &mut out).expect("text");
        // A unit of UTF-16 ends where little of it is ASCII.
        prop_assert!(payload.as_bytes().starts_with(&out) && (out.len() == payload.len() || kind < 2));
        payload.truncate(out.len());
        for _ in 0..20 {
            let start = payload.char_indices().nth(rng.below(payload.chars().count())).expect("a character").0;
            let end = start + payload[start..].chars().take(rng.between(1, 40)).map(char::len_utf8).sum::<usize>();
            let span = text.encoded_span(Span::new(start, end));
            let alone = spell(unit.decoder(), kind == 1, span.of(&encoded));
            prop_assert_eq!(alone, &payload[start..end]);
            prop_assert!(text.is_changed(Span::new(start, end)));
        }
    }
}

/// What a stretch of encoded text says, read without the code under test.
fn spell(decoder: Decoder, big: bool, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let number = |part: &str| u32::from_str_radix(part.trim_matches(['{', '}', ';']), 16).expect("hexadecimal digits");
    let of_units = |units: Vec<u16>| String::from_utf16(&units).expect("whole characters");
    let chars = |parts: std::str::Split<'_, &str>| parts.skip(1).map(number).collect::<Vec<u32>>();
    match decoder {
        Decoder::Utf16 => of_units(
            bytes
                .chunks(2)
                .map(|pair| {
                    let pair = [pair[0], pair[1]];
                    if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
                })
                .collect(),
        ),
        Decoder::Escape if text.contains('{') => {
            chars(text.split("\\u")).into_iter().map(|code| char::from_u32(code).expect("a character")).collect()
        }
        Decoder::Escape => of_units(chars(text.split("\\u")).into_iter().map(|unit| unit as u16).collect()),
        Decoder::Html => {
            chars(text.split("&#x")).into_iter().map(|code| char::from_u32(code).expect("a character")).collect()
        }
        _ => String::from_utf8(chars(text.split("%")).into_iter().map(|byte| byte as u8).collect()).expect("UTF-8"),
    }
}

#[test]
fn layers_are_undone_one_by_one() {
    let (payload, _) = marked(&mut Rng::new(1), 30, 30);
    let zlib = Encoding::ZlibBase64.encode(payload.as_bytes());
    let twice = Encoding::Percent.encode(&zlib);
    let chains: Vec<Vec<Decoder>> = sightings(&twice, &Limits::default(), 3).into_iter().map(|s| s.0).collect();
    assert_eq!(chains, [[Decoder::Percent, Decoder::Base64, Decoder::Zlib]]);
    let power_shell = Encoding::Utf16 { little: true, mark: false }.encode(payload.as_bytes());
    let text = base64(&power_shell, false, true);
    let chains: Vec<Vec<Decoder>> =
        sightings(text.as_bytes(), &Limits::default(), 3).into_iter().map(|s| s.0).collect();
    assert_eq!(chains, [[Decoder::Base64, Decoder::Utf16]]);
}

#[test]
fn escapes_spell_what_they_say() {
    let text = concat!(
        r#"a\x41\u0042\u{43}\U00000044\105 \\u0046 \\\\x47 \ud83d\ude00 \udc00 \n\t\/\" \q \8 \400 \x21 "#,
        "\nb&amp;&lt;&gt;&quot;&apos;&equals;&plus;&sol;&colon;&nbsp;&#65;&#x42;&#67 &unknown; &#; &#x110000;",
        "\nc%41%zz%4%2B%",
    );
    assert_eq!(decoded_by(text.as_bytes(), Decoder::Escape), ["aABCDE F G 😀 \u{fffd} \n\t/\" \\q \\8 \\400 ! "]);
    assert_eq!(decoded_by(text.as_bytes(), Decoder::Html), ["b&<>\"'=+/: ABC &unknown; &#; \u{fffd}\n"]);
    assert_eq!(decoded_by(text.as_bytes(), Decoder::Percent), ["cA%zz%4+%"]);
}
