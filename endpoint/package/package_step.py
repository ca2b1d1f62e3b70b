"""What the Windows package runs after its files are in place, and before they are taken away.

`after-install OLDER`: `tipstaff install`; for an upgrade only where the older version had done so
too, since an administrator may have run `tipstaff uninstall`. Exit code 1 says that something was
left as it was, which the log names: no failure of the package. After another code what was done is
undone, because the installer then takes the files away, and no shim may stay without its guard.
"""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LOG = FOLDER / "package.log"
LIST = "Tipstaff/install.json"
PROGRAM = "from tipstaff_cli.__main__ import run; run()"
LEFT = 1


def main(words: list[str]) -> int:
    """Run the step that is named; return its exit code, as a package means it."""
    step, older = words[0], words[1:] and words[1]
    if step == "before-remove":
        code = tipstaff("uninstall")
        if code == 0:
            LOG.unlink(missing_ok=True)
        return code
    if older and not list_of_files().exists():
        return 0
    code = tipstaff("install")
    if code in (0, LEFT):
        return 0
    tipstaff("uninstall")
    return code


def list_of_files() -> Path:
    """Return the place of the list that `tipstaff install` keeps."""
    return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / LIST


def tipstaff(command: str) -> int:
    """Run a command of Tipstaff; its output goes to the log."""
    python = FOLDER / "python/python.exe"
    with LOG.open("ab") as log:
        log.write(f"tipstaff {command}\r\n".encode())
        log.flush()
        return subprocess.run(
            [python, "-I", "-c", PROGRAM, command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
