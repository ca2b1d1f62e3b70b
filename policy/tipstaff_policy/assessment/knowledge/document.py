"""A document of what is known of clients' versions: read, verified, checked, written.

It is JSON in one file. Its last member is a signature, as `ssh-keygen -Y sign -n
tipstaff-knowledge` makes it, over the rest in one fixed form: members sorted, no blanks, ASCII, and
a line break at the end. `jq -acS 'del(.signature)'` prints that form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.clients.interface.knowledge import (
    NO_KNOWLEDGE,
    PARTS,
    ClientKnowledge,
    Learned,
    as_number,
    find_faults,
    whole_rows,
)
from tipstaff_policy.errors import BadSignatureError, PolicyError
from tipstaff_policy.record import Record

SCHEMA = 1
PURPOSE = "tipstaff-knowledge"
SIZE_LIMIT = 16 << 20
SIGNATURE = "signature"
MEMBERS = ("schema", "counter", "made_at", "needs_tipstaff", "clients")
NEEDS = ("from", "below")
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
RELEASE = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}", re.ASCII)
MOST_FAULTS = 10
EXPECTED = "the output of `tipstaff client knowledge export`, signed, to its last byte"


class Knowledge(Record):
    """A document that can be used."""

    counter: int
    made_at: str
    needs_from: str
    """The oldest release of Tipstaff that may read it."""
    needs_below: str
    """The first release that may not."""
    clients: dict[str, dict[str, Any]]
    """A section for each client, as it was read."""
    digest: str
    """SHA-256 of what is signed."""


class Signed(Record):
    """A document whose signature holds, before it is checked."""

    content: dict[str, Any]
    signer: str
    """The line of the public key that signed."""


def read_content(data: bytes) -> dict[str, Any]:
    """Return the members of a document as they stand.

    Raises:
        BadSignatureError: It is no JSON object, so that no signature can hold.
    """
    try:
        content = json.loads(data, object_pairs_hook=_members, parse_float=_refuse)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise BadSignatureError(
            "is no complete JSON document, so that no signature can be verified", expected=EXPECTED
        )
    return content


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _refuse(text: str) -> Any:
    raise ValueError(f"a number that is not whole: {text[:0]}")


def render_signed_form(content: dict[str, Any]) -> bytes:
    """Return what a signature of a document covers."""
    rest = {name: value for name, value in content.items() if name != SIGNATURE}
    return (json.dumps(rest, sort_keys=True, separators=(",", ":")) + "\n").encode()


def verify(data: bytes, keys: Iterable[str]) -> Signed:
    """Return a document that one of some keys has signed.

    Args:
        keys: Lines of OpenSSH public keys (ed25519).

    Raises:
        BadSignatureError: It is not signed, was changed, or was signed by another key.
    """
    from tipstaff_policy.parsing.ssh_signatures import find_signer  # noqa: PLC0415 - heavy

    content = read_content(data)
    if not isinstance(content.get(SIGNATURE), str):
        raise BadSignatureError(
            "is not signed", expected=EXPECTED, remedy="sign it: `tipstaff client knowledge export`"
        )
    signer = find_signer(render_signed_form(content), content[SIGNATURE], PURPOSE)
    if signer is None:
        raise BadSignatureError(
            "the signature is invalid: the content differs, or was edited",
            expected="the document that was signed, to its last byte",
            remedy="get the document again from who published it",
        )
    trusted = {" ".join(line.split()[:2]) for line in keys}
    if signer not in trusted:
        raise BadSignatureError(
            "is signed by a key that the policy does not trust"
            if trusted
            else "nothing trusts a key for knowledge here",
            expected="a signature by one of the keys in `knowledge_keys` of the policy",
            remedy="add the signer's public key to `knowledge_keys`, if it is the right one",
        )
    return Signed(content, signer)


def check(content: dict[str, Any], release: str) -> Knowledge:
    """Return what a document says, after each part of it was checked.

    Args:
        release: Of this Tipstaff.

    Raises:
        PolicyError: It is for another release, or something in it cannot be used.
    """
    _require_schema(content)
    faults = [*_document_faults(content)]
    if not faults:
        _require_release(content["needs_tipstaff"], release)
        faults = [*_sections_faults(content["clients"])]
    if faults:
        more = len(faults) - MOST_FAULTS
        shown = faults[:MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])
        raise PolicyError(
            "; ".join(shown),
            expected="a document that fits `tipstaff schema knowledge`",
            remedy="have it exported again by the newest Tipstaff that it is for",
        )
    import hashlib  # noqa: PLC0415 - the guard's start needs none

    needs = content["needs_tipstaff"]
    return Knowledge(
        content["counter"],
        content["made_at"],
        needs["from"],
        needs["below"],
        content["clients"],
        hashlib.sha256(render_signed_form(content)).hexdigest(),
    )


def _require_schema(content: dict[str, Any]) -> None:
    schema = content.get("schema")
    if type(schema) is int and schema > SCHEMA:
        raise PolicyError(
            f"needs a newer Tipstaff: its schema is {schema}",
            expected=f"schema {SCHEMA}",
            remedy="update Tipstaff; a newer one also has this knowledge in itself",
        )


def _document_faults(content: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name[:40]} is unknown" for name in content if name not in (*MEMBERS, SIGNATURE))
    missing = [name for name in MEMBERS if name not in content]
    yield from (f"{name} is missing" for name in missing)
    if missing:
        return
    if content["schema"] is not SCHEMA:
        yield f"schema is not {SCHEMA}"
    counter = content["counter"]
    if type(counter) is not int or not 0 < counter < 1 << 53:
        yield "counter is no whole number above 0"
    made_at = content["made_at"]
    if not isinstance(made_at, str) or not MOMENT.fullmatch(made_at):
        yield "made_at is no moment such as 2026-11-30T12:00:00Z"
    needs = content["needs_tipstaff"]
    if not isinstance(needs, dict) or {*needs} != {*NEEDS}:
        yield f"needs_tipstaff is no object with {' and '.join(NEEDS)}"
    elif not all(isinstance(text, str) and RELEASE.fullmatch(text) for text in needs.values()):
        yield "needs_tipstaff names what is no release such as 1.2.3"
    if not isinstance(content["clients"], dict) or not content["clients"]:
        yield "clients is no object with a section for a client"


def _require_release(needs: dict[str, str], release: str) -> None:
    if as_number(needs["from"]) <= as_number(_plain(release)) < as_number(needs["below"]):
        return
    raise PolicyError(
        f"is for Tipstaff from {needs['from']} and below {needs['below']}, and this is {release}",
        expected="a document that is for this release",
        remedy="export one with --needs-from and --needs-below for the releases on your hosts, "
        "or update Tipstaff",
    )


def _plain(release: str) -> str:
    found = RELEASE.match(release)
    return found[0] if found else "0.0.0"


def _sections_faults(clients: dict[str, Any]) -> Iterator[str]:
    known = knowledge_of_clients()
    for name, section in clients.items():
        if name not in known:
            yield f"clients.{name[:40]} is no client that this release knows"
            continue
        yield from (f"clients.{name}.{fault}" for fault in find_faults(section, known[name]))


def knowledge_of_clients() -> dict[str, ClientKnowledge]:
    """Return what each client's adapter says of the knowledge about it."""
    parts = {name: load_client(name).knowledge() for name in CLIENTS}
    return {name: part for name, part in parts.items() if part != NO_KNOWLEDGE}


