#!/usr/bin/env bash
# Whole-process comparison on input of your own: deadkey against ripgrep and every other scanner that is there, in turn, in one run.
#   benches/peers.sh DIR [RUNS]
# Needs rg. The others are measured where they are on the path, or where a variable names them: KINGFISHER (`pip install kingfisher-bin`),
# GITLEAKS, BETTERLEAKS, TRUFFLEHOG. None of them may ask a provider. What takes more than 10 s is run once and not RUNS times.
# Prints medians of CPU and wall seconds and of peak memory, the ratios, and how many findings each reports, so that one that fails at
# once is not taken for quick; judges nothing.
set -euo pipefail
dir=${1:?"usage: benches/peers.sh DIR [RUNS]"}
runs=${2:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
export DEADKEY=${DEADKEY:-$here/target/release/deadkey}
[ -x "$DEADKEY" ] || { echo "no $DEADKEY: run cargo build --release, or set DEADKEY" >&2; exit 2; }
for name in kingfisher gitleaks betterleaks trufflehog; do
  variable=${name^^}
  export "$variable=${!variable:-$(command -v "$name" || true)}"
done

exec python3 - "$dir" "$runs" <<'PY'
import json, os, statistics, subprocess, sys, tempfile, time

SLOW = 10  # seconds
directory, runs = sys.argv[1], int(sys.argv[2])
program = {name: os.environ.get(name.upper()) for name in ("deadkey", "kingfisher", "gitleaks", "betterleaks", "trufflehog")}

def lines(text):
    return sum(1 for line in text.splitlines() if line.startswith(b"{"))

def array(text):
    return len(json.loads(text))

# What is run, the exit codes that are no failure, and how findings are counted in what it prints.
ours = [program["deadkey"], "scan", "--no-history", "-q", "--format", "jsonl"]
commands = {
    "deadkey": (ours + [directory], (0, 1, 3), lines),
    "deadkey, 1 thread": (ours + ["--jobs", "1", directory], (0, 1, 3), lines),
    "rg": (["rg", "-uuu", "-c", "-i", "password|secret|token|api_key", directory], (0, 1), None),
}
if program["kingfisher"]:
    base = [program["kingfisher"], "scan", "--no-validate", "--no-update-check", "-q", "--git-history", "none", "--format", "jsonl"]
    of = lambda text: sum(b'"rule"' in line for line in text.splitlines())
    commands["kingfisher"] = (base + [directory], (0, 200), of)
    commands["kingfisher, archives closed"] = (base + ["--no-extract-archives", directory], (0, 200), of)
for name in ("gitleaks", "betterleaks"):
    if program[name]:
        command = [program[name], "dir", "--no-banner", "-l", "error", "-f", "json", "-r", "-", directory]
        commands[name] = (command, (0, 1), array)
if program["trufflehog"]:
    command = [program["trufflehog"], "filesystem", "--no-verification", "--no-update", "--json", "--log-level=-1", directory]
    commands["trufflehog"] = (command, (0,), lines)

def once(name, command, fine, output):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in fine:
        sys.exit(f"{name} ended with {code}: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024

results, found = {}, {}
for name, (command, fine, count) in commands.items():
    with tempfile.TemporaryFile() as output:
        results[name] = [once(name, command, fine, output)]
        output.seek(0)
        found[name] = count(output.read()) if count else "-"
# The first run warmed up; of those that take long it counts.
quick = [name for name, rows in results.items() if rows[0][1] <= SLOW]
for name in quick:
    results[name] = []
for _ in range(runs):
    for name in quick:
        command, fine, _ = commands[name]
        results[name].append(once(name, command, fine, subprocess.DEVNULL))
load = open("/proc/loadavg").read().split()[0] if os.path.exists("/proc/loadavg") else "?"
print(f"{directory}: medians of runs in turn after a warm-up; load {load} at the end")
print(f"{'command':<30} {'runs':>4} {'cpu s':>8} {'wall s':>8} {'peak MiB':>9} {'cpu/deadkey':>12} {'wall/deadkey':>13} {'findings':>9}")
median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
for name, (cpu, wall, peak) in median.items():
    own = median["deadkey"]
    print(f"{name:<30} {len(results[name]):4} {cpu:8.3f} {wall:8.3f} {peak:9.1f} {cpu / own[0]:12.2f} {wall / own[1]:13.2f} {found[name]:>9}")
PY
