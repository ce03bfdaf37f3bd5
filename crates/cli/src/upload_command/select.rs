//! What of a log goes to code scanning, in parts that it takes.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write;

/// What code scanning takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Results of a run.
    pub results: usize,
    /// Runs of a file.
    pub runs: usize,
    /// Bytes of a file, compressed.
    pub bytes: usize,
}

impl Default for Limits {
    /// As documented.
    fn default() -> Limits {
        Limits { results: 25_000, runs: 20, bytes: 10_000_000 }
    }
}

/// Takes out what a suppression speaks for, and what a baseline knows: code scanning shows both as open alerts. Gives how many.
pub fn leave_out(log: &mut Value) -> (usize, usize) {
    let (mut suppressed, mut known) = (0, 0);
    for run in log["runs"].as_array_mut().into_iter().flatten() {
        let Some(results) = run["results"].as_array_mut() else { continue };
        results.retain(|result| {
            let speaks =
                |suppression: &Value| !matches!(suppression["status"].as_str(), Some("rejected" | "underReview"));
            let is_suppressed = result["suppressions"].as_array().is_some_and(|all| all.iter().any(speaks));
            let is_known = matches!(result["baselineState"].as_str(), Some("unchanged" | "updated" | "absent"));
            suppressed += usize::from(is_suppressed);
            known += usize::from(is_known && !is_suppressed);
            !is_suppressed && !is_known
        });
    }
    (suppressed, known)
}

/// A log in parts, each compressed and within the limits; the worst results stand in the first. A part of a run is a category
/// of its own, since an upload replaces what its category had.
pub fn parts(log: &Value, limits: &Limits) -> Vec<Vec<u8>> {
    let mut runs = Vec::new();
    for run in log["runs"].as_array().into_iter().flatten() {
        runs.extend(split(run, limits.results));
    }
    let mut all = Vec::new();
    for together in runs.chunks(limits.runs.max(1)) {
        fit(log, together.to_vec(), limits, &mut all);
    }
    all
}

/// Halves what is too large, down to single results.
fn fit(log: &Value, mut runs: Vec<Value>, limits: &Limits, all: &mut Vec<Vec<u8>>) {
    let mut file = log.clone();
    file["runs"] = Value::Array(runs.clone());
    let packed = compressed(file.to_string().as_bytes());
    let results = |run: &Value| run["results"].as_array().map_or(0, Vec::len);
    if packed.len() <= limits.bytes || runs.iter().all(|run| results(run) < 2) && runs.len() < 2 {
        all.push(packed);
        return;
    }
    if runs.len() > 1 {
        let rest = runs.split_off(runs.len() / 2);
        fit(log, runs, limits, all);
        return fit(log, rest, limits, all);
    }
    let run = runs.remove(0);
    for half in split(&run, results(&run).div_ceil(2)) {
        fit(log, vec![half], limits, all);
    }
}

/// A run in runs of so many results at most, the worst first.
fn split(run: &Value, most: usize) -> Vec<Value> {
    let results = run["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    if results.len() <= most {
        return vec![run.clone()];
    }
    let mut sorted: Vec<(f64, &Value)> = results.iter().map(|result| (severity(run, result), result)).collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let category = run.pointer("/automationDetails/id").and_then(Value::as_str).unwrap_or("deadkey/").to_owned();
    let chunks = sorted.chunks(most.max(1)).enumerate();
    let part = |(n, chunk): (usize, &[(f64, &Value)])| {
        let mut part = run.clone();
        part["results"] = chunk.iter().map(|(_, result)| (*result).clone()).collect();
        if n > 0 {
            // The category ends at the last slash; behind it stands the run's own id.
            let (name, id) = category.rsplit_once('/').unwrap_or((&category, ""));
            part["automationDetails"]["id"] = format!("{name}-part-{}/{id}", n + 1).into();
        }
        part
    };
    chunks.map(part).collect()
}

/// `security-severity` of the result's rule, else what its level is worth.
fn severity(run: &Value, result: &Value) -> f64 {
    let rules = run.pointer("/tool/driver/rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let by_index = result["ruleIndex"].as_u64().and_then(|at| rules.get(usize::try_from(at).ok()?));
    let rule = by_index.or_else(|| rules.iter().find(|rule| rule["id"] == result["ruleId"]));
    let told = |value: &Value| value["properties"]["security-severity"].as_str()?.parse::<f64>().ok();
    let by_level = match result["level"].as_str() {
        Some("error") => 8.0,
        Some("note" | "none") => 1.0,
        _ => 5.0,
    };
    told(result).or_else(|| rule.and_then(told)).unwrap_or(by_level)
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).and_then(|()| packer.finish()).expect("memory takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Read;

    fn log(results: usize) -> Value {
        let result = |n: usize| json!({"ruleId": format!("r{}", n % 3), "message": {"text": format!("number {n}")}});
        let rules: Vec<Value> = [2.0, 9.5, 5.0]
            .iter()
            .enumerate()
            .map(|(n, s)| json!({"id": format!("r{n}"), "properties": {"security-severity": format!("{s:.1}")}}))
            .collect();
        json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"rules": rules}}, "automationDetails": {"id": "deadkey/tree/"},
            "results": (0..results).map(result).collect::<Vec<_>>()}]})
    }

    fn opened(part: &[u8]) -> Value {
        let mut text = String::new();
        flate2::read::GzDecoder::new(part).read_to_string(&mut text).expect("gzip");
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn parts_keep_every_result_the_worst_first_in_categories_of_their_own() {
        for limits in [
            Limits { results: 7, ..Limits::default() },
            Limits { bytes: 240, ..Limits::default() },
            Limits { results: 3, runs: 2, bytes: 100_000 },
        ] {
            let parts: Vec<Value> = parts(&log(20), &limits).iter().map(|part| opened(part)).collect();
            let runs: Vec<&Value> = parts.iter().flat_map(|part| part["runs"].as_array().expect("runs")).collect();
            let texts: Vec<&str> = runs
                .iter()
                .flat_map(|run| run["results"].as_array().expect("results"))
                .map(|result| result["message"]["text"].as_str().expect("text"))
                .collect();
            let mut unique = texts.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!((texts.len(), unique.len()), (20, 20), "{limits:?}");
            let ids: std::collections::BTreeSet<_> =
                runs.iter().map(|run| run["automationDetails"]["id"].as_str().expect("an id")).collect();
            assert_eq!(ids.len(), runs.len(), "{ids:?}");
            assert!(runs[0]["results"][0]["ruleId"] == "r1" && ids.contains("deadkey/tree/"), "{ids:?}");
        }
        assert_eq!(parts(&log(20), &Limits::default()).len(), 1);
    }

    #[test]
    fn what_is_suppressed_or_known_is_left_out_and_counted() {
        let mut log = log(5);
        log["runs"][0]["results"][0]["suppressions"] = json!([{"kind": "inSource"}]);
        log["runs"][0]["results"][1]["suppressions"] = json!([{"kind": "external", "status": "rejected"}]);
        log["runs"][0]["results"][2]["baselineState"] = "unchanged".into();
        log["runs"][0]["results"][3]["baselineState"] = "new".into();
        assert_eq!(leave_out(&mut log), (1, 1));
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(3));
    }
}
