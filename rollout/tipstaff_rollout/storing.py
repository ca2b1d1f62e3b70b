"""Artefacts on a disk: read whole, within bounds, and written so that none is ever half there."""

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.system.files import read_bounded
from tipstaff_rollout.model import File

SIZE_LIMIT = 64 << 20
COUNT_LIMIT = 1000
PLAIN, PROGRAM = 0o644, 0o755
OTHERS = 0o077
"""The rights that others than its owner have on a file."""
SIGNATURE = ".sig"
"""What the name of a file with a signature ends with."""


def read_artefact(path: Path) -> tuple[File, ...]:
    """Return the files of an artefact, sorted by path: of a folder all below it.

    Raises:
        AccessDeniedError: It is not there, cannot be read, holds a link or is too large.
    """
    if not path.is_dir():
        return (File(path.name, _content(path), executable=False),)
    found = []
    for place in sorted(path.rglob("*")):
        if place.is_symlink() or not (place.is_dir() or place.is_file()):
            raise AccessDeniedError("is a link or no regular file", where=str(place))
        if place.is_file():
            found.append(place)
        if len(found) > COUNT_LIMIT:
            raise AccessDeniedError(f"holds more than {COUNT_LIMIT} files", where=str(path))
    if not found:
        raise AccessDeniedError("holds no file", where=str(path), expected="an artefact")
    return tuple(
        File(
            found_path.relative_to(path).as_posix(),
            _content(found_path),
            os.access(found_path, os.X_OK),
        )
        for found_path in found
    )


def read_signed(path: Path) -> tuple[File, ...]:
    """Return the files of an artefact, with the signature file of a single file if it has one.

    Raises:
        AccessDeniedError: As for `read_artefact`.
    """
    files = read_artefact(path)
    nearby = path.with_name(path.name + SIGNATURE)
    if path.is_dir() or not nearby.exists():
        return files
    return (*files, *read_artefact(nearby))


def write_artefact(files: tuple[File, ...], out: Path, *, private: bool = False) -> Path:
    """Write an artefact and return its path.

    One file becomes `out`, or goes into it if that is a folder; several make `out` a folder, which
    must contain nothing else.

    Args:
        private: Whether it holds a secret, so that its owner alone may read it.

    Raises:
        UsageError: There is a file that is not one of the artefact's.
        AccessDeniedError: It cannot be written.
    """
    if len(files) == 1 and "/" not in files[0].path:
        place = out / files[0].path if out.is_dir() else out
        _write(place, files[0], private=private)
        return place
    _require_own(files, out)
    for file in files:
        _write(out / file.path, file, private=private)
    return out


def _require_own(files: tuple[File, ...], out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is no folder", expected="a folder for several files")
    ours = {file.path for file in files}
    for place in sorted(out.rglob("*")) if out.is_dir() else ():
        name = place.relative_to(out).as_posix()
        if not place.is_dir() and name not in ours:
            raise UsageError(
                f"{place} is none of the files that this writes",
                expected="a new folder, or an earlier artefact of the same channel",
                remedy="choose another --out, or take that file away",
            )


def _write(place: Path, file: File, *, private: bool) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(place, error) from error
    mode = PROGRAM if file.executable else PLAIN
    write_whole(place, file.data, mode & ~OTHERS if private else mode)


def write_whole(place: Path, data: bytes, mode: int) -> None:
    """Write a file whole or not at all, in the place of one that may be there.

    Raises:
        AccessDeniedError: It cannot be written.
    """
    with reserve(place, mode) as write:
        write(data)


@contextmanager
def reserve(place: Path, mode: int) -> Iterator[Callable[[bytes], None]]:
    """Open a file and yield what writes it; it gets its name when the block ends well.

    Otherwise nothing of it is left.

    Raises:
        AccessDeniedError: It cannot be written, or is not a regular file.
    """
    # By chance too: what a killed run left must not stop one that has its number.
    nearby = place.parent / f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}"
    with ExitStack() as opened:  # also what an interruption leaves right behind its making
        opened.callback(_remove, place, nearby)
        with _report_refusal(place):
            _require_replaceable(place)
            file = _open_new(nearby)
        opened.callback(_close, file)

        def write(data: bytes) -> None:
            with _report_refusal(place):
                file.write(data)
                file.flush()  # a full disk shows here, before any of several files has its name

        yield write
        with _report_refusal(place):
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            nearby.replace(place)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # closing writes again what a full disk has refused already
        file.close()


def _remove(place: Path, nearby: Path) -> None:
    with _report_refusal(place):
        nearby.unlink(missing_ok=True)


def _open_new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _report_refusal(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(place, error) from error


def _require_replaceable(place: Path) -> None:
    """Refuse to put a file in the place of a device, a pipe or a folder."""
    if place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "is no regular file")


def _unwritable(place: Path, error: OSError) -> AccessDeniedError:
    is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    return AccessDeniedError(
        f"cannot be written: {error.strerror}",
        where=str(place),
        expected="a folder that exists" if is_missing else "",
        remedy=f"create {place.parent}, or choose another place"
        if is_missing
        else "free space, or choose another place",
    )


def content_of(path: Path, limit: int, *, expected: str = "") -> bytes:
    """Return the content of a file that the user names.

    Raises:
        AccessDeniedError: It cannot be read, is no regular file, or larger than ``limit`` bytes.
    """
    try:
        return read_bounded(str(path), limit)
    except OSError as error:
        raise AccessDeniedError(
            f"cannot be read: {error.strerror}", where=str(path), expected=expected
        ) from error


def _content(path: Path) -> bytes:
    return content_of(path, SIZE_LIMIT, expected="an artefact")
