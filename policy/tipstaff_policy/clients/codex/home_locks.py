"""The locks that the client holds in its folder while it changes a login."""

from contextlib import AbstractContextManager

from tipstaff_policy.system.client_locks import hold_files

LOCKS = (("auth.lock", 0o644), ("auth.json.lock", 0o600))
"""The lock files in the order in which the client takes them, each with the mode it makes it in."""


def hold_locks(folder: int, home: str, timeout_s: float) -> AbstractContextManager[None]:
    """Hold them while a login is changed; see `Adapter.hold`."""
    return hold_files(LOCKS, folder, home, timeout_s=timeout_s)
