"""Debian packages (deb(5), format 2.0): an `ar` archive of two compressed tar archives."""

import stat
from datetime import UTC, datetime
from email.utils import format_datetime

from tipstaff_rollout.packages import tar
from tipstaff_rollout.packages.model import (
    TIME,
    Architecture,
    Entry,
    Need,
    Package,
    check,
    folder,
    parents,
    regular,
    sort_entries,
)
from tipstaff_rollout.packages.pieces import make_damage_error, pack_gzip, piece, unpack_gzip

MAGIC = b"!<arch>\n"
HEADER_SIZE = 60
MEMBERS = ("debian-binary", "control.tar.gz", "data.tar.gz")
FORMAT = b"2.0\n"
ARCHITECTURES: dict[Architecture, str] = {"all": "all", "x86_64": "amd64", "aarch64": "arm64"}
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
NO_CONFFILES = "file-in-etc-not-marked-as-conffile"
OVERRIDE = """\
# What an organisation manages is no conffile: an edit on one host must not survive an upgrade.
{name}: {tag}
"""


def file_name(package: Package) -> str:
    """Return the name that archives expect."""
    architecture = ARCHITECTURES[package.architecture]
    return f"{package.name}_{package.version}_{architecture}.deb"


def build(package: Package, *, small: bool = False) -> bytes:
    """Return a package's bytes.

    Args:
        small: Whether it is compressed, see `gzipped`.

    Raises:
        ArtefactError: It cannot be one.
    """
    check(package)
    entries = sort_entries((*package.entries, *_documents(package)))
    contents = (
        FORMAT,
        pack_gzip(tar.pack(_with_parents(_control_files(package, entries))), small=small),
        pack_gzip(tar.pack(_with_parents(entries)), small=small),
    )
    members = (_member(*member) for member in zip(MEMBERS, contents, strict=True))
    return MAGIC + b"".join(members)


def read(data: bytes, where: str) -> tuple[Entry, ...]:
    """Return the files and links that a package of `build` installs, its documents left out.

    Raises:
        ArtefactError: It is cut off, was edited, or comes from elsewhere.
    """
    format_, control, content = _members(data, where)
    if format_ != FORMAT:
        raise make_damage_error("is of another format than 2.0", f"{where}: {MEMBERS[0]}")
    place = f"{where}: {MEMBERS[1]}"
    fields = {entry.path: entry.data for entry in tar.unpack(unpack_gzip(control, place), place)}
    first, *_ = fields.get("/control", b"").split(b"\n")
    name = first.removeprefix(b"Package: ").decode(errors="replace")
    place = f"{where}: {MEMBERS[2]}"
    return tuple(
        entry
        for entry in tar.unpack(unpack_gzip(content, place), place)
        if not stat.S_ISDIR(entry.mode) and entry.path not in _document_paths(name)
    )


def _member(name: str, content: bytes) -> bytes:
    header = f"{name:<16}{TIME:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
    return header.encode() + content + b"\n" * (len(content) % 2)


def _members(data: bytes, where: str) -> tuple[bytes, ...]:
    if piece(data, 0, len(MAGIC), where) != MAGIC:
        raise make_damage_error("is no Debian package", where)
    contents = []
    at = len(MAGIC)
    for name in MEMBERS:
        header = piece(data, at, HEADER_SIZE, f"{where}: {name}").decode("ascii", "replace")
        size = header[48:58].strip()
        if header[:16].strip() != name or not size.isdecimal():
            raise make_damage_error(f"byte {at} is not the beginning of the member {name}", where)
        content = piece(data, at + HEADER_SIZE, int(size), f"{where}: {name}")
        if not data.startswith(_member(name, content), at):
            raise make_damage_error(f"the header at byte {at} was edited", f"{where}: {name}")
        contents.append(content)
        at += len(_member(name, content))
    if at != len(data):
        raise make_damage_error(f"has {len(data) - at} bytes behind its end", where)
    return tuple(contents)


def _with_parents(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return entries with the folders that lead to them; dpkg needs each of them."""
    known = {entry.path for entry in entries}
    missing = {above for path in known for above in parents(path)} - known
    return (folder("/"), *sort_entries((*map(folder, missing), *entries)))


def _document_paths(name: str) -> tuple[str, str, str]:
    documents = f"/usr/share/doc/{name}"
    return (
        f"{documents}/changelog.gz",
        f"{documents}/copyright",
        f"/usr/share/lintian/overrides/{name}",
    )


def _documents(package: Package) -> tuple[Entry, ...]:
    """Return the files that Debian's rules ask of every package."""
    changes, copyright_, override = _document_paths(package.name)
    is_managed = any(
        entry.path.startswith("/etc/") and stat.S_ISREG(entry.mode) for entry in package.entries
    )
    overrides = OVERRIDE.format(name=package.name, tag=NO_CONFFILES).encode()
    date = format_datetime(datetime.fromtimestamp(TIME, UTC))
    changelog = (
        f"{package.name} ({package.version}) stable; urgency=medium\n\n"
        f"  * {package.changes}\n\n -- {package.maintainer}  {date}\n"
    )
    return (
        regular(changes, pack_gzip(changelog.encode())),
        regular(copyright_, f"{package.copyright}\n".encode()),
        *((regular(override, overrides),) if is_managed else ()),
    )


def _control_files(package: Package, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    scripts = zip(SCRIPTS, package.scripts, strict=True)
    return (
        regular("/control", _control(package, entries).encode()),
        regular("/md5sums", _md5sums(entries)),
        *(
            regular(f"/{name}", f"#!/bin/sh\n{text}".encode(), executable=True)
            for name, text in scripts
            if text
        ),
    )


def _control(package: Package, entries: tuple[Entry, ...]) -> str:
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": ARCHITECTURES[package.architecture],
        "Maintainer": package.maintainer,
        "Installed-Size": str(_compute_installed_size(entries)),
        "Depends": ", ".join(map(_depends, package.needs)),
        "Section": "admin",
        "Priority": "optional",
        "Description": package.summary,
    }
    # In a description a dot stands for a blank line, and a space begins every one.
    text = (f" {line if line.strip() else '.'}" for line in package.description.split("\n"))
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\n".join([*lines, *text, ""])


def _depends(need: Need) -> str:
    return f"{need.name} (>= {need.at_least})" if need.at_least else need.name


def _compute_installed_size(entries: tuple[Entry, ...]) -> int:
    """Return kibibytes as Debian counts them: each file rounded up, one for all else."""
    sizes = (
        -(-len(parent.data) // 1024) if stat.S_ISREG(parent.mode) else 1
        for parent in _with_parents(entries)
    )
    return sum(sizes)


def _md5sums(entries: tuple[Entry, ...]) -> bytes:
    """Return the sums by which `dpkg --verify` finds an edited file; not for security."""
    from hashlib import md5  # noqa: PLC0415 - not on every machine's list of allowed sums

    lines = (
        f"{md5(entry.data, usedforsecurity=False).hexdigest()}  {entry.path[1:]}\n"
        for entry in entries
        if stat.S_ISREG(entry.mode)
    )
    return "".join(lines).encode()
