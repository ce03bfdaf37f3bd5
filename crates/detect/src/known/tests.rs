use super::*;
use proptest::prelude::*;
use testkit::encode::through;
use testkit::secrets::BASE62;
use testkit::{Encoding as Written, Rng};

fn named(name: &str, value: &[u8]) -> Named {
    Named { name: name.to_owned(), value: Secret::new(value) }
}

fn known(values: &[&[u8]]) -> KnownValues {
    let named = values.iter().enumerate().map(|(index, value)| named(&format!("V{index}"), value));
    KnownValues::new(named, &Limits::default())
}

/// Found in `text`: the bytes and how they are written.
fn found<'t>(values: &KnownValues, text: &'t [u8]) -> Vec<(&'t [u8], Encoding)> {
    values.find(text).iter().map(|known| (KnownValues::span(known).of(text), known.encoding)).collect()
}

/// Found in `text` when it comes in parts that end at `cuts`, and checked: nothing that was let go is found later.
fn found_in_parts(values: &KnownValues, text: &[u8], cuts: &[usize]) -> Vec<Known> {
    let mut stream = KnownStream::new(values);
    let (mut at, mut open, mut all) = (0, 0, Vec::new());
    for cut in cuts.iter().copied().chain([text.len()]) {
        stream.feed(&text[at..cut]);
        at = cut;
        let settled = stream.take_settled();
        assert!(settled.iter().all(|known| known.start >= open), "let go before it was found");
        assert!(settled.iter().all(|known| known.start < stream.open_from()));
        open = stream.open_from();
        assert!(open <= at as u64);
        all.extend(settled);
    }
    stream.finish();
    all.extend(stream.take_settled());
    all
}

const VALUE: &[u8] = b"it's <b>\"100%\"</b> & k=a/b+c \\ 7$x`y";

#[test]
fn every_way_of_writing_is_found() {
    let values = known(&[VALUE]);
    for (text, encoding) in [
        (VALUE, Encoding::Plain),
        (b"it'\\''s <b>\"100%\"</b> & k=a/b+c \\ 7$x`y", Encoding::Shell),
        (b"it's <b>\\\"100%\\\"</b> & k=a/b+c \\\\ 7$x`y", Encoding::Json),
        (b"it\\u0027s \\u003cb\\u003e\\\"100%\\\"\\u003c/b\\u003e \\u0026 k=a/b+c \\\\ 7$x`y", Encoding::Json),
        (b"it's <b>\\\"100%\\\"<\\/b> & k=a\\/b+c \\\\ 7$x`y", Encoding::Json),
        (b"it's <b>\\\\\\\"100%\\\\\\\"</b> & k=a/b+c \\\\\\\\ 7$x`y", Encoding::Json),
        (b"it%27s%20%3Cb%3E%22100%25%22%3C%2Fb%3E%20%26%20k%3Da%2Fb%2Bc%20%5C%207%24x%60y", Encoding::Percent),
        (b"it%27s+%3cb%3e%22100%25%22%3c%2fb%3e+%26+k%3da%2fb%2bc+%5c+7%24x%60y", Encoding::Percent),
        (b"it's%20%3Cb%3E%22100%25%22%3C/b%3E%20&%20k=a/b+c%20%5C%207$x%60y", Encoding::Percent),
        (b"it&#39;s &lt;b&gt;&quot;100%&quot;&lt;/b&gt; &amp; k=a/b+c \\ 7$x`y", Encoding::Html),
    ] {
        let around = [b"x=".as_slice(), text, b";"].concat();
        assert_eq!(found(&values, &around), [(text, encoding)], "{}", String::from_utf8_lossy(text));
    }
    for (written, encoding) in [
        (Written::Hex { upper: false }, Encoding::Hex),
        (Written::Hex { upper: true }, Encoding::Hex),
        (Written::Percent, Encoding::Percent),
        (Written::EscapeX, Encoding::Escape),
        (Written::Utf16 { little: true, mark: false }, Encoding::Utf16),
        (Written::Utf16 { little: false, mark: false }, Encoding::Utf16),
    ] {
        let text = written.encode(VALUE);
        assert_eq!(found(&values, &text), [(text.as_slice(), encoding)], "{written:?}");
    }
}

