"""Reading an artefact from the disk: a file with the signature beside it, or a folder."""

import os
import stat
from collections.abc import Iterator

from tipstaff_policy.errors import AccessDeniedError
from tipstaff_policy.files import file_type, read_bounded
from tipstaff_rollout.model import ArtefactError, File

LARGEST = 1 << 28
"""Bytes of one file; the largest artefacts are packages of a few megabytes."""
SIGNATURE = ".sig"
EXECUTABLE = 0o100


def read_artefact(path: str) -> tuple[File, ...]:
    """Return the files of an artefact; beside a single one also its signature, if there is one.

    Raises:
        ArtefactError: It is or holds something else than files and folders.
        AccessDeniedError: Something cannot be read.
    """
    try:
        if os.path.isdir(path):
            return tuple(_read(f"{path}/{each}", each) for each in sorted(_names(path, "")))
        own = _read(path, os.path.basename(path))
        beside = f"{path}{SIGNATURE}"
        if path.endswith(SIGNATURE) or not os.path.lexists(beside):
            return (own,)
        return (own, _read(beside, f"{own.path}{SIGNATURE}"))
    except OSError as error:
        where = str(error.filename or path)
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=where) from error


def _names(folder: str, base: str) -> Iterator[str]:
    """Yield the paths of all files in a folder, relative to the artefact."""
    for entry in os.scandir(folder):
        name = f"{base}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _names(entry.path, f"{name}/")
        else:
            yield name


def _read(path: str, name: str) -> File:
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        raise ArtefactError(
            f"is a {file_type(mode)}", where=path, expected="files and folders, nothing else"
        )
    return File(name, read_bounded(path, LARGEST), executable=bool(mode & EXECUTABLE))
