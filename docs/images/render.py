#!/usr/bin/env python3
"""Pictures of the text report: makes a small repository with synthetic credentials, scans it with the given binary at 80 and
140 columns, and lets headless Chromium draw what a terminal would show.

    docs/images/render.py target/release/deadkey docs/images
"""
import html, os, random, re, subprocess, sys, tempfile, zlib

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
THEMES = {
    "dark": dict(back="#1e1e1e", fore="#d4d4d4", red="#f14c4c", green="#23d18b", yellow="#e5e510", cyan="#29b8db"),
    "light": dict(back="#ffffff", fore="#333333", red="#cd3131", green="#107c10", yellow="#949800", cyan="#0598bc"),
}
COLOURS = {"31": "red", "32": "green", "33": "yellow", "36": "cyan"}


def github(rng):
    body = "".join(rng.choice(BASE62) for _ in range(30))
    check, digits = zlib.crc32(body.encode()), ""
    while len(digits) < 6:
        check, digit = divmod(check, 62)
        digits = BASE62[digit] + digits
    return "gh" + "p_" + body + digits


def repository(folder):
    rng = random.Random(7)
    alphabet = BASE62
    text = lambda n: "".join(rng.choice(alphabet) for _ in range(n))

    def git(*arguments, day):
        when = f"2026-{day}T09:30:00+0100"
        who = {f"GIT_{r}_{k}": v for r in ("AUTHOR", "COMMITTER") for k, v in
               (("NAME", "Jane Doe"), ("EMAIL", "jane@example.invalid"), ("DATE", when))}
        subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **who})

    def write(name, content):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write(content)

    token = github(rng)
    git("init", "-q", "--initial-branch=main", day="03-02")
    write("deploy/prod.env", f"# production\nREGION=eu-central-1\nGITHUB_TOKEN={token}\n")
    write("src/mail.py", f"import smtplib\n\n\ndef send(message):\n    smtp_password = \"{text(18)}7x\"\n    return message\n")
    git("add", ".", day="03-02")
    git("commit", "-qm", "deploy: environment of production", day="03-02")
    write("ci/release.sh", f"#!/bin/sh\ncurl -H 'Authorization: token {token}' https://api.github.com/user\n")
    git("add", ".", day="04-11")
    git("commit", "-qm", "ci: release by script", day="04-11")
    stripe = "sk" + "_live_" + text(24)
    write("billing/config.yaml", f"currency: eur\nstripe_key: {stripe}\n")
    git("add", ".", day="05-06")
    git("commit", "-qm", "billing", day="05-06")
    write("billing/config.yaml", "currency: eur\n")
    git("add", ".", day="06-20")
    git("commit", "-qm", "billing: key from the vault", day="06-20")


def page(ansi, theme):
    t = THEMES[theme]
    body, open_spans = "", 0
    for piece in re.split(r"(\x1b\[[0-9;]*m)", ansi):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if not code:
            body += html.escape(piece)
            continue
        for one in code[1].split(";"):
            if one in ("", "0"):
                body += "</span>" * open_spans
                open_spans = 0
                continue
            style = {"1": "font-weight:bold", "2": "opacity:.6", "4": "text-decoration:underline"}.get(one)
            style = style or (f"color:{t[COLOURS[one]]}" if one in COLOURS else "")
            body += f'<span style="{style}">'
            open_spans += 1
    body += "</span>" * open_spans
    return (f'<meta charset="utf-8"><body style="margin:0;background:{t["back"]};color:{t["fore"]}">'
            f'<pre style="margin:12px;font:13px/17px \'DejaVu Sans Mono\',monospace">{body}</pre>')


def main():
    program, out = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        repo = os.path.join(folder, "shop")
        os.mkdir(repo)
        repository(repo)
        for columns in (80, 140):
            run = subprocess.run([program, "scan", ".", "--color", "always"], cwd=repo, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env={"PATH": os.environ["PATH"], "COLUMNS": str(columns)})
            ansi = f"\x1b[2m$\x1b[0m deadkey scan .\n{run.stdout}"
            # A terminal breaks what is longer than it is wide.
            lines = ansi.splitlines()
            for theme in THEMES:
                source = os.path.join(folder, "page.html")
                open(source, "w").write(page(ansi, theme))
                width, height = 24 + int(columns * 7.83) + 1, 24 + 17 * (len(lines) + 1)
                picture = os.path.join(out, f"report-{columns}-{theme}.png")
                subprocess.run(["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                                f"--window-size={width},{height}", f"--screenshot={picture}", f"file://{source}"],
                               check=True, stderr=subprocess.DEVNULL)


main()