#[test]
fn base64_is_found_at_every_offset_once_and_twice_and_wrapped() {
    let mut rng = Rng::new(4);
    for len in [6, 7, 8, 20, 40, 200] {
        let value = rng.text(BASE62, len);
        let values = known(&[&value]);
        for before in 0..7 {
            let text = [&rng.text(BASE62, before)[..], &value, b"\nmore"].concat();
            for url_safe in [false, true] {
                let once = Written::Base64 { url_safe, padded: true };
                let all = found(&values, &once.encode(&text)).into_iter().map(|f| f.1).collect::<Vec<_>>();
                assert_eq!(all, [Encoding::Base64], "{len} {before}");
                for twice in [[once, once], [once, Written::Wrapped { width: 76, crlf: false }]] {
                    let all = values.find(&through(&twice, &text));
                    assert_eq!(all.len(), 1, "{len} {before}");
                    assert_eq!(all[0].encoding, Encoding::Base64Twice);
                }
            }
        }
        for before in 0..130 {
            let text = [&rng.text(BASE62, before)[..], &value, b"more"].concat();
            let once = Written::Base64 { url_safe: false, padded: true }.encode(&text);
            let length = values.find(&once)[0];
            for crlf in [false, true] {
                let wrapped = Written::Wrapped { width: 64, crlf }.encode(&text);
                let all = values.find(&wrapped);
                assert_eq!(all.len(), 1, "{len} {before}");
                let characters = |known: &Known| {
                    let span = KnownValues::span(known).of(&wrapped).to_vec();
                    span.into_iter().filter(|b| !b.is_ascii_whitespace()).collect::<Vec<u8>>()
                };
                // At most seven characters before a line end are not counted in.
                let whole = KnownValues::span(&length).of(&once);
                assert!(whole.ends_with(&characters(&all[0])), "{len} {before}");
                assert!(whole.len() - characters(&all[0]).len() < 8, "{len} {before}");
            }
        }
    }
}

#[test]
fn lines_of_a_value_are_known_and_its_armour_is_not() {
    let mut rng = Rng::new(9);
    let key = testkit::secrets::private_key(&mut rng);
    let values = known(&[&key]);
    let lines: Vec<&[u8]> = key.trim_ascii().split(|b| *b == b'\n').collect();
    let text = [lines[0], lines[3], b"x"].join(&b'\n');
    assert_eq!(found(&values, &text), [(lines[3], Encoding::Line)]);
    assert_eq!(found(&values, &key), [(key.trim_ascii(), Encoding::Plain)]);
    let json = String::from_utf8(key.clone()).expect("ASCII").trim().replace('\n', "\\n");
    assert_eq!(found(&values, json.as_bytes()), [(json.as_bytes(), Encoding::Json)]);
}

#[test]
fn a_wrapped_form_ends_at_an_empty_line() {
    let values = known(&[b"hunter2hunter3"]);
    let text = Written::Base64 { url_safe: false, padded: false }.encode(b"hunter2hunter3");
    let (head, tail) = text.split_at(9);
    assert_eq!(values.find(&[head, b"\r\n", tail].concat()).len(), 1);
    assert_eq!(values.find(&[head, b"\n\n", tail].concat()), []);
    let mut stream = KnownStream::new(&values);
    stream.feed(head);
    assert_eq!(stream.open_from(), 0);
    stream.feed(&b"\n".repeat(5));
    assert_eq!(stream.open_from(), 14, "nothing is held for a form that cannot come any more");
}

#[test]
fn a_line_that_ends_like_a_form_begins_is_not_held() {
    let values = known(&[b"hunter2hunter3"]);
    let text = Written::Base64 { url_safe: false, padded: false }.encode(b"hunter2hunter3");
    let mut stream = KnownStream::new(&values);
    stream.feed(&text[..7]);
    assert_eq!(stream.open_from(), 0);
    stream.feed(b"\n");
    assert_eq!(stream.open_from(), 8);
}

