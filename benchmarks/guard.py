"""The guard as a whole process against the reference script and the client's own status.

Runs are interleaved, and only ratios of one run of this file count, so that a slow machine slows
both sides. The bars hold for the least processor time, which others on the machine change least.
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
BAR_MB = 18.0
PEAK = """
import os, sys
nothing = os.open(os.devnull, os.O_RDWR)
streams = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in (1, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=streams)
print(os.wait4(child, 0)[2].ru_maxrss)
"""
"""A process starts with the peak of the one that starts it; so a small one must."""
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
    "allowed": ("compliant-chatgpt", False, 0, 1.15),
    "denied": ("api-key-under-chatgpt-only", False, 10, 1.3),
    "policy, allowed": ("compliant-chatgpt", True, 0, 1.3),
    "policy, denied": ("api-key-under-chatgpt-only", True, 10, 1.4),
}
"""Each: an example host, whether with a policy document, the guard's exit code, and the bar."""
GUARDS = [f"guard, {subject}" for subject in SUBJECTS]
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def measure(words, env, expected):
    """Return seconds and seconds of the processor of one whole process."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, env=env, **SILENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in expected, (words, process.returncode)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def peak_mb(words, env):
    """Return the peak memory of one whole process."""
    small = [sys.executable, "-I", "-S", "-c", PEAK, *map(str, words)]
    return int(subprocess.run(small, env=env, capture_output=True, check=True).stdout) / 1024


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
        front = [
            *python,
            guard.__file__,
            "--client",
            "codex",
            "--client-version",
            "0.169.0",
            "--system-root",
        ]
        rows, restored = {}, {}
        for name, (example, policy, *_) in SUBJECTS.items():
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
                restore(restored)
                found[name].append(measure(words, env, find_expected(name)))
        peaks = {}
        for name, words in rows.items():
            restore(restored)
            peaks[name] = peak_mb(words, env)
    return report({name: runs[1:] for name, runs in found.items()}, peaks)


def restore(credentials):
    for kept, stored in credentials.items():
        shutil.copy2(kept, stored)


def find_expected(name):
    kind, _, subject = name.partition(", ")
    return (SUBJECTS[subject][2],) if kind == "guard" else (0, 1)


def report(found, peaks):
    medians = {name: statistics.median(s for s, _ in runs) for name, runs in found.items()}
    least = {name: min(s for _, s in runs) for name, runs in found.items()}
    print(
        f"{RUNS} interleaved runs; x reference\n{'':26}{'median ms':>10}{'x':>6}{'least processor ms':>20}{'x':>6}{'bar':>6}{'peak MB':>9}"
    )
    missed = []
    for name in found:
        reference = name.replace("guard", "reference") if name in GUARDS else "reference, allowed"
        ratio = least[name] / least[reference]
        bar = SUBJECTS[name.partition(", ")[2]][3] if name in GUARDS else None
        print(
            f"{name:26}{medians[name] * 1000:10.1f}{medians[name] / medians[reference]:6.2f}"
            f"{least[name] * 1000:20.1f}{ratio:6.2f}{bar or '':>6}{peaks[name]:9.1f}"
        )
        missed += [name] if bar and (ratio > bar or peaks[name] > BAR_MB) else []
    print(f"bars, and {BAR_MB:g} MB: {'MISSED by ' + ', '.join(missed) if missed else 'held'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
