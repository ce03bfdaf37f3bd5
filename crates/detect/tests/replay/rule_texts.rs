//! Rule files as inputs: ours with changes, ours and foreign ones made up from parts, soup.

use crate::mutate::mutate;
use std::path::Path;
use std::sync::OnceLock;
use testkit::Rng;

/// What stands in rule files, and what does not belong there.
const WORDS: &[&[u8]] = &[
    b"[[rule]]\n",
    b"[[rules]]\n",
    b"[rule.verify]\n",
    b"[[rule.companion]]\n",
    b"[allowlist]\n",
    b"[extend]\n",
    b"'''",
    b"\"\"\"",
    b"provider = \"P\"\n",
    b"id = \"",
    b"shape = '",
    b"pattern = '",
    b"regex = '''",
    b"keywords = [",
    b"{20,40}",
    b"{0,}",
    b"{2,",
    b"{65535}",
    b"{65536}",
    b"{4294967295}",
    b"{4294967296,}",
    b"[0-9A-Za-z]",
    b"[^\\x00-\\xff]",
    b"[a&&b]",
    b"(?P<secret>",
    b"(?P<identity>",
    b"(?i)",
    b"(?s-u)",
    b"\\b",
    b"\\xff",
    b"\\pL",
    b"\\Q",
    b"|",
    b"()",
    b"(((((((",
    b")",
    b"true",
    b"false",
    b"-1",
    b"1e999",
    b"nan",
    b"99999999999",
    b"0x10",
    b"1979-05-27",
    b"{secret}",
    b"{secret:long}",
    b"{hex:65536}",
    b"{part:x}",
    b"{pem}",
    b"{{",
    b"\\u0000",
    b"\\u00e4",
    b"\xc3\xa4",
    b"\xe2\x80\xae",
    b"\n",
    b"#",
    b"=",
    b".",
];

/// A rule file, ours or a foreign one; sometimes only nearly.
pub(crate) fn input(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut text = match rng.below(10) {
        0..3 => some_rules(rng),
        3..6 => made_up(rng).into_bytes(),
        6..8 => foreign(rng).into_bytes(),
        8 => corpus[rng.below(corpus.len())].clone(),
        _ => soup(rng),
    };
    // Half of them are left as they are: what is changed is mostly refused.
    match rng.below(8) {
        0 => swap_lines(rng, &mut text),
        1 => mutate(rng, &mut text, WORDS, 6),
        2 | 3 => mutate(rng, &mut text, WORDS, 1),
        _ => {}
    }
    text
}

/// The files of `rules/`, each cut before every rule: what stands before the first, and the rules.
fn files() -> &'static [Vec<String>] {
    static FILES: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
        let entries = std::fs::read_dir(folder).expect("the built-in rules are there");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
        paths.sort();
        assert!(!paths.is_empty(), "the built-in rules are there");
        paths.iter().map(|path| parts(&std::fs::read_to_string(path).expect("a readable file"))).collect()
    })
}

fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with("[[rule]]") {
            parts.push(String::new());
        }
        parts.last_mut().expect("one at least").push_str(line);
    }
    parts
}

/// One to three built-in rules under the head of a file.
fn some_rules(rng: &mut Rng) -> Vec<u8> {
    let files = files();
    let mut text = files[rng.below(files.len())][0].clone();
    for _ in 0..rng.between(1, 3) {
        let file = &files[rng.below(files.len())];
        text.push_str(&file[rng.between(1.min(file.len() - 1), file.len() - 1)]);
    }
    text.into_bytes()
}

/// Takes lines out, doubles them and puts them elsewhere.
fn swap_lines(rng: &mut Rng, text: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..rng.between(1, 3) {
        if lines.is_empty() {
            break;
        }
        let (at, to) = (rng.below(lines.len()), rng.below(lines.len()));
        match rng.below(3) {
            0 => lines.swap(at, to),
            1 => {
                lines.remove(at);
            }
            _ => lines.insert(to, lines[at].clone()),
        }
    }
    *text = lines.concat();
}

fn soup(rng: &mut Rng) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..rng.between(0, 40) {
        match rng.below(3) {
            0 => {
                let len = rng.between(0, 12);
                text.extend(rng.bytes(len));
            }
            1 => text.extend(expression(rng, 2).into_bytes()),
            _ => text.extend(WORDS[rng.below(WORDS.len())]),
        }
    }
    text
}

