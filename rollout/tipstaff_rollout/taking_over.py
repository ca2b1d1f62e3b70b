"""The keys of a client's file that an organisation has already, written into its policy.

So the shipped file holds them, and the policy is the one place where they are changed from then on.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import tomlkit

from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.lint import Given
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import Fault, Origin
from tipstaff_policy.organisation.client_keys import document_of, meet_keys, sort_keys
from tipstaff_policy.organisation.model import LAYER
from tipstaff_rollout.artefacts.compiling import BadPolicyError, Draft, policy_of
from tipstaff_rollout.lint.profiles import read_profile
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.payloads import client_payloads, deployment_of


class Taken(NamedTuple):
    """A policy that carries further keys."""

    draft: Draft
    keys: tuple[ClientKey, ...]
    """Those that it did not state before."""


def take_over(draft: Draft, files: tuple[Given, ...]) -> Taken:
    """Return a policy with the keys of files that its clients have already.

    Raises:
        BadPolicyError: A key contradicts the policy; each is named, with both places.
        ArtefactError: A file is none that can be taken over.
    """
    policy = policy_of(draft)
    theirs = tuple(key for file in files for key in _keys_in(file))
    together = policy._replace(client_keys=meet_keys(policy.client_keys, theirs))
    faults = contradictions(together)
    if faults:
        raise BadPolicyError(faults)
    stated = {key[:3] for key in policy.client_keys} | set(_list_compiled(draft))
    new = sort_keys(their for their in theirs if their[:3] not in stated)
    document = _extend(draft.document.decode(), new).encode() if new else draft.document
    made = draft._replace(document=document)
    if {key[:4] for key in policy_of(made).client_keys} != {
        *(key[:4] for key in policy.client_keys),
        *(key[:4] for key in new),
    }:
        raise ArtefactError(
            "the keys cannot be written into this document",
            where=draft.path,
            remedy=f"write the tables [clients.{new[0].client}.…] as tables with headings",
        )
    return Taken(made, new)


def _keys_in(given: Given) -> Iterator[ClientKey]:
    """Yield the keys of a file, or of what a profile carries in place of files."""
    if given.kind == "profile":
        faults: list[Fault] = []
        profile = read_profile(given.path, given.data, faults)
        if profile is None:
            raise BadPolicyError(tuple(faults))
        for client in CLIENTS:
            for _, kind, data in load_client(client).lint().carried(profile):
                yield from _keys_in(Given(given.path, data, kind))
        return
    found = client_payloads().get(given.kind)
    table = _tables(found.client).get(given.kind) if found else None
    if found is None or table is None:
        names = ", ".join(kind.file.file_name for kind in client_payloads().values())
        raise UsageError(
            f"{given.path} is no administrators' file of the client",
            expected=f"{names}, or a profile that carries them",
        )
    documents = found.deployment.documents
    try:
        text = given.data.decode().removeprefix("\ufeff")
        leaves = documents.leaves(text)
    except ValueError as error:
        raise ArtefactError(f"not valid {documents.grammar}: {error}", where=given.path) from error
    lines = documents.lines(text)
    for path, value in leaves.items():
        origin = Origin(LAYER, given.path, lines.get(path))
        yield ClientKey(found.client, table, path, value, (origin,))


def _tables(client: str) -> dict[str, str]:
    """Return by the name of a file the table of a policy that its keys go into."""
    deployment = deployment_of(client)
    tables = {name: table for table, name in deployment.file_of.items()}
    return tables | {drop_in.file: tables[drop_in.base] for drop_in in deployment.drop_ins}


def _list_compiled(draft: Draft) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the keys that a policy compiles to without stating them as such."""
    policy = policy_of(draft)
    for client in CLIENTS:
        deployment, tables = deployment_of(client), _tables(client)
        for file in deployment.files_of(policy):
            for path in deployment.documents.leaves(file.text):
                if file.name in tables:
                    yield client, tables[file.name], path[:1]


def _extend(text: str, keys: tuple[ClientKey, ...]) -> str:
    document = tomlkit.parse(text)
    if "clients" not in document:
        whole = [key._replace(path=("clients", *key[:2], *key.path)) for key in keys]
        return f"{text.rstrip()}\n{document_of(whole)}"
    for key in keys:
        *tables, name = "clients", key.client, key.file, *key.path
        place: Any = document
        for table in tables:
            if table not in place:
                place[table] = tomlkit.table()
            place = place[table]
        place[name] = tomlkit.parse(f"x = {key.value.reveal()}\n")["x"]
    return tomlkit.dumps(document)
