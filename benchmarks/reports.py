"""An audit as a whole process against the reference script, and every format by the report.

Runs are interleaved, as in guard.py. Bar: `tipstaff audit --format json` takes at most 6 times the
processor time of the reference. Formats have none; of ten times as many reports each takes about ten times
as long, or something is not linear.
"""

import sys
import tempfile
import time
from pathlib import Path

from guard import ROOT, host, measure, peak_mb

from support.records.saved_reports import example
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.report import Tool
from tipstaff_schemas.reports import MergedReports

RUNS, BAR = 15, 6.0
FEW, MANY = 20, 200
PROGRAM = Path(sys.executable).parent / "tipstaff"


def many(count):
    """Return a document of so many reports, each of a host of its own."""
    reports = [
        report.model_copy(
            update={"run": report.run.model_copy(update={"id": f"{number:032x}", "host": named})}
        )
        for number in range(count)
        for report in [example("wrong-workspace" if number % 3 else "compliant-chatgpt").reports[0]]
        for named in [report.run.host.model_copy(update={"name": f"host-{number}"})]
    ]
    return as_audit(MergedReports(tool=Tool(version="0"), reports=reports, missing=[]))


def seconds(form, document):
    render = load_format(form).render
    found = []
    for _ in range(3):
        begun = time.perf_counter()
        size = len(render(document).encode())
        found.append(time.perf_counter() - begun)
    return min(found), size


def formats():
    few, more = many(FEW), many(MANY)
    print(
        f"\n{'':12}{'ms a report':>12}{'kB a report':>12}{f'{MANY // FEW} times as many take':>26}"
    )
    for form in MODULES:
        (short, _), (long, size) = seconds(form, few), seconds(form, more)
        print(
            f"{form:12}{long * 1000 / MANY:12.2f}{size / 1000 / MANY:12.1f}{long / short:24.1f} x"
        )


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = host("compliant-chatgpt", folder, policy=True)
        home = root / "home/dev/.codex"
        audit = [
            PROGRAM,
            "audit",
            "--client",
            "codex",
            "--client-version",
            "0.169.0",
            "--system-root",
            root,
        ]
        rows = {
            "reference": [sys.executable, "-I", "-S", ROOT / "benchmarks/reference.py", home, root],
            "audit, json": [*audit, "--format", "json"],
            "audit, every format": [
                *audit,
                *(
                    word
                    for module in MODULES
                    for word in ("--report", f"{module}:{folder}/{module}")
                ),
            ],
        }
        found = {name: [] for name in rows}
        env = {"HOME": folder, "PATH": "/usr/bin:/bin"}
        for _ in range(RUNS + 1):
            for name, words in rows.items():
                found[name].append(measure(words, env, (0, 1)))
        peaks = {name: peak_mb(words, env) for name, words in rows.items()}
    least = {name: min(s for _, s in runs[1:]) for name, runs in found.items()}
    print(
        f"{RUNS} interleaved runs\n{'':22}{'least processor ms':>20}{'x reference':>13}{'peak MB':>9}"
    )
    for name, value in least.items():
        ratio = value / least["reference"]
        print(f"{name:22}{value * 1000:20.1f}{ratio:13.2f}{peaks[name]:9.1f}")
    held = least["audit, json"] <= BAR * least["reference"]
    print(f"bar: audit, json at most {BAR} x: {'held' if held else 'MISSED'}")
    formats()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
