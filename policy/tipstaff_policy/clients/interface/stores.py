"""What the commands about stored logins ask of an adapter; no start of a client needs it."""

import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from tipstaff_policy.clients.interface.slots import StoreSlot
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.model.state import (
    FileFacts,
    HeldCredential,
    HostState,
    NoCredential,
    Origin,
    UnreadableCredential,
)
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # the search alone needs it
    from tipstaff_policy.system.file_walk import Scope

RESIDUE = "residue"
Relation = Literal[
    "same login",
    "same account, older token",
    "same account, newer token",
    "same account, another token",
    "another login",
]
"""The relation of a login to a known one; the only output about the two."""


class Copy(Record):
    """A place with a login where the client does not look for it."""

    place: str
    reason: Relation
    note: str = ""
    mode: str | None = None
    owner: int | None = None
    changed_at: int | None = None
    """Seconds since 1970."""


class Found(Record):
    """What a search came across."""

    searched: tuple[str, ...]
    compared_with: tuple[str, ...]
    """The stores and variables whose logins were looked for."""
    entries: int
    files: int
    copies: tuple[Copy, ...]
    unseen: tuple[str, ...]


class Document(Secret[str]):
    """A stored login as text, for those who move or compare it."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare in a time that does not show where two texts differ."""
        return isinstance(other, Document) and hmac.compare_digest(
            self.reveal().encode("utf-8", "surrogateescape"),
            other.reveal().encode("utf-8", "surrogateescape"),
        )

    def __hash__(self) -> int:
        return super().__hash__()


class StoreContent(Record):
    """The content of a slot of one folder of the client."""

    slot: StoreSlot
    path: str
    content: NoCredential | HeldCredential | UnreadableCredential
    file: FileFacts | None = None
    changed_at: int | None = None
    """Seconds since 1970, of a file."""

    @property
    def store(self) -> str:
        """Return the store that the slot belongs to; ``residue`` for what a save left behind."""
        return self.slot.store

    @property
    def name(self) -> str | None:
        """Return the name inside the client's folder; None for what is no file."""
        return self.slot.name

    @property
    def unseen(self) -> str:
        """Return why the content is unknown, or nothing."""
        content = self.content
        if not isinstance(content, UnreadableCredential):
            return ""
        hidden = self.name is not None and self.file is None
        return content.reason if hidden or not content.present else ""

    @property
    def holds(self) -> bool:
        """Return whether there is known to be something, whatever it is."""
        whole = self.file is not None and self.slot.kind != "member"
        there = whole or not isinstance(self.content, NoCredential)
        return there and not self.unseen


class Stores(Record):
    """Every store of one folder of the client, in force or not."""

    home: str
    places: tuple[StoreContent, ...]
    variables: tuple[str, ...] = ()
    """Names of those in the environment that hold a login."""
    keyring_traces: tuple[str, ...] = ()
    """Files by which a keyring that is out of reach may still hold a login."""

    def in_doubt(self, place: StoreContent) -> bool:
        """Return whether a login may be there unseen; without a keyring there is none.

        A service that did not answer is there, and may keep its entries elsewhere than in a file.
        """
        silent = isinstance(place.content, UnreadableCredential) and place.content.unseen
        traced = place.name is not None or bool(self.keyring_traces)
        return bool(place.unseen) and (silent or traced)


class Setting(Record):
    """Where the client looks for a login."""

    store: str
    looks_in: tuple[str, ...]
    """Stores, the first that holds something counts."""
    origin: Origin | None
    """None where it is the default."""
    pinned: bool
    """Whether only an administrator can change it."""
    write: str
    """The line that would make it another one; ``{}`` stands for the store."""
    where: str
    """The file that the line belongs in."""
    moves_to: str | None = None
    """The store into which the client moves a login when it next saves it; None where it stays."""


class Movable(Record):
    """From where a login can be moved into a store."""

    source: str
    """The other store."""
    allowed_by: tuple[str, ...]
    """The words of a policy, for stores, of which each lets a login lie there."""


class CredentialStores(Record):
    """What an adapter knows about keeping logins."""

    every_store: Callable[[Request], Stores]
    """Never asks a user to unlock a keyring."""
    read_document: Callable[[Request, str, str], Document | None]
    """Reads a store of a home, which may ask to be unlocked; None if it is empty. Raises
    EvaluationError if its content cannot be read, or is no login that could be moved."""
    write_document: Callable[[Request, str, str, Document], None]
    """Stores a login in a store of a home that is no file."""
    relation: Callable[[Document, Document], Relation]
    """How the first stands to the second."""
    supersedes: Callable[[Document, Document], bool | None]
    """Whether the first is the newer of the same login; False also if both are worth the same,
    None if they are two logins, or if it is unknown which is newer."""
    setting_of: Callable[[HostState], Setting]
    """Raises PolicyError where the configuration is broken."""
    find_copies: "Callable[[Request, Scope], Found]"
    movable: Mapping[str, Movable]
    """By store that a login can be moved into; empty where the client knows one store alone."""
    unfinished: str = ""
    """The name of the file that becomes the client's credential file, so called that a log-out
    finds what is left of one; empty where no login is moved into a whole file."""
