"""Which files of a store count, as one small document that is renamed into place.

A reader takes the highest manifest and nothing else, so that it sees the store before or after a
commit and never between. What no manifest names is what a killed writer left, and counts for
nothing.
"""

import json
import os
import re
import secrets
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from tipstaff_fleet.errors import BadStoreError, NewerStoreError
from tipstaff_policy import __version__

FORMAT = 1
NAME = re.compile(r"manifest-(\d{8})\.json", re.ASCII)


class StoredFile(BaseModel):
    """A file of rows, and the moments of its runs, by which a question passes it over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: str
    path: str
    """Below the store."""
    rows: int
    bytes: int
    first_s: int = 0
    last_s: int = 0


class Manifest(BaseModel):
    """A state of a store."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    tipstaff: str = __version__
    store: str = ""
    """The id of the store: the same in all of its manifests; engines know its copies by it."""
    number: int = 0
    batches: int = 0
    """Of all batches ever begun; a run's number is made from its batch's."""
    files: tuple[StoredFile, ...] = ()

    def of_table(self, table: str) -> tuple[StoredFile, ...]:
        """Return the files of a table, the oldest commit first."""
        return tuple(file for file in self.files if file.table == table)


class _Found(NamedTuple):
    number: int
    name: str


def read_manifest(folder: str) -> Manifest:
    """Return the newest manifest of a store; an empty one where there is none yet.

    Raises:
        BadStoreError: It cannot be read, or is none.
        NewerStoreError: It was written by a newer release.
    """
    found = list_manifests(folder)
    if not found:
        return Manifest()
    path = os.path.join(folder, found[-1].name)
    try:
        with open(path, "rb") as opened:
            data = opened.read()
    except OSError as error:
        raise BadStoreError(f"cannot be read: {error.strerror}", where=path) from error
    return _parse(data, path)


def _parse(data: bytes, path: str) -> Manifest:
    try:
        document = json.loads(data)
        written = document["format"]
    except (ValueError, KeyError, TypeError):
        raise BadStoreError(
            "is no manifest, or cut off",
            where=path,
            expected="what `tipstaff fleet ingest` wrote",
            remedy="restore the file from a backup; no other file of the store was changed",
        ) from None
    if isinstance(written, int) and written > FORMAT:
        raise NewerStoreError(
            f"has format {written}; this release reads format {FORMAT}",
            where=path,
            remedy="use the release of Tipstaff that wrote it, or a newer one",
        )
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise BadStoreError(f"{place}: {first['msg']}", where=path) from None


def list_manifests(folder: str) -> list[_Found]:
    """Return the manifests of a store, the oldest first.

    Raises:
        BadStoreError: The folder cannot be listed.
    """
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadStoreError(f"cannot be listed: {error.strerror}", where=folder) from error
    matches = [(NAME.fullmatch(name), name) for name in names]
    return sorted(_Found(int(match[1]), name) for match, name in matches if match)


def write_manifest(folder: str, manifest: Manifest) -> None:
    """Put a manifest in place, all of it or nothing.

    Raises:
        OSError: The disk is full, or may not be written.
    """
    name = f"manifest-{manifest.number:08}.json"
    replace_file(folder, name, manifest.model_dump_json(indent=1) + "\n")
    sync_folder(folder)


def replace_file(folder: str, name: str, text: str) -> None:
    """Put a file in place, all of it or nothing.

    Raises:
        OSError: The disk is full, or may not be written.
    """
    temporary = os.path.join(folder, f".{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb", opener=_open_private) as opened:
            opened.write(text.encode())
            opened.flush()
            os.fsync(opened.fileno())
        os.rename(temporary, os.path.join(folder, name))
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def sync_folder(folder: str) -> None:
    """Make the names in a folder outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
