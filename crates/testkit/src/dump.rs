//! What attacks on build runners print: the runner's variables as they lie in its memory, and logs around them.

use crate::{Encoding, Filler, Rng, secrets};

/// A secret by the name it goes by.
pub type Entry = (String, Vec<u8>);

/// Twelve secrets of a repository as a runner holds them: tokens of providers, a key, passwords of any quality, and the
/// job's own token.
pub fn runner_secrets(rng: &mut Rng) -> Vec<Entry> {
    let key = String::from_utf8(secrets::private_key(rng)).expect("armour is ASCII");
    let small = |rng: &mut Rng, len: usize| rng.text(b"abcdefghijkmnpqrstuvwxyz", len);
    let mut entries: Vec<(&str, Vec<u8>)> = vec![
        ("GH_PAT", secrets::github_classic(rng)),
        ("AWS_ACCESS_KEY_ID", secrets::aws_key_id(rng)),
        ("AWS_SECRET_ACCESS_KEY", secrets::aws_secret(rng)),
        ("DEPLOY_KEY", key.replace('\n', "\\n").into_bytes()),
        ("ID_JWT", secrets::jwt(rng)),
        ("DB_PASSWORD", rng.text(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789!-", 18)),
        ("PIN", rng.text(b"0123456789", 4)),
        ("WORD", small(rng, 6)),
        ("SENTENCE", [small(rng, 5), small(rng, 4), small(rng, 7)].join(&b' ')),
        (
            "DOCKER_AUTH",
            [b"{\\\"auths\\\":{\\\"r.example\\\":{\\\"auth\\\":\\\"", &small(rng, 24)[..], b"\\\"}}}"].concat(),
        ),
        ("DATABASE_URL", [b"postgres://app:", &small(rng, 14)[..], b"@db.internal/app"].concat()),
    ];
    entries.push(("system.github.token", [&b"ghs_"[..], &rng.text(secrets::BASE62, 36)].concat()));
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The entries as a runner's memory holds them, filtered, a line each.
pub fn memory_dump(entries: &[Entry]) -> Vec<u8> {
    let line = |(name, value): &Entry| {
        [b"\"", name.as_bytes(), b"\":{\"value\":\"", value, b"\",\"isSecret\":true}\n"].concat()
    };
    entries.iter().flat_map(line).collect()
}

/// The entries as `toJSON(secrets)` prints them.
pub fn secrets_json(entries: &[Entry]) -> Vec<u8> {
    let line = |(name, value): &Entry| [b"  \"", name.as_bytes(), b"\": \"", &value[..], b"\""].concat();
    let lines: Vec<Vec<u8>> = entries.iter().map(line).collect();
    [&b"{\n"[..], &lines.join(&b",\n"[..]), b"\n}\n"].concat()
}

/// A log of GitHub Actions of about `len` bytes, without secrets, with `payload` as the output of a step in its middle.
pub fn actions_log(rng: &mut Rng, len: usize, payload: &[u8]) -> Vec<u8> {
    let stamp = b"2026-01-02T03:04:05.1234567Z ";
    let noise = Filler::Log.write(rng, 1 << 16);
    let mut block = Vec::with_capacity(noise.len() * 2);
    for line in noise.split(|b| *b == b'\n') {
        block.extend([&stamp[..], line, b"\n"].concat());
    }
    let blocks = len / 2 / block.len();
    let mut log = Vec::with_capacity(len + payload.len());
    (0..blocks).for_each(|_| log.extend_from_slice(&block));
    log.extend([&stamp[..], b"##[group]Run changed-files\n"].concat());
    for line in payload.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        log.extend([&stamp[..], line, b"\n"].concat());
    }
    (0..blocks).for_each(|_| log.extend_from_slice(&block));
    log
}

/// `text` in so many layers of base64, each on one line.
pub fn layers(text: &[u8], count: usize) -> Vec<u8> {
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    (0..count).fold(text.to_vec(), |text, _| base64.encode(&text))
}