/// A rule of ours with random contents, most keys sensible.
fn made_up(rng: &mut Rng) -> String {
    let mut text = "provider = \"Made up\"\n".to_owned();
    for rule in 0..rng.between(1, 3) {
        text.push_str(&format!("[[rule]]\nid = \"made-up-{rule}\"\nname = \"n\"\nseverity = \"low\"\n"));
        let matcher = match rng.below(8) {
            0 => format!("shape = '''{}'''\n", expression(rng, 4)),
            1..4 => format!("shape = '''{}'''\n", shape(rng, 3)),
            4 => format!("pattern = '''{}'''\n", expression(rng, 4)),
            5 | 6 => format!("pattern = '''mark{}'''\n", expression(rng, 4)),
            _ => other_matcher(rng),
        };
        text.push_str(&matcher);
        let first = rng.below(10);
        for kind in first..first + rng.below(5) {
            text.push_str(&setting(rng, kind % 10));
        }
        if rng.chance(1, 6) {
            let shape = shape(rng, 2);
            let distance = number(rng);
            text.push_str(&format!(
                "[[rule.companion]]\nname = \"part\"\nshape = '''{shape}'''\ndistance = {distance}\n"
            ));
        }
    }
    text
}

fn other_matcher(rng: &mut Rng) -> String {
    let word = word(rng);
    match rng.below(3) {
        0 => format!("assignment = {{ names = [\"{word}\"], length = [{}, {}] }}\n", number(rng), number(rng)),
        1 => format!("userinfo = {{ schemes = [\"{word}\"] }}\n"),
        _ => format!("armour = {{ labels = [\"{word}\"] }}\n"),
    }
}

fn setting(rng: &mut Rng, kind: usize) -> String {
    let word = word(rng);
    match kind {
        0 => format!("keywords = [\"{word}\", \"knd\"]\n"),
        1 => format!("keyword_distance = {}\n", number(rng)),
        2 => format!("min_entropy = {}.5\n", number(rng)),
        3 => format!("min_likelihood = 0.{}\n", rng.below(100)),
        4 => "boundary = false\n".to_owned(),
        5 => format!("proof = \"{}\"\n", rules::Proof::ALL[rng.below(rules::Proof::ALL.len())].name()),
        6 => "generic = true\n".to_owned(),
        7 => format!("examples = [\"{{secret}} {{{word}}}\", \"{{hex:{}}}\", \"{{secret:long}}\"]\n", number(rng)),
        8 => format!("near_misses = [\"{{secret:short}} {{secret:flip}}\", \"{{pem:{word}}}\"]\n"),
        _ => format!("confidence = \"low\"\ntags = [\"{word}\"]\n"),
    }
}

/// A configuration in the manner of gitleaks.
fn foreign(rng: &mut Rng) -> String {
    let mut text = String::new();
    if rng.chance(1, 4) {
        text.push_str(["[extend]\nuseDefault = true\n", "[extend]\npath = \"x.toml\"\n", "title = 3\n"][rng.below(3)]);
    }
    for rule in 0..rng.between(1, 4) {
        text.push_str(&format!("[[rules]]\nid = \"rule-{rule}\"\ndescription = \"d\"\n"));
        let expression = expression(rng, 4);
        if rng.chance(9, 10) {
            let keyword = word(rng);
            let before = ["", "(?i)", "\\b", "^", "(?i)[\\w.-]{0,50}?(?:acme)"][rng.below(5)];
            text.push_str(&format!("regex = '''{before}{keyword}{expression}'''\nkeywords = [\"{keyword}\"]\n"));
        }
        let first = rng.below(8);
        for kind in first..first + rng.below(4) {
            text.push_str(&foreign_setting(rng, kind % 8));
        }
    }
    if rng.chance(1, 3) {
        let table = ["[allowlist]\n", "[[allowlists]]\ntargetRules = [\"rule-0\"]\n"][rng.below(2)];
        text.push_str(table);
        text.push_str(&foreign_allow(rng));
    }
    text
}

fn foreign_setting(rng: &mut Rng, kind: usize) -> String {
    match kind {
        0 => format!("secretGroup = {}\n", number(rng)),
        1 => format!("entropy = {}.3\n", number(rng)),
        2 => format!("path = '''{}'''\n", expression(rng, 2)),
        3 => "skipReport = true\n".to_owned(),
        4 => format!("tags = [\"{}\", 3]\n", word(rng)),
        5 => format!("[[rules.allowlists]]\n{}", foreign_allow(rng)),
        6 => format!("[[rules.required]]\nid = \"rule-0\"\nwithinLines = {}\n", number(rng)),
        _ => format!("filter = \"{}\"\n", word(rng)),
    }
}

