"""Downloads for The Update Framework by Tipstaff's own `system.https`."""

import time
from collections.abc import Generator, Iterator, Mapping
from typing import NamedTuple

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from tipstaff_policy.system.https import Get, StatusError, get, tls_context

STEP_LIMIT_S = 10.0


class Way(NamedTuple):
    """How a server is reached."""

    env: Mapping[str, str]
    authorities: tuple[bytes, ...]
    time_limit_s: float
    """For everything together, from the first step on."""


class Fetcher(FetcherInterface):
    """No redirect is followed, no answer but 200 is read, and all of it ends in time."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._context = tls_context(way.authorities)
        self._deadline = time.monotonic() + way.time_limit_s
        self._parts: Generator[bytes, None, None] | None = None

    def close(self) -> None:
        """Close the connection, even in the middle of an answer."""
        if self._parts is not None:
            self._parts.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        self.close()
        self._parts = self._parts_of(url)
        return self._parts

    def _parts_of(self, url: str) -> Generator[bytes, None, None]:
        try:
            yield from get(Get(url, self._way.env, self._context, STEP_LIMIT_S, self._deadline))
        except StatusError as error:
            raise DownloadHTTPError(str(error.status), error.status) from error
