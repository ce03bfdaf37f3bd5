#!/usr/bin/env bash
# Whole histories, whole processes, in turn, in one run: deadkey against Kingfisher and against `git cat-file`, which only
# prints what the others scan.
#   benches/history.sh REPOSITORY [RUNS]
# Kingfisher where `kingfisher` is on the path (`pip install kingfisher-bin`) or KINGFISHER names it. Prints medians of CPU
# and wall seconds and of peak memory (resident; of it anonymous, where the system tells), and the ratios. Stops if two
# ways of deadkey find different things.
set -euo pipefail
repository=${1:?"usage: benches/history.sh REPOSITORY [RUNS]"}
runs=${2:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
deadkey=${DEADKEY:-$here/target/release/deadkey}
kingfisher=${KINGFISHER:-$(command -v kingfisher || true)}
[ -x "$deadkey" ] || { echo "no $deadkey: run cargo build --release, or set DEADKEY" >&2; exit 2; }

exec python3 - "$repository" "$runs" "$deadkey" "$kingfisher" <<'PY'
import hashlib, os, statistics, subprocess, sys, tempfile, threading, time

repository, runs, deadkey, kingfisher = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
git = ["git", "-C", repository]
ours = [deadkey, "git", "-q", "--format", "jsonl"]
state = os.path.join(tempfile.mkdtemp(), "state")
commands = {
    "deadkey": ours + [repository],
    "deadkey, 1 thread": ours + ["--jobs", "1", repository],
    "deadkey, every version whole": ours + ["--whole-objects", repository],
    "deadkey, 2nd run with --state": ours + ["--state", state, repository],
    "git cat-file": git + ["cat-file", "--batch-all-objects", "--unordered", "--batch", "--buffer"],
}
if kingfisher:
    commands["kingfisher"] = [kingfisher, "scan", "--no-validate", "--no-update-check", "-q", repository]

def anonymous(pid, most):
    while True:
        try:
            for line in open(f"/proc/{pid}/status"):
                if line.startswith("RssAnon:"):
                    most[0] = max(most[0], int(line.split()[1]) / 1024)
        except OSError:
            return
        time.sleep(0.005)

def once(command, output=subprocess.DEVNULL):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    most = [0.0]
    watch = threading.Thread(target=anonymous, args=(child.pid, most))
    watch.start()
    _, _, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    watch.join()
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, most[0]

found = {name: hashlib.sha256(subprocess.run(command, capture_output=True).stdout).hexdigest()
         for name, command in commands.items() if name.startswith("deadkey")}
if len(set(found.values())) != 1:
    sys.exit(f"the ways of deadkey find different things: {found}")
results = {name: [] for name in commands}
for _ in range(runs):
    for name, command in commands.items():
        results[name].append(once(command))
load = open("/proc/loadavg").read().split()[0] if os.path.exists("/proc/loadavg") else "?"
print(f"{repository}: medians of {runs} runs in turn; load {load}; all ways of deadkey find the same")
print(f"{'command':<30} {'cpu s':>8} {'wall s':>8} {'peak MiB':>9} {'anon MiB':>9} {'cpu/deadkey':>12} {'wall/deadkey':>13}")
median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
for name, (cpu, wall, peak, anon) in median.items():
    own = median["deadkey"]
    print(f"{name:<30} {cpu:8.2f} {wall:8.2f} {peak:9.1f} {anon:9.1f} {cpu / own[0]:12.2f} {wall / own[1]:13.2f}")
PY