def learn_from(document: Knowledge) -> dict[str, Learned]:
    """Return what a document adds to this release, client by client.

    Only of versions that are newer than all that this release proves; of the others this release
    keeps its own data, whatever the document says.
    """
    return {
        name: _beyond(document, section, load_client(name).versions.newest)
        for name, section in document.clients.items()
    }


def _beyond(document: Knowledge, section: dict[str, Any], newest: str) -> Learned:
    own, rows = as_number(newest), whole_rows(section["rows"])
    spans = [
        (as_number(span["since"]), tuple((name, rows[name]) for name in span["rows"]))
        for span in section["spans"]
    ]
    measured = {name: section[name] for name in section if name not in PARTS}
    return Learned(
        document.counter,
        document.digest,
        {
            number: day
            for version, day in section["proven"].items()
            if (number := as_number(version)) > own
        },
        tuple(span for span in spans if span[0] > own),
        {
            name: {
                number: content
                for version, content in data.items()
                if (number := as_number(version)) > own
            }
            for name, data in measured.items()
        },
    )


def find_differences(document: Knowledge) -> Iterator[str]:
    """Yield where a document says something else than this release of what both know."""
    for name, client in knowledge_of_clients().items():
        if name not in document.clients:
            continue
        section, own = document.clients[name], client.read_own()
        for version in own["proven"]:
            if version in section["proven"] and _of(own, version) != _of(section, version):
                yield f"{name} {version}"


def _of(section: dict[str, Any], version: str) -> Any:
    """Return all that a section says of one version, without how it says it."""
    rows, number = whole_rows(section["rows"]), as_number(version)
    fitting = [span["rows"] for span in section["spans"] if as_number(span["since"]) <= number]
    data = {name: section[name].get(version) for name in section if name not in PARTS}
    return [rows[name] for name in fitting[-1]] if fitting else [], data
