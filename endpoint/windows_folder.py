r"""`make windows-folder`: all of Tipstaff and python.org's Python for Windows, in one folder.

Made on any system from FILE, python.org's embeddable package, which is only taken with the
checksum of `windows-python.toml` (or the one that is given). Its `._pth` file is the import path:
no variable, no registry key and no folder of a user adds to it, whatever the options are. The
folder is for `C:\Program Files\Tipstaff` alone, as its programs contain that path (ADR 0067).
"""

import argparse
import hashlib
import io
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import distlib

from windows_values import PLACE

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DATA = Path(__file__).with_name("windows-python.toml")
EXTRA = "watch"
LAUNCHER = Path(distlib.__file__).with_name("t64.exe")
"""Starts the Python that the line behind it names, with the rest of its own command line as it
is. Part of distlib, which pip and virtual environments use on Windows."""
NEEDED = ("python.exe", "pythonw.exe", "vcruntime140.dll")
TAG = re.compile(r"python(3)(\d+)\._pth")
SIZE_LIMIT = 64 << 20
"""Bytes of one file of the package."""
PROGRAM = """\
from tipstaff_cli.__main__ import run

run()
"""
GUARD = """\
import gc

gc.disable()  # a life of milliseconds leaves no cycles worth looking for
from tipstaff_policy.guard import run

run()
"""
TIME = (2000, 1, 1, 0, 0, 0)


class FolderError(Exception):
    """What keeps the folder from being made, in words."""


def check_package(file: Path, expected: str) -> zipfile.ZipFile:
    """Return the embeddable package, if it is the very file that is expected.

    Raises:
        FolderError: It is another one.
    """
    data = file.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != expected.lower():
        raise FolderError(
            f"{file} has the checksum {found}, and not {expected}: it is another release, or "
            "not python.org's; see endpoint/windows-python.toml"
        )
    return zipfile.ZipFile(io.BytesIO(data))


def extract(package: zipfile.ZipFile, folder: Path) -> str:
    """Lay out Python; return its version as two numbers.

    Raises:
        FolderError: The package is none of python.org's form.
    """
    names = package.namelist()
    lacking = [name for name in NEEDED if name not in names]
    tags = [found for found in map(TAG.fullmatch, names) if found]
    if lacking or len(tags) != 1:
        what = f"lacks {', '.join(lacking)}" if lacking else "has no pythonXY._pth"
        raise FolderError(f"is no embeddable package: it {what}")
    folder.mkdir(parents=True)
    for member in package.infolist():
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
            raise FolderError(f"holds {member.filename!r}, which leads out of the folder")
        if member.is_dir():
            continue
        if member.file_size > SIZE_LIMIT:
            raise FolderError(f"holds {member.filename!r}, which is too large")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(package.read(member))
    major, minor = tags[0].groups()
    tag = f"python{major}{minor}"
    (folder / f"{tag}._pth").write_bytes(f"{tag}.zip\r\n.\r\n..\\packages\r\n".encode())
    return f"{major}.{minor}"


def install_packages(target: Path, version: str) -> None:
    """Put Tipstaff and what it needs on Windows into a folder, by `constraints.txt`."""
    wheels = target.parent / "wheels"
    wheels.mkdir()
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, ROOT)
    (wheel,) = wheels.iterdir()
    _run(
        BIN / "uv", "pip", "install", "-q", "--link-mode", "copy", "--only-binary", ":all:",
        "--python-platform", "x86_64-pc-windows-msvc", "--python-version", version,
        "-c", ROOT / "constraints.txt", "--target", target, f"{wheel}[{EXTRA}]",
    )  # fmt: skip
    shutil.rmtree(wheels)
    shutil.rmtree(target / "bin", ignore_errors=True)
    for record in target.glob("*.dist-info/*"):
        if record.name in ("RECORD", "direct_url.json", "uv_cache.json", "REQUESTED", "INSTALLER"):
            record.unlink()  # it names the machine that built it
    (target / ".lock").unlink(missing_ok=True)


def program(launcher: bytes, options: str, main: str) -> bytes:
    """Return a program that starts the folder's Python with a text."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        header = zipfile.ZipInfo("__main__.py", TIME)
        header.create_system = 0
        packed.writestr(header, main)
    first = f'#!"{PLACE}\\python\\python.exe" {options}\r\n'
    return launcher + first.encode() + archive.getvalue()


def compile_all(folder: Path, python: list[str], version: str) -> None:
    """Write bytecode next to every module, taken unchecked: only administrators could write it.

    Raises:
        FolderError: The Python that is to do it is of another version.
    """
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    found = _run(*python, "-c", ask).strip()
    if found != version:
        raise FolderError(
            f"bytecode for Python {version} needs Python {version}, and this is {found}: name one "
            "with --python, or give --no-bytecode (every start is then several times slower)"
        )
    _run(
        *python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
        "-s", "packages", "-p", f"{PLACE}\\packages", "packages", cwd=folder,
    )  # fmt: skip


def build(folder: Path, file: Path, expected: str, python: list[str] | None) -> str:
    """Lay out the folder; return the version of its Python.

    Raises:
        FolderError: See the functions above.
    """
    package = check_package(file, expected)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    version = extract(package, folder / "python")
    install_packages(folder / "packages", version)
    launcher = LAUNCHER.read_bytes()
    (folder / "launcher.exe").write_bytes(launcher)
    (folder / "tipstaff.exe").write_bytes(program(launcher, "-I", PROGRAM))
    (folder / "tipstaff-guard.exe").write_bytes(program(launcher, "-IS", GUARD))
    for name in ("package_step.py",):
        shutil.copyfile(Path(__file__).parent / "package" / name, folder / name)
    if python:
        compile_all(folder, python, version)
    return version


def _run(*words: str | Path, cwd: Path | None = None) -> str:
    return subprocess.run(
        words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=cwd
    ).stdout


def main() -> None:
    """Write the folder and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = tomllib.loads(DATA.read_text("utf-8"))
    parser.add_argument("file", type=Path, help=f"python.org's package: {known['url']}")
    parser.add_argument("--sha256", default=known["sha256"], help="its checksum, if another one")
    parser.add_argument("--out", type=Path, default=Path("build/windows"))
    parser.add_argument(
        "--python", default=sys.executable, help="a Python of that version, to compile"
    )
    parser.add_argument("--no-bytecode", action="store_true")
    words = parser.parse_args()
    python = None if words.no_bytecode else shlex.split(words.python)
    try:
        version = build(words.out.resolve(), words.file, words.sha256, python)
    except (FolderError, OSError, zipfile.BadZipFile) as error:
        raise SystemExit(f"error: {error}") from None
    size = sum(path.stat().st_size for path in words.out.rglob("*") if path.is_file())
    print(f"{words.out}: {size / 1e6:.0f} MB with Python {version}, to be installed at {PLACE}")


if __name__ == "__main__":
    main()
