//! What the likelihood model sees of a value and its name, as numbers.

use super::letters::{bigram, covered, is_familiar, is_word};
use super::vocabulary::{self, topics};
use super::words::Words;

/// Bytes of a value that are looked at.
const LOOKED_AT: usize = 96;

/// What stands for a whole; fractions are in 64ths.
const ONE: i32 = 64;

/// How many kinds of names there are: password, secret, token, key, all others. See `group`.
pub const GROUPS: usize = 5;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// One number each, 0 to 64 where nothing else is said.
        #[derive(Clone, Copy)]
        enum Feature { $($(#[$doc])* $name,)+ }

        /// How many features there are.
        pub const COUNT: usize = [$(Feature::$name),+].len();
    };
}

features! {
    /// Always 64.
    Bias,
    /// Length of the value: one of these is 64.
    Length1To3, Length4, Length5, Length6, Length7, Length8, Length9To11, Length12To15, Length16To23, Length24To31,
    Length32To39, Length40To63, Length64Up,
    /// Entropy against the most that the length allows.
    Entropy,
    /// Shares of the bytes.
    Lower, Upper, Digits, Symbols, Spaces, NonAscii,
    /// Changes between the classes, by length.
    Changes,
    /// Mean of the letter pairs' familiarity, up and down from 0 (-64 to 64).
    Pairs,
    /// Share of letter triples that are not familiar; of runs of letters that hold no vowel.
    StrangeTriples, Vowelless,
    /// Whether no triple was there to be judged.
    NoTriples,
    /// Share of the letters in frequent words.
    InWords,
    /// Whether all words of the value are frequent ones; one word alone; one word and digits behind.
    AllWords, OneWord, WordAndDigits,
    /// Strange triples in a text of lower-case letters and digits only; share of words in one.
    PlainStrange, PlainWords,
    /// Shapes: one letter case, digits, hexadecimal of any or of a hash's length, base64 with its own marks.
    AllLower, AllUpper, AllDigits, Hex, HexHash, Base64, LettersAndDigits, ThreeClasses, FourClasses,
    /// Shapes: `snake_case`, `camelCase`, `CONSTANT`, `kebab-case`, `dotted.name`, `TypeName`.
    Snake, Camel, Constant, Kebab, Dotted, TypeName,
    /// Shapes: path, URL, file name, version, date, UUID, e-mail address, sentence, number.
    Path, Url, FileName, Version, Date, Uuid, Email, Sentence, Number,
    /// Shapes: call, index, markup, path of names, format string, keyword of a language, public key or digest, hashed password.
    Call, Index, Markup, NamePath, Format, Keyword, PublicKey, CryptHash,
    /// First byte: a sigil (`$`, `@`, `%`, `&`, `*`), a separator (`.`, `/`, `-`, `:`), a bracket.
    Sigil, LeadingMark, LeadingBracket,
    /// Holds a colon, comma, backslash, equals sign, quote, at sign or exclamation mark.
    Colon, Comma, Backslash, Equals, Quote, At, Bang,
    /// Words of the value that placeholders hold; that name credentials; that its own name holds.
    PlaceholderWord, CredentialWord, SharesWord,
    /// The name: unknown, one word, all upper case, its words all frequent.
    NoName, NameOneWord, NameUpper,
    /// The name's last word says that it is about the credential, not the credential: kind, place, size, text.
    AboutKind, AboutPlace, AboutSize, AboutText,
    /// The name holds: a verb or condition, `public`, a word of the user interface, a word of tests, of hashes.
    NameVerb, NamePublic, NameInterface, NameTest, NameHash,
    /// The name's last word is who logs in.
    NameUser,
    /// No quotes stand around the value; nor do they around something that a variable could be called.
    Bare, BareName,
    /// A capital and small letters, as a sentence or a translation begins.
    Capitalised,
    /// The name says: password, API or access key, private or secret key, plain key, nonce or salt, authorisation.
    NamePassword, NameApiKey, NameSecretKey, NamePlainKey, NameNonce, NameAuth,
}

use Feature as F;

/// The features of a value bound to a name, with quotes around it or without, and the name's kind. Constant time beyond
/// the first bytes.
pub fn sample(name: &[u8], value: &[u8], quoted: bool) -> ([i16; COUNT], usize) {
    let mut sample = Sample([0; COUNT]);
    sample.set(F::Bias, true);
    sample.length(value.len());
    let value = &value[..value.len().min(LOOKED_AT)];
    let (names, words) = (Words::of(name), Words::of(value));
    sample.bytes(value);
    sample.letters(value, &words);
    sample.identifiers(value, &words);
    sample.binding(value, quoted);
    let bytes = Bytes::of(value);
    sample.shapes(&bytes);
    sample.code(&bytes);
    sample.marks(&bytes);
    sample.words(&words, &names);
    sample.name(name, &names);
    (sample.0, group(&names))
}

/// What a name says beyond its weights.
pub(super) enum Said {
    /// That its value is a key to an interface or a token, which machines make.
    Issued,
    /// That it is who logs in.
    Who,
    Nothing,
}

/// What a name of a kind says; `value` decides whether it is asked.
pub(super) fn said(name: &[u8], value: &[u8], group: usize) -> Said {
    const OTHER: usize = GROUPS - 1;
    let plain = value.iter().all(u8::is_ascii_alphanumeric);
    if group == 0 || group != OTHER && plain {
        return Said::Nothing;
    }
    let names = Words::of(name);
    let last = names.iter().next_back().unwrap_or_default();
    let words = || names.iter().fold(0, |all, word| all | topics(word));
    match group {
        2 => Said::Issued,
        3 if words() & vocabulary::API != 0 => Said::Issued,
        OTHER if topics(last) & vocabulary::USER != 0 => Said::Who,
        OTHER if last == b"id" && names.iter().any(|word| matches!(word, b"client" | b"app" | b"user")) => Said::Who,
        _ => Said::Nothing,
    }
}

/// The kind of a name, by the last of its words that has one.
fn group(names: &Words) -> usize {
    let kind = |word: &[u8]| match word {
        b"secret" | b"secrets" | b"private" => Some(1),
        b"key" | b"keys" | b"apikey" => Some(3),
        _ if is_password(word) => Some(0),
        _ if word.starts_with(b"token") || word.ends_with(b"token") => Some(2),
        _ if word.ends_with(b"secret") => Some(1),
        _ if word.ends_with(b"key") => Some(3),
        _ => None,
    };
    names.iter().rev().find_map(kind).unwrap_or(GROUPS - 1)
}

fn is_password(word: &[u8]) -> bool {
    matches!(word, b"pwd" | b"pw" | b"pass" | b"passphrase" | b"passcode" | b"userpass" | b"dbpass")
        || word.windows(5).any(|five| five == b"passw")
        || word.ends_with(b"pwd")
        || word.ends_with(b"passwd")
}

/// `part` of `whole`, in 64ths.
fn share(part: usize, whole: usize) -> i32 {
    if whole == 0 { 0 } else { (part as i32 * ONE) / whole as i32 }
}

/// Which bytes occur in a value; a text is searched for only if its first byte does.
struct Bytes<'a> {
    value: &'a [u8],
    present: [bool; 256],
}

