"""Read policies: a file, a folder with fragments, or an artefact."""

import os
from pathlib import Path, PurePath
from typing import Annotated, NamedTuple

import typer

from tipstaff_policy.assessment.policy_loading import (
    KEY_LIMIT,
    ROOT_FILE,
    SIZE_LIMIT,
    FaultyOrganisation,
    clients_of_documents,
    read_draft,
)
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.deployment import ClientFile
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.parsing import File, Parsed, parse_document
from tipstaff_policy.organisation.paths import FLEET_KEY
from tipstaff_policy.organisation.whole_start import find_hold_backs
from tipstaff_rollout.artefacts.compiling import (
    BadPolicyError,
    Draft,
    compile_policy,
)
from tipstaff_rollout.payloads import client_payloads, is_stamped
from tipstaff_rollout.proving import prove
from tipstaff_rollout.storing import content_of, read_artefact
from tipstaff_schemas.comparison import PolicyNamed


class Authored(NamedTuple):
    """A policy, and how it is named."""

    path: Path
    named: PolicyNamed
    policy: OrganisationPolicy
    keys: Path | None = None
    """The public keys that it was read with."""


def read_authored(path: Path, keys: Path | None) -> Authored:
    """Return the policy of an author, or of an artefact that is whole.

    Raises:
        BadPolicyError: It is no valid policy; the error lists every fault.
        ArtefactError: It was edited or truncated, or Tipstaff did not render it.
        AccessDeniedError: It cannot be read.
    """
    if not _is_document(path):
        proof = prove(read_artefact(path))
        made = proof.compiled
        named = PolicyNamed(path=str(path), id=made.id, version=made.version)
        return Authored(path, named, proof.policy)
    keys = keys or _keys_next_to(path)
    found = read_draft(str(path), None if keys is None else str(keys))
    if isinstance(found, FaultyOrganisation):
        raise BadPolicyError(found.faults)
    policy = found.policy
    named = PolicyNamed(
        path=str(path),
        id=policy.id.value if policy.id else None,
        version=policy.version.value if policy.version else None,
    )
    return Authored(path, named, policy, keys)


KnowledgeFile = Annotated[
    Path | None,
    typer.Option(
        "--knowledge",
        metavar="FILE",
        help="Signed knowledge of client versions to deliver with the policy.",
    ),
]


def draft_in(path: Path, keys: Path | None, knowledge: Path | None = None) -> Draft:
    """Return an author's document with the public keys that it names, and the fleet's key.

    Args:
        knowledge: The signed document that is delivered with it.

    Raises:
        AccessDeniedError: One cannot be read.
    """
    secret = path.with_name(FLEET_KEY)
    has_secret = os.path.lexists(secret)
    return _public_draft(path, keys)._replace(
        fleet_key=content_of(secret, KEY_LIMIT) if has_secret else None,
        knowledge=None if knowledge is None else content_of(knowledge, SIZE_LIMIT),
    )


def _public_draft(path: Path, keys: Path | None) -> Draft:
    """Return a draft without the file that its readers may have no right to read."""
    return Draft(
        content_of(path, SIZE_LIMIT),
        None if keys is None else content_of(keys, SIZE_LIMIT),
        str(path),
    )


def client_files(
    authored: Authored, adapter: Adapter, *, at_once: bool, now: int
) -> tuple[ClientFile, ...]:
    """Return the client's own files that go with a policy, line by line as they are rendered.

    None before the policy is enforced everywhere, because those files cannot wait.
    """
    path, policy, keys = authored.path, authored.policy, authored.keys
    if find_hold_backs(policy, now) and not at_once:
        return ()
    if path.is_dir() or not _is_document(path):
        return adapter.deployment().files_of(policy)
    payloads = compile_policy(_public_draft(path, keys), at_once=at_once, now=now).payloads
    known = client_payloads()
    return tuple(
        ClientFile(payload.name, payload.data.decode())
        for payload in payloads
        if payload.name in known and known[payload.name].client == adapter.name
    )


def _is_document(path: Path) -> bool:
    """Return whether a path is a policy as it is written, and no artefact that was rendered."""
    if path.is_dir():
        return (path / ROOT_FILE).is_file()
    is_toml = path.suffix == ".toml" or not path.exists()
    return is_toml and not (path.exists() and is_stamped(content_of(path, SIZE_LIMIT)))


def _keys_next_to(path: Path) -> Path | None:
    """Return the copy of the public keys next to a policy, under the name that the policy uses."""
    document = path / ROOT_FILE if path.is_dir() else path
    if not document.is_file():
        return None
    parsed = parse_document(
        File(str(document), content_of(document, SIZE_LIMIT), root=True), clients_of_documents()
    )
    rule = parsed.keys_file if isinstance(parsed, Parsed) else None
    copy = document.with_name(PurePath(rule.value.replace("\\", "/")).name) if rule else None
    return copy if copy is not None and copy.is_file() else None
