"""What `tipstaff client knowledge` writes as JSON."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool


class VersionKnown(Part):
    """A version that is proven."""

    version: str
    proven_on: str | None
    """The day; null where it is not known."""
    known_by: Literal["tipstaff", "installed"]
    """Whether this release knows it by itself, or by the installed document."""


class ClientKnown(Part):
    """What is known of one client."""

    client: str
    proven: list[VersionKnown]
    """The oldest first."""


class KnowledgeShown(Part):
    """What is known of clients' versions on a host, and by what."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    installed: str | None
    """The path of the installed document; null where there is none."""
    counter: int | None
    """Of the installed document; null where it does not count."""
    unusable: str | None
    """Why the installed document does not count."""
    clients: list[ClientKnown]


class ClientAdded(Part):
    """What a document adds for one client."""

    client: str
    versions: list[str]
    """Those that it proves and this release does not, the oldest first."""


class KnowledgeVerified(Part):
    """A signed document of knowledge that can be used."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    document: str
    counter: int
    made_at: str
    needs_from: str
    """The oldest release of Tipstaff that may read it."""
    needs_below: str
    """The first release that may not."""
    signer: str
    """The fingerprint of the key."""
    adds: list[ClientAdded]
    differs: list[str]
    """The versions of which it says something else than this release, which keeps its own data."""
    installed: str | None = None
    """Where it was put; null where it was only verified."""
    counter_before: int | None = None
    """Of the document that it replaced."""