impl Bytes<'_> {
    fn of(value: &[u8]) -> Bytes<'_> {
        let mut present = [false; 256];
        value.iter().for_each(|b| present[usize::from(*b)] = true);
        Bytes { value, present }
    }

    fn has(&self, byte: u8) -> bool {
        self.present[usize::from(byte)]
    }

    fn holds(&self, text: &[u8]) -> bool {
        self.has(text[0]) && memchr::memchr_iter(text[0], self.value).any(|at| self.value[at..].starts_with(text))
    }

    fn count(&self, byte: u8) -> usize {
        if self.has(byte) { self.value.iter().filter(|b| **b == byte).count() } else { 0 }
    }
}

struct Sample([i16; COUNT]);

impl Sample {
    fn put(&mut self, feature: Feature, amount: i32) {
        self.0[feature as usize] = amount as i16;
    }

    fn set(&mut self, feature: Feature, on: bool) {
        self.put(feature, if on { ONE } else { 0 });
    }

    fn length(&mut self, len: usize) {
        let feature = match len {
            0..4 => F::Length1To3,
            4 => F::Length4,
            5 => F::Length5,
            6 => F::Length6,
            7 => F::Length7,
            8 => F::Length8,
            9..12 => F::Length9To11,
            12..16 => F::Length12To15,
            16..24 => F::Length16To23,
            24..32 => F::Length24To31,
            32..40 => F::Length32To39,
            40..64 => F::Length40To63,
            _ => F::Length64Up,
        };
        self.set(feature, true);
    }

