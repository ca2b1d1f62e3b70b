"""One download by The Update Framework: metadata first, then the files that it names.

Every refusal is one of Tipstaff's errors: exit 4 if a download failed, exit 6 if it cannot be
trusted.
"""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater, UpdaterConfig

from tipstaff_policy.errors import AccessDeniedError, IntegrityError
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.https import UnreachableError
from tipstaff_rollout.model import Payload
from tipstaff_rollout.payloads import file_names
from tipstaff_rollout.sync.fetching import Fetcher, Way
from tipstaff_rollout.sync.repository import FILES, METADATA, ROLES

FILE_LIMIT = 1 << 20
"""Of a file that is delivered; as of a policy (`SIZE_LIMIT` of its reader)."""
LIMITS = UpdaterConfig(
    root_max_length=1 << 19,
    timestamp_max_length=1 << 14,
    snapshot_max_length=1 << 16,
    targets_max_length=1 << 18,
)
UNFINISHED = "tmp"
"""How the names of files begin that the framework was writing when it was killed."""


class Downloaded(NamedTuple):
    """What a publisher has released, verified."""

    versions: tuple[tuple[str, int], ...]
    """Of each role's metadata."""
    fresh_until: str
    """When the timestamp ends: a later run that gets none newer fails."""
    payloads: tuple[Payload, ...]


def download(url: str, trust: bytes, folder: Path, way: Way) -> Downloaded:
    """Return the newest release that a server has.

    Args:
        trust: The root from which trust starts.
        folder: The folder of metadata and files of the last run, which allow refusing older ones.

    Raises:
        UnreachableError: The server could not be asked, or not to the end, or not in time.
        IntegrityError: What it gave is not signed as it has to be, older, expired or too large.
        AccessDeniedError: The folder cannot be written.
    """
    metadata, files = folder / METADATA, folder / FILES
    with _translate(), contextlib.closing(Fetcher(way)) as fetcher:
        for place in (metadata, files):
            place.mkdir(0o700, parents=True, exist_ok=True)
        _tidy(metadata)
        base = url.rstrip("/")
        updater = Updater(
            str(metadata),
            f"{base}/{METADATA}/",
            str(files),
            f"{base}/{FILES}/",
            fetcher=fetcher,
            config=LIMITS,
            bootstrap=trust,
        )
        updater.refresh()
        found = ((payload, _payload(updater, name)) for payload, name in file_names().items())
        payloads = tuple(Payload(payload, data) for payload, data in found if data is not None)
        signed = {role: Metadata.from_file(f"{metadata}/{role}.json").signed for role in ROLES}
    expires: datetime = signed["timestamp"].expires
    return Downloaded(
        tuple((role, signed[role].version) for role in ROLES),
        expires.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        payloads,
    )


def _payload(updater: Updater, name: str) -> bytes | None:
    info = updater.get_targetinfo(name)
    if info is None:
        return None
    if info.length > FILE_LIMIT:
        raise RepositoryError(f"{name} has {info.length} bytes, {FILE_LIMIT} at the most")
    path = updater.find_cached_target(info) or updater.download_target(info)
    return read_bounded(path, FILE_LIMIT)


def _tidy(folder: Path) -> None:
    for path in folder.glob(f"{UNFINISHED}*"):
        path.unlink()


def _not_had(error: DownloadError) -> str:
    if not isinstance(error, DownloadHTTPError):
        return "the download failed"
    if 300 <= error.status_code < 400:
        return f"the server leads elsewhere (status {error.status_code}), which is not followed"
    return f"the server answered with status {error.status_code}"


@contextlib.contextmanager
def _translate() -> Iterator[None]:
    try:
        yield
    except DownloadLengthMismatchError as error:
        raise IntegrityError("the server sends more than allowed") from error
    except DownloadError as error:
        raise UnreachableError(_not_had(error)) from error
    except UnreachableError as error:
        raise UnreachableError(f"the server: {error.what}") from None
    except ExpiredMetadataError as error:
        raise IntegrityError(
            f"the download has expired: {error}",
            expected="metadata that has not expired, by this host's clock",
            remedy="`tipstaff policy publish refresh` renews it; or correct the clock",
        ) from error
    except RepositoryError as error:
        raise IntegrityError(
            f"the download cannot be trusted: {error}",
            expected="newer metadata, signed by the keys of the trusted root",
        ) from error
    except OSError as error:
        raise AccessDeniedError(
            f"the system refused: {error.strerror}", where=str(error.filename or "")
        ) from error
