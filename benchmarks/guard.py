"""The guard as a whole process against the reference script and the client's own status.

Runs are interleaved; medians of one run of this file are compared, so that a slow machine slows
both sides. Bars: at most 2.0 times the reference and 25 MB, allowed and denied.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "tests")]

from example_hosts import copy_host  # noqa: E402

from conformance.client import find_client  # noqa: E402
from tipstaff_policy import guard  # noqa: E402

RUNS = 40
BAR, BAR_MB = 2.0, 25.0
POLICY = """\
schema = 1
id = "bench"
version = "1"
login_methods = ["chatgpt"]
workspaces = [{ id = "ws-example", name = "Example" }]
stores = ["file", "keyring"]
environment_credentials = "forbid"
longest_age = "3650d"
warn_from = 2026-01-01
enforce_from = 2026-02-01
contact = "help desk"
"""
SUBJECTS = {
    "allowed": ("compliant-chatgpt", False, 0),
    "denied": ("api-key-under-chatgpt-only", False, 10),
    "policy, allowed": ("compliant-chatgpt", True, 0),
    "policy, denied": ("api-key-under-chatgpt-only", True, 10),
}
"""Each: an example host, whether with a policy document, and the guard's exit code."""
GUARDS = [f"guard, {subject}" for subject in SUBJECTS]
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def measure(words, env, expected):
    """Return seconds and peak memory in MB of one whole process."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, env=env, **SILENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in expected, (words, process.returncode)
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def host(name, folder, *, policy):
    """Return a copy of an example host, with a policy document of the organisation or without."""
    root = copy_host(name, Path(folder) / ("with" if policy else "without"))
    if policy:
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(POLICY, "utf-8")
    return root


def main():
    with tempfile.TemporaryDirectory() as folder:
        python = [sys.executable, "-I", "-S"]
        front = [*python, guard.__file__, "--client-version", "0.169.0", "--system-root"]
        rows, restored = {}, {}
        for name, (example, policy, _) in SUBJECTS.items():
            root = host(example, folder, policy=policy)
            home = root / "home/dev/.codex"
            kept = shutil.copy2(home / "auth.json", Path(folder) / f"{root.parent.name}-{example}")
            restored[kept] = home / "auth.json"
            rows[f"reference, {name}"] = [*python, ROOT / "benchmarks/reference.py", home, root]
            rows[f"guard, {name}"] = [*front, root, "--codex-home", home]
        client = find_client()
        if client:
            rows["client's login status"] = [client, "login", "status"]
        found = {name: [] for name in rows}
        env = {"HOME": folder, "PATH": "/usr/bin:/bin", "CODEX_HOME": str(home)}
        for _ in range(RUNS + 1):
            for name, words in rows.items():
                for kept, stored in restored.items():
                    shutil.copy2(kept, stored)
                found[name].append(measure(words, env, expected(name)))
    return report({name: runs[1:] for name, runs in found.items()})


def expected(name):
    kind, _, subject = name.partition(", ")
    return (SUBJECTS[subject][2],) if kind == "guard" else (0, 1)


def report(found):
    medians = {name: statistics.median(s for s, _ in runs) for name, runs in found.items()}
    peaks = {name: max(mb for _, mb in runs) for name, runs in found.items()}
    print(f"medians of {RUNS} interleaved runs\n{'':26}{'ms':>8}{'x reference':>13}{'peak MB':>9}")
    for name, median in medians.items():
        counterpart = name.replace("guard", "reference")
        reference = medians[counterpart if name in GUARDS else "reference, allowed"]
        print(f"{name:26}{median * 1000:8.1f}{median / reference:13.2f}{peaks[name]:9.1f}")
    over = [
        name
        for name in GUARDS
        if medians[name] > BAR * medians[name.replace("guard", "reference")] or peaks[name] > BAR_MB
    ]
    print(
        f"bar: at most {BAR} x and {BAR_MB} MB: {'MISSED by ' + ', '.join(over) if over else 'held'}"
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
