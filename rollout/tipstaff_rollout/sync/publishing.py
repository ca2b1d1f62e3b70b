"""The publisher's work: metadata is drafted, signed by one person after another, and released.

A release is published as a whole, and only when every part of it has the signatures that its role
needs. Metadata that expires soon (snapshot and timestamp) is written again when needed, so the
holders of only those keys can keep a folder fresh.

Source: The Update Framework specification 1.0.34, sections 3, 4 and 6.
"""

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.metadata import (
    Role as RoleKeys,
)

from tipstaff_policy.errors import PolicyError, UsageError
from tipstaff_rollout.knowledge import require_knowledge_not_older
from tipstaff_rollout.model import NAMES, Payload
from tipstaff_rollout.payloads import file_names
from tipstaff_rollout.signing import require_not_older
from tipstaff_rollout.sync.deliverables import Delivery, delivery_of
from tipstaff_rollout.sync.repository import ROLES, Repository, Role, root_of
from tipstaff_rollout.sync.signers import signature

DAYS: dict[Role, int] = {"root": 365, "targets": 365, "snapshot": 30, "timestamp": 7}
"""How long metadata is good. The shortest bounds how long a mirror can hold endpoints back."""
OFFLINE: tuple[Role, ...] = ("root", "targets")
TARGETS_FILE, SNAPSHOT_FILE = "targets.json", "snapshot.json"


class Work(NamedTuple):
    """Who works on which folder, and when."""

    repository: Repository
    signers: tuple[Signer, ...]
    now: datetime
    days: Mapping[Role, int] = DAYS

    def expires(self, role: Role) -> datetime:
        """Return when metadata made now ends."""
        return self.now.replace(microsecond=0) + timedelta(days=self.days[role])


class RoleWanted(NamedTuple):
    """Whose signatures a role asks for."""

    keys: tuple[Key, ...]
    threshold: int = 1


def begin(work: Work, roles: Mapping[Role, RoleWanted]) -> None:
    """Draft the first root.

    Raises:
        UsageError: Something is published there, or a role asks for more keys than it has.
    """
    repository = work.repository
    if repository.read_published("root") or repository.read_draft("root"):
        raise UsageError("is a publisher's folder already", where=str(repository.folder))
    root = Root(expires=work.expires("root"), consistent_snapshot=True)
    for role, wanted in roles.items():
        root.roles[role] = RoleKeys([], wanted.threshold)
        for key in wanted.keys:
            root.add_key(key, role)
    _require_thresholds(root)
    repository.keep_draft("root", Metadata(root))


def add(work: Work, delivery: Delivery) -> None:
    """Draft the delivery of a policy, which replaces what is delivered now."""
    repository = work.repository
    names = file_names()
    files = {names[payload.name]: payload.data for payload in delivery.compiled.payloads}
    infos = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in files.items()}
    for name, data in files.items():
        repository.keep_file(name, infos[name].hashes["sha256"], data)
    version = _next_version(repository, "targets")
    targets = Targets(version, expires=work.expires("targets"), targets=infos)
    repository.keep_draft("targets", Metadata(targets))


def require_newer(repository: Repository, delivery: Delivery) -> None:
    """Refuse a policy that every endpoint would take for older than what is published.

    Raises:
        RolledBackError: Its counter is lower.
    """
    targets = repository.read_published("targets")
    if targets is None:
        return
    read = {
        payload: name for payload, name in file_names().items() if name in targets.signed.targets
    }
    payloads = (Payload(payload, repository.file(targets, name)) for payload, name in read.items())
    try:
        published = delivery_of(tuple(payloads))
    except PolicyError:  # of a newer release, or worse: whatever comes now is better
        return
    if published.counter is not None:
        require_not_older(
            delivery.counter, published.counter, "that of the policy that is published"
        )
    if published.knowledge is not None and delivery.knowledge is not None:
        require_knowledge_not_older(
            delivery.knowledge, published.knowledge, "the published document", NAMES["knowledge"]
        )


def drops_knowledge(repository: Repository, delivery: Delivery) -> bool:
    """Return whether a delivery takes away knowledge that is published now."""
    targets = repository.read_published("targets")
    published = targets is not None and NAMES["knowledge"] in targets.signed.targets
    return published and delivery.knowledge is None


def rotate(
    work: Work, role: Role, *, add: Iterable[Key], remove: Iterable[str], threshold: int | None
) -> None:
    """Draft a root with other keys for a role; what those keys sign is drafted with it.

    Args:
        remove: Beginnings of the ids of keys.

    Raises:
        UsageError: A key is not the role's, or the role asks for more keys than it has.
    """
    repository = work.repository
    root = _draft_again(work, "root").signed
    for start in remove:
        found = [keyid for keyid in root.roles[role].keyids if start and keyid.startswith(start)]
        if len(found) != 1:
            raise UsageError(
                f"{start!r} is the beginning of {len(found)} ids of keys of {role}",
                expected=", ".join(keyid[:12] for keyid in root.roles[role].keyids),
            )
        root.revoke_key(found[0], role)
    for key in add:
        root.add_key(key, role)
    if threshold is not None:
        root.roles[role].threshold = threshold
    _require_thresholds(root)
    repository.keep_draft("root", Metadata(root))
    targets = repository.read_draft("targets") or repository.read_published("targets")
    if targets is not None and not _is_signed(targets, root, "targets"):
        repository.keep_draft("targets", _draft_again(work, "targets"))


def refresh(work: Work, roles: Iterable[Role]) -> None:
    """Draft roles again, with the same content and a later end.

    Raises:
        UsageError: Nothing of a role is published yet.
    """
    for role in roles:
        if work.repository.read_published(role) is None:
            raise UsageError(f"no {role} is published yet", expected="a first policy, by `add`")
        work.repository.keep_draft(role, _draft_again(work, role))


