"""A signed document of what is known of clients' versions: verified, and put in its place."""

import os
from typing import NamedTuple

from tipstaff_policy import __version__
from tipstaff_policy.assessment.knowledge.document import (
    Knowledge,
    check,
    find_differences,
    learn_from,
    verify,
)
from tipstaff_policy.assessment.knowledge.installed import read_current, require_keys
from tipstaff_policy.clients.interface.knowledge import as_text
from tipstaff_policy.errors import AccessDeniedError, PolicyError, TipstaffError
from tipstaff_policy.installation.apply import apply_step, refusals
from tipstaff_policy.installation.model import Step
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import place_of_knowledge
from tipstaff_policy.organisation.waivers.signed import fingerprint
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_rollout.signing.errors import RolledBackError

PUBLIC = 0o644


class VerifiedKnowledge(NamedTuple):
    """A document that can be used, and whose it is."""

    document: Knowledge
    signer: str
    """The fingerprint of the key that signed it."""

    def adds(self) -> dict[str, tuple[str, ...]]:
        """Return the versions that it proves beyond this release, by client."""
        learned = learn_from(self.document)
        return {name: tuple(map(as_text, one.proven)) for name, one in learned.items()}

    def differs(self) -> tuple[str, ...]:
        """Return the versions of which it says something else; this release keeps its own data."""
        return tuple(find_differences(self.document))


def verify_knowledge(data: bytes, keys: tuple[str, ...], where: str) -> VerifiedKnowledge:
    """Return a document after its signature and every part of it was checked.

    Raises:
        BadSignatureError: No such key signed it, or it was edited.
        PolicyError: It is for another Tipstaff, or cannot be used.
    """
    try:
        signed = verify(data, keys)
        return VerifiedKnowledge(check(signed.content, __version__), fingerprint(signed.signer))
    except TipstaffError as error:
        error.where = where
        raise


def require_knowledge_not_older(counter: int, least: int, what: str, where: str) -> None:
    """Require that a document's counter has not gone back.

    Raises:
        RolledBackError: It is smaller.
    """
    if counter < least:
        raise RolledBackError(
            f"the knowledge has the counter {counter}, and that of {what} is {least}",
            where=where,
            expected=f"a counter of {least} or more",
            remedy="take the newest document; to go back on purpose, export with a higher counter",
        )


class Target(NamedTuple):
    """Where a document is installed."""

    root: str | None
    """A tree that stands for ``/``."""
    platform: Platform


def install(target: Target, data: bytes, where: str) -> tuple[VerifiedKnowledge, int | None]:
    """Put a document in its place; return it with the counter of the one before.

    Raises:
        AccessDeniedError: This user may not, or the disk refuses.
        BadSignatureError: No key of the host's policy signed it.
        RolledBackError: It is older than the one in force.
        PolicyError: It cannot be used, or others could change its place.
    """
    root, platform = target
    if root is None and os.sep == "/" and os.geteuid() != 0:
        raise AccessDeniedError(
            "only root can change the knowledge of this machine",
            remedy="`sudo tipstaff client knowledge install FILE`",
        )
    found = verify_knowledge(data, require_keys(root, platform), where)
    path = place_of_knowledge(platform)
    _require_own(target, path)
    before = read_current(root, platform)
    in_force = before.counter if before else None
    if in_force is not None:
        require_knowledge_not_older(
            found.document.counter, in_force, "the document in force", where
        )
    with refusals("correct that, and install it again; nothing was changed"):
        apply_step(root, Step("write", path, content=data, mode=PUBLIC))
    return found, in_force


def _require_own(target: Target, path: str) -> None:
    folder = path.rpartition("/")[0]
    if others := loose_places(folder, target.root, target.platform):
        raise PolicyError(
            "could be changed by others than the administrators: " + "; ".join(map(str, others)),
            where=folder,
            expected="a folder that only the administrators own and can write",
        )
