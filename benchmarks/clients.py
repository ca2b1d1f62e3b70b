"""A second client next to the first: its guard against the first's, and an audit of both.

Runs are interleaved, as in guard.py. Bars: the guard of Claude Code takes at most 1.3 times the
processor time of the guard of Codex on a host with as many files; an audit of both clients at most
1.6 times that of one.
"""

import sys
import tempfile
from pathlib import Path

from guard import ROOT, measure

sys.path.insert(0, str(ROOT / "examples"))

from example_hosts import copy_host, options_of

from tipstaff_policy import guard

RUNS = 30
GUARD_BAR, AUDIT_BAR = 1.3, 1.6
GUARD = [sys.executable, "-I", "-S", guard.__file__]
AUDIT = [Path(sys.executable).parent / "tipstaff", "audit", "--format", "json"]
HOSTS = ("compliant-chatgpt", "claude-compliant", "both-clients")


def rows_in(folder):
    """Return each command line, and its exit code; the guards' hosts have three files each."""
    codex, claude, both = (copy_host(name, folder) for name in HOSTS)
    first, second = (options_of(name) for name in HOSTS[:2])
    return {
        "guard of codex": ([*GUARD, *first, "--system-root", codex], 0),
        "guard of claude": ([*GUARD, *second, "--system-root", claude], 0),
        "audit of codex": ([*AUDIT, "--client", "codex", "--system-root", both], 0),
        "audit of both": ([*AUDIT, "--system-root", both], 1),
    }


def main():
    """Measure, print the two ratios, and return 1 where a bar is missed."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"HOME": folder, "PATH": "/usr/bin:/bin"}
        rows = rows_in(folder)
        found = {name: [] for name in rows}
        for _ in range(RUNS):
            for name, (words, code) in rows.items():
                found[name].append(measure(words, env, (code,))[1])
    least = {name: min(times) for name, times in found.items()}
    for name, seconds in least.items():
        print(f"{name:18}{seconds * 1000:8.1f} ms of the processor, the least of {RUNS} runs")
    ratios = (
        ("guard of claude", "guard of codex", GUARD_BAR),
        ("audit of both", "audit of codex", AUDIT_BAR),
    )
    missed = []
    for name, base, bar in ratios:
        ratio = least[name] / least[base]
        print(f"{name} / {base}: {ratio:.2f} (bar {bar})")
        missed += [name] if ratio > bar else []
    print(f"MISSED by {', '.join(missed)}" if missed else "held")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
