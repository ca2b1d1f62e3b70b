"""What an adapter knows of the issuer of its credentials."""

from collections.abc import Callable

from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.record import Record


class Sealed(Secret[bytes]):
    """What is sent to the issuer, the token in it."""

    __slots__ = ()


class Revocable(Record):
    """A credential that its issuer can revoke."""

    body: Sealed
    nearby: str = ""
    """What is in the same place and stays valid."""
    others: tuple["Revocable", ...] = ()
    """Further logins of the same place, each revoked by itself."""


class NotRevocable(Record):
    """A credential that no issuer revokes for its holder."""

    why: str


class Issuer(Record):
    """How the credentials of a client are revoked."""

    url: str
    content_type: str
    overrides: tuple[str, ...]
    """Variables by which the client itself lets its user choose another issuer."""
    read: Callable[[Request, str, str], Revocable | NotRevocable]
    """Takes the client's folder and the name of a store; raises what the store raises."""
    ca_variable: Callable[[Request], str | None]
    """Returns the names of authorities that are trusted in addition to those of the system."""
    authorities: Callable[[Request], tuple[bytes, ...]]
    """Returns those (DER); raises where what is named cannot be used."""
    stamp: str = ""
    """A header by which the issuer's own answers are known; empty where any success counts."""
