//! What makes two results of two logs the same one.

use serde_json::Value;

/// The key of our fingerprint of a credential.
const CREDENTIAL: &str = "deadkey/credential/v1";

/// What a result is known by: the credential's fingerprint where it is ours; else the tool's own fingerprints, those that are partial
/// together with rule and file; else rule, file and message.
pub(crate) fn identity(result: &Value, rule: &str) -> String {
    if let Some(credential) = result["partialFingerprints"][CREDENTIAL].as_str() {
        return format!("credential {credential}");
    }
    let has = |value: &Value| value.as_object().is_some_and(|map| !map.is_empty());
    if has(&result["fingerprints"]) {
        return format!("whole {rule}\n{}", result["fingerprints"]);
    }
    let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or_default();
    if has(&result["partialFingerprints"]) {
        return format!("partial {rule}\n{uri}\n{}", result["partialFingerprints"]);
    }
    let message = &result["message"];
    let message = message["text"].as_str().or(message["id"].as_str()).unwrap_or_default();
    format!("text {rule}\n{uri}\n{message}")
}

/// What of a result may change while it stays the same one: who reads it wants to look again then. Lines are not in it, since text
/// above them moves; neither is what the comparison itself writes.
pub(crate) fn substance(result: &Value, rule: &str) -> String {
    let mut places: Vec<String> = ["locations", "relatedLocations"]
        .iter()
        .flat_map(|key| result[*key].as_array().into_iter().flatten())
        .map(|location| {
            let artifact = &location["physicalLocation"]["artifactLocation"];
            format!("{} {}", artifact["uri"], location["logicalLocations"])
        })
        .collect();
    places.sort();
    places.dedup();
    let suppressed = crate::order::is_suppressed(result);
    let verdict = &result["properties"]["verdict"];
    format!("{rule} {} {} {suppressed} {verdict} {places:?}", result["level"], result["kind"])
}
