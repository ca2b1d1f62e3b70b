"""What the organisation orders on a host: the policy, for whom, and how far it has come."""

from typing import TYPE_CHECKING, NamedTuple

from tipstaff_policy.organisation.judging import check_of, violations_of
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.stage import Stage, stage_of
from tipstaff_policy.values import HostState, Machine, Origin, Violation

if TYPE_CHECKING:  # loaded only where something is waived
    from tipstaff_policy.organisation.waivers import Waived


class Orders(NamedTuple):
    """The policy, and everything that it is read against."""

    policy: OrganisationPolicy
    machine: Machine
    stage: Stage
    client: str
    now: int
    unverified_waivers: bool = False
    """Whether waivers were pasted that this process has not the means to verify."""
    newer: tuple[Origin, ...] = ()
    """The files that need a newer release; then the last good copy is in force."""

    def waiver(self, check: str) -> "Waived | None":
        """Return the waiver that covers a check here, if there is one."""
        if not self.policy.waivers:
            return None
        from tipstaff_policy.organisation.waivers import waived  # noqa: PLC0415 - costs start-up

        return waived(self.policy, check, client=self.client, machine=self.machine, now=self.now)

    def waivers(self) -> "tuple[Waived, ...]":
        """Return every waiver of the policy with how it stands, whomever it covers."""
        from tipstaff_policy.organisation.waivers import standing  # noqa: PLC0415 - reports only

        return tuple(standing(self.policy, each, self.now) for each in self.policy.waivers)

    def is_waived(self, violation: Violation) -> bool:
        """Return whether somebody answers for a violation at this time."""
        found = self.waiver(check_of(violation))
        return found is not None and found.standing == "active"

    def violations(self, state: HostState) -> tuple[Violation, ...]:
        """Return what the credentials of a host break and nobody answers for, wherever they lie."""
        return tuple(
            violation
            for credential in state.credentials
            for violation in violations_of(credential, self.policy, self.now)
            if not self.is_waived(violation)
        )


def orders_of(policy: OrganisationPolicy, machine: Machine, client: str, now: int) -> Orders:
    """Return what a policy orders on a machine for a client at a time."""
    return Orders(policy, machine, stage_of(policy, machine, now), client, now)