    /// Shares of the byte classes, changes between them, entropy.
    fn bytes(&mut self, value: &[u8]) {
        let class = |b: &u8| match b {
            b'a'..=b'z' => 0usize,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b' ' | b'\t' => 4,
            0x80.. => 5,
            _ => 3,
        };
        let mut counts = [0usize; 6];
        value.iter().for_each(|b| counts[class(b)] += 1);
        for (feature, count) in
            [F::Lower, F::Upper, F::Digits, F::Symbols, F::Spaces, F::NonAscii].into_iter().zip(counts)
        {
            self.put(feature, share(count, value.len()));
        }
        let changes = value.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
        self.put(F::Changes, share(changes, value.len()));
        let most = super::entropy::of_len(value.len().min(64)).max(1);
        self.put(F::Entropy, i32::from(super::entropy(value)) * ONE / i32::from(most));
        let [lower, upper, digits, symbols, spaces, other] = counts.map(|count| count > 0);
        let plain = !symbols && !spaces && !other;
        self.set(F::AllLower, plain && lower && !upper && !digits);
        self.set(F::AllUpper, plain && upper && !lower && !digits);
        self.set(F::AllDigits, plain && digits && !upper && !lower);
        self.set(F::LettersAndDigits, plain && digits && lower != upper);
        self.set(F::ThreeClasses, plain && digits && lower && upper);
        self.set(F::FourClasses, symbols && !spaces && !other && digits && lower && upper);
        self.set(F::Number, !lower && !upper && digits && !spaces);
        let hex = value.iter().all(u8::is_ascii_hexdigit) && digits && !(lower && upper);
        self.set(F::Hex, hex && value.len() >= 8);
        self.set(F::HexHash, hex && matches!(value.len(), 32 | 40 | 56 | 64 | 96));
    }

    /// How the letters read.
    fn letters(&mut self, value: &[u8], words: &Words) {
        let (mut pairs, mut familiar, mut triples, mut strange) = (0usize, 0i32, 0usize, 0usize);
        let (mut letters, mut in_words, mut runs, mut vowelless) = (0usize, 0usize, 0usize, 0usize);
        for run in words.iter() {
            letters += run.len();
            in_words += covered(run);
            runs += usize::from(run.len() >= 3);
            vowelless += usize::from(run.len() >= 3 && !run.iter().any(|b| b"aeiouy".contains(b)));
            for pair in run.windows(2) {
                pairs += 1;
                familiar += bigram(pair[0], pair[1]);
            }
            for triple in run.windows(3) {
                triples += 1;
                strange += usize::from(!is_familiar(triple[0], triple[1], triple[2]));
            }
        }
        let mean = if pairs == 0 { 0 } else { (familiar * 4 / pairs as i32).clamp(-ONE, ONE) };
        self.put(F::Pairs, mean);
        self.put(F::StrangeTriples, share(strange, triples));
        self.put(F::Vowelless, share(vowelless, runs));
        self.set(F::NoTriples, triples == 0);
        self.put(F::InWords, share(in_words, letters));
        let plain = value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        self.put(F::PlainStrange, if plain { share(strange, triples) } else { 0 });
        self.put(F::PlainWords, if plain { share(in_words, letters) } else { 0 });
        let count = words.iter().count();
        let all = count > 0 && words.iter().all(is_word);
        self.set(F::AllWords, all);
        self.set(F::OneWord, all && count == 1 && letters == value.len());
        self.set(
            F::WordAndDigits,
            in_words == letters
                && count == 1
                && letters < value.len()
                && value[letters..].iter().all(u8::is_ascii_digit),
        );
    }

