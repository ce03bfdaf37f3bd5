#!/usr/bin/env bash
# Logs through a pipe: throughput and peak memory of `deadkey log -`, against `cat`, and against Kingfisher on a file of the same
# content, in one run.
#   benches/logs.sh [GIGABYTES] [RUNS]     default 0.2 3
# The log is a step of GitHub Actions: 16 MiB of realistic lines with 16 secrets, over and over. What is found is counted.
# Kingfisher reads 200 MB where `kingfisher` is on the path (`pip install kingfisher-bin`) or KINGFISHER names it.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
deadkey=${DEADKEY:-$here/target/release/deadkey}
kingfisher=${KINGFISHER:-$(command -v kingfisher || true)}
[ -x "$deadkey" ] || { echo "no $deadkey: run cargo build --release, or set DEADKEY" >&2; exit 2; }

exec python3 - "${1:-0.2}" "${2:-3}" "$deadkey" "$kingfisher" <<'PY'
import os, random, statistics, string, subprocess, sys, tempfile, threading, time, zlib

size, runs, deadkey, kingfisher = int(float(sys.argv[1]) * 1e9), int(sys.argv[2]), sys.argv[3], sys.argv[4]
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
rng = random.Random(1)

def token():
    body = "".join(rng.choice(BASE62) for _ in range(30))
    check, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        check, digits = check // 62, BASE62[check % 62] + digits
    return "gh" + "p_" + body + digits

def digest():
    return "%064x" % rng.getrandbits(256)

LINES = [
    lambda: "##[group]Run make step-%d" % rng.randrange(99),
    lambda: "##[endgroup]",
    lambda: "   Compiling crate-%d v1.%d.0 (/home/runner/work/shop)" % (rng.randrange(999), rng.randrange(99)),
    lambda: "npm http fetch GET 200 https://registry.npmjs.org/package-%d %dms (cache miss)" % (rng.randrange(999), rng.randrange(999)),
    lambda: "\x1b[32mPASS\x1b[0m src/module%d.test.ts (%d.%d s)" % (rng.randrange(999), rng.randrange(9), rng.randrange(999)),
    lambda: "#12 sha256:%s 2.10MB / 29.13MB 0.3s" % digest(),
    lambda: "Digest: sha256:%s" % digest(),
    lambda: "remote: Counting objects:  %d%% (%d/2048)" % (rng.randrange(100), rng.randrange(2048)),
    lambda: "commit %s merged" % digest()[:40],
    lambda: "    env: CI=true NODE_ENV=test DB_PASSWORD=***",
    lambda: "warning: unused variable `x%d` at src/lib.rs:%d:%d" % (rng.randrange(99), rng.randrange(999), rng.randrange(80)),
]

def block(bytes_, secrets):
    """Lines of so many bytes, cut at a line end, with so many secrets evenly among them."""
    lines, length, planted = [], 0, 0
    while length < bytes_:
        text = rng.choice(LINES)()
        if planted < secrets and length >= planted * bytes_ // secrets:
            text, planted = "pushing with %s to the registry" % token(), planted + 1
        lines.append("2026-01-02T03:04:%02d.%07dZ %s\n" % (rng.randrange(60), rng.randrange(10**7), text))
        length += len(lines[-1])
    return "".join(lines).encode()

HEAD = b"2026-01-02T03:04:05.0100000Z Current runner version: '2.330.0'\n"
BLOCK = block(16 << 20, 16)
COUNT = max(1, size // len(BLOCK))
TOTAL = len(HEAD) + COUNT * len(BLOCK)

def peak(child):
    """MiB that a running process has had resident at most; what `wait4` tells has the memory of this script in it."""
    try:
        with open(f"/proc/{child.pid}/status") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0

def fed(command):
    """CPU and wall seconds, peak MiB, and what a command printed that reads the log from a pipe."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    printed = [0]
    def count():
        for part in iter(lambda: child.stdout.read(1 << 20), b""):
            printed[0] += part.count(b"\n")
    reader = threading.Thread(target=count)
    reader.start()
    child.stdin.write(HEAD)
    for _ in range(COUNT):
        child.stdin.write(BLOCK)
    most = peak(child)
    child.stdin.close()
    reader.join()
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, most, printed[0]

def on_file(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while True:
        most = max(most, peak(child))
        pid, _, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, most, 0
        time.sleep(0.01)

def tell(name, bytes_, rows):
    cpu, wall, peak = (statistics.median(row[i] for row in rows) for i in range(3))
    print(f"{name:<34} {bytes_ / 1e6:9.0f} {cpu:8.2f} {wall:8.2f} {bytes_ / 1e6 / cpu:9.0f} {bytes_ / 1e6 / wall:9.0f} {peak:9.1f}")

print("load %s, medians of %d" % (open("/proc/loadavg").read().split()[0], runs))
print(f"{'command':<34} {'MB':>9} {'cpu s':>8} {'wall s':>8} {'MB/cpu s':>9} {'MB/s':>9} {'peak MiB':>9}")
tell("cat >/dev/null", TOTAL, [fed(["sh", "-c", "cat >/dev/null"]) for _ in range(runs)])
log = [deadkey, "log", "-", "--format", "jsonl", "-q"]
for name, more in [("deadkey log -", []), ("deadkey log - --jobs 1", ["--jobs", "1"])]:
    rows = [fed(log + more) for _ in range(runs)]
    tell(name, TOTAL, rows)
    ought = 16 * COUNT
    told = {row[3] for row in rows}
    print(f"  lines told: {sorted(told)}, planted {ought}")
if kingfisher:
    with tempfile.TemporaryDirectory() as folder:
        repeats = max(1, int(200e6) // len(BLOCK))
        with open(folder + "/job.log", "wb") as out:
            out.write(HEAD)
            for _ in range(repeats):
                out.write(BLOCK)
        bytes_ = len(HEAD) + repeats * len(BLOCK)
        base = [kingfisher, "scan", "--no-validate", "--no-update-check", "-q", "--git-history", "none", folder]
        tell("kingfisher scan, a file", bytes_, [on_file(base) for _ in range(runs)])
        tell("deadkey log, the same file", bytes_, [on_file([deadkey, "log", folder, "--format", "jsonl", "-q"]) for _ in range(runs)])
PY
