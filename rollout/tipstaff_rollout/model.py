"""What goes from an author to an endpoint: payloads, in an artefact, by a channel."""

from collections.abc import Callable
from typing import NamedTuple

from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import FLEET_KEY, KNOWLEDGE

PayloadName = str
"""One of `NAMES`, or the name of a client's file, as its adapter gives it (`payloads.py`)."""
NAMES: dict[PayloadName, str] = {
    "policy": "policy.toml",
    "keys": "keys.json",
    "fleet_key": FLEET_KEY,
    "knowledge": KNOWLEDGE,
}
"""The organisation's document, the public keys that it names, the fleet's secret key, and what is
known of newer clients: the names of these files on hosts."""
AT_FIXED_PLACES: tuple[PayloadName, ...] = tuple(name for name in NAMES if name != "keys")
"""Files with the same path on every host; the policy sets the path of the keys."""
PRIVATE: frozenset[PayloadName] = frozenset({"fleet_key"})
"""What root alone may read on an endpoint; users need all the rest."""
BEFORE = ".before-tipstaff"
"""What the name of a file ends with that was replaced, and that a removal gives back."""


class ArtefactError(PolicyError):
    """An artefact is cut off, was edited, or cannot be made for a target; exit 3."""


class Payload(NamedTuple):
    """A file that an artefact carries to endpoints, with its exact bytes."""

    name: PayloadName
    data: bytes


class Compiled(NamedTuple):
    """A policy as every channel takes it; the same document gives the same bytes."""

    id: str
    version: str
    fingerprint: str
    """``sha256:`` and the digest of the document; reports show it for the deployed file."""
    owner: str
    """Who answers for it, or nothing."""
    payloads: tuple[Payload, ...]
    keys_path: str = ""
    """Where endpoints look for the payload `keys`; the policy says so itself."""

    @property
    def has_secret(self) -> bool:
        """Whether it holds a secret, so that others than its author must not read it."""
        return any(payload.name in PRIVATE for payload in self.payloads)

    def keep_payloads(self, names: tuple[PayloadName, ...]) -> "Compiled":
        """Return what goes by a channel that can carry some payloads."""
        return self._replace(
            payloads=tuple(payload for payload in self.payloads if payload.name in names)
        )

    def data(self, name: PayloadName) -> bytes | None:
        """Return a payload's content, None where the policy needs none."""
        return next((payload.data for payload in self.payloads if payload.name == name), None)


def mode_of(name: PayloadName) -> int:
    """Return the rights of a payload's file on an endpoint."""
    return 0o600 if name in PRIVATE else 0o644


class Deployed(NamedTuple):
    """A payload at its place on an endpoint."""

    path: str
    """Absolute, as the platform writes it."""
    payload: Payload


class File(NamedTuple):
    """One file of an artefact."""

    path: str
    """Relative to the artefact's folder, with ``/``; its name where the artefact is one file."""
    data: bytes
    executable: bool = False


class Steps(NamedTuple):
    """What an administrator does with an artefact, each as a sentence or two of Markdown."""

    upload: tuple[str, ...]
    """Which file goes where, in this order."""
    check: tuple[str, ...]
    back: tuple[str, ...]
    """How to return to the version before, and how to remove all of it."""


class Channel(NamedTuple):
    """A way to endpoints: one file in `channels/` each."""

    name: str
    """As ``--to`` takes it."""
    title: str
    platform: Platform
    list_carried: Callable[[], tuple[PayloadName, ...]]
    """Returns what it can carry; rendering reports the rest."""
    render: Callable[[Compiled], tuple[File, ...]]
    """One file, or several that make a folder. Raises ArtefactError where it cannot be made."""
    read: Callable[[tuple[File, ...]], tuple[Payload, ...] | None]
    """The payloads of an artefact; None where it is none of this channel's.

    Raises ArtefactError where it is one and cannot be read to its end.
    """
    steps: Callable[[Compiled], Steps]
    """What its upload page says."""

    @property
    def carries(self) -> tuple[PayloadName, ...]:
        """What it can carry of all that there is."""
        return self.list_carried()
