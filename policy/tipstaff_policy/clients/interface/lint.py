"""What lint reads and what it says; every rule is a function from these values to findings."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from tipstaff_policy.model.state import Fault, Layer, Origin, Platform
from tipstaff_policy.organisation.model import OrganisationPolicy, Rule

Severity = Literal["error", "warning", "note"]
Kind = Literal["policy", "requirements", "managed_config", "config", "profile"]
"""The organisation's document, the client's own files, and what a device manager takes."""
INVALID = "invalid"
"""The rule of what a reader refuses; it alone makes exit 3."""


class LintFinding(NamedTuple):
    """Something that would not do what its author thinks."""

    rule: str
    severity: Severity
    path: str
    line: int | None
    """Counts from 1; None where a file has no lines, or lacks something."""
    what: str
    suggestion: str


class Given(NamedTuple):
    """A file as its author has it."""

    path: str
    data: bytes
    kind: Kind
    mode: int = 0o600
    """Who else can read it."""
    key_mode: int | None = None
    """Who can read the file with the fleet's key beside a policy; None without one."""


class Aim(NamedTuple):
    """For what the files are meant, and when."""

    version: str
    """The oldest client that they are for."""
    now: int
    days: int = 30
    """How long before its end a waiver is told."""
    platform: Platform | None = None
    """None where nobody said."""
    without_keyring: tuple[str, ...] = ()
    """Hosts that have no keyring, as their author calls them."""


class Policy(NamedTuple):
    """A policy document, its fragments merged with it."""

    path: str
    """Of its root; of its first fragment where the root was not given."""
    policy: OrganisationPolicy
    keys_file: Rule[str] | None = None
    """The file of public keys that it names, where its author gave no copy."""
    readable: tuple[str, ...] = ()
    """Those of its files that others than their owner can read; so too the fleet's key."""


class ClientFile(NamedTuple):
    """One of the client's own files, or what a profile carries in place of one."""

    path: str
    kind: Literal["requirements", "managed_config", "config"]
    layer: Layer
    document: dict[str, Any]
    lines: dict[tuple[str, ...], int]
    inside: str = ""
    """The key of a profile that holds it."""
    at: int | None = None
    """The line of that key; lines of what it holds are those of the text in it."""
    rendered: bool = False
    """Whether Tipstaff has made it, so that nobody adds to it by hand."""


class Setting(NamedTuple):
    """A value of a preference domain, as a profile sets it."""

    domain: str
    key: str
    value: Any
    how: str
    """``Forced``, or how else the system is to take it."""
    line: int | None


class Profile(NamedTuple):
    """A configuration profile, or the bare preferences of a domain."""

    path: str
    bare: bool
    payloads: tuple[tuple[dict[str, Any], int | None], ...]
    """Of a profile itself and of what it holds, each with the line of its identifier."""
    settings: tuple[Setting, ...]


class Files(NamedTuple):
    """Everything that was given, read."""

    policies: tuple[Policy, ...] = ()
    clients: tuple[ClientFile, ...] = ()
    profiles: tuple[Profile, ...] = ()


class Hit(NamedTuple):
    """Where a rule found its fault."""

    path: str
    line: int | None
    what: str
    suggestion: str


class LintRule(NamedTuple):
    """One thing that lint looks for."""

    name: str
    severity: Severity
    finds: str
    """For the manual."""
    find: Callable[[Files, Aim], Iterator[Hit]]


def at(origin: Origin, what: str, suggestion: str) -> Hit:
    """Return a fault at a place in a policy document."""
    return Hit(origin.path, origin.line, what, suggestion)


def within(file: ClientFile, line: int | None, what: str, suggestion: str) -> Hit:
    """Return a fault in a client's file; in a profile the line of its text is told in words."""
    if not file.inside:
        return Hit(file.path, line, what, suggestion)
    place = file.inside if line is None else f"{file.inside}, line {line}"
    return Hit(file.path, file.at, f"{place}: {what}", suggestion)


def invalid(fault: Fault) -> LintFinding:
    """Return what a reader refuses."""
    path, _, line = fault.where.rpartition(":")
    known = bool(path) and line.isdecimal()
    return LintFinding(
        INVALID,
        "error",
        path if known else fault.where,
        int(line) if known else None,
        fault.what,
        f"expected {fault.expected}" if fault.expected else fault.remedy,
    )
