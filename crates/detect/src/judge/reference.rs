//! References: values that name where the credential is kept, or how it is computed, instead of being it.

use super::letters::covered;
use super::words::Words;

/// What a value begins with that points into a vault, a parameter store, the environment or a file.
const STORES: &[&[u8]] = &[
    b"op://",
    b"vault:",
    b"vault://",
    b"ssm:",
    b"ssm://",
    b"awssm://",
    b"gcpsm://",
    b"akv://",
    b"secretsmanager:",
    b"secretref:",
    b"secretref://",
    b"env:",
    b"env://",
    b"file:",
    b"file://",
    b"bao:",
    b"doppler://",
    b"infisical://",
    b"ref+",
    b"keyvault:",
    b"@microsoft.keyvault",
    b"arn:aws",
    b"projects/",
    b"enc[",
    b"enc(",
    b"credentials(",
    b"%env(",
    b"{cipher}",
    b"!vault",
    b"!secret",
    b"!ref",
    b"!sub",
    b"!getatt",
    b"!env",
    b"!join",
    b"!reference",
    b"~/",
    b"../",
    b"kms:",
];

/// What an expression in code begins with that reads the value from elsewhere.
const ROOTS: &[&[u8]] = &[
    b"args",
    b"attrs",
    b"body",
    b"config",
    b"conf",
    b"context",
    b"ctx",
    b"credentials",
    b"creds",
    b"data",
    b"env",
    b"environ",
    b"event",
    b"form",
    b"github",
    b"input",
    b"inputs",
    b"local",
    b"matrix",
    b"meta",
    b"model",
    b"module",
    b"needs",
    b"opts",
    b"options",
    b"os",
    b"params",
    b"payload",
    b"process",
    b"props",
    b"req",
    b"request",
    b"res",
    b"response",
    b"secrets",
    b"self",
    b"session",
    b"settings",
    b"state",
    b"steps",
    b"this",
    b"user",
    b"values",
    b"var",
    b"vars",
];

/// Whether `value` refers to a value elsewhere. `strict`: for generic values, where expressions of code count too.
pub(super) fn is_reference(value: &[u8], strict: bool) -> bool {
    is_template(value)
        || strict
            && (is_time(value)
                || is_notation(value)
                || is_variable(value)
                || is_in_store(value)
                || is_expression(value))
}

/// `${VAR}`, `$(cmd)`, `{{ x }}`, `#{x}`, `<%= x %>`, `%{x}`: anywhere; `%VAR%`: the whole.
fn is_template(value: &[u8]) -> bool {
    const PAIRS: [(&[u8], &[u8]); 8] = [
        (b"${", b"}"),
        (b"$(", b")"),
        (b"{{", b"}}"),
        (b"#{", b"}"),
        (b"<%", b"%>"),
        (b"%{", b"}"),
        (b"{%", b"%}"),
        (b"$[", b"]"),
    ];
    let percent = matches!(value, [b'%', name @ .., b'%'] if is_name(name));
    let opens = |open: &[u8], close: &[u8]| {
        memchr::memmem::find_iter(value, open).any(|at| {
            let rest = &value[at + open.len()..];
            memchr::memmem::find(rest, close).is_some_and(|end| is_inner(&rest[..end]))
        })
    };
    percent
        || memchr::memchr3(b'$', b'{', b'%', value).is_some() && PAIRS.iter().any(|(open, close)| opens(open, close))
}

/// Whether text between the marks of a template reads like an expression; passwords hold such marks by chance.
fn is_inner(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let starts = text.first().is_some_and(|b| b.is_ascii_alphanumeric() || b"_.$'\"@!=-/<".contains(b));
    starts && text.iter().all(|b| b.is_ascii_alphanumeric() || b"_.:-?/ |'\"(),$@=+!\\\t<[]*%".contains(b))
}

