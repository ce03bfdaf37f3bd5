//! How fast framing is taken off: `cargo run --release -p logs --example speed [MEGABYTES]`. One line a framing: input in
//! MB per second of processor time (so that load counts little), and how much clean text came out.

use logs::{Framing, Limits, Unframer};

/// Lines as builds print them, without a framing.
const LINES: [&str; 8] = [
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.",
    "   Compiling serde_json v1.0.145",
    "added 1432 packages, and audited 1433 packages in 31s",
    "[INFO] Downloading from central: https://repo.example.org/maven2/org/example/lib/3.2.1/lib-3.2.1.pom",
    "src/main/java/org/example/Main.java:[17,5] warning: [deprecation] doIt() in Old has been deprecated",
    "ok      example.org/shop/internal/basket        0.412s  coverage: 81.3% of statements",
    "Status: Downloaded newer image for registry.example.org/base:bookworm",
    "",
];

/// A line `number` of a framing around `text`.
type Wrap = fn(usize, &str) -> String;

fn second(number: usize) -> String {
    format!("{:02}:{:02}:{:02}", number / 360_000 % 24, number / 6000 % 60, number / 100 % 60)
}

const CASES: [(&str, &str, Wrap); 14] = [
    ("plain", "plain", |_, t| format!("{t}\n")),
    ("plain, CRLF", "plain", |_, t| format!("{t}\r\n")),
    ("plain, every line coloured", "plain", |_, t| format!("\x1b[32m{t}\x1b[0m\n")),
    ("github", "github", |n, t| format!("2026-01-02T{}.{:07}Z {t}\n", second(n), n % 100 * 100_000)),
    ("github, every line coloured", "github", |n, t| {
        format!("2026-01-02T{}.{:07}Z \x1b[36;1m{t}\x1b[0m\n", second(n), n % 100 * 100_000)
    }),
    ("gitlab-timed", "gitlab-timed", |n, t| format!("2026-01-02T{}.{:06}Z 01O {t}\n", second(n), n % 100 * 10_000)),
    ("gitlab", "gitlab", |_, t| format!("{t}\n")),
    ("jenkins", "jenkins", |n, t| format!("[2026-01-02T{}.{:03}Z] {t}\n", second(n), n % 1000)),
    ("buildkite", "buildkite", |n, t| format!("\x1b_bk;t={}\x07{t}\r\n", 1_767_323_045_000 + n)),
    ("docker", "docker", |n, t| {
        let t = t.replace('"', "\\\"");
        format!("{{\"log\":\"{t}\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-02T{}.{:09}Z\"}}\n", second(n), n)
    }),
    ("cri", "cri", |n, t| format!("2026-01-02T{}.{:09}Z stdout F {t}\n", second(n), 100_000_000 + n)),
    ("circleci", "circleci", |n, t| {
        format!("{{\"message\":\"{t}\\r\\n\",\"time\":\"2026-01-02T{}.000Z\",\"type\":\"out\"}},", second(n))
    }),
    ("buildkit", "buildkit", |n, t| format!("#{} {}.{:02} {t}\n", n / 1000 + 1, n / 1000, n % 100)),
    ("syslog", "syslog", |n, t| format!("Jan  2 {} host shop[17]: {t}\n", second(n))),
];

/// Seconds this process has run, as the kernel counts them.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

fn main() {
    let megabytes: usize = std::env::args().nth(1).map_or(200, |n| n.parse().expect("a number of megabytes"));
    for (title, name, wrap) in CASES {
        let mut input = Vec::with_capacity((megabytes << 20) + 1024);
        let mut number = 0;
        while input.len() < megabytes << 20 {
            input.extend_from_slice(wrap(number, LINES[number % LINES.len()]).as_bytes());
            number += 1;
        }
        let framing = Framing::named(name).expect("a framing");
        let mut best = f64::MAX;
        let mut clean = 0;
        for _ in 0..3 {
            let start = processor_seconds();
            let mut unframer = Unframer::new(&[framing], Limits::default());
            for chunk in input.chunks(1 << 20) {
                unframer.feed(chunk);
                unframer.take_marks();
                unframer.forget(unframer.clean().end().saturating_sub(8 << 10));
            }
            unframer.finish();
            clean = unframer.clean().end();
            best = best.min(processor_seconds() - start);
        }
        let rate = input.len() as f64 / best / 1e6;
        println!(
            "{title:30} {rate:7.0} MB/s  {number} lines, clean {:.0} %",
            clean as f64 * 100.0 / input.len() as f64
        );
    }
}
