//! What of a log goes to code scanning, in parts that it takes.

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use sarif::{Limits, Log};
use serde_json::Value;
use std::io::Write;

/// Takes out what a suppression speaks for (a baseline is one), and what a comparison with an earlier log says is absent: code scanning
/// shows both as open alerts. Gives how many. What such a comparison says is unchanged stays: leaving it out would close its alert, and so
/// does what a baseline knows and nothing suppresses, since it is live.
pub fn leave_out(log: &mut Value) -> (usize, usize) {
    let (mut suppressed, mut absent) = (0, 0);
    for run in log["runs"].as_array_mut().into_iter().flatten() {
        let Some(results) = run["results"].as_array_mut() else { continue };
        results.retain(|result| {
            let is_suppressed = sarif::is_suppressed(result);
            let is_absent = result["baselineState"] == "absent";
            suppressed += usize::from(is_suppressed);
            absent += usize::from(is_absent && !is_suppressed);
            !is_suppressed && !is_absent
        });
    }
    (suppressed, absent)
}

/// A log in parts, each compressed and within the limits; the worst results stand in the first. A part of a run is a category
/// of its own, since an upload replaces what its category had.
///
/// # Errors
/// If a single result is too large.
pub fn parts(log: &Value, limits: Limits) -> Result<Vec<Vec<u8>>> {
    let log = Log::read(log.to_string().as_bytes())?;
    let pack = |log: Log| {
        let mut text = Vec::new();
        log.write(&mut text).expect("memory takes everything");
        compressed(&text)
    };
    Ok(sarif::split(log, limits, |text| compressed(text).len())?.into_iter().map(pack).collect())
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
        json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": rules}}, "automationDetails": {"id": "deadkey/tree/"},
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
            Limits { bytes: 250, ..Limits::default() },
            Limits { results: 3, runs: 2, bytes: 100_000 },
        ] {
            let parts: Vec<Value> =
                parts(&log(20), limits).expect("small results").iter().map(|part| opened(part)).collect();
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
        assert_eq!(parts(&log(20), Limits::default()).expect("small results").len(), 1);
    }

    #[test]
    fn what_is_suppressed_or_absent_is_left_out_and_counted() {
        let mut log = log(5);
        log["runs"][0]["results"][0]["suppressions"] = json!([{"kind": "inSource"}]);
        log["runs"][0]["results"][1]["suppressions"] = json!([{"kind": "external", "status": "rejected"}]);
        log["runs"][0]["results"][2]["baselineState"] = "unchanged".into();
        log["runs"][0]["results"][3]["baselineState"] = "absent".into();
        assert_eq!(leave_out(&mut log), (1, 1));
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(3));
    }
}