    /// The ways in which names are written.
    fn identifiers(&mut self, value: &[u8], words: &Words) {
        let first_is_letter = value.first().is_some_and(u8::is_ascii_alphabetic);
        let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
        let of = |extra: &[u8]| first_is_letter && value.iter().all(|b| b.is_ascii_alphanumeric() || extra.contains(b));
        let has = |b: u8| memchr::memchr(b, value).is_some();
        let lower = value.iter().any(u8::is_ascii_lowercase);
        let upper = value.iter().any(u8::is_ascii_uppercase);
        let few_digits = digits * 4 <= value.len();
        let several = words.iter().count() >= 2;
        self.set(F::Snake, of(b"_") && has(b'_') && !upper && few_digits);
        self.set(F::Constant, of(b"_") && has(b'_') && !lower && few_digits);
        self.set(F::Kebab, of(b"-") && has(b'-') && !upper && few_digits);
        self.set(F::Dotted, of(b"._-") && has(b'.') && several && few_digits);
        let camel = of(b"") && lower && upper && several && digits * 8 <= value.len();
        let starts_upper = value.first().is_some_and(u8::is_ascii_uppercase);
        self.set(F::Camel, camel && !starts_upper);
        self.set(F::TypeName, camel && starts_upper);
    }

    /// How the value stands there.
    fn binding(&mut self, value: &[u8], quoted: bool) {
        self.set(F::Bare, !quoted);
        let letter = |b: &u8| b.is_ascii_alphabetic() || *b == b'_';
        let is_name = value.iter().all(|b| letter(b) || b".>:-".contains(b)) && value.first().is_some_and(letter);
        self.set(F::BareName, !quoted && is_name);
        let small = |b: &u8| b.is_ascii_lowercase() || !b.is_ascii();
        let capitalised = matches!(value, [b'A'..=b'Z', rest @ ..] if rest.len() >= 2 && rest.iter().all(small));
        self.set(F::Capitalised, capitalised);
    }

