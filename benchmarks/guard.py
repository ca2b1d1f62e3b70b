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
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def measure(words, env, expected):
    """Return seconds and peak memory in MB of one whole process."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, env=env, **SILENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in expected, (words, process.returncode)
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        allowed = copy_host("compliant-chatgpt", folder)
        denied = copy_host("api-key-under-chatgpt-only", folder)
        stored = denied / "home/dev/.codex/auth.json"
        kept = shutil.copy2(stored, Path(folder) / "kept.json")
        python = [sys.executable, "-I", "-S"]
        front = [*python, guard.__file__, "--client-version", "0.169.0", "--system-root"]
        homes = {host: host / "home/dev/.codex" for host in (allowed, denied)}
        rows = {
            "reference, allowed": [
                *python,
                ROOT / "benchmarks/reference.py",
                homes[allowed],
                allowed,
            ],
            "guard, allowed": [*front, allowed, "--codex-home", homes[allowed]],
            "reference, denied": [*python, ROOT / "benchmarks/reference.py", homes[denied], denied],
            "guard, denied": [*front, denied, "--codex-home", homes[denied]],
        }
        client = find_client()
        if client:
            rows["client's login status"] = [client, "login", "status"]
        found = {name: [] for name in rows}
        env = {"HOME": folder, "PATH": "/usr/bin:/bin", "CODEX_HOME": str(homes[allowed])}
        for _ in range(RUNS + 1):
            for name, words in rows.items():
                shutil.copy2(kept, stored)
                found[name].append(
                    measure(words, env, (10,) if name == "guard, denied" else (0, 1))
                )
    return report({name: runs[1:] for name, runs in found.items()})


def report(found):
    medians = {name: statistics.median(s for s, _ in runs) for name, runs in found.items()}
    peaks = {name: max(mb for _, mb in runs) for name, runs in found.items()}
    print(f"medians of {RUNS} interleaved runs\n{'':24}{'ms':>8}{'x reference':>13}{'peak MB':>9}")
    for name, median in medians.items():
        reference = medians["reference, denied" if "denied" in name else "reference, allowed"]
        print(f"{name:24}{median * 1000:8.1f}{median / reference:13.2f}{peaks[name]:9.1f}")
    over = [
        name
        for name in ("guard, allowed", "guard, denied")
        if medians[name] > BAR * medians[name.replace("guard", "reference")] or peaks[name] > BAR_MB
    ]
    print(
        f"bar: at most {BAR} x and {BAR_MB} MB: {'MISSED by ' + ', '.join(over) if over else 'held'}"
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
