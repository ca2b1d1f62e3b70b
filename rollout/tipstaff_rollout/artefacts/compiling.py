"""Compile a policy document to payloads, and read it back from them.

Pure: neither clock nor disk. The document itself is carried byte for byte, so that its digest is
the fingerprint by which an artefact and a report of an endpoint are known to be of one policy. A
secret in it alone is carried in a file of its own, because every user has to read the document.
"""

import hashlib
import posixpath
from typing import NamedTuple

from tipstaff_policy.assessment.policy_loading import (
    FaultyOrganisation,
    clients_of_documents,
    draft_of,
    fleet_key_in,
)
from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.clients.interface.deployment import BadStamp, Stamp
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import Fault
from tipstaff_policy.organisation.merging import meet
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.parsing import File, Parsed, parse_document
from tipstaff_policy.organisation.paths import FLEET_KEY
from tipstaff_policy.organisation.whole_start import find_hold_backs
from tipstaff_rollout.model import NAMES, ArtefactError, Compiled, Payload
from tipstaff_rollout.payloads import (
    ClientPayload,
    client_payloads,
    deployment_of,
    file_names,
    has_drop_in,
)

MOVED = f"# fleet_key is in {FLEET_KEY}, which only root can read\n".encode()
"""Stands in a delivered document where its author stated the key."""


KNOWLEDGE_LIMIT = 1 << 20
"""Bytes of a document of knowledge, as of any file that a sync downloads."""


class Draft(NamedTuple):
    """A policy as its author has it."""

    document: bytes
    keys: bytes | None = None
    """The file of public keys that it names."""
    path: str = "policy.toml"
    """Where errors say that it is."""
    fleet_key: bytes | None = None
    """The content of the file with the fleet's key, where the document does not state it."""
    knowledge: bytes | None = None
    """A signed document of what is known of newer clients, which goes with the policy."""


