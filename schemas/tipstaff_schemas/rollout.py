"""What `tipstaff policy verify` writes as JSON."""

from typing import Literal

from tipstaff_schemas.authoring import LintEntry
from tipstaff_schemas.report import SCHEMA_VERSION, Part, PolicyRule, Tool


class Carried(Part):
    """A file that an artefact brings to endpoints."""

    name: str
    sha256: str
    """Digest of the deployed file; a report shows the digest of the file on the host."""


class Signed(Part):
    """A signature that holds."""

    kind: Literal["cms", "ssh"]
    signer: str
    """The key's fingerprint, or the certificate's subject and fingerprint."""
    trusted: bool
    """Whether trusted keys were named, and it is by one of them."""


class ArtefactVerified(Part):
    """The content of an artefact, after every byte was rendered again and matched."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    artefact: str
    channel: str
    id: str
    version: str
    fingerprint: str
    """Of the policy that it was made from."""
    carries: list[Carried]
    says: list[PolicyRule]
    """Of the client's own files methods, workspaces and stores alone."""
    signed_scripts: list[str]
    """Scripts with a block of PowerShell's behind them, which is not judged here."""
    signature: Signed | None
    """None where there is none."""
    against: str | None = None
    """The policy that it was compared with."""
    differences: list[str]
    """In which files it differs from that policy; empty also where it was compared with none."""
    rendered_for: str | None = None
    """Where it differs only because it was rendered for another day: the option for that one."""
    lint: list[LintEntry]
    """What in it would not do what its author thinks; files are those that it carries."""
