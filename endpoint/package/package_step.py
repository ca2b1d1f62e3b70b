"""What the Windows package runs after its files are in place, and before they are taken away.

Exit code 1 of `tipstaff install` says that something was left as it was, which it names: no
failure of the package.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
STEPS = {"after-install": "install", "before-remove": "uninstall"}
LEFT = 1


def main() -> int:
    """Run the step that is named; return its exit code, as a package means it."""
    command = STEPS[sys.argv[1]]
    python = FOLDER / "python/python.exe"
    words = [python, "-I", "-c", "from tipstaff_cli.__main__ import run; run()", command]
    with (FOLDER / f"{command}.log").open("wb") as log:
        done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return 0 if done.returncode == LEFT else done.returncode


if __name__ == "__main__":
    sys.exit(main())
