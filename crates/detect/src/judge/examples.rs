//! Values made of the words of which the names of credentials, and their stand-ins in examples, are made.

/// Such words, in small letters.
const EXAMPLES: [&[u8]; 48] = [
    b"access",
    b"account",
    b"admin",
    b"api",
    b"app",
    b"auth",
    b"bad",
    b"bar",
    b"baz",
    b"changeme",
    b"client",
    b"db",
    b"domain",
    b"dsn",
    b"foo",
    b"good",
    b"guest",
    b"hunter",
    b"id",
    b"key",
    b"letmein",
    b"login",
    b"my",
    b"open",
    b"pass",
    b"passw",
    b"passwd",
    b"passwort",
    b"password",
    b"private",
    b"project",
    b"proxy",
    b"pw",
    b"pwd",
    b"root",
    b"secret",
    b"sesame",
    b"sid",
    b"some",
    b"super",
    b"test",
    b"the",
    b"token",
    b"user",
    b"username",
    b"word",
    b"wrong",
    b"your",
];

/// Words that name what they stand for: a value with one of them among [`EXAMPLES`] names a credential.
const NAMING: [&[u8]; 7] = [b"pass", b"passwd", b"password", b"passwort", b"pwd", b"secret", b"token"];

/// What only examples and tests put before such a name, in small letters.
const EPITHETS: [&[u8]; 12] = [
    b"correct",
    b"different",
    b"invalid",
    b"mysql",
    b"new",
    b"old",
    b"other",
    b"secure",
    b"strong",
    b"top",
    b"updated",
    b"very",
];

/// Longer runs of letters are not taken apart.
const LONGEST: usize = 40;

/// Whether the letters of `value`, in small letters, are such words (`@` may be a vowel), and digits stand only around them.
pub(crate) fn is_made_of_examples(value: &[u8]) -> bool {
    let is_letter = |b: &u8| b.is_ascii_alphabetic() || *b == b'@' || !b.is_ascii();
    let Some(start) = value.iter().position(is_letter) else { return false };
    let end = value.iter().rposition(is_letter).map_or(start, |at| at + 1);
    let core = &value[start..end];
    let letters: Vec<u8> = core.iter().copied().filter(is_letter).collect();
    letters.len() <= LONGEST && !core.iter().any(u8::is_ascii_digit) && divides(&letters, &[&EXAMPLES])
}

/// Whether `value` is nothing but such words and epithets, the last of which says what it stands for: `newpassword`,
/// `wrong_password`, `topsecret`.
pub(super) fn names_itself(value: &[u8]) -> bool {
    if value.len() > LONGEST || !value.iter().all(|b| b.is_ascii_alphabetic() || b"-_ ".contains(b)) {
        return false;
    }
    let letters: Vec<u8> = value.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    NAMING
        .iter()
        .any(|word| letters.ends_with(word) && divides(&letters[..letters.len() - word.len()], &[&EXAMPLES, &EPITHETS]))
}

/// Whether `letters` is none, one or more words of the lists, whatever way they divide it.
fn divides(letters: &[u8], lists: &[&[&[u8]]]) -> bool {
    let same = |(a, b): (&u8, &u8)| a == b || *a == b'@' && b"ao".contains(b);
    let starts = |text: &[u8], word: &[u8]| text.len() >= word.len() && text.iter().zip(word).all(same);
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for at in 0..letters.len() {
        if reached[at] {
            let words = lists.iter().copied().flatten().filter(|word| starts(&letters[at..], word));
            words.for_each(|word| reached[at + word.len()] = true);
        }
    }
    reached[letters.len()]
}
