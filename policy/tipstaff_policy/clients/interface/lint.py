"""What lint reads and what it says; every rule is a function from these values to findings."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from tipstaff_policy.model.request import Reader
from tipstaff_policy.model.state import Fault, Layer, Origin, Platform
from tipstaff_policy.organisation.model import OrganisationPolicy, Rule, Scope

Severity = Literal["error", "warning", "note"]
Kind = str
"""What a file is: `POLICY`, `PROFILE`, or a client's own file, by the name that the client gives
it; a file that policies are rendered to has the name of its payload."""
POLICY, PROFILE = "policy", "profile"
"""The organisation's document, and what a device manager takes."""
FORCED = "Forced"
ANYWHERE = "(bare preferences)"
"""The domain of preferences that no profile names."""
WITHOUT_KEYRING = frozenset(
    [
        "build",
        "builder",
        "ci",
        "container",
        "containers",
        "docker",
        "headless",
        "k8s",
        "kube",
        "pod",
        "runner",
        "runners",
    ]
)
"""Words in the names of hosts that have no desktop session, and so no keyring."""
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
    """Who can read the file with the fleet's key next to a policy; None without one."""


class Aim(NamedTuple):
    """For what the files are meant, and when."""

    version: str
    """The oldest one that they are for, of one client; the files of another client are judged by
    the oldest version that the policies allow of that client, or by its newest."""
    now: int
    days: int = 30
    """How long before its end a waiver is reported."""
    platform: Platform | None = None
    """None if it was not given."""
    without_keyring: tuple[str, ...] = ()
    """Hosts that have no keyring, as their author calls them."""
    client: str | None = None
    """Whose version it is; None for the client that a policy speaks of where it names none."""


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

    client: str
    path: str
    kind: Kind
    layer: Layer
    document: dict[str, Any]
    lines: dict[tuple[str, ...], int]
    inside: str = ""
    """The key of a profile that holds it."""
    at: int | None = None
    """The line of that key; lines of what it holds are those of the text in it."""
    rendered: bool = False
    """Whether Tipstaff rendered it, so that it must not be edited by hand."""


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


Find = Callable[[Files, Aim], Iterator[Hit]]


class LintRule(NamedTuple):
    """One thing that lint looks for."""

    name: str
    severity: Severity
    finds: str
    """For the manual."""
    find: Find
    """Made from a function of what it reads, by `each_policy` and the like."""


class ClientLint(NamedTuple):
    """What a client knows of its own files, and of policies that are for it."""

    newest: str
    """The version for which files are judged where nothing names an older one."""
    kinds: Mapping[str, Kind]
    """By how a name ends, what the file is; the longest ending that fits counts. An ending with a
    folder and `*` in it is a pattern: `settings.d/*.json`."""
    groups: Mapping[str, tuple[LintRule, ...]]
    """Rules by the heading of the manual's page; each sees the files of this client alone."""
    read: Callable[[Given, Reader | None], ClientFile]
    """Reads a file, which may be a faulty one; the reader is for newer grammars than its own."""
    refused: Callable[[ClientFile], LintFinding | None]
    """Why no proven version of the client would start with a file."""
    carried: Callable[[Profile], Iterator[tuple[Setting, Kind, bytes]]]
    """The files that a profile carries, as far as they can be decoded."""


def each_policy(find: Callable[[OrganisationPolicy], Iterable[Hit]]) -> Find:
    """Return a search of every policy."""
    return lambda files, _aim: _chain(find(given.policy) for given in files.policies)


def each_policy_for(find: Callable[[OrganisationPolicy, Aim], Iterable[Hit]]) -> Find:
    """Return a search of every policy, by what it is for."""
    return lambda files, aim: _chain(find(given.policy, aim) for given in files.policies)


def each_document(find: Callable[[Policy], Iterable[Hit]]) -> Find:
    """Return a search of every policy as its author has it."""
    return lambda files, _aim: _chain(map(find, files.policies))


def each_file(find: Callable[[ClientFile], Iterable[Hit]]) -> Find:
    """Return a search of every file of the client."""
    return lambda files, _aim: _chain(map(find, files.clients))


def each_file_for(find: Callable[[ClientFile, Aim], Iterable[Hit]]) -> Find:
    """Return a search of every file of the client, by what it is for."""
    return lambda files, aim: _chain(find(file, aim) for file in files.clients)


def all_files(find: Callable[[tuple[ClientFile, ...]], Iterable[Hit]]) -> Find:
    """Return a search of the client's files together."""
    return lambda files, _aim: iter(find(files.clients))


def all_files_for(find: Callable[[tuple[ClientFile, ...], Aim], Iterable[Hit]]) -> Find:
    """Return a search of the client's files together, by what they are for."""
    return lambda files, aim: iter(find(files.clients, aim))


def all_profiles(find: Callable[[tuple[Profile, ...]], Iterable[Hit]]) -> Find:
    """Return a search of the profiles together."""
    return lambda files, _aim: iter(find(files.profiles))


def together(*finds: Find) -> Find:
    """Return several searches as one."""
    return lambda files, aim: _chain(find(files, aim) for find in finds)


def _chain(found: Iterable[Iterable[Hit]]) -> Iterator[Hit]:
    return (hit for hits in found for hit in hits)


def hosts_without_keyring(aim: Aim, scopes: tuple[Scope, ...] = ()) -> str:
    """Return the hosts that probably have no keyring, in words; nothing where none is known."""
    found = list(aim.without_keyring)
    for scope in scopes:
        words = {
            word
            for text in (scope.name, *scope.hosts)
            for word in re.split(r"[^a-z0-9]", text.casefold())
        }
        found += [f"the scope {scope.name}"] if words & WITHOUT_KEYRING else []
    if not found and aim.platform == "linux":
        found = ["servers and containers under Linux"]
    return " and ".join(found)


def explain_lockout(hosts: str) -> str:
    """Return what a keyring means where there is none."""
    return f"{hosts}: without a keyring no user can sign in there"


def at(origin: Origin, what: str, suggestion: str) -> Hit:
    """Return a fault at a place in a policy document."""
    return Hit(origin.path, origin.line, what, suggestion)


def within(file: ClientFile, line: int | None, what: str, suggestion: str) -> Hit:
    """Return a fault in a client's file; in a profile the line of its text is part of the words."""
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
