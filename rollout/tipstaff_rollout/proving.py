"""Rendering a policy for a channel, and reading an artefact back to prove what it says."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_rollout.artefacts.compiling import (
    find_differing_line,
    recompile,
    restrictions_of,
)
from tipstaff_rollout.artefacts.pages import UPLOAD, find_mismatches, upload_page
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.lint.client_rules import Version, oldest_for
from tipstaff_rollout.model import ArtefactError, Channel, Compiled, File, PayloadName
from tipstaff_rollout.payloads import (
    choose_payloads,
    client_payloads,
    clients_of,
    deployment_of,
    drop_ins,
    file_names,
)

SIGNATURE_BLOCK = re.compile(
    rb"\r?\n# SIG # Begin signature block\r?\n(?:# [A-Za-z0-9+/=]+\r?\n)+"
    rb"# SIG # End signature block(?:\r?\n)?\Z"
)
"""What PowerShell appends to a script that is signed; its signature is not judged here."""


class Proof(NamedTuple):
    """The content of an artefact, after it was rendered again and matched."""

    channel: str
    compiled: Compiled
    policy: OrganisationPolicy
    """What its payloads state; of the client's own files all that they can show."""
    signed: tuple[str, ...] = ()
    """The scripts to which a block with a signature was appended afterwards."""


def render_artefact(made: Compiled, to: Channel) -> tuple[File, ...]:
    """Return a policy as one channel's artefact, with its upload page if it has several files.

    Raises:
        ArtefactError: Nothing of the policy goes by this channel, or it cannot be made.
    """
    carried = choose_payloads(made, to.carries)
    if not carried:
        raise ArtefactError(
            f"this policy has nothing for {to.name}",
            expected=f"a policy that says something for {_name_files(to.carries)}",
            remedy="if it starts later: render it with --at-once, or ship Tipstaff's own document",
        )
    files = to.render(made._replace(payloads=carried))
    return files if len(files) == 1 else with_page(made, to, files)


def with_page(made: Compiled, to: Channel, files: tuple[File, ...]) -> tuple[File, ...]:
    """Return an artefact with the page that says where each file goes."""
    if any(file.path == UPLOAD for file in files):
        return files
    carried = made._replace(payloads=choose_payloads(made, to.carries))
    return (*files, upload_page(carried, to, files))


def list_left_out(made: Compiled, to: Channel) -> tuple[PayloadName, ...]:
    """Return what of a policy does not go by a channel."""
    forms, carried = drop_ins(), {payload.name for payload in choose_payloads(made, to.carries)}
    carried |= {base for name, base in forms.items() if name in carried}
    carried |= {name for name, base in forms.items() if base in carried}
    return tuple(payload.name for payload in made.payloads if payload.name not in carried)


def prove(files: tuple[File, ...]) -> Proof:
    """Return what an artefact says.

    It is read back to its payloads, each payload is compared with the policy that it names, and the
    artefact is rendered from them again: every byte must be the same.

    Raises:
        ArtefactError: Tipstaff did not render it, or it was edited, cut off, or contradicts itself.
        PolicyError: Its policy is invalid; each fault is named.
    """
    plain = tuple(map(without_signature, files))
    signed = tuple(one.path for one, other in zip(files, plain, strict=True) if one != other)
    try:
        proof = _prove_plain(plain)
    except ArtefactError as error:
        touched = find_mismatches(plain)
        if touched:
            raise _make_edited_error(touched[0], others=touched[1:]) from error
        error.where = _locate_in_artefact(error.where, plain)
        raise
    return proof._replace(signed=signed)


def without_signature(file: File) -> File:
    """Return a script of PowerShell as it was before it was signed; any other file as it is."""
    if not file.path.endswith(".ps1"):
        return file
    return file._replace(data=SIGNATURE_BLOCK.sub(b"", file.data))


def _locate_in_artefact(where: str, files: tuple[File, ...]) -> str:
    """Return a place with the path that its file has in an artefact, where one alone can be meant.

    Errors of a payload name the payload itself.
    """
    name, colon, line = where.partition(":")
    named = [file.path for file in files if file.path.split("/")[-1] == name]
    return f"{named[0]}{colon}{line}" if len(named) == 1 else where


