#!/usr/bin/env bash
# Whole-process comparison on input of your own: deadkey against ripgrep and Kingfisher, in turn, in one run.
#   benches/peers.sh DIR [RUNS]
# Needs rg; Kingfisher where `kingfisher` is on the path (`pip install kingfisher-bin`) or KINGFISHER names it.
# Prints medians of CPU and wall seconds and of peak memory, and the ratios; judges nothing.
set -euo pipefail
dir=${1:?"usage: benches/peers.sh DIR [RUNS]"}
runs=${2:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
deadkey=${DEADKEY:-$here/target/release/deadkey}
kingfisher=${KINGFISHER:-$(command -v kingfisher || true)}
[ -x "$deadkey" ] || { echo "no $deadkey: run cargo build --release, or set DEADKEY" >&2; exit 2; }

exec python3 - "$dir" "$runs" "$deadkey" "$kingfisher" <<'PY'
import os, resource, statistics, subprocess, sys, time

directory, runs, deadkey, kingfisher = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
commands = {
    "deadkey": [deadkey, "scan", "--no-history", "-q", "--format", "jsonl", directory],
    "deadkey, 1 thread": [deadkey, "scan", "--no-history", "-q", "--format", "jsonl", "--jobs", "1", directory],
    "rg": ["rg", "-uuu", "-c", "-i", "password|secret|token|api_key", directory],
}
if kingfisher:
    base = [kingfisher, "scan", "--no-validate", "--no-update-check", "-q", "--git-history", "none"]
    commands["kingfisher"] = base + [directory]
    commands["kingfisher, archives closed"] = base + ["--no-extract-archives", directory]

def once(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024

results = {name: [] for name in commands}
for command in commands.values():
    once(command)
for _ in range(runs):
    for name, command in commands.items():
        results[name].append(once(command))
load = open("/proc/loadavg").read().split()[0] if os.path.exists("/proc/loadavg") else "?"
print(f"{directory}: medians of {runs} runs in turn after a warm-up; load {load}")
print(f"{'command':<30} {'cpu s':>8} {'wall s':>8} {'peak MiB':>9} {'cpu/deadkey':>12} {'wall/deadkey':>13}")
median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
for name, (cpu, wall, peak) in median.items():
    own = median["deadkey"]
    print(f"{name:<30} {cpu:8.3f} {wall:8.3f} {peak:9.1f} {cpu / own[0]:12.2f} {wall / own[1]:13.2f}")
PY