    /// Things that have a notation of their own.
    fn shapes(&mut self, bytes: &Bytes<'_>) {
        let value = bytes.value;
        let (has, count) = (|text: &[u8]| bytes.holds(text), |b| bytes.count(b));
        let slashes = count(b'/');
        self.set(F::Url, has(b"://"));
        let starts_path = [&b"/"[..], b"./", b"../", b"~/"].iter().any(|start| value.starts_with(start));
        self.set(F::Path, starts_path || slashes >= 2 && slashes * 6 >= value.len() || has(b":\\"));
        let extension = value.iter().rposition(|b| *b == b'.').map(|at| &value[at + 1..]);
        let is_extension = |e: &[u8]| (2..=5).contains(&e.len()) && e.iter().all(u8::is_ascii_lowercase);
        self.set(F::FileName, extension.is_some_and(is_extension) && count(b' ') == 0);
        let numeric = value.iter().all(|b| b.is_ascii_digit() || b".-v:/T+Z ".contains(b));
        self.set(F::Version, numeric && count(b'.') >= 1 && !value.is_empty());
        self.set(F::Date, numeric && (count(b'-') == 2 || count(b'/') == 2 || count(b':') >= 1));
        let dashes = [8, 13, 18, 23].iter().all(|at| value.get(*at) == Some(&b'-'));
        self.set(F::Uuid, value.len() == 36 && dashes && value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-'));
        self.set(F::Email, count(b'@') == 1 && extension.is_some_and(is_extension) && count(b' ') == 0);
        self.set(F::Sentence, count(b' ') >= 2);
        let digits = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_uppercase);
        let marked = value.last() == Some(&b'=') || count(b'+') + slashes > 0 && digits;
        let base64 = value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b));
        self.set(F::Base64, marked && base64 && value.len() >= 8 && !starts_path);
        let keys =
            [&b"ssh-"[..], b"sha1-", b"sha256-", b"sha384-", b"sha512-", b"sha256:", b"md5:", b"ecdsa-", b"AAAA"];
        let crypt = [
            &b"$1$"[..],
            b"$2a$",
            b"$2b$",
            b"$2y$",
            b"$5$",
            b"$6$",
            b"$apr1$",
            b"$argon2",
            b"$y$",
            b"{SHA",
            b"{SSHA",
            b"{CRYPT",
            b"pbkdf2",
            b"bcrypt",
        ];
        self.set(F::CryptHash, crypt.iter().any(|start| value.starts_with(start)));
        self.set(F::PublicKey, keys.iter().any(|start| value.starts_with(start)));
    }

    /// Pieces of programs.
    fn code(&mut self, bytes: &Bytes<'_>) {
        let value = bytes.value;
        let (has, count) = (|text: &[u8]| bytes.holds(text), |b| bytes.count(b));
        let named = value.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.:$".contains(b)).count();
        let after = value.get(named);
        self.set(F::Call, named > 0 && after == Some(&b'(') || has(b"()"));
        self.set(F::Index, named > 0 && after == Some(&b'[') || has(b"['") || has(b"[\""));
        self.set(F::Markup, has(b"</") || has(b"/>") || count(b'<') > 0 && count(b'>') > 0);
        let joined = [&b"::"[..], b"->", b"=>", b"==", b"&&", b"||", b"?.", b"!="].iter().any(|mark| has(mark));
        self.set(F::NamePath, joined);
        let formats = [&b"%s"[..], b"%d", b"%v", b"{}", b"{0}", b"\\n", b"${", b"{{"].iter().any(|mark| has(mark));
        self.set(F::Format, formats || count(b'{') > 0 && count(b'}') > 0);
        let mut lower = [0; 9];
        let keyword = lower.get_mut(..value.len()).map(|lower| {
            lower.copy_from_slice(value);
            lower.make_ascii_lowercase();
            topics(lower) & vocabulary::KEYWORD != 0
        });
        self.set(F::Keyword, keyword == Some(true));
    }

    fn marks(&mut self, bytes: &Bytes<'_>) {
        let value = bytes.value;
        let first = value.first().copied().unwrap_or_default();
        self.set(F::Sigil, b"$@%&*".contains(&first));
        self.set(F::LeadingMark, b"./-:,;|=+".contains(&first));
        self.set(F::LeadingBracket, b"([{<)]}>".contains(&first));
        let marks = [
            (F::Colon, b':'),
            (F::Comma, b','),
            (F::Backslash, b'\\'),
            (F::Equals, b'='),
            (F::At, b'@'),
            (F::Bang, b'!'),
        ];
        for (feature, mark) in marks {
            self.set(feature, bytes.has(mark));
        }
        self.set(F::Quote, bytes.has(b'"') || bytes.has(b'\'') || bytes.has(b'`'));
    }

    /// What the value's words say.
    fn words(&mut self, words: &Words, names: &Words) {
        let said = words.iter().fold(0, |all, word| all | topics(word));
        self.set(F::PlaceholderWord, said & vocabulary::PLACEHOLDER != 0);
        self.set(F::CredentialWord, said & vocabulary::CREDENTIAL != 0);
        let shared = |word: &[u8]| word.len() >= 3 && names.iter().any(|name| name == word);
        self.set(F::SharesWord, words.iter().any(shared));
    }

    /// What the name says.
    fn name(&mut self, name: &[u8], names: &Words) {
        let said = names.iter().fold(0, |all, word| all | topics(word));
        let last = names.iter().next_back().unwrap_or_default();
        self.set(F::NoName, last.is_empty());
        self.set(F::NameOneWord, names.iter().count() == 1);
        self.set(F::NameUpper, !last.is_empty() && !name.iter().any(u8::is_ascii_lowercase));
        let last = topics(last);
        self.set(F::AboutKind, last & vocabulary::KIND != 0);
        self.set(F::AboutPlace, last & vocabulary::PLACE != 0);
        self.set(F::AboutSize, last & vocabulary::SIZE != 0);
        self.set(F::AboutText, last & vocabulary::TEXT != 0);
        self.set(F::NameUser, last & vocabulary::USER != 0);
        self.set(F::NameVerb, said & vocabulary::VERB != 0);
        self.set(F::NamePublic, said & vocabulary::PUBLIC != 0);
        self.set(F::NameInterface, said & vocabulary::INTERFACE != 0);
        self.set(F::NameTest, said & vocabulary::TEST != 0);
        self.set(F::NameHash, said & vocabulary::HASH != 0);
        self.set(F::NamePassword, names.iter().any(is_password));
        let key = said & vocabulary::KEY != 0;
        let (api, cipher) = (said & vocabulary::API != 0, said & vocabulary::CIPHER != 0);
        self.set(F::NameApiKey, key && api);
        self.set(F::NameSecretKey, key && cipher);
        self.set(F::NamePlainKey, key && !api && !cipher);
        self.set(F::NameNonce, said & vocabulary::NONCE != 0);
        self.set(F::NameAuth, said & vocabulary::AUTH != 0);
    }
}