def _prove_plain(files: tuple[File, ...]) -> Proof:
    rest = tuple(file for file in files if file.path != UPLOAD) or files
    found = _recognise(rest)
    if found is None:
        raise ArtefactError(
            "no channel knows this artefact",
            where=files[0].path if len(files) == 1 else "",
            expected=f"one of {', '.join(channel_names())}, as `tipstaff policy render` makes it",
            remedy="give the whole folder where an artefact has several files",
        )
    by, made = found
    expected = by.render(made)
    _require_same(rest, expected)
    if len(expected) > 1 or len(rest) < len(files):
        _require_same(files, with_page(made, by, expected))
    return Proof(by.name, made, restrictions_of(made))


def differences(proof: Proof, against: Compiled) -> tuple[str, ...]:
    """Return in which payloads an artefact differs from what a policy compiles to."""
    carries = channel(proof.channel).carries
    wanted = {payload.name: payload.data for payload in choose_payloads(against, carries)}
    found = {payload.name: payload.data for payload in proof.compiled.payloads}
    if found == wanted:
        return ()
    lines = [
        f"{name}: {_describe_difference(found.get(name), wanted.get(name))}"
        for name in dict.fromkeys((*found, *wanted))
        if found.get(name) != wanted.get(name)
    ]
    return tuple(lines)


def _recognise(files: tuple[File, ...]) -> tuple[Channel, Compiled] | None:
    for name in channel_names():
        one = channel(name)
        payloads = one.read(files)
        if payloads is not None:
            return one, recompile(payloads)
    return None


def _require_same(found: tuple[File, ...], expected: tuple[File, ...]) -> None:
    """Compare an artefact with what its own policy renders to.

    Raises:
        ArtefactError: The first file that differs, and where.
    """
    wanted = {file.path: file for file in expected}
    if len(expected) == 1 and len(found) == 1:  # an artefact of one file may be called anything
        wanted = {found[0].path: expected[0]}
    there = {file.path: file for file in found}
    touched = _find_touched(there, wanted)
    if touched:
        raise ArtefactError(
            "was edited or cut off after it was rendered",
            where=touched,
            expected="the content whose digest the rest of the artefact names",
            remedy="render the artefact again",
        )
    for path in sorted({*wanted, *there}):
        if path not in there:
            raise ArtefactError("is missing", where=path, remedy="render the artefact again")
        if path not in wanted:
            raise ArtefactError("does not belong to it", where=path, remedy="take it away")
        if there[path].data != wanted[path].data:
            line = find_differing_line(there[path].data, wanted[path].data)
            raise _make_edited_error(f"{path}:{line}")


def _make_edited_error(where: str, *, others: tuple[str, ...] = ()) -> ArtefactError:
    also = f"; so were {', '.join(others)}" if others else ""
    return ArtefactError(
        f"was edited or cut off after it was rendered{also}",
        where=where,
        expected="what its own policy renders to, byte for byte",
        remedy="render the artefact again",
    )


def _find_touched(there: dict[str, File], wanted: dict[str, File]) -> str:
    """Return the file from which the rest would be rendered otherwise; empty where none is.

    A file that is carried as it is looks whole, and makes all others look edited: its digest,
    which they would name, stands in none of them.
    """
    for path, file in there.items():
        if path not in wanted or wanted[path].data != file.data:
            continue
        digest = sha256(file.data).hexdigest().encode()
        naming = [
            other.path
            for other in wanted.values()
            if other.path != path and digest in other.data and other.path in there
        ]
        if naming and not any(digest in there[name].data for name in naming):
            return path
    return ""


def _describe_difference(found: bytes | None, wanted: bytes | None) -> str:
    if found is None:
        return "is missing"
    if wanted is None:
        return "is not of that policy"
    return f"differs from line {find_differing_line(found, wanted)} on"


def _name_files(names: tuple[str, ...]) -> str:
    known = file_names()
    return " or ".join(known[name] if name != "keys" else "its keys" for name in names)


def obstacles(
    made: Compiled,
    policy: OrganisationPolicy,
    to: Channel,
    oldest_versions: Mapping[str, Version] | None = None,
) -> tuple[str, ...]:
    """Return why a client of a version would not do what an artefact says.

    Args:
        oldest_versions: The oldest version on the hosts, by client; of another client it is the one
        that the policy states, or its newest.
    """
    known = client_payloads()
    found: list[str] = []
    for client in clients_of(made):
        names = frozenset(
            payload.name
            for payload in choose_payloads(made, to.carries)
            if payload.name in known
            if known[payload.name].client == client
        )
        oldest = (oldest_versions or {}).get(client) or oldest_for(policy, client)
        shown = ".".join(map(str, oldest))
        reasons = deployment_of(client).obstacles(policy, oldest, names) if names else ()
        found += [f"client {shown}: {reason}" for reason in reasons]
    return tuple(found)
