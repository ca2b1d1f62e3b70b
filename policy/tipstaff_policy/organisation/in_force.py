"""What the organisation orders on a host: the policy, for whom, and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tipstaff_policy.model.state import (
    Attribute,
    IdentityAttribute,
    Machine,
    Ordered,
    Origin,
    Violation,
)
from tipstaff_policy.organisation.fields import SHORT_FORM_OF
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy, Rule
from tipstaff_policy.organisation.rollout_stage import Stage, stage_of
from tipstaff_policy.organisation.violations import CHECKS, NO_WORKSPACE, check_of
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # loaded only where something is waived
    from tipstaff_policy.organisation.waivers.standing import Waived


CHECKS_OF_CREDENTIALS = (*CHECKS.values(), NO_WORKSPACE)


class Orders(Record):
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

    def waiver(self, check: str) -> Waived | None:
        """Return the waiver that covers a check here, if there is one."""
        if not self.policy.waivers:
            return None
        from tipstaff_policy.organisation.waivers.standing import (  # noqa: PLC0415 - costs start-up
            find_waiver,
        )

        return find_waiver(
            self.policy, check, client=self.client, machine=self.machine, now=self.now
        )

    def waivers(self) -> tuple[Waived, ...]:
        """Return every waiver of the policy with how it stands, whomever it covers."""
        from tipstaff_policy.organisation.waivers.standing import (  # noqa: PLC0415 - reports only
            judge_waiver,
        )

        return tuple(judge_waiver(self.policy, waiver, self.now) for waiver in self.policy.waivers)

    def is_waived(self, violation: Violation) -> bool:
        """Return whether a waiver covers a violation at this time."""
        return self._is_covered(check_of(violation))

    def make_ordered(self) -> Ordered:
        """Return what the policy orders about sign-ins, as the state of a host keeps it."""
        policy = self.policy
        organisations, accounts = self.owners("organisation"), self.owners("account")
        rules: tuple[tuple[Attribute, Allowed | Rule[Any] | None], ...] = (
            ("login_method", policy.login_methods),
            ("workspace", policy.workspaces),
            ("environment", policy.environment_credentials),
            ("signature", policy.trusted_keys),
            ("age", policy.longest_age_s),
            ("organisation", organisations),
            ("account", accounts),
        )
        variables = policy.environment_credentials
        return Ordered(
            policy.login_methods.values if policy.login_methods else None,
            policy.workspaces.values if policy.workspaces else None,
            forbids_variables=variables is not None and variables.value == "forbid",
            wants_signature=policy.trusted_keys is not None,
            longest_age_s=policy.longest_age_s.value if policy.longest_age_s else None,
            origins=tuple((name, rule.origins) for name, rule in rules if rule is not None),
            waived=tuple(
                credential for credential in CHECKS_OF_CREDENTIALS if self._is_covered(credential)
            ),
            unverified_waivers=self.unverified_waivers,
            mode=self.stage.mode,
            why=self.stage.why,
            organisations=organisations.values if organisations else None,
            accounts=accounts.values if accounts else None,
            names=policy.workspace_names,
        )

    def owners(self, attribute: IdentityAttribute) -> Allowed | None:
        """Return whose a login may be, by one attribute; None where that is not restricted."""
        if attribute == "workspace":
            return self.policy.workspaces
        if not self.policy.clients:
            return None
        from tipstaff_policy.organisation.client_rules import rules_for  # noqa: PLC0415 - rare

        rules = rules_for(self.policy, self.client)
        return _show(rules.organisations if attribute == "organisation" else rules.accounts)

    def _is_covered(self, check: str) -> bool:
        found = self.waiver(check)
        return found is not None and found.standing == "active"


def orders_of(policy: OrganisationPolicy, machine: Machine, client: str, now: int) -> Orders:
    """Return what a policy orders on a machine for a client at a time."""
    if policy.clients or client != SHORT_FORM_OF:
        from tipstaff_policy.organisation.client_rules import policy_for  # noqa: PLC0415 - rare

        policy = policy_for(policy, client)
    return Orders(_comparable(policy), machine, stage_of(policy, machine, now), client, now)


def _comparable(policy: OrganisationPolicy) -> OrganisationPolicy:
    """Return a policy whose owners are shown as the claims are that they are held against."""
    if policy.workspaces is None and not policy.workspace_names:
        return policy
    names = tuple((mask_text(owner), name) for owner, name in policy.workspace_names)
    return policy._replace(workspaces=_show(policy.workspaces), workspace_names=names)


def _show(rule: Allowed | None) -> Allowed | None:
    """Return ids as the claims are shown that they are held against."""
    return rule and rule._replace(values=tuple(map(mask_text, rule.values)))
