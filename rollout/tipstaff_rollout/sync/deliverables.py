"""What is delivered: payloads under the names that they have in a publisher's folder."""

from typing import NamedTuple

from tipstaff_policy.assessment.policy_loading import ROOT_FILE
from tipstaff_policy.errors import PolicyError
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.paths import FOLDERS, KEPT, KNOWLEDGE
from tipstaff_rollout.artefacts.compiling import (
    Draft,
    compile_policy,
    fingerprint_of,
    policy_of,
    recompile,
    require_usable_knowledge,
    restrictions_of,
)
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.model import NAMES, ArtefactError, Compiled, Payload
from tipstaff_rollout.payloads import client_payloads, file_names

PLATFORMS: tuple[Platform, ...] = ("linux", "macos")
"""Where `sync` runs."""
OWN = "sync"
"""The start of the names of its own files next to the policy; public keys never replace them."""


class Delivery(NamedTuple):
    """A policy that this release reads, with the files that belong to it."""

    compiled: Compiled
    counter: int | None
    knowledge: int | None = None
    """The counter of the knowledge that comes with it."""
    not_used: str | None = None
    """Why the knowledge that was published does not come with it: it is for another release."""


def delivery_of(payloads: tuple[Payload, ...]) -> Delivery:
    """Return what payloads say, after this release has read all of them.

    Another release may compile a policy differently: the client's files are compared with the
    policy by the fingerprint that they carry, not by compiling it again.

    Raises:
        ArtefactError: There is no policy among them, or one belongs to another policy.
        PolicyError: One cannot be read; each fault is named.
        BadSignatureError: No key of the policy signed the knowledge.
    """
    named = {payload.name: payload.data for payload in payloads}
    if "policy" not in named:
        raise ArtefactError("no policy is delivered", expected=NAMES["policy"])
    draft = Draft(named["policy"], named.get("keys"), fleet_key=named.get("fleet_key"))
    policy = policy_of(draft)
    knowledge, not_used = _read_knowledge(named.get("knowledge"), policy)
    if knowledge is None:
        payloads = tuple(payload for payload in payloads if payload.name != "knowledge")
    files = tuple(payload for payload in payloads if payload.name in client_payloads())
    if files:
        stamped = recompile(files)
        restrictions_of(stamped)
        if stamped.fingerprint != fingerprint_of(draft.document):
            raise ArtefactError(
                f"is of another policy ({stamped.fingerprint})", where=file_names()[files[0].name]
            )
    # A publisher of an earlier release leaves the key in the document, which counts as it is.
    fingerprint = fingerprint_of(draft.document)
    made = compile_policy(draft)._replace(payloads=payloads, fingerprint=fingerprint)
    if made.keys_path and not any(
        _is_our_place(made.keys_path, platform) for platform in PLATFORMS
    ):
        raise ArtefactError(
            f"trusted_keys = {made.keys_path!r} is no place that a sync writes to",
            where=NAMES["policy"],
            expected=f"{FOLDERS['linux']}/NAME.json, where NAME does not begin with {OWN}",
        )
    counter = policy.counter.value if policy.counter else None
    return Delivery(made, counter, knowledge, not_used)


def _read_knowledge(
    data: bytes | None, policy: OrganisationPolicy
) -> tuple[int | None, str | None]:
    """Return the counter of published knowledge, or why this release does not use it.

    A fleet of several releases has one folder: knowledge that this release cannot use keeps no
    policy from its host. One that is not signed as it must be does.
    """
    if data is None:
        return None, None
    try:
        return require_usable_knowledge(data, policy), None
    except PolicyError as error:
        return None, error.what


def place_files(delivery: Delivery, platform: Platform) -> tuple[tuple[str, bytes], ...]:
    """Return each file with its place on an endpoint, in the order in which they are put there.

    The policy's own keys come first, so that at no instant it names what is not there; then the
    last good copy of the policy, which is in force where a newer one cannot be read.

    Raises:
        ArtefactError: The policy names its keys by a place of another platform.
    """
    made = delivery.compiled
    if made.keys_path and not _is_our_place(made.keys_path, platform):
        raise ArtefactError(
            f"trusted_keys = {made.keys_path!r} is no place on {platform}",
            where=NAMES["policy"],
            expected=f"{FOLDERS[platform]}/NAME.json",
            remedy="publish one policy for each kind of platform",
        )
    found = place_payloads(made, platform)
    named = ("keys", "fleet_key")
    keys = [(place.path, place.payload.data) for place in found if place.payload.name in named]
    kept = (f"{KEPT[platform]}/{ROOT_FILE}", made.data("policy") or b"")
    rest = [(place.path, place.payload.data) for place in found if place.payload.name not in named]
    return (*keys, kept, *rest)


def _is_our_place(path: str, platform: Platform) -> bool:
    folder, _, name = path.rpartition("/")
    free = name[:4] != OWN and name != KNOWLEDGE
    return folder == FOLDERS[platform] and name.endswith((".json", ".jwks")) and free
