"""Wait for a change on the disk: with watchfiles if possible, otherwise by polling."""

import time
from typing import Protocol

from tipstaff_policy.watch import Facts

STEP_MS = 250
"""How often a wait checks for anything other than files."""
GATHER_MS = 1000
"""How long successive changes count as one."""


class Interruption(Protocol):
    """Ends a wait early."""

    def is_set(self) -> bool:
        """Return whether to wait no longer."""


class ChangeNotice:
    """Watches folders; a wait can end without a reason."""

    def __init__(self) -> None:
        self._folders: tuple[tuple[str, Facts], ...] = ()
        self._notify: _Notify | None = None
        self.missing = ""
        """Why the system reports no changes; empty if it does."""

    def cover(self, folders: tuple[tuple[str, Facts], ...]) -> bool:
        """Watch these folders from now on; return whether that has just begun."""
        if folders == self._folders and not self.missing:
            return False
        self.close()
        self._folders = folders
        try:
            self._notify = _watch([path for path, _ in folders])
            self.missing = ""
        except ImportError:
            self.missing = "watchfiles is not installed"
        except (OSError, RuntimeError) as error:
            self.missing = f"the system cannot watch more folders ({type(error).__name__})"
        return True

    def wait(self, timeout_s: float, interruption: Interruption) -> None:
        """Wait for a change, an interruption, or the end of the time."""
        if self._notify is not None:
            limit_ms = max(int(timeout_s * 1000), 1)
            self._notify.watch(GATHER_MS, STEP_MS, limit_ms, interruption)
            return
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and not interruption.is_set():
            time.sleep(min(STEP_MS / 1000, max(until - time.monotonic(), 0)))

    def close(self) -> None:
        """Watch nothing any more."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None


class _Notify(Protocol):
    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Interruption
    ) -> object: ...

    def close(self) -> None: ...


def _watch(paths: list[str]) -> _Notify:
    # Its own backend, as its manual offers it: it watches from the moment that it is made.
    from watchfiles._rust_notify import RustNotify  # noqa: PLC0415 - an extra

    return RustNotify(
        paths,
        debug=False,
        force_polling=False,
        poll_delay_ms=STEP_MS,
        recursive=False,
        ignore_permission_denied=True,
    )
