"""The knowledge document of a host: found, trusted, verified by the policy's keys, and read.

It fails closed: a file that others could change, that no trusted key signed, or that cannot be
read counts for nothing, and says why. What this release knows by itself stays in force then.
"""

from __future__ import annotations

import os

from tipstaff_policy import __version__
from tipstaff_policy.assessment.knowledge import document
from tipstaff_policy.clients.learned import Found
from tipstaff_policy.errors import PolicyError, TipstaffError, reason_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.paths import place_of_knowledge
from tipstaff_policy.system.files import read_bounded, within
from tipstaff_policy.system.owners.loose_places import loose_places


def read_trusted_keys(root: str | None, platform: Platform) -> tuple[str, ...]:
    """Return the keys that the policy of a host trusts for knowledge; none without a policy."""
    try:
        return require_keys(root, platform)
    except PolicyError:
        return ()


def require_keys(root: str | None, platform: Platform) -> tuple[str, ...]:
    """Return the same keys, for who is about to install a document.

    Raises:
        PolicyError: The host's policy cannot be used.
    """
    from tipstaff_policy.assessment.policy_loading import (  # noqa: PLC0415 - where a document is
        FaultyOrganisation,
        Organisation,
        read_organisation,
    )

    found = read_organisation(Request({}, "/", 0, system_root=root, platform=platform))
    if isinstance(found, FaultyOrganisation):
        fault = found.faults[0]
        raise PolicyError(
            fault.what, where=fault.where or "", expected=fault.expected, remedy=fault.remedy
        )
    keys = found.policy.knowledge_keys if isinstance(found, Organisation) else None
    return keys.values if keys else ()


def read_current(root: str | None, platform: Platform) -> Found | None:
    """Return the document in force on a host; None where there is none that counts."""
    found = read_installed(root, platform)
    return found if found is not None and found.counter is not None else None


def read_installed(root: str | None, platform: Platform) -> Found | None:
    """Return the document of a host; None where there is none.

    Args:
        root: A tree that stands for ``/``.
    """
    path = place_of_knowledge(platform)
    try:
        data = read_bounded(within(root, path), document.SIZE_LIMIT)
    except FileNotFoundError:
        if not os.path.islink(f"{root or ''}{path}"):
            return None
        return Found(path, unusable="is a link that leads nowhere")
    except OSError as error:
        return Found(path, unusable=f"cannot be read: {reason_of(error)}")
    if loose := _who_could_change(path, root, platform):
        return Found(path, unusable=loose)
    try:
        signed = document.verify(data, read_trusted_keys(root, platform))
        knowledge = document.check(signed.content, __version__)
    except TipstaffError as error:
        return Found(path, unusable=error.what)
    return Found(path, knowledge.counter, document.learn_from(knowledge))


def _who_could_change(path: str, root: str | None, platform: Platform) -> str | None:
    places = loose_places(path, root, platform)
    if places is None and root is not None:
        return None  # an image of Windows without descriptors, on which nothing is enforced
    if places == ():
        return None
    who = "; ".join(map(str, places)) if places else "this system does not show by whom"
    return f"could be changed by others than the administrators: {who}"
