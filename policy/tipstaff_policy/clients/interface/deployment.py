"""What a client can be told of an organisation's policy by files of its own."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from tipstaff_policy.model.state import HostState, Platform
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.organisation.client_keys import Contradiction

STAMP = re.compile(
    rb"# Tipstaff \w+\.toml (sha256:[0-9a-f]{64}) of all that follows\n"
    rb"# policy (\S+), version (\".*\"), owner (\".*\")\n"
    rb"# fingerprint (sha256:[0-9a-f]{64})\n"
)


Way = Literal["files", "profile"]
"""By files at their places, or by what a device manager sets where a platform has such a thing."""


class ClientFile(Record):
    """One of the client's administrators' files."""

    name: str
    """As `Deployment.places` calls it."""
    text: str


class Preferences(Record):
    """What device management sets on macOS: values of a domain, each a file as base64 text."""

    domain: str
    keys: Mapping[str, str]
    """By the name of the file."""


class Deployment(Record):
    """How an adapter writes a policy as files of its client, and reads them."""

    files_of: Callable[[OrganisationPolicy], tuple[ClientFile, ...]]
    """The same policy gives the same text; a file that would say nothing is left out."""
    obstacles: Callable[[OrganisationPolicy, tuple[int, int, int], frozenset[str]], tuple[str, ...]]
    """Why a version of the client cannot enforce what some of those files say."""
    restrictions_in: Callable[[Mapping[str, str]], OrganisationPolicy]
    """What files say, by their names: methods, workspaces and stores; raises PolicyError."""
    places: Mapping[Platform, Mapping[str, str]]
    """Where each file lies, with the platform's own separators; a file that only its user could
    be given has no place."""
    deploy: Callable[[HostState, Sequence[ClientFile], Way], HostState]
    """The state of a host as it would be with files in place of those that lie there now."""
    preferences: Preferences
    file_of: Mapping[str, str]
    """By a table of `[clients.NAME]`, the file that its keys go into."""
    contradicting: "Callable[[OrganisationPolicy], tuple[Contradiction, ...]]"
    """Keys of those tables that say otherwise than the policy's own fields."""
    words: Callable[[], Collection[str]]
    """Texts of the client's own, which hold no secret."""
