"""What goes to endpoints: its size, and its start-up against the reference script in the same run.

Runs are interleaved, as in guard.py. The stand-alone folder has the Python of this run, so that
the guard in it may take no longer than the same guard installed by pip; the least processor time
counts. The other ways have no bar: which one an organisation takes is its own choice.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from guard import ROOT, RUNS, host, measure

BAR = 1.3
BY_PIP, STANDALONE = "guard, installed by pip", "guard, stand-alone"
DIST, FOLDER = ROOT / "dist", ROOT / "build/standalone"
SUBJECT = ("--client", "codex", "--client-version", "0.169.0", "--system-root")


def ways(zipapp):
    """Return each way to start something: the command in front, what is shipped for it."""
    python = [sys.executable, "-I", "-S"]
    own = FOLDER / "bin/python3"
    return {
        BY_PIP: ([*python, ROOT / "policy/tipstaff_policy/guard.py"], None),
        "guard, zipapp": ([*python, zipapp], zipapp),
        STANDALONE: (
            [own, "-IS", FOLDER / "packages/tipstaff_policy/guard.py"],
            FOLDER,
        ),
    }


def size_mb(place):
    """Return what a file or folder takes, in MB."""
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def main():
    (zipapp,) = DIST.glob("tipstaff-guard-*.pyz")
    with tempfile.TemporaryDirectory() as folder:
        root = host("compliant-chatgpt", folder, policy=True)
        home = root / "home/dev/.codex"
        shipped = ways(zipapp)
        rows = {
            "reference": [sys.executable, "-I", "-S", ROOT / "benchmarks/reference.py", home, root]
        }
        for name, (front, _) in shipped.items():
            rows[name] = [*front, *SUBJECT, root, "--codex-home", home]
        for name, python, program in (
            (
                "tipstaff --version, installed by pip",
                sys.executable,
                Path(sys.executable).parent / "tipstaff",
            ),
            ("tipstaff --version, stand-alone", FOLDER / "bin/python3", FOLDER / "bin/tipstaff"),
        ):
            rows[name] = [python, "-I", program, "--version"]
        found = {name: [] for name in rows}
        env = {"HOME": folder, "PATH": "/usr/bin:/bin", "CODEX_HOME": str(home)}
        for _ in range(RUNS + 1):
            for name, words in rows.items():
                found[name].append(measure(words, env, (0,)))
    medians = {name: statistics.median(s for s, _ in runs[1:]) for name, runs in found.items()}
    print(f"medians of {RUNS} interleaved runs\n{'':38}{'ms':>8}{'x reference':>13}{'MB':>8}")
    for name, median in medians.items():
        place = shipped.get(name, ((), None))[1]
        size = f"{size_mb(place):8.1f}" if place else ""
        print(f"{name:38}{median * 1000:8.1f}{median / medians['reference']:13.2f}{size}")
    for path in sorted([*DIST.glob("tipstaff_*.deb"), *DIST.glob("tipstaff-[0-9]*.rpm")]):
        print(f"{path.name:38}{'':21}{size_mb(path):8.1f}")
    least = {name: min(s for _, s in runs[1:]) for name, runs in found.items()}
    ratio = least[STANDALONE] / least[BY_PIP]
    print(
        f"{STANDALONE}: {ratio:.2f} x {BY_PIP}, bar {BAR:g}:", "held" if ratio <= BAR else "MISSED"
    )
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