class BadPolicyError(ArtefactError):
    """A document is not a policy; the error lists every fault."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first, *others = faults
        remedy = first.remedy
        for of_a_host in ("; nothing was removed", "; no login was removed"):
            remedy = remedy.removesuffix(of_a_host)
        super().__init__(
            first.what, where=first.where or "", expected=first.expected, remedy=remedy
        )
        self.others = others

    def __str__(self) -> str:
        more = [
            f"error: {other.where}: {other.what}\n  expected: {other.expected}"
            for other in self.others
        ]
        return "\n".join([super().__str__(), *more])


def policy_of(draft: Draft) -> OrganisationPolicy:
    """Return what a document says.

    Raises:
        BadPolicyError: It is no policy of this release, or no root document.
        ArtefactError: It names public keys, and they are missing.
    """
    if draft.keys is None and _keys_path(draft):
        raise ArtefactError(
            f"the policy names public keys ({_keys_path(draft)}), which are missing",
            where=draft.path,
            expected="their file",
            remedy="give your copy of it by --keys FILE",
        )
    found = draft_of(File(draft.path, draft.document, root=True), draft.keys)
    if isinstance(found, FaultyOrganisation):
        raise BadPolicyError(found.faults)
    return found.policy


def compile_policy(
    draft: Draft, *, at_once: bool = False, drop_ins: bool = False, now: int | None = None
) -> Compiled:
    """Return what every channel takes, with the files of every client that the policy speaks of.

    Args:
        at_once: Whether to write the client's own files even if the policy starts later, or only
        on some hosts: they take effect on every host as soon as they are there.
        drop_ins: Whether to write a client's file also in the form of a drop-in, if it has one.
        now: The moment at which a start counts as over; without one no start is ever over.

    Raises:
        BadPolicyError: It is no policy.
        BadSignatureError: No key of the policy signed the knowledge.
        PolicyError: The knowledge cannot be used.
    """
    policy = policy_of(draft)
    if policy.id is None or policy.version is None:  # the reader asks for both
        raise AssertionError(draft.path)
    document, key = _split(draft, policy)
    payloads = [Payload("policy", document)]
    if draft.keys is not None and policy.trusted_keys is not None:
        payloads.append(Payload("keys", draft.keys))
    if key is not None:
        payloads.append(Payload("fleet_key", key))
    if draft.knowledge is not None:
        require_usable_knowledge(draft.knowledge, policy)
        payloads.append(Payload("knowledge", draft.knowledge))
    made = Compiled(
        policy.id.value,
        policy.version.value,
        fingerprint_of(document),
        policy.owner.value if policy.owner else "",
        tuple(payloads),
        _keys_path(draft),
    )
    if find_hold_backs(policy, now) and not at_once:
        return made
    texts = {
        file.name: file.text
        for client in CLIENTS
        for file in deployment_of(client).files_of(policy)
    }
    if drop_ins:
        texts |= _write_drop_ins(texts)
    files = [
        Payload(name, _write_stamped(made, payload, texts[name]))
        for name, payload in client_payloads().items()
        if name in texts
    ]
    return made._replace(payloads=(*payloads, *files))


def require_usable_knowledge(data: bytes, policy: OrganisationPolicy) -> int:
    """Require that endpoints of a policy would use a document, and return its counter.

    Raises:
        BadSignatureError: No key of the policy signed it.
        PolicyError: It is for another Tipstaff, cannot be used, or is too large to deliver.
    """
    from tipstaff_rollout.knowledge import verify_knowledge  # noqa: PLC0415 - rare

    name = NAMES["knowledge"]
    if len(data) > KNOWLEDGE_LIMIT:
        raise ArtefactError(
            f"has {len(data)} bytes",
            where=name,
            expected=f"at most {KNOWLEDGE_LIMIT}",
            remedy="export fewer versions: `tipstaff client knowledge export --newest 3`",
        )
    keys = policy.knowledge_keys.values if policy.knowledge_keys else ()
    return verify_knowledge(data, keys, name).document.counter


def _write_drop_ins(texts: dict[str, str]) -> dict[str, str]:
    return {
        form.file: form.write(texts[form.base])
        for client in CLIENTS
        for form in deployment_of(client).drop_ins
        if form.base in texts
    }


def _split(draft: Draft, policy: OrganisationPolicy) -> tuple[bytes, bytes | None]:
    """Return the document without the fleet's key, and the content of the key's own file.

    Raises:
        ArtefactError: The file holds no key, or another one than the document.
    """
    own = None if draft.fleet_key is None else _key_in_file(draft)
    rule = policy.fleet_key
    if rule is None:
        return draft.document, None if own is None else own.reveal().encode() + b"\n"
    if own is not None and own.reveal() != rule.value.reveal():
        raise ArtefactError(
            f"fleet_key differs from the one in {FLEET_KEY} next to the policy",
            where=f"{draft.path}:{rule.origins[0].line}",
            expected="one key",
            remedy="remove one of them",
        )
    return without_fleet_key(draft, policy), rule.value.reveal().encode() + b"\n"


def _key_in_file(draft: Draft) -> FleetKey:
    try:
        return fleet_key_in(draft.fleet_key or b"")
    except ValueError as error:
        raise ArtefactError(
            "holds no key",
            where=f"{posixpath.dirname(draft.path) or '.'}/{FLEET_KEY}",
            expected=str(error),
            remedy="draw one: openssl rand -base64 32",
        ) from error


def without_fleet_key(draft: Draft, policy: OrganisationPolicy) -> bytes:
    """Return a document with a comment in place of its key; every other line keeps its number."""
    rule = policy.fleet_key
    start = (rule.origins[0].line or 1) - 1 if rule else 0
    lines = draft.document.splitlines(keepends=True)
    wanted = policy._replace(fleet_key=None)
    for end in range(start + 1, len(lines) + 1):  # a text may go over several lines
        blank = [b"#\n"] * (end - start - 1)
        document = b"".join([*lines[:start], MOVED, *blank, *lines[end:]])
        found = draft_of(File(draft.path, document, root=True), draft.keys)
        if not isinstance(found, FaultyOrganisation) and found.policy == wanted:
            return document
    raise AssertionError(draft.path)


def fingerprint_of(document: bytes) -> str:
    """Return the fingerprint of a policy document; a report shows it for the deployed file."""
    return f"sha256:{hashlib.sha256(document).hexdigest()}"


def recompile(payloads: tuple[Payload, ...]) -> Compiled:
    """Return the policy that payloads were compiled from, as far as they contain it.

    Raises:
        ArtefactError: They are of different policies, or one was edited or cut off.
        BadPolicyError: The document among them is no policy.
    """
    named = {payload.name: payload.data for payload in payloads}
    known, names = client_payloads(), file_names()
    stamps = {
        payload.name: _read_stamped(known[payload.name], payload)
        for payload in payloads
        if payload.name in known
    }
    if "policy" in named:
        draft = Draft(
            named["policy"],
            named.get("keys"),
            fleet_key=named.get("fleet_key"),
            knowledge=named.get("knowledge"),
        )
        again = compile_policy(draft, at_once=bool(stamps), drop_ins=has_drop_in(payloads))
    elif stamps:
        again = next(iter(stamps.values()))
    else:
        raise ArtefactError("it carries no policy", expected="one that Tipstaff has rendered")
    if "policy" in named and stamps and all(stamp[2] != again[2] for stamp in stamps.values()):
        # Each of those files vouches for itself by a digest; so it is the policy that is another.
        first = next(iter(stamps.values()))
        raise ArtefactError(
            f"was edited or cut off, or is another policy than {_name_payload(first)}",
            where=NAMES["policy"],
            expected=f"the content of {first.fingerprint}",
            remedy="render all of it again",
        )
    for name, stamp in stamps.items():
        if stamp[:3] != again[:3]:
            raise ArtefactError(
                f"is of policy {_name_payload(stamp)}, the rest of {_name_payload(again)}",
                where=f"{names[name]}:2",
                remedy="render all of it again",
            )
    wanted = {payload.name: payload.data for payload in again.payloads}
    for payload in payloads if "policy" in named else ():
        expected = wanted.get(payload.name, b"")
        if payload.data != expected:
            raise ArtefactError(
                "does not say what its policy compiles to",
                where=f"{names[payload.name]}:{find_differing_line(payload.data, expected)}",
                remedy="render it again",
            )
    return again._replace(payloads=payloads)


def _name_payload(made: Compiled) -> str:
    return f"{made.id} {made.version} ({made.fingerprint})"


def restrictions_of(made: Compiled) -> OrganisationPolicy:
    """Return what payloads say: the policy itself, or what the clients' files have of it.

    Raises:
        ArtefactError, PolicyError: They cannot be read.
    """
    document = made.data("policy")
    if document is not None:
        return policy_of(Draft(document, made.data("keys")))
    known = client_payloads()
    files: dict[str, dict[str, str]] = {}
    for payload in made.payloads:
        if payload.name in known:
            texts = files.setdefault(known[payload.name].client, {})
            texts[payload.name] = payload.data.decode()
    return meet(deployment_of(client).restrictions_in(texts) for client, texts in files.items())


def find_differing_line(found: bytes, expected: bytes) -> int:
    """Return the number of the first line in which two texts differ, from 1."""
    lines = zip(found.splitlines(keepends=True), expected.splitlines(keepends=True), strict=False)
    same = 0
    for one, other in lines:
        if one != other:
            break
        same += 1
    return same + 1


def _keys_path(draft: Draft) -> str:
    parsed = parse_document(
        File(draft.path, draft.document, root=True), clients_of_documents(), lines=False
    )
    rule = parsed.keys_file if isinstance(parsed, Parsed) else None
    return rule.value if rule else ""


def _write_stamped(made: Compiled, payload: ClientPayload, text: str) -> bytes:
    stamp = Stamp(made.id, made.version, made.owner, made.fingerprint)
    return payload.deployment.stamps.write(payload.file.name, stamp, text)


def _read_stamped(kind: ClientPayload, payload: Payload) -> Compiled:
    """Return whose a client's file says that it is."""
    stamp = kind.deployment.stamps.read(payload.name, payload.data)
    if isinstance(stamp, BadStamp):
        raise ArtefactError(
            stamp.what,
            where=f"{kind.file.file_name}:1",
            expected=stamp.expected,
            remedy="render it again",
        )
    return Compiled(stamp.id, stamp.version, stamp.fingerprint, stamp.owner, (payload,))
