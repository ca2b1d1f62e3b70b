"""Running programs for Windows by Wine, in a prefix of the tests' own."""

import os
import subprocess
from pathlib import Path

HOME = Path(__file__).resolve().parents[3] / ".wine"
PREFIX = HOME / "prefix"
DRIVE = PREFIX / "drive_c"
PROGRAMS = DRIVE / "Program Files"
TIPSTAFF = PROGRAMS / "Tipstaff"
NODEJS = PROGRAMS / "nodejs"
PYTHON = "C:\\Program Files\\Tipstaff\\python\\python.exe"
LIMIT_S = 300


def run(*words, env=None, **how):
    """Run a program of the prefix; return how it ended."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CODEX")},
        "WINEPREFIX": str(PREFIX), "WINEARCH": "win64", "WINEDEBUG": "-all", **(env or {}),
    }  # fmt: skip
    return subprocess.run(
        ["wine", *map(str, words)], check=False, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8", errors="replace", timeout=LIMIT_S, env=variables, **how,
    )  # fmt: skip


def python(text, *words, **how):
    """Run a text by the folder's Python."""
    return run(PYTHON, "-I", "-c", text, *words, **how)
