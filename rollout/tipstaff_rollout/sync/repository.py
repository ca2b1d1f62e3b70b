"""A publisher's folder on the disk: what is published, and what still waits for signatures.

`metadata/` and `targets/` are what a web server gives out. `draft/` holds metadata of the next
release; nothing of it counts before all of it has its signatures.
"""

import os
import re
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from tipstaff_policy.errors import AccessDeniedError, IntegrityError, UsageError
from tipstaff_policy.system.files import read_bounded

Role = Literal["root", "targets", "snapshot", "timestamp"]
ROLES: tuple[Role, ...] = ("root", "targets", "snapshot", "timestamp")
"""In the order of publication: a reader at any moment finds a complete release."""
METADATA, FILES, DRAFT = "metadata", "targets", "draft"
SIZE_LIMIT = 1 << 20
PUBLIC = 0o644


class Repository(NamedTuple):
    """The folder that a publisher works on."""

    folder: Path

    def read_published(self, role: Role) -> Metadata[Any] | None:
        """Return the newest published metadata of a role."""
        if role == "timestamp":
            return _read(self.folder / METADATA / "timestamp.json")
        newest = max(self._list_versions(role), default=None)
        return None if newest is None else _read(self.folder / METADATA / f"{newest}.{role}.json")

    def read_draft(self, role: Role) -> Metadata[Any] | None:
        """Return the metadata that waits for signatures."""
        return _read(self.folder / DRAFT / f"{role}.json")

    def keep_draft(self, role: Role, metadata: Metadata[Any]) -> None:
        """Write metadata that waits."""
        write_whole(self.folder / DRAFT / f"{role}.json", metadata.to_bytes())

    def drop_draft(self, role: Role) -> None:
        """Take a draft away."""
        (self.folder / DRAFT / f"{role}.json").unlink(missing_ok=True)

    def publish(self, role: Role) -> None:
        """Give a draft its place."""
        draft = self.folder / DRAFT / f"{role}.json"
        version = Metadata.from_file(str(draft)).signed.version
        name = f"{role}.json" if role == "timestamp" else f"{version}.{role}.json"
        (self.folder / METADATA).mkdir(exist_ok=True)
        draft.replace(self.folder / METADATA / name)

    def keep_file(self, name: str, digest: str, data: bytes) -> None:
        """Write a file that endpoints are to get."""
        write_whole(self.folder / FILES / f"{digest}.{name}", data)

    def file(self, targets: Metadata[Targets], name: str) -> bytes:
        """Return a file as the metadata names it.

        Raises:
            IntegrityError: It is missing, or is another.
        """
        info = targets.signed.targets[name]
        place = self.folder / FILES / f"{info.hashes['sha256']}.{name}"
        try:
            data = read_bounded(str(place), SIZE_LIMIT)
            info.verify_length_and_hashes(data)
        except (OSError, RepositoryError) as error:
            raise IntegrityError(
                "is missing, or is not what the metadata names",
                where=str(place),
                remedy="bring it back from the web server or a copy",
            ) from error
        return data

    def _list_versions(self, role: Role) -> list[int]:
        folder = self.folder / METADATA
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = (re.fullmatch(rf"([0-9]+)\.{role}\.json", name) for name in names)
        return [int(match[1]) for match in found if match]


def open_repository(folder: Path) -> Repository:
    """Return an existing publisher's folder.

    Raises:
        UsageError: It is none.
    """
    repository = Repository(folder)
    if repository.read_published("root") is None and repository.read_draft("root") is None:
        raise UsageError(
            "is no publisher's folder",
            where=str(folder),
            expected="a folder that `tipstaff policy publish init` has made",
        )
    return repository


def root_of(repository: Repository) -> Metadata[Root]:
    """Return the root that the next release is made under."""
    found = repository.read_draft("root") or repository.read_published("root")
    return cast("Metadata[Root]", found)  # `opened` has looked


def write_whole(place: Path, data: bytes) -> None:
    """Write a file so that it is never half there.

    Raises:
        AccessDeniedError: It cannot be written.
    """
    nearby = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with nearby.open("xb") as file:
                file.write(data)
                os.fchmod(file.fileno(), PUBLIC)
            nearby.replace(place)
        finally:
            nearby.unlink(missing_ok=True)
    except OSError as error:
        raise AccessDeniedError(
            f"cannot be written: {error.strerror}", where=str(place), remedy="free space, or rights"
        ) from error


def _read(place: Path) -> Metadata[Any] | None:
    try:
        return Metadata.from_bytes(read_bounded(str(place), SIZE_LIMIT))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(place)) from error
    except RepositoryError as error:
        raise IntegrityError("is no metadata of a publisher", where=str(place)) from error
