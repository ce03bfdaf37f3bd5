#!/usr/bin/env bash
# Whole histories, whole processes, in turn, in one run: deadkey against Kingfisher and against `git cat-file`, which only
# prints what the others scan.
#   benches/history.sh REPOSITORY [RUNS]
# Also how long a second run with `--state` takes, with nothing new, and after the last 100 commits: these are cut off a bare
# copy of the current branch, which is scanned, and fetched (not where the repository is a partial clone that git cannot copy).
# Kingfisher where `kingfisher` is on the path (`pip install kingfisher-bin`) or KINGFISHER names it. Prints medians of CPU
# and wall seconds and of peak memory (resident), anonymous memory of one more run (where the system tells), and the ratios. Stops if two
# ways of deadkey find different things. Where the system soon drops cached files from memory, what a run reads from the disk counts
# as its time: keep the repository in memory then (/dev/shm, and TMPDIR there, too).
set -euo pipefail
repository=${1:?"usage: benches/history.sh REPOSITORY [RUNS]"}
runs=${2:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
deadkey=${DEADKEY:-$here/target/release/deadkey}
kingfisher=${KINGFISHER:-$(command -v kingfisher || true)}
[ -x "$deadkey" ] || { echo "no $deadkey: run cargo build --release, or set DEADKEY" >&2; exit 2; }

exec python3 - "$repository" "$runs" "$deadkey" "$kingfisher" <<'PY'
import hashlib, os, shutil, statistics, subprocess, sys, tempfile, threading, time

repository, runs, deadkey, kingfisher = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
git = ["git", "-C", repository]
ours = [deadkey, "git", "-q", "--format", "jsonl"]
scratch = tempfile.TemporaryDirectory()
state = os.path.join(scratch.name, "state")
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

def copied(target, commit):
    """Fetches a commit, and what it leads to, into a bare repository."""
    upload = "git -c uploadpack.allowAnySHA1InWant=true upload-pack"
    fetch = ["git", "-C", target, "-c", "gc.auto=0", "-c", "protocol.file.allow=always", "fetch", "-q", "--upload-pack", upload]
    subprocess.run(fetch + [os.path.abspath(repository), commit + ":refs/heads/copy"], check=True, capture_output=True)

def after_commits(number):
    """A copy, a state of it before its last commits, and a command that scans it with a fresh copy of that state."""
    target, before = (os.path.join(scratch.name, name) for name in ("copy", "state.before"))
    subprocess.run(["git", "init", "-q", "--bare", target], check=True)
    revision = lambda *arguments: subprocess.check_output(git + ["rev-list", "-1", *arguments, "HEAD"], text=True).strip()
    try:
        copied(target, revision(f"--skip={number}"))
        subprocess.run(["git", "-C", target, "symbolic-ref", "HEAD", "refs/heads/copy"], check=True)
        subprocess.run(ours + ["--state", before, target], capture_output=True)
        copied(target, revision())
    except subprocess.CalledProcessError as error:
        print(f"no copy for {number} new commits: {error.stderr}", file=sys.stderr)
        return None
    return target, before

def once(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024

def watched(command):
    """Most anonymous memory, in a run of its own: to look every 5 ms takes time from who runs on all cores."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = [0.0]
    watch = threading.Thread(target=anonymous, args=(child.pid, most))
    watch.start()
    child.wait()
    watch.join()
    return most[0]

found = {name: hashlib.sha256(subprocess.run(command, capture_output=True).stdout).hexdigest()
         for name, command in commands.items() if name.startswith("deadkey")}
if len(set(found.values())) != 1:
    sys.exit(f"the ways of deadkey find different things: {found}")
results = {name: [] for name in commands}
grown = after_commits(100)
if grown:
    target, before = grown
    now = before + ".now"
    full, more = "copy of the branch", "copy, 100 commits after --state"
    commands |= {full: ours + [target], more: ours + ["--state", now, target]}
    results |= {full: [], more: []}
    shutil.copy(before, now)
    if subprocess.run(commands[full], capture_output=True).stdout != subprocess.run(commands[more], capture_output=True).stdout:
        sys.exit("100 commits after --state something else is found than in a full scan")
def each(run):
    for name, command in commands.items():
        if grown:
            shutil.copy(before, now)
        yield name, run(command)

anonymous_of = dict(each(watched))
for _ in range(runs):
    for name, row in each(once):
        results[name].append(row)
load = open("/proc/loadavg").read().split()[0] if os.path.exists("/proc/loadavg") else "?"
print(f"{repository}: medians of {runs} runs in turn; load {load}; all ways of deadkey find the same")
print(f"{'command':<32} {'cpu s':>8} {'wall s':>8} {'peak MiB':>9} {'anon MiB':>9} {'cpu/deadkey':>12} {'wall/deadkey':>13}")
median = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
for name, (cpu, wall, peak) in median.items():
    own = median["deadkey"]
    print(f"{name:<32} {cpu:8.3f} {wall:8.3f} {peak:9.1f} {anonymous_of[name]:9.1f} {cpu / own[0]:12.3f} {wall / own[1]:13.3f}")
PY
