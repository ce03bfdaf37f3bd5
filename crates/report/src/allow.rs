use model::Finding;

/// The line of a `.deadkey.toml` that would allow the credential, whatever its place.
pub fn allow_line(finding: &Finding) -> String {
    format!("[allow-id.\"{}\"] # in .deadkey.toml", finding.fingerprint)
}