def advance(work: Work) -> tuple[str, ...]:
    """Sign what the signers may sign, and publish what then is complete; return its names.

    Raises:
        IntegrityError: A file that is to be published is missing or another; a signer failed.
    """
    repository = work.repository
    drafts = [role for role in OFFLINE if repository.read_draft(role)]
    for role in drafts:
        _sign(work, role)
    ready = drafts if not any(needs(repository, role) for role in drafts) else []
    root = (repository.read_draft if "root" in ready else repository.read_published)("root")
    targets = (repository.read_draft if "targets" in ready else repository.read_published)(
        "targets"
    )
    if root is None or (targets is None and not ready):
        return ()
    if targets is None:
        return _publish(repository, ready)
    for name in targets.signed.targets if "targets" in ready else ():
        repository.file(targets, name)
    snapshot = _online(work, "snapshot", root.signed, targets.signed.version)
    _online(work, "timestamp", root.signed, snapshot.signed.version)
    online = [role for role in ROLES[2:] if repository.read_draft(role)]
    waiting = [
        role for role in online if not _is_signed(_draft(repository, role), root.signed, role)
    ]
    return () if waiting else _publish(repository, [*ready, *online])


def needs(repository: Repository, role: Role) -> tuple[tuple[int, tuple[Key, ...]], ...]:
    """Return how many signatures a draft lacks, and of which keys; a root may lack two kinds."""
    draft = _draft(repository, role)
    root = root_of(repository).signed
    content, signatures = draft.signed_bytes, draft.signatures
    results = [root.get_verification_result(role, content, signatures)]
    former = repository.read_published("root")
    if role == "root" and former is not None:
        results.insert(0, former.signed.get_verification_result(role, content, signatures))
    return tuple(
        (result.missing, tuple(result.unsigned.values()))
        for result in results
        if not result.verified
    )


def waits_for(repository: Repository, key: Key) -> bool:
    """Return whether something waits for the signature of a key."""
    return any(
        key in keys
        for role in ROLES
        if repository.read_draft(role)
        for _, keys in needs(repository, role)
    )


def _publish(repository: Repository, roles: Iterable[Role]) -> tuple[str, ...]:
    names = []
    for role in roles:
        names.append(f"{role} {_draft(repository, role).signed.version}")
        repository.publish(role)
    return tuple(names)


def _online(work: Work, role: Role, root: Root, names: int) -> Metadata[Any]:
    """Return a snapshot that names the version of the targets, or a timestamp of the snapshot."""
    repository = work.repository
    found, draft = repository.read_published(role), repository.read_draft(role)
    version = _next_version(repository, role)
    if (
        draft is None
        and found
        and _read_named_version(found) == names
        and _is_signed(found, root, role)
    ):
        return found
    if draft is None or (draft.signed.version, _read_named_version(draft)) != (version, names):
        draft = _make(work, role, version, names)
        repository.keep_draft(role, draft)
    return _sign(work, role, root)


def _make(work: Work, role: Role, version: int, names: int) -> Metadata[Any]:
    if role == "snapshot":
        meta = {TARGETS_FILE: MetaFile(names)}
        return Metadata(Snapshot(version, expires=work.expires(role), meta=meta))
    return Metadata(Timestamp(version, expires=work.expires(role), snapshot_meta=MetaFile(names)))


def _read_named_version(metadata: Metadata[Any]) -> int:
    """Return the version that a snapshot or a timestamp names."""
    signed = metadata.signed
    meta = signed.snapshot_meta if isinstance(signed, Timestamp) else signed.meta[TARGETS_FILE]
    return cast("int", meta.version)


def _draft_again(work: Work, role: Role) -> Metadata[Any]:
    """Return a role's next metadata without signatures, with the content of the newest."""
    repository = work.repository
    source = repository.read_draft(role) or repository.read_published(role)
    if source is None:
        raise AssertionError(role)  # callers have looked
    signed = copy.deepcopy(source.signed)
    signed.version = _next_version(repository, role)
    signed.expires = work.expires(role)
    return Metadata(signed)


def _sign(work: Work, role: Role, root: Root | None = None) -> Metadata[Any]:
    """Add the signature of every signer whose key a draft asks for."""
    repository = work.repository
    draft = _draft(repository, role)
    content = draft.signed_bytes
    asked = (
        {key.keyid for _, keys in needs(repository, role) for key in keys}
        if root is None
        else set(root.roles[role].keyids)
    )
    for signer in work.signers:
        if signer.public_key.keyid in asked - set(draft.signatures):
            draft.signatures[signer.public_key.keyid] = signature(signer, content)
    repository.keep_draft(role, draft)
    return draft


def _draft(repository: Repository, role: Role) -> Metadata[Any]:
    draft = repository.read_draft(role)
    if draft is None:
        raise AssertionError(role)  # callers have looked
    return draft


def _is_signed(metadata: Metadata[Any], root: Root, role: Role) -> bool:
    content, signatures = metadata.signed_bytes, metadata.signatures
    return root.get_verification_result(role, content, signatures).verified


def _next_version(repository: Repository, role: Role) -> int:
    found = repository.read_published(role)
    return 1 if found is None else cast("int", found.signed.version) + 1


def _require_thresholds(root: Root) -> None:
    for role, keys in root.roles.items():
        if not 1 <= keys.threshold <= len(keys.keyids):
            raise UsageError(
                f"{role} asks for {keys.threshold} signatures and has {len(keys.keyids)} keys",
                expected="a threshold from 1 to the number of its keys",
            )
