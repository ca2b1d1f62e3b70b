"""The start of the full program, against a Python that does nothing but load Typer and Rich.

Runs are interleaved, as in guard.py; the bars hold for the least processor time.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from guard import measure

RUNS = 20
PROGRAM = Path(sys.executable).parent / "tipstaff"
COMPLETE = {"_TIPSTAFF_COMPLETE": "complete_bash"}
REFERENCE = "import typer, rich"
STARTS = {
    REFERENCE: ([sys.executable, "-c", REFERENCE], {}, None),
    "--version": ([PROGRAM, "--version"], {}, 1.3),
    "--help": ([PROGRAM, "--help"], {}, 1.8),
    "completing a command": (
        [PROGRAM],
        {**COMPLETE, "COMP_WORDS": "tipstaff aud", "COMP_CWORD": "1"},
        2.0,
    ),
    "completing an option": (
        [PROGRAM],
        {**COMPLETE, "COMP_WORDS": "tipstaff audit --form", "COMP_CWORD": "2"},
        None,
    ),
    "audit --help": ([PROGRAM, "audit", "--help"], {}, None),
}
"""Each: the words, further variables, and the bar, where there is one."""


def main():
    found = {name: [] for name in STARTS}
    with tempfile.TemporaryDirectory() as folder:
        env = {"HOME": folder, "PATH": "/usr/bin:/bin"}
        for _ in range(RUNS + 1):
            for name, (words, more, _) in STARTS.items():
                found[name].append(measure(words, {**env, **more}, (0,)))
    return report({name: runs[1:] for name, runs in found.items()})


def report(found):
    print(
        f"{RUNS} interleaved runs\n{'':24}{'median ms':>10}{'least processor ms':>20}{'x':>6}{'bar':>6}"
    )
    least = {name: min(s for _, s in runs) for name, runs in found.items()}
    missed = []
    for name, runs in found.items():
        ratio, bar = least[name] / least[REFERENCE], STARTS[name][2]
        median = statistics.median(s for s, _ in runs)
        print(f"{name:24}{median * 1000:10.1f}{least[name] * 1000:20.1f}{ratio:6.2f}{bar or '':>6}")
        missed += [name] if bar and ratio > bar else []
    print(f"bars: {'MISSED by ' + ', '.join(missed) if missed else 'held'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
