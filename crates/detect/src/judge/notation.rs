//! What programs write in a notation of their own, under names that speak of credentials: no value of any.

/// Whether a value is an image with its digest, a mark of a translation's place, a tag of a field, a list of rules for input, or the
/// name of an algorithm.
pub(super) fn is_notation(value: &[u8]) -> bool {
    is_image(value)
        || is_place_of_translation(value)
        || is_field_tag(value)
        || is_input_rules(value)
        || is_algorithm(value)
}

/// `registry/name:tag@sha256:…`, or what is left of it behind a colon.
fn is_image(value: &[u8]) -> bool {
    const DIGEST: usize = 64;
    const MARK: &[u8] = b"@sha256:";
    let Some((head, digest)) = value.len().checked_sub(DIGEST).map(|at| value.split_at(at)) else { return false };
    head.ends_with(MARK) && digest.iter().all(u8::is_ascii_hexdigit)
}

/// `crwdns12312:0crwdne12312:0`: where Crowdin's translators see which text they translate.
fn is_place_of_translation(value: &[u8]) -> bool {
    value.starts_with(b"crwdns") && memchr::memmem::find(value, b"crwdne").is_some()
}

/// `json:"token,omitempty"`: the tag of a field in Go.
fn is_field_tag(value: &[u8]) -> bool {
    let Some(colon) = value.windows(2).position(|pair| pair == b":\"") else { return false };
    colon >= 2 && value[..colon].iter().all(|b| b.is_ascii_lowercase() || *b == b'_') && value.ends_with(b"\"")
}

/// `required|min:8`, `confirmed|`: what a form asks of its fields.
fn is_input_rules(value: &[u8]) -> bool {
    const RULES: [&[u8]; 8] =
        [b"bail", b"confirmed", b"filled", b"nullable", b"present", b"required", b"sometimes", b"string"];
    let Some(bar) = memchr::memchr(b'|', value) else { return false };
    RULES.contains(&&value[..bar])
}

/// `PBKDF2WithHmacSHA256`, `HmacSHA1`, `AES/CBC/PKCS5Padding`: algorithms as Java names them.
fn is_algorithm(value: &[u8]) -> bool {
    let of_password = || value.starts_with(b"PBKDF2With") || value.starts_with(b"PBEWith");
    let of_text = value.strip_prefix(b"Hmac").is_some_and(|of| of.starts_with(b"SHA") || of == b"MD5");
    let is_named = || value.iter().all(u8::is_ascii_alphanumeric) && (of_text || of_password());
    let of_cipher = || value.ends_with(b"Padding") && value.iter().filter(|b| **b == b'/').count() == 2;
    is_named() || of_cipher()
}
