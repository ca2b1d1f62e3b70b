"""RPM packages (format 4): lead, signature header, header, and a compressed cpio archive.

The digests are those that `rpm` has required since 4.14: of the header, of the payload, of each
file, all SHA-256. There is no signature among them.
"""

import posixpath
import stat
from hashlib import sha256
from itertools import starmap

from tipstaff_rollout.packages import cpio
from tipstaff_rollout.packages.model import (
    TIME,
    Architecture,
    Entry,
    Package,
    check,
    sort_entries,
)
from tipstaff_rollout.packages.pieces import make_damage_error, pack_gzip, piece, unpack_gzip
from tipstaff_rollout.packages.rpm_header import (
    REGION_OF_HEADER,
    REGION_OF_SIGNATURE,
    Value,
    int16s,
    int32s,
    parse,
    seal,
    string,
    strings,
    translatable,
)

MAGIC = bytes.fromhex("edabeedb")
LEAD_SIZE = 96
LEAD_NAME_LIMIT = 65
ARCHITECTURES: dict[Architecture, str] = {"all": "noarch", "x86_64": "x86_64", "aarch64": "aarch64"}
ARCHITECTURE_NUMBERS: dict[Architecture, int] = {"all": 1, "x86_64": 1, "aarch64": 19}
RELEASE = "1"

SHA256_OF_HEADER, SIZE_OF_REST, SIZE_OF_ARCHIVE = 273, 1000, 1007
DIGEST_OF_PAYLOAD = 5092
SHA256_NUMBER = 8
EVERYTHING_IS_VERIFIED = 0xFFFFFFFF

EQUAL, AT_LEAST, AT_MOST = 8, 12, 10
INTERPRETER, RPMLIB = 1 << 8, 1 << 24
SCRIPTS = ((1023, 1085, 9), (1024, 1086, 10), (1025, 1087, 11), (1026, 1088, 12))
"""Tag of a script, tag of its program, bit of the need for that program; as in `Scripts`."""
FEATURES = {
    "rpmlib(CompressedFileNames)": "3.0.4-1",
    "rpmlib(FileDigests)": "4.6.0-1",
    "rpmlib(PayloadFilesHavePrefix)": "4.0-1",
}


def file_name(package: Package) -> str:
    """Return the name that repositories expect."""
    return f"{package.name}-{package.version}-{RELEASE}.{ARCHITECTURES[package.architecture]}.rpm"


def build(package: Package, *, small: bool = False) -> bytes:
    """Return a package's bytes.

    No file is marked as configuration: `rpm` would keep an edit of one that stays the same.

    Args:
        small: Whether it is compressed, see `gzipped`.

    Raises:
        ArtefactError: It cannot be one.
    """
    check(package)
    package = package._replace(entries=sort_entries(package.entries))
    archive = cpio.pack(package.entries)
    payload = pack_gzip(archive, small=small)
    tags = {**_about(package), **_files(package.entries), **_relations(package)}
    tags[DIGEST_OF_PAYLOAD] = strings(sha256(payload).hexdigest())
    tags[DIGEST_OF_PAYLOAD + 1] = int32s(SHA256_NUMBER)
    header = seal(tags, REGION_OF_HEADER)
    signature = seal(
        {
            SHA256_OF_HEADER: string(sha256(header).hexdigest()),
            SIZE_OF_REST: int32s(len(header) + len(payload)),
            SIZE_OF_ARCHIVE: int32s(len(archive)),
        },
        REGION_OF_SIGNATURE,
    )
    return b"".join([_lead(package), signature, bytes(-len(signature) % 8), header, payload])


def read(data: bytes, where: str) -> tuple[Entry, ...]:
    """Return the files and links that a package of `build` installs.

    Raises:
        ArtefactError: It is cut off, was edited, or comes from elsewhere.
    """
    if not piece(data, 0, LEAD_SIZE, where).startswith(MAGIC):
        raise make_damage_error("is no RPM package", where)
    signature = parse(data, LEAD_SIZE, f"{where}: signature header")
    start = LEAD_SIZE + len(signature.data)
    start += -start % 8
    size = signature.number(SIZE_OF_REST)
    rest = piece(data, start, size, where)
    if start + size != len(data):
        raise make_damage_error(f"has {len(data) - start - size} bytes behind its end", where)
    header = parse(rest, 0, f"{where}: header")
    _compare(header.data, signature.text(SHA256_OF_HEADER), header.where)
    payload = rest[len(header.data) :]
    _compare(payload, header.text(DIGEST_OF_PAYLOAD), f"{where}: payload")
    entries = cpio.unpack(unpack_gzip(payload, f"{where}: payload"), f"{where}: payload")
    return tuple(entry for entry in entries if not stat.S_ISDIR(entry.mode))


