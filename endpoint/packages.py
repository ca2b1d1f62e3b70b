"""`make deb` and `make rpm`: the stand-alone folder as a package for endpoints (ADR 0031)."""

import argparse
import platform
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import tipstaff_policy
from standalone import PLACE
from tipstaff_rollout.packages import deb, rpm
from tipstaff_rollout.packages.model import Entry, Need, Package, Scripts, folder, link, regular
from tipstaff_rollout.packages.pieces import pack_gzip

PARTS = Path(__file__).parent / "package"
DESCRIPTION = """\
Enforces an organisation's rules on who may sign in to an AI coding client,
how, and where the login is stored. Includes the Python that it runs on.
Its installation puts the guard in front of the clients that are there, and
starts what watches; its removal gives them back."""
COPYRIGHT = """\
Copyright 2026 the authors of Tipstaff; Apache-2.0, see /usr/share/common-licenses/Apache-2.0 or www.apache.org/licenses.
What comes with it has terms of its own: Python in {place}/lib/{python}/LICENSE.txt,
libraries of Python in {place}/packages/*.dist-info, libraries of the system in {place}/lib
those of the distribution from which they were copied."""


class Format(NamedTuple):
    """What the two formats differ in here."""

    build: Callable[..., bytes]
    file_name: Callable[[Package], str]
    glibc: str


FORMATS = {
    "deb": Format(deb.build, deb.file_name, "libc6"),
    "rpm": Format(rpm.build, rpm.file_name, "glibc"),
}


def read_package(tree: Path, version: str, format_: Format) -> Package:
    """Return the package that installs a stand-alone folder."""
    return Package(
        name="tipstaff",
        version=version,
        summary="who may sign in to an AI coding client, and how",
        description=DESCRIPTION,
        maintainer="Tipstaff <packages@tipstaff.invalid>",
        licence="Apache-2.0",
        copyright=COPYRIGHT.format(place=PLACE, python=_python(tree)),
        architecture="aarch64" if platform.machine() == "aarch64" else "x86_64",
        changes=f"Tipstaff {version}; see CHANGELOG.md of its source.",
        entries=(*_read_entries(tree), *_read_beside()),
        needs=(Need(format_.glibc, platform.libc_ver()[1]),),
        scripts=Scripts(
            after_install=(PARTS / "after_install.sh").read_text("utf-8"),
            before_remove=(PARTS / "before_remove.sh").read_text("utf-8"),
        ),
    )


def _python(tree: Path) -> str:
    return next((path.name for path in (tree / "lib").glob("python3*")), "")


def _read_entries(tree: Path) -> tuple[Entry, ...]:
    """Return everything in the folder, which the package owns to the last folder of it."""
    found = [folder(PLACE)]
    for path in tree.rglob("*"):
        place = f"{PLACE}/{path.relative_to(tree)}"
        if path.is_symlink():
            found.append(link(place, str(path.readlink())))
        elif path.is_dir():
            found.append(folder(place))
        else:
            runs = bool(path.stat().st_mode & stat.S_IXUSR)
            found.append(regular(place, path.read_bytes(), executable=runs))
    return tuple(found)


def _read_beside() -> tuple[Entry, ...]:
    names = ("tipstaff", "tipstaff-guard")
    page = pack_gzip((PARTS / "tipstaff.8").read_bytes(), small=True)
    return (
        *(link(f"/usr/bin/{name}", f"../lib/tipstaff/bin/{name}") for name in names),
        regular("/usr/share/man/man8/tipstaff.8.gz", page),
        link("/usr/share/man/man8/tipstaff-guard.8.gz", "tipstaff.8.gz"),
    )


def main() -> None:
    """Write a package and print its path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("--folder", type=Path, default=Path("build/standalone"))
    parser.add_argument("--out", type=Path, default=Path("dist"))
    words = parser.parse_args()
    format_ = FORMATS[words.format]
    package = read_package(words.folder, tipstaff_policy.__version__, format_)
    words.out.mkdir(parents=True, exist_ok=True)
    place = words.out / format_.file_name(package)
    new = place.with_name(f"{place.name}.new")
    new.write_bytes(format_.build(package, small=True))
    new.replace(place)
    print(f"{place}: {place.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
