"""`make mac`: what a package for Macs installs, laid out as files, each with its hash (ADR 0066).

It needs no Mac: the Python is one that can be put anywhere (the kind that uv installs), by its
file and the hash that its makers publish; the packages are those of `constraints.txt`, as wheels
for Macs. `package.sh` in it makes the package, on a Mac, from these files byte by byte.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import tipstaff_policy
from bytecode import compile_module
from standalone import BIN, EXTRA, GUARD, PROGRAM, ROOT, SITE, UNUSED

PARTS = Path(__file__).parent / "mac"
PLACE = "/opt/tipstaff"
PATHS = "private/etc/paths.d/tipstaff"
"""`/etc` is a link on a Mac, and a package names what it leads to."""
LIST = "payload.sha256"
PLATFORMS = {"arm64": "aarch64-apple-darwin", "x86_64": "x86_64-apple-darwin"}


def build(out: Path, python: Path, sha256: str, processor: str) -> None:
    """Lay out `root`, `scripts`, `package.sh` and the list of hashes in a folder."""
    shutil.rmtree(out, ignore_errors=True)
    place = out / f"root{PLACE}"
    place.parent.mkdir(parents=True)
    _unpack(python, sha256, place)
    version = _version_of(place)
    library = place / f"lib/python{version}"
    shutil.rmtree(library / "site-packages", ignore_errors=True)
    for name in UNUSED:
        for path in library.glob(name):
            _remove(path)
    (library / "sitecustomize.py").write_text(SITE, "utf-8")
    _install_packages(place / "packages", version, processor)
    lay_out_programs(place)
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        _compile(place)
    (out / f"root/{PATHS}").parent.mkdir(parents=True)
    (out / f"root/{PATHS}").write_text(f"{PLACE}/bin\n", "utf-8")
    finish(out)


def _unpack(python: Path, sha256: str, place: Path) -> None:
    found = hashlib.sha256(python.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"error: {python} has the SHA-256 {found}, not {sha256}")
    with tarfile.open(python) as archive:
        archive.extractall(place.parent, filter="data")
    names = [path for path in place.parent.iterdir() if (path / "bin").is_dir()]
    if len(names) != 1:
        raise SystemExit(f"error: {python} holds no single folder with a Python in it")
    names[0].rename(place)


def _version_of(place: Path) -> str:
    """Return the version of the Python by its library, because it does not run here."""
    names = [path.name for path in (place / "lib").glob("python3.*")]
    found = [re.fullmatch(r"python(3\.\d+)", name) for name in names]
    versions = [match[1] for match in found if match]
    if len(versions) != 1 or not (place / f"bin/python{versions[0]}").exists():
        raise SystemExit("error: the folder with the Python has no single lib/python3.x")
    return versions[0]


def _install_packages(target: Path, version: str, processor: str) -> None:
    """Put Tipstaff and what it needs into a folder, as wheels for Macs."""
    subprocess.run(
        [
            BIN / "uv", "pip", "install", "-q", "--link-mode", "copy",
            "--python-platform", PLATFORMS[processor], "--python-version", version,
            "--only-binary", ":all:", "--no-binary", "tipstaff",
            "-c", ROOT / "constraints.txt", "--target", target, f"{ROOT}[{EXTRA}]",
        ],
        check=True,
    )  # fmt: skip
    _remove(target / "bin")
    _remove(target / ".lock")
    for record in target.glob("*.dist-info/*"):
        if record.name in ("RECORD", "direct_url.json", "uv_cache.json", "REQUESTED", "INSTALLER"):
            record.unlink()  # it names the machine that built it


def lay_out_programs(place: Path) -> None:
    """Write the programs and the way back; drop those of Python that are not needed."""
    for path in (place / "bin").iterdir():
        if not re.fullmatch(r"python3(\.\d+)?", path.name):
            path.unlink()
    if not (place / "bin/python3").exists():
        (place / "bin/python3").symlink_to(next((place / "bin").glob("python3.*")).name)
    for name, text in (("tipstaff", PROGRAM), ("tipstaff-guard", GUARD)):
        (place / "bin" / name).write_text(text.format(place=PLACE), "utf-8")
    shutil.copyfile(PARTS / "uninstall.sh", place / "uninstall.sh")


def _compile(place: Path) -> None:
    """Write bytecode next to every module; only root could do so later."""
    for path in sorted(place.rglob("*.py")):
        name = f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        (path.parent / "__pycache__").mkdir(exist_ok=True)
        code = compile_module(path, f"{PLACE}/{path.relative_to(place)}")
        (path.parent / "__pycache__" / name).write_bytes(code)


def finish(out: Path) -> None:
    """Set every mode, write the list of hashes, and add the scripts."""
    root = out / "root"
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin" or path.suffix == ".sh"
            path.chmod(0o755 if runs else 0o644)
    shutil.copytree(PARTS / "scripts", out / "scripts")
    shutil.copyfile(PARTS / "package.sh", out / "package.sh")
    for path in (out / "package.sh", *(out / "scripts").iterdir()):
        path.chmod(0o755)
    (out / "VERSION").write_text(f"{tipstaff_policy.__version__}\n", "utf-8")
    listed = render_payload(root)
    place = root / PLACE[1:] / LIST
    place.write_text(listed, "utf-8")  # so that an upgrade finds what is no longer of it
    place.chmod(0o644)
    (out / LIST).write_text(render_payload(root), "utf-8")


def render_payload(root: Path) -> str:
    """Return every file with its hash, as `shasum -a 256 -c` reads it; links with what they name."""
    lines = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_symlink():
            lines.append(f"# link  {name} -> {path.readlink()}")
        elif path.is_file():
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}")
    return "\n".join(lines) + "\n"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()


def main() -> None:
    """Write the folder and say what comes next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="archive of a Python for Macs")
    parser.add_argument("--sha256", required=True, help="of that archive, as published")
    parser.add_argument("--processor", choices=PLATFORMS, default="arm64")
    parser.add_argument("--out", type=Path, default=Path("build/mac"))
    words = parser.parse_args()
    build(words.out.resolve(), words.python, words.sha256, words.processor)
    print(f"{words.out}: copy it to a Mac, and run {words.out.name}/package.sh there")


if __name__ == "__main__":
    main()