def _compare(data: bytes, digest: str, where: str) -> None:
    if sha256(data).hexdigest() != digest:
        raise make_damage_error("was edited: its SHA-256 is another than the package says", where)


def _lead(package: Package) -> bytes:
    """Return what older programs know a package by."""
    name = f"{package.name}-{package.version}-{RELEASE}".encode()[:LEAD_NAME_LIMIT]
    number = ARCHITECTURE_NUMBERS[package.architecture].to_bytes(2, "big")
    start = MAGIC + b"\3\0" + b"\0\0" + number + name.ljust(LEAD_NAME_LIMIT + 1, b"\0")
    return (start + b"\0\1" + b"\0\5").ljust(LEAD_SIZE, b"\0")


def _about(package: Package) -> dict[int, Value]:
    full_version = f"{package.version}-{RELEASE}"
    scripts = zip(SCRIPTS, package.scripts, strict=True)
    return {
        100: strings("C"),
        1000: string(package.name),
        1001: string(package.version),
        1002: string(RELEASE),
        1004: translatable(package.summary),
        1005: translatable(package.description),
        1006: int32s(TIME),
        1007: string("localhost"),
        1009: int32s(sum(len(entry.data) for entry in package.entries)),
        1014: string(package.licence),
        1015: string(package.maintainer),
        1016: translatable("Unspecified"),
        1021: string("linux"),
        1022: string(ARCHITECTURES[package.architecture]),
        1044: string(f"{package.name}-{full_version}.src.rpm"),
        1080: int32s(TIME),
        1081: strings(f"{package.maintainer} - {full_version}"),
        1082: strings(f"- {package.changes}"),
        1124: string("cpio"),
        1125: string("gzip"),
        1126: string("9"),
        5062: string("utf-8"),
        **{
            tag: value
            for (tag, program, _), text in scripts
            if text
            for tag, value in ((tag, string(text)), (program, string("/bin/sh")))
        },
    }


def _files(entries: tuple[Entry, ...]) -> dict[int, Value]:
    if not entries:
        return {}
    folders = sorted({_folder_of(entry) for entry in entries})
    count = len(entries)
    return {
        1028: int32s(*(len(entry.data) for entry in entries)),
        1030: int16s(*(entry.mode for entry in entries)),
        1033: int16s(*[0] * count),
        1034: int32s(*[TIME] * count),
        1035: strings(*map(_digest, entries)),
        1036: strings(*map(_target, entries)),
        1037: int32s(*[0] * count),
        1039: strings(*["root"] * count),
        1040: strings(*["root"] * count),
        1045: int32s(*[EVERYTHING_IS_VERIFIED] * count),
        1095: int32s(*[1] * count),
        1096: int32s(*range(1, count + 1)),
        1097: strings(*[""] * count),
        1116: int32s(*(folders.index(_folder_of(entry)) for entry in entries)),
        1117: strings(*(posixpath.basename(entry.path) for entry in entries)),
        1118: strings(*folders),
        5011: int32s(SHA256_NUMBER),
    }


def _folder_of(entry: Entry) -> str:
    return f"{posixpath.dirname(entry.path).rstrip('/')}/"


def _digest(entry: Entry) -> str:
    return sha256(entry.data).hexdigest() if stat.S_ISREG(entry.mode) else ""


def _target(entry: Entry) -> str:
    return entry.data.decode() if stat.S_ISLNK(entry.mode) else ""


def _relations(package: Package) -> dict[int, Value]:
    scripts = zip(SCRIPTS, package.scripts, strict=True)
    needs = [
        *(("/bin/sh", INTERPRETER | 1 << bit, "") for (_, _, bit), text in scripts if text),
        *starmap(_need, package.needs),
        *((name, AT_MOST | RPMLIB, version) for name, version in FEATURES.items()),
    ]
    names, flags, versions = zip(*needs, strict=True)
    return {
        1047: strings(package.name),
        1048: int32s(*flags),
        1049: strings(*names),
        1050: strings(*versions),
        1112: int32s(EQUAL),
        1113: strings(f"{package.version}-{RELEASE}"),
    }


def _need(name: str, at_least: str) -> tuple[str, int, str]:
    return name, AT_LEAST if at_least else 0, at_least
