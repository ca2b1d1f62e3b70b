"""Policies as their authors have them: a file, or a folder with fragments."""

import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tipstaff_policy.clients.model import Adapter
from tipstaff_policy.deployment import ClientFile
from tipstaff_policy.errors import AccessDeniedError
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.reading import FaultyOrganisation, read_draft
from tipstaff_rollout.compiling import (
    CLIENT_FILES,
    BadPolicyError,
    Draft,
    compiled,
    keys_named,
    later_starts,
)
from tipstaff_rollout.proving import proved
from tipstaff_rollout.storing import read_artefact

Keys = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Your copy of the public keys that the policy names; default: beside it.",
    ),
]


class Authored(NamedTuple):
    """A policy, and what it would ship as files of the client."""

    path: Path
    policy: OrganisationPolicy
    files: tuple[ClientFile, ...]


def read_authored(path: Path, keys: Path | None, adapter: Adapter, *, at_once: bool) -> Authored:
    """Return a policy of an author.

    Raises:
        BadPolicyError: It is none; every fault is told.
        AccessDeniedError: Its keys cannot be read.
    """
    keys = keys or _beside(path)
    found = read_draft(str(path), None if keys is None else str(keys))
    if isinstance(found, FaultyOrganisation):
        raise BadPolicyError(found.faults)
    policy = found.policy
    if later_starts(policy) and not at_once:
        return Authored(path, policy, ())
    if path.is_dir():
        return Authored(path, policy, adapter.deployment().files_of(policy))
    draft = Draft(path.read_bytes(), None if keys is None else keys.read_bytes(), str(path))
    made = compiled(draft, adapter.name, at_once=at_once)
    texts = [each for each in made.payloads if each.name in CLIENT_FILES]
    return Authored(path, policy, tuple(ClientFile(n, data.decode()) for n, data in texts))
