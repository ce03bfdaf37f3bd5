"""Validates SARIF logs by schema and by Microsoft's multitool, and shows that both see planted faults.

    sarif_check.py MULTITOOL FOLDER

The multitool ends with 0 whatever it finds, so its log is read: no error may be in it, no warning but those named below, and all files
must be.
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

SCHEMA = "fixtures/sarif/sarif-schema-2.1.0.json"
# The project has no address yet (SARIF2005); repositories elsewhere are not mapped to a folder of the scan (SARIF2007).
ACCEPTED = {"SARIF2005", "SARIF2007"}
LEAST = 300


def by_schema(logs):
    """The faults by file name."""
    validator = jsonschema.Draft202012Validator(json.loads(pathlib.Path(SCHEMA).read_text()))
    faults = {}
    for name, text in logs.items():
        errors = [f"{list(error.absolute_path)}: {error.validator}" for error in validator.iter_errors(json.loads(text))]
        if errors:
            faults[name] = errors
    return faults


def by_multitool(multitool, logs):
    """The rules broken by file name, errors and warnings that are not accepted."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, text in logs.items():
            (folder / name).write_text(text)
        out = folder / "out.json"
        command = [multitool, "validate", str(folder / "*.sarif"), "--rule-kind", "Sarif;Ghas"]
        command += ["--level", "Error;Warning;Note", "--output", str(out), "--log", "ForceOverwrite"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False).stdout
        if f"{len(logs)} files scanned" not in said and f"{len(logs)} file scanned" not in said:
            sys.exit(f"the multitool has not looked at all {len(logs)} files:\n{said[-2000:]}")
        report = json.loads(out.read_text(encoding="utf-8-sig"))
    faults, seen = {}, set()
    for run in report["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        for result in run.get("results", []):
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            name = pathlib.PurePosixPath(uri).name
            rule = result.get("ruleId") or rules[result["ruleIndex"]]["id"]
            seen.add(name)
            level = result.get("level", "warning")
            if level == "error" or level == "warning" and rule.split("/")[0] not in ACCEPTED:
                faults.setdefault(name, []).append(rule)
    # Each of our logs has at least the remarks that are accepted: one without any was not read.
    missing = set(logs) - seen
    if missing:
        sys.exit(f"the multitool says nothing at all of {sorted(missing)[:5]}")
    return faults


def first_result(log):
    return next(result for run in log["runs"] for result in run["results"])


def region(log):
    return first_result(log)["locations"][0]["physicalLocation"]["region"]


def planted(good):
    """Faults by name: which validator must see each, and the log."""

    def change(edit):
        log = copy.deepcopy(good)
        edit(log)
        return json.dumps(log)

    edits = {
        "level": ("schema", lambda log: first_result(log).update(level="fatal")),
        "message": ("schema", lambda log: first_result(log).pop("message")),
        "unknown": ("schema", lambda log: first_result(log).update(surprise=1)),
        "line-zero": ("schema", lambda log: region(log).update(startLine=0)),
        "rule-index": ("multitool", lambda log: first_result(log).update(ruleIndex=7777)),
        "end-before-start": ("multitool", lambda log: region(log).update(startColumn=9, endColumn=2)),
        "no-help": ("multitool", lambda log: log["runs"][0]["tool"]["driver"]["rules"][0].pop("help")),
        "no-location": ("multitool", lambda log: first_result(log).pop("locations")),
        "no-description": ("multitool", lambda log: log["runs"][0]["tool"]["driver"]["rules"][0].pop("fullDescription")),
    }
    return {f"{name}.sarif": (who, change(edit)) for name, (who, edit) in edits.items()}


def main():
    multitool, folder = sys.argv[1:]
    logs = {path.name: path.read_text() for path in sorted(pathlib.Path(folder).glob("*.sarif"))}
    if len(logs) < LEAST:
        sys.exit(f"the matrix has {len(logs)} logs where at least {LEAST} are expected")
    good = json.loads(logs["program-scan-github.sarif"])
    cases = planted(good)
    # Among many files it may stop at one that breaks the schema, and say nothing of the others: so one fault is planted among them, too.
    canary = "zz-canary.sarif"
    told = by_multitool(multitool, {**logs, canary: cases["no-help.sarif"][1]})
    wrong = told.pop(canary, None) is None
    if wrong:
        print("the multitool does not see a fault among all logs")
    for who, faults in (("schema", by_schema(logs)), ("multitool", told)):
        for name, all_of in faults.items():
            wrong = True
            print(f"{who}: {name}: {', '.join(sorted(set(all_of)))}")
        print(f"{who}: {len(logs) - len(faults)} of {len(logs)} logs are valid")
    for name, (who, text) in cases.items():
        alone = {name: text}
        seen = by_schema(alone) if who == "schema" else by_multitool(multitool, alone)
        if name not in seen:
            wrong = True
            print(f"{who} does not see the planted fault {name}")
    if not wrong:
        print(f"planted faults: {len(cases)}, each seen by the validator that must see it")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
