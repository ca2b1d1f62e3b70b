"""How a publisher's folder stands: what is published, until when it is good, and what waits."""

from datetime import datetime
from typing import NamedTuple

from tipstaff_rollout.artefacts.compiling import fingerprint_of
from tipstaff_rollout.model import NAMES
from tipstaff_rollout.sync.publishing import needs
from tipstaff_rollout.sync.repository import ROLES, Repository, Role
from tipstaff_rollout.sync.signers import show_name


class RoleStanding(NamedTuple):
    """How one role stands."""

    role: Role
    version: int | None
    """What is published."""
    good_until: datetime | None
    draft: int | None
    """What waits to be published."""
    needs: tuple[str, ...]
    """Which signatures that lacks, in words."""
    policy: str = ""
    """The fingerprint of the policy that the targets deliver: of the draft, where there is one."""

    def is_expired(self, now: datetime) -> bool:
        """Return whether endpoints refuse what is published."""
        return self.good_until is not None and self.good_until <= now


def standing_of(repository: Repository) -> tuple[RoleStanding, ...]:
    """Return how each role stands, in their order."""
    return tuple(_read_standing(repository, role) for role in ROLES)


def _read_standing(repository: Repository, role: Role) -> RoleStanding:
    published, draft = repository.read_published(role), repository.read_draft(role)
    newest = draft or published
    policy = ""
    if role == "targets" and newest is not None and NAMES["policy"] in newest.signed.targets:
        policy = fingerprint_of(repository.file(newest, NAMES["policy"]))
    return RoleStanding(
        role,
        published.signed.version if published else None,
        published.signed.expires if published else None,
        draft.signed.version if draft else None,
        tuple(
            f"{missing} more of {', '.join(sorted(map(show_name, keys)))}"
            for missing, keys in (needs(repository, role) if draft else ())
        ),
        policy,
    )
