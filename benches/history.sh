#!/usr/bin/env bash
# Whole histories, whole processes, in turn, in one run: deadkey against Kingfisher and against `git cat-file`, which only
# prints what the others scan.
#   benches/history.sh REPOSITORY [RUNS]
# Also how long a second run with `--state` takes, with nothing new, and after 100 new commits. The last 100 commits that HEAD leads to
# are cut off a bare copy, which is scanned, and fetched: a copy of everything ("clone": all refs but those to which one of the 100 leads;
# what the repository itself lacks is lacking there, too), and one of what HEAD leads to alone ("branch"; not where the
# repository is a partial clone that git cannot fetch from).
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

def asked(*arguments):
    return subprocess.check_output(git + list(arguments), text=True).splitlines()

def fetched(target, commit):
    """Fetches a commit, and what it leads to, into a bare repository."""
    upload = "git -c uploadpack.allowAnySHA1InWant=true upload-pack"
    fetch = ["git", "-C", target, "-c", "gc.auto=0", "-c", "protocol.file.allow=always", "fetch", "-q", "--upload-pack", upload]
    subprocess.run(fetch + [os.path.abspath(repository), commit + ":refs/heads/copy"], check=True, capture_output=True)

def refs_without(old):
    """Refs to which no commit leads that HEAD has and an older one has not; as lines of an id and a name."""
    new = set(asked("rev-list", f"{old}..HEAD"))
    for line in asked("rev-list", "--all", "--topo-order", "--reverse", "--parents"):
        commit, *parents = line.split()
        if not new.isdisjoint(parents):
            new.add(commit)
    refs = (line.split() for line in asked("for-each-ref", "--format=%(objectname) %(refname) %(*objectname)"))
    return [ref[:2] for ref in refs if ref[-1 if len(ref) > 2 else 0] not in new]

def cloned(target, old):
    """Copies everything but what came after an old commit into a bare repository."""
    refs = refs_without(old) + [[old, "refs/heads/copy"]]
    pack = ["pack-objects", "-q", "--revs", "--missing=allow-any", "--delta-base-offset", "--stdout"]
    with tempfile.TemporaryFile(dir=scratch.name) as packed:
        ids = "".join(oid + "\n" for oid, _ in refs).encode()
        subprocess.run(git + pack, input=ids, stdout=packed, stderr=subprocess.PIPE, check=True)
        packed.seek(0)
        subprocess.run(["git", "-C", target, "index-pack", "--stdin"], stdin=packed, check=True, capture_output=True)
    lines = "".join(f"create {name} {oid}\n" for oid, name in refs).encode()
    subprocess.run(["git", "-C", target, "update-ref", "--stdin"], input=lines, check=True, capture_output=True)
    subprocess.run(["git", "-C", target, "pack-refs", "--all"], check=True, capture_output=True)

def after_commits(number, name, copied):
    """A copy without the last commits, scanned with `--state` and then given them; and that state."""
    target, before = os.path.join(scratch.name, name), os.path.join(scratch.name, name + ".state")
    subprocess.run(["git", "init", "-q", "--bare", target], check=True)
    try:
        copied(target, asked("rev-list", "-1", f"--skip={number}", "HEAD")[0])
        subprocess.run(["git", "-C", target, "symbolic-ref", "HEAD", "refs/heads/copy"], check=True)
        subprocess.run(ours + ["--state", before, target], capture_output=True)
        fetched(target, asked("rev-list", "-1", "HEAD")[0])
    except subprocess.CalledProcessError as error:
        print(f"no {name} for {number} new commits: {error.stderr}", file=sys.stderr)
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
states = {}
for name, copied in (("clone", cloned), ("branch", fetched)):
    grown = after_commits(100, name, copied)
    if not grown:
        continue
    target, before = grown
    full, more = f"{name}, copied", f"{name}, 100 commits after --state"
    states[more] = before
    shutil.copy(before, before + ".now")
    commands |= {full: ours + [target], more: ours + ["--state", before + ".now", target]}
    results |= {full: [], more: []}
    if subprocess.run(commands[full], capture_output=True).stdout != subprocess.run(commands[more], capture_output=True).stdout:
        sys.exit(f"100 commits after --state something else is found in the {name} than in a full scan")
def each(run):
    for name, command in commands.items():
        if name in states:
            shutil.copy(states[name], states[name] + ".now")
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
for more in states:
    full, again = median[more.split(",")[0] + ", copied"], median[more]
    print(f"{more}: {full[0] / again[0]:.1f} times faster than in full by CPU time, {full[1] / again[1]:.1f} by the wall")
PY