/// A name as variables have one: letters, digits, `_`, not beginning with a digit.
fn is_name(text: &[u8]) -> bool {
    let start = text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    start && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// `$VAR`, `$var`, `@var`, `:var`, `&var`, `*var`, `{var}`, `%s`: names of digits between letters (`$ecr3t`) are none.
fn is_variable(value: &[u8]) -> bool {
    let is_plain = |name: &[u8]| {
        let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        is_name(name) && !name[..name.len() - digits].iter().any(u8::is_ascii_digit)
    };
    let is_constant = |name: &[u8]| is_name(name) && !name.iter().any(u8::is_ascii_lowercase);
    match value {
        [b'$', name @ ..] => is_plain(name) || is_constant(name) || is_path(name) && joined(name),
        [b'@' | b':' | b'&' | b'*', name @ ..] => is_plain(name) && is_wordy(name),
        // `no-reply@{DOMAIN}`
        [_, .., b'}'] if is_filled_in(value) => true,
        // A colour.
        [b'#', digits @ ..] if matches!(digits.len(), 6 | 8) => digits.iter().all(u8::is_ascii_hexdigit),
        [b'{', name @ .., b'}'] => is_path(name) || name.iter().all(u8::is_ascii_digit),
        [b'%', b's' | b'd' | b'v' | b'r' | b'@'] | [b'%', b'(', ..] => true,
        _ => false,
    }
}

/// Whether a text ends with a constant in braces, and has no others: `no-reply@{DOMAIN}`.
fn is_filled_in(text: &[u8]) -> bool {
    const LEAST: usize = 3;
    let Some(open) = text.iter().position(|b| *b == b'{') else { return false };
    let name = &text[open + 1..text.len() - 1];
    open > 0 && name.len() >= LEAST && name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// Whether frequent words make up most of a name.
fn is_wordy(name: &[u8]) -> bool {
    let words = Words::of(name);
    let in_words: usize = words.iter().map(covered).sum();
    name.len() > 2 && in_words * 3 >= name.len() * 2
}

/// Whether a text of letters, digits and `/` is a path of files: `lib/modules/kernel/net`.
pub(crate) fn is_file_path(text: &[u8]) -> bool {
    let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let in_words: usize = Words::of(text).iter().map(covered).sum();
    text.iter().filter(|b| **b == b'/').count() >= 2 && in_words * 2 >= letters
}

/// Names joined by `.`, `->`, `::` or `?.`.
fn is_path(text: &[u8]) -> bool {
    !text.is_empty()
        // `Yii::$app->user`: a variable of a class.
        && text.split(|b| b".:->?".contains(b)).all(|part| part.is_empty() || is_name(part.strip_prefix(b"$").unwrap_or(part)))
        && text[0].is_ascii_alphabetic() | (text[0] == b'_')
}

fn is_in_store(value: &[u8]) -> bool {
    // A tag of YAML (`!vault`) stands alone; its value comes in the next line.
    let is_whole = |store: &[u8]| value.len() > store.len() || store[0] == b'!';
    let starts = |store: &[u8]| {
        value.len() >= store.len() && is_whole(store) && value[..store.len()].eq_ignore_ascii_case(store)
    };
    let first = value.first().map(u8::to_ascii_lowercase);
    STORES.iter().any(|store| store.first() == first.as_ref() && starts(store))
}

/// Names of encodings, in small letters.
const ENCODINGS: [&[u8]; 9] =
    [b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"latin1", b"latin-1", b"iso-8859-1", b"us-ascii", b"cp1252"];

/// The head of a JSON Web Token that names its algorithm and kind is no longer than this.
const HEAD: usize = 40;

/// Whether a value is the beginning of a template that white space cuts, a regular expression, an encoding's name, or the first
/// part of a token of JSON without the others.
fn is_notation(value: &[u8]) -> bool {
    let is_class = || [&b"[A-Z"[..], b"[a-z", b"[0-9"].iter().any(|class| memchr::memmem::find(value, class).is_some());
    let is_head = || {
        let text = crate::proofs::base64(value).unwrap_or_default();
        text.starts_with(b"{\"") && text.ends_with(b"}")
    };
    value.starts_with(b"${")
        || value.starts_with(b"$(")
        || is_named_digest(value)
        || memchr::memchr(b'[', value).is_some() && is_class()
        || value.starts_with(b".*")
        || memchr::memmem::find(value, b".*$").is_some()
        || ENCODINGS.iter().any(|name| value.eq_ignore_ascii_case(name))
        || value.starts_with(b"eyJ") && value.len() <= HEAD && is_head()
}

/// `SHA256:…`, `sha512-…`: a digest that says how it was made.
fn is_named_digest(value: &[u8]) -> bool {
    let Some(end) = value.iter().take(8).position(|b| matches!(b, b':' | b'-' | b'=')) else { return false };
    let (name, rest) = (&value[..end], &value[end + 1..]);
    [&b"md5"[..], b"sha1", b"sha256", b"sha384", b"sha512"].iter().any(|known| name.eq_ignore_ascii_case(known))
        && rest.len() >= 22
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=:-_".contains(b))
}

/// `2019-03-20T17:54:53Z`
fn is_time(value: &[u8]) -> bool {
    let marks = [(4, b'-'), (7, b'-'), (13, b':')];
    value.len() >= 16
        && marks.iter().all(|(at, mark)| value[*at] == *mark)
        && value[..16].iter().filter(|b| b.is_ascii_digit()).count() == 12
}

/// Whether a value is a digest by its name: `hashed_secret` in the baselines of detect-secrets, `auth.ts` in a list of checksums.
pub(crate) fn is_digest(name: &[u8], value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 64 | 128)
        && value.iter().all(u8::is_ascii_hexdigit)
        && (is_file(name) || Words::of(name).iter().any(|word| word == b"hashed") || is_sum(name))
}

/// What is identified by a digest: commits and checksums.
const SUMS: [&[u8]; 15] = [
    b"checksum",
    b"commit",
    b"digest",
    b"etag",
    b"fingerprint",
    b"integrity",
    b"mainline",
    b"md",
    b"oid",
    b"rev",
    b"revision",
    b"sha",
    b"split",
    b"tag",
    b"treeish",
];

/// Whether a name says that a digest comes, most by its last word.
fn is_sum(name: &[u8]) -> bool {
    let words = Words::of(name);
    words.iter().next_back().is_some_and(|word| SUMS.contains(&word)) || words.iter().any(|word| word == b"checksum")
}

/// Whether a value is the UUID of something that happened, or so many hexadecimal digits, by its name: `request_id`.
pub(crate) fn is_of_event(name: &[u8], value: &[u8]) -> bool {
    const EVENTS: [&[u8]; 10] = [
        b"correlation",
        b"delivery",
        b"event",
        b"execution",
        b"invocation",
        b"message",
        b"request",
        b"span",
        b"trace",
        b"transaction",
    ];
    let words = Words::of(name);
    let is_uuid = value.len() == 36 && value.get(8) == Some(&b'-');
    let is_number = || matches!(value.len(), 16 | 32) && value.iter().all(u8::is_ascii_hexdigit);
    is_id(name) && (is_uuid || is_number()) && words.iter().any(|word| EVENTS.contains(&word))
}

/// Whether a name is an id's by its last word: `tenant_id`. Ids of clients and applications go with a secret; see [`is_part`].
pub(crate) fn is_id(name: &[u8]) -> bool {
    Words::of(name).iter().next_back().is_some_and(|word| matches!(word, b"id" | b"ids" | b"uuid" | b"guid"))
}

/// Whether a name is that of half a pair: `client_id`, `APP_ID`.
pub(crate) fn is_part(name: &[u8]) -> bool {
    Words::of(name).iter().any(|word| matches!(word, b"client" | b"app" | b"application" | b"consumer"))
}

/// Whether a name says that everybody may have what it names: `SEARCH_ONLY_API_KEY`, `publishableKey`, `recaptcha_site_key`.
pub(crate) fn is_public(name: &[u8]) -> bool {
    let words = Words::of(name);
    let follow = |first: &[u8], second: &[u8]| {
        words.iter().zip(words.iter().skip(1)).any(|pair| (pair.0, pair.1) == (first, second))
    };
    words.iter().any(|word| matches!(word, b"searchonly" | b"publishable" | b"sitekey"))
        || follow(b"search", b"only")
        || follow(b"site", b"key")
}

/// Whether a value is a UUID, by its length and dashes.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// The last word of a name, in small letters; numbers aside.
pub(crate) fn last_word(name: &[u8]) -> Option<Vec<u8>> {
    Words::of(name).iter().next_back().map(<[u8]>::to_vec)
}

/// Whether a constant's name says that it names a setting, and its value is letters, like another name: `PREF_PASSCODE = "prefPin1"`.
pub(crate) fn is_setting(name: &[u8], value: &[u8]) -> bool {
    let names = |word: &[u8]| {
        matches!(word, b"pref" | b"prefs" | b"preference" | b"preferences" | b"extra" | b"bundle" | b"intent" | b"arg")
    };
    let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let letters = &value[..value.len() - digits.min(2)];
    let reads_as_name = || letters.iter().all(|b| b.is_ascii_alphabetic() || b"_.-".contains(b));
    Words::of(name).iter().next().is_some_and(names) && reads_as_name()
}

/// Endings of files that programs are made of.
const FILES: &[&[u8]] = &[
    b"bin", b"c", b"cc", b"cpp", b"cs", b"css", b"dll", b"exe", b"go", b"gz", b"h", b"html", b"jar", b"java", b"js",
    b"json", b"jsx", b"kt", b"lock", b"lua", b"md", b"mjs", b"php", b"pl", b"png", b"ps1", b"py", b"rb", b"rs", b"sh",
    b"so", b"sql", b"svg", b"swift", b"tgz", b"toml", b"ts", b"tsx", b"txt", b"whl", b"xml", b"yaml", b"yml", b"zip",
];

/// Whether a name is a file's by its ending.
fn is_file(name: &[u8]) -> bool {
    let name = name.trim_ascii_end();
    name.iter().rposition(|b| *b == b'.').is_some_and(|dot| dot > 0 && FILES.contains(&&name[dot + 1..]))
}

/// A call, an index, or a path that begins with one of [`ROOTS`].
fn is_expression(value: &[u8]) -> bool {
    let text = strip_operators(value);
    let name_len = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.:?$!->".contains(b)).count();
    let (path, rest) = text.split_at(name_len);
    let path = path.strip_prefix(b".").or(path.strip_prefix(b"$")).unwrap_or(path);
    if !is_path(path) {
        return false;
    }
    match rest.first() {
        // Passwords hold brackets too, but hardly a readable name before them.
        Some(b'(') => {
            (joined(path) || is_wordy(path))
                && (rest.last().is_some_and(|b| b");,".contains(b)) || !rest.contains(&b')'))
        }
        Some(b'[') => {
            rest.len() > 2 && (b"'\"$:".contains(&rest[1]) || memchr::memchr(b']', rest).is_some() && has_root(path))
        }
        Some(b')' | b',' | b';' | b'}') => has_root(path),
        None => {
            joined(path)
                && (has_root(path) || path.windows(2).any(|w| w == b"::") || path.windows(2).any(|w| w == b"->"))
        }
        _ => false,
    }
}

/// Drops `!`, `&`, `*`, `await `, `new ` and the like in front.
fn strip_operators(value: &[u8]) -> &[u8] {
    let text = value.trim_ascii_start();
    let text = &text[text.iter().take_while(|b| b"!&*(".contains(b)).count()..];
    [&b"await "[..], b"new ", b"return ", b"typeof ", b"\\"]
        .iter()
        .find_map(|word| text.strip_prefix(*word))
        .unwrap_or(text)
}

fn joined(path: &[u8]) -> bool {
    path.iter().any(|b| b".:>".contains(b))
}

/// Whether the first name of a path, or the whole path, is one of [`ROOTS`] and something follows.
fn has_root(path: &[u8]) -> bool {
    let end = path.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).unwrap_or(path.len());
    let root = path[..end].strip_prefix(b"_").unwrap_or(&path[..end]);
    ROOTS.iter().any(|known| root.eq_ignore_ascii_case(known))
}
