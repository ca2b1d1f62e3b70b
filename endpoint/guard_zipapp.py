"""`make zipapp`: the guard as one file for hosts that have a Python; the same bytes each time.

It contains modules as bytecode, so that the Python that built it starts it fast, and as source, so
that every other Python can start it.
"""

import argparse
import io
import sys
import zipfile
from pathlib import Path

import tipstaff_policy
from bytecode import compile_module

PACKAGE = Path(tipstaff_policy.__file__).parent
TAG = f"py{sys.version_info.major}{sys.version_info.minor}"
PYTHON = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
TIME = (2000, 1, 1, 0, 0, 0)
MODE = 0o100644 << 16
MAIN = """\
import gc

gc.disable()  # a life of milliseconds leaves no cycles worth looking for
from tipstaff_policy.guard import run

run()
"""


def read_members(package: Path) -> dict[str, bytes]:
    """Return what the file holds: every file of the engine, its modules also as bytecode."""
    found = {"__main__.py": MAIN.encode()}
    for path in package.rglob("*"):
        if path.is_dir() or path.suffix == ".pyc":
            continue
        name = str(path.relative_to(package.parent))
        found[name] = path.read_bytes()
        if path.suffix == ".py":
            found[f"{name}c"] = compile_module(path, name)
    return found


def build_zipapp(files: dict[str, bytes], python: str) -> bytes:
    """Return a zipapp that is started isolated, without the site's packages."""
    if not python.startswith("/") or any(character.isspace() for character in python):
        raise SystemExit(f"error: {python!r} is no absolute path without blanks")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name in sorted(files):
            header = zipfile.ZipInfo(name, TIME)
            header.create_system, header.external_attr = 3, MODE
            packed.writestr(header, files[name])
    return f"#!{python} -IS\n".encode() + archive.getvalue()


def main() -> None:
    """Write the file and print its path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=PYTHON, help="which Python the hosts start it with")
    parser.add_argument("--out", type=Path, default=Path("dist"))
    words = parser.parse_args()
    words.out.mkdir(parents=True, exist_ok=True)
    place = words.out / f"tipstaff-guard-{tipstaff_policy.__version__}-{TAG}.pyz"
    new = place.with_suffix(".new")
    new.write_bytes(build_zipapp(read_members(PACKAGE), words.python))
    new.chmod(0o755)
    new.replace(place)
    print(place)


if __name__ == "__main__":
    main()