#[test]
fn what_is_left_out_is_named() {
    let values =
        [named("A", b" abc \n"), named("B", b"production"), named("C", b"s3cr3t-one"), named("D", b"s3cr3t-one\n")];
    let values = KnownValues::new(values, &Limits::default());
    assert_eq!(values.left_out(), [("A".to_owned(), Worthless::Short), ("B".to_owned(), Worthless::Word)]);
    assert_eq!(values.values(), [named("C", b"s3cr3t-one")]);
    assert!(!format!("{values:?}{:?}", values.values()).contains("s3cr3t"));
}

#[test]
fn with_too_little_room_every_value_is_known_as_it_is() {
    let mut rng = Rng::new(5);
    let many: Vec<Vec<u8>> = (0..50).map(|_| rng.text(BASE62, 30)).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let named = many.iter().enumerate().map(|(index, value)| named(&format!("V{index}"), value));
    let values = KnownValues::new(named, &Limits { forms: 4_000, ..Limits::default() });
    assert!(many.iter().all(|value| values.find(value).len() == 1));
    assert!(!values.incomplete().is_empty());
    assert!(known(&many).incomplete().is_empty());
}

/// Texts of a small alphabet, in which values overlap themselves and one another, with forms planted.
fn text(values: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let planted: Vec<Vec<u8>> = values
        .iter()
        .flat_map(|value| {
            let ways = [Written::Wrapped { width: 8, crlf: false }, Written::Hex { upper: false }, Written::Percent];
            let base64 = Written::Base64 { url_safe: false, padded: true };
            ways.map(|way| way.encode(value)).into_iter().chain([value.clone(), through(&[base64, base64], value)])
        })
        .collect();
    let piece = prop_oneof![
        2 => proptest::sample::select(planted.clone()),
        1 => (proptest::sample::select(planted), any::<proptest::sample::Index>())
            .prop_map(|(form, to)| form[..to.index(form.len())].to_vec()),
        2 => proptest::collection::vec(proptest::sample::select(b"abAY\n\r W".to_vec()), 0..9),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn case() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<u8>, Vec<usize>)> {
    let value = proptest::collection::vec(proptest::sample::select(b"abAY\n ".to_vec()), 6..20);
    proptest::collection::vec(value, 1..4).prop_flat_map(|values| (Just(values.clone()), text(&values))).prop_flat_map(
        |(values, text)| {
            let cuts = proptest::collection::vec(0..=text.len(), 0..20);
            (Just(values), Just(text), cuts)
        },
    )
}

/// Values of which some are forms of others, some come twice and some are not worth it; how they come together; how much room there is.
fn comings() -> impl Strategy<Value = (Vec<Named>, Vec<usize>, usize)> {
    let plain = proptest::collection::vec(proptest::sample::select(b"abAY/\n <".to_vec()), 4..20);
    proptest::collection::vec((plain, 0..10_usize, any::<proptest::sample::Index>()), 1..12).prop_flat_map(|drawn| {
        let mut values: Vec<Vec<u8>> = Vec::new();
        for (plain, way, of) in drawn {
            let other = if values.is_empty() { &plain } else { of.get(&values) };
            let base64 = Written::Base64 { url_safe: false, padded: false };
            values.push(match way {
                0 => base64.encode(other),
                1 => through(&[base64, base64], other),
                2 => Written::Hex { upper: false }.encode(other),
                3 => Written::Percent.encode(other),
                4 => other.clone(),
                5 => [b"k=", &other[..], b";"].concat(),
                6 => other[other.len() / 3..].to_vec(),
                _ => plain,
            });
        }
        let named = values.iter().enumerate().map(|(index, value)| named(&format!("V{index}"), value)).collect();
        let limit = prop_oneof![1 => 0..2_000_usize, 1 => 2_000..20_000_usize, 1 => Just(1 << 20)];
        let cuts = proptest::collection::vec(0..=values.len(), 0..6);
        (Just(named), cuts, limit)
    })
}

/// Values as they come, and a text in which they stand.
fn written_values() -> impl Strategy<Value = (Vec<Named>, Vec<u8>)> {
    comings().prop_flat_map(|(values, ..)| {
        let bytes: Vec<Vec<u8>> = values.iter().map(|named| named.value.expose().to_vec()).collect();
        (Just(values), text(&bytes))
    })
}

/// What is looked for, and which values lack a form, made at once and as plainly as can be.
fn made_at_once(values: &[Named], limits: &Limits) -> (HashSet<(Vec<u8>, u32, Encoding)>, Vec<String>) {
    let (mut seen, mut all, mut incomplete, mut bytes) = (HashSet::new(), HashSet::new(), Vec::new(), 0);
    for rank in 0..forms::RANKS {
        for (index, named) in (0..).zip(values) {
            forms::of(named.value.expose(), rank, limits, &mut |encoding, form| {
                if form.len() < limits.least || seen.contains(form) {
                } else if bytes + form.len() <= limits.forms {
                    bytes += form.len();
                    seen.insert(form.to_vec());
                    all.insert((form.to_vec(), index, encoding));
                } else if !incomplete.contains(&named.name) {
                    incomplete.push(named.name.clone());
                }
            });
        }
    }
    (all, incomplete)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cuts_change_nothing((values, text, mut cuts) in case()) {
        cuts.sort_unstable();
        let values = known(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let whole = values.find(&text);
        prop_assert_eq!(&found_in_parts(&values, &text, &cuts), &whole);
        prop_assert_eq!(&found_in_parts(&values, &text, &(0..text.len()).collect::<Vec<_>>()), &whole);
    }

    /// The passing over by heads leaves nothing out: every value as it is, wherever it stands.
    #[test]
    fn all_that_stands_there_is_found((values, text, _) in case()) {
        let named = values.iter().map(|value| named("V", value));
        let values = KnownValues::new(named, &Limits::default());
        let found = values.find(&text);
        for value in values.values().iter().map(|named| named.value.expose()) {
            for at in memchr::memmem::find_iter(&text, value) {
                let (start, end) = (at as u64, (at + value.len()) as u64);
                prop_assert!(found.iter().any(|known| known.start <= start && end <= known.end));
            }
        }
    }

    #[test]
    fn values_that_come_one_after_the_other_are_as_if_they_came_at_once(
        (values, mut cuts, forms) in comings(),
        text in comings(),
    ) {
        let limits = Limits { forms, ..Limits::default() };
        let mut one_by_one = KnownValues::new([], &limits);
        cuts.extend([0, values.len()]);
        cuts.sort_unstable();
        let written = |values: &[Named]| values.iter().flat_map(|named| {
            let base64 = Written::Base64 { url_safe: false, padded: true }.encode(named.value.expose());
            [named.value.expose(), b" ", &base64, b"\n"].concat()
        }).collect::<Vec<u8>>();
        let text = [written(&values), written(&text.0)].concat();
        for cut in cuts.windows(2) {
            one_by_one.extend(values[cut[0]..cut[1]].iter().cloned());
            let at_once = KnownValues::new(values[..cut[1]].iter().cloned(), &limits);
            prop_assert_eq!(one_by_one.values(), at_once.values());
            prop_assert_eq!(one_by_one.left_out(), at_once.left_out());
            prop_assert_eq!(one_by_one.incomplete(), at_once.incomplete());
            let (forms, incomplete) = made_at_once(one_by_one.values(), &limits);
            let all = |known: &KnownValues| known.written.all()
                .map(|(form, owner)| (form.to_vec(), owner.value, owner.encoding))
                .collect::<HashSet<_>>();
            prop_assert_eq!(&all(&one_by_one), &forms);
            prop_assert_eq!(&all(&at_once), &forms);
            prop_assert_eq!(one_by_one.incomplete(), incomplete);
            prop_assert_eq!(one_by_one.find(&text), at_once.find(&text));
            prop_assert_eq!(one_by_one.find(&text), one_by_one.find_slowly(&text));
        }
    }

    #[test]
    fn what_is_found_of_new_values_alone_is_what_is_found_of_them_among_all((values, text) in written_values()) {
        let known = KnownValues::new(values, &Limits::default());
        // The same twice, too far from one another to be looked at together.
        let twice = [&text[..], &b"-".repeat(2 * known.written.reach() + 1), &text].concat();
        for text in [&text, &twice] {
            let found = known.find(text);
            for first in 0..=known.values().len() {
                let new: Vec<Known> = found.iter().copied().filter(|known| known.value as usize >= first).collect();
                prop_assert_eq!(known.find_from(first, text), new);
            }
        }
    }
}