fn foreign_allow(rng: &mut Rng) -> String {
    let (condition, target) = (["AND", "OR", "&&"][rng.below(3)], ["match", "line", "secret"][rng.below(3)]);
    let (regex, path) = (expression(rng, 3), expression(rng, 2));
    let word = word(rng);
    match rng.below(3) {
        0 => format!("condition = \"{condition}\"\nregexTarget = \"{target}\"\nregexes = ['''{regex}''']\n"),
        1 => format!("regexTarget = \"{target}\"\nregexes = ['''{regex}''']\npaths = ['''{path}''']\n"),
        _ => format!("condition = \"{condition}\"\nstopwords = [\"{word}\"]\npaths = ['''{path}''']\n"),
    }
}

fn number(rng: &mut Rng) -> usize {
    match rng.below(6) {
        0 => 0,
        1 => [255, 256, 1024, 1025, 65_535, 65_536][rng.below(6)],
        2 => u32::MAX as usize,
        _ => rng.below(70),
    }
}

fn word(rng: &mut Rng) -> &'static str {
    rng.pick(&[
        "",
        "_",
        "a_b",
        "a__b",
        "_key",
        "api_key",
        "password",
        "acme",
        "ACME",
        "ä",
        "äpfel",
        "acme_",
        "x",
        "-",
        "kndr:",
        "RSA PRIVATE KEY",
        "secret",
        "hex",
        "a word",
        "0",
        "://",
        "ſecret",
        "İ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ])
}

/// An expression of the kind shapes are: literals, classes with bounds, groups, repeated groups.
fn shape(rng: &mut Rng, depth: usize) -> String {
    let mut text = if rng.chance(2, 3) { literal(rng).to_owned() } else { String::new() };
    for _ in 0..rng.between(1, 3) {
        let low = [0, 1, 3, 16, 20, 32, 200, 65_535][rng.below(8)];
        let high = low + [0, 0, 1, 4, 20, 65_535 - low][rng.below(6)];
        let part = match rng.below(if depth == 0 { 4 } else { 8 }) {
            0 => literal(rng).to_owned(),
            1..4 => format!("{}{{{low},{high}}}", class(rng)),
            4 if rng.chance(depth, 4) => format!("(?P<secret>{})", shape(rng, 0)),
            5 => format!("(?:{}|{})", shape(rng, depth - 1), shape(rng, depth - 1)),
            6 => format!("(?:{}){{{}}}", shape(rng, depth - 1), rng.between(1, 17)),
            _ => format!("(?:{})?", shape(rng, depth - 1)),
        };
        text.push_str(&part);
    }
    text
}

/// A regular expression, nearly always one that parses.
fn expression(rng: &mut Rng, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..rng.between(1, 4) {
        let part = match rng.below(if depth == 0 { 6 } else { 9 }) {
            0..3 => literal(rng).to_owned(),
            3..5 => class(rng).to_owned(),
            5 => ["\\b", "^", "$", "\\B", "\\A", "\\z", "(?i)", ""][rng.below(8)].to_owned(),
            6 => format!("({})", expression(rng, depth - 1)),
            7 => format!("(?:{}|{})", expression(rng, depth - 1), expression(rng, depth - 1)),
            // Two groups of one name are refused: the deeper, the rarer.
            _ if rng.chance(depth, 5) => format!("(?P<secret>{})", expression(rng, 0)),
            _ => format!("(?P<g{}>{})", rng.bits(), expression(rng, depth - 1)),
        };
        let empty = part.is_empty() || part == "(?i)";
        text.push_str(&part);
        if !empty && rng.chance(1, 2) {
            text.push_str(&repetition(rng));
        }
    }
    text
}

fn literal(rng: &mut Rng) -> &'static str {
    if rng.chance(1, 30) {
        return rng.pick(&["ä", "\\x{e4}", "\\pL", "[ä-ü]"]);
    }
    rng.pick(&["a", "knd", "acme_live_", "-", "\\.", "=", "\\s", "\\x00", "\\xff", "://", "AKI", "0", " ", "\""])
}

fn class(rng: &mut Rng) -> &'static str {
    rng.pick(&[
        "[0-9a-f]",
        "[0-9A-Za-z]",
        "[0-9A-Za-z_-]",
        "[A-Z2-7]",
        ".",
        "[^\"]",
        "\\w",
        "\\d",
        "[a&&b]",
        "[[:alnum:]]",
        "[^a]",
        "(?s:.)",
    ])
}

fn repetition(rng: &mut Rng) -> String {
    let low = [0, 1, 2, 16, 20, 32, 200][rng.below(7)];
    let high = low + [0, 1, 4, 20, 300, 65_535][rng.below(6)];
    match rng.below(10) {
        0 => ["*", "+", "?", "*?", "+?", "??"][rng.below(6)].to_owned(),
        1 => format!("{{{low},}}"),
        2 => format!("{{{high}}}"),
        _ => format!("{{{low},{high}}}"),
    }
}
