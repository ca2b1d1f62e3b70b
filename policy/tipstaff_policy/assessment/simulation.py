"""What a policy would do to a host if it were shipped: one function, from a state to an outcome.

Nothing is read and no request is sent: hosts, images and collected reports are simulated alike.
What a state does not contain is unknown, and never counts as fine.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Literal

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.removal_plan import Plan, Standing, plan_removal
from tipstaff_policy.clients.interface.adapter import Adapter, Administrators
from tipstaff_policy.clients.interface.deployment import ClientFile, Way
from tipstaff_policy.model.state import (
    Credential,
    Decision,
    HeldCredential,
    HostState,
    Machine,
    Mode,
    NoCredential,
    Reading,
    Signature,
    SignIn,
)
from tipstaff_policy.organisation.in_force import Orders, orders_of
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.rollout_stage import Stage
from tipstaff_policy.organisation.violations import violations_of
from tipstaff_policy.record import Record

Outcome = Literal["log_out", "refused", "unknown", "warned", "left_alone"]
OUTCOMES: tuple[Outcome, ...] = ("log_out", "refused", "unknown", "warned", "left_alone")
"""The worst first; of several clients on a host the worst counts."""
Decide = Callable[[HostState], Decision]


class Shipment(Record):
    """What is to be shipped, and the moment that is asked about."""

    policy: OrganisationPolicy
    files: tuple[ClientFile, ...]
    """The client's own files that go with it; none where only Tipstaff's document is shipped."""
    at: int
    """Seconds since 1970."""
    way: Way = "files"


class Subject(Record):
    """A person on a host, as an image or a report shows it."""

    states: tuple[HostState, ...]
    """One for each client that judges otherwise; never empty."""
    machine: Machine
    judged_by: tuple[str, ...] | None = None
    """The thumbprints of the keys that signatures in the states were judged by."""
    decided: Decision | None = None
    """What a report says of its first state; it must be decided alike now."""
    pasted: OrganisationPolicy | None = None
    """Holds the waivers that this person has pasted, where they were verified."""
    unverified_waivers: bool = False
    """Whether there are pasted waivers that were not verified by the policy's keys."""


class Client(Record):
    """What the engine asks of an adapter here."""

    name: str
    decide: Decide
    by_administrators: Callable[[HostState], Administrators]
    deploy: Callable[[HostState, Sequence[ClientFile], Way], HostState]


def client_of(adapter: Adapter) -> Client:
    """Return what the engine asks of an adapter here."""
    return Client(
        adapter.name, adapter.decide, adapter.by_administrators, adapter.deployment().deploy
    )


class Simulated(Record):
    """What becomes of a person, and what is so already."""

    outcome: Outcome
    is_new: bool
    """Whether the client does not do so by itself today."""
    why: str
    now: Decision
    """What the client does today."""
    then: Decision
    """What it does once everything is shipped; the client alone, without Tipstaff."""
    standing: Standing
    """What Tipstaff makes of it by the policy."""
    remove: tuple[str, ...]
    """The stores that Tipstaff would empty."""
    variables: tuple[str, ...]
    mode: Mode
    """How far the start of the policy has come on this host."""
    method: str | None
    """Why a user loses the sign-in; None if no user does."""
    workspace: str | None
    version: str
    """Of the client that this is about."""


def simulate(subject: Subject, shipment: Shipment, client: Client) -> Simulated:
    """Return what becomes of a person on a host; of several clients the worst.

    The law of the reports, `decide(report.state) == report.decision`, is held against each: where
    this release decides otherwise, the outcome is unknown.
    """
    found = [_one(state, subject, shipment, client) for state in subject.states]
    worst = min(found, key=lambda person: (OUTCOMES.index(person.outcome), not person.is_new))
    if subject.decided is not None and subject.decided != found[0].now:
        text = f"{subject.decided.verdict}, and this release decides {found[0].now.verdict}"
        return worst._replace(outcome="unknown", why=f"The report's own decision is {text}.")
    return worst


def later_moments(policy: OrganisationPolicy, at: int) -> tuple[int, ...]:
    """Return when after a moment a policy becomes harder, somewhere; in their order."""
    stated = [policy.valid_from, policy.warn_from, policy.enforce_from]
    moments = [setting.value for setting in stated if setting]
    for scope in policy.scopes:
        moments += [
            moment for moment in (scope.warn_from, scope.enforce_from) if moment is not None
        ]
    return tuple(sorted({moment for moment in moments if moment > at}))


def ship(
    state: HostState, subject: Subject, shipment: Shipment, client: Client
) -> tuple[HostState, Orders]:
    """Return the state of a host once everything is shipped, and what the policy orders there."""
    policy = shipment.policy
    if subject.pasted is not None:
        policy = policy._replace(waivers=(*policy.waivers, *subject.pasted.waivers))
    orders = orders_of(policy, subject.machine, client.name, shipment.at)
    unverified = subject.unverified_waivers and policy.waiver_keys is not None
    orders = orders._replace(unverified_waivers=unverified)
    shipped = client.deploy(state, shipment.files, shipment.way) if shipment.files else state
    shipped = shipped._replace(
        evaluated_at=shipment.at, ordered=orders.make_ordered(), policy_faults=()
    )
    return _judge_signatures(shipped, subject, policy), orders


def _one(state: HostState, subject: Subject, shipment: Shipment, client: Client) -> Simulated:
    now = client.decide(state)
    shipped, orders = ship(state, subject, shipment, client)
    then = client.decide(shipped)
    plan, outcome, why = _judge(now, shipped, orders, client, state.evaluated_at)
    unseen = {credential.source for credential in shipped.credentials} - {
        e.source for e in state.credentials
    }
    if outcome == "unknown" and unseen:
        empty = _with_nothing_in(shipped, unseen)
        _, otherwise, because = _judge(now, empty, orders, client, state.evaluated_at)
        why = f"{why} If that store is empty: {otherwise.replace('_', ' ')}: {because}"
    lost = _find_lost(shipped, now, then, plan) if outcome == "log_out" else None
    return Simulated(
        outcome=outcome,
        is_new=outcome != _by_client(state, now, client),
        why=why,
        now=now,
        then=then,
        standing=plan.standing,
        remove=plan.remove,
        variables=plan.variables,
        mode=orders.stage.mode,
        method=lost.method if lost else None,
        workspace=_workspace_of(lost),
        version=state.client.version,
    )


def _judge(
    now: Decision, shipped: HostState, orders: Orders, client: Client, seen_at: int
) -> tuple[Plan, Outcome, str]:
    sign_in = comply(shipped, client.by_administrators)
    plan = plan_removal(sign_in, orders.stage.why)
    stale = _only_by_age(shipped, client, orders, seen_at)
    then = client.decide(shipped)
    outcome, why = _outcome(now, then, plan, _by_client(shipped, then, client), stale)
    if outcome == "log_out" and plan.standing != "violates":
        why += _of_tipstaff(sign_in, orders.stage)
    return plan, outcome, why


def _of_tipstaff(sign_in: SignIn, stage: Stage) -> str:
    """Return why Tipstaff itself would not remove what the client logs out of."""
    why = f"{stage.why}." if sign_in.verdict == "violates" else sign_in.reason
    return f" Tipstaff itself would remove nothing: {why}"


def _with_nothing_in(state: HostState, sources: Collection[str]) -> HostState:
    return with_each_credential(
        state,
        lambda credential: (
            credential._replace(content=NoCredential())
            if credential.source in sources
            else credential
        ),
    )


def with_each_credential(state: HostState, change: Callable[[Credential], Credential]) -> HostState:
    """Return a state with every credential changed, wherever it keeps it."""

    def apply_changes(credentials: tuple[Credential, ...]) -> tuple[Credential, ...]:
        return tuple(map(change, credentials))

    return state._replace(
        credentials=apply_changes(state.credentials),
        readings=tuple(
            Reading(reading.version, apply_changes(reading.credentials))
            for reading in state.readings
        ),
        places=None if state.places is None else apply_changes(state.places),
    )


def _outcome(
    now: Decision, then: Decision, plan: Plan, client: Outcome, stale: str
) -> tuple[Outcome, str]:
    """Weigh what the client does against what Tipstaff does; the worst for the person counts."""
    if plan.standing == "violates":
        return ("unknown", f"{plan.note} {stale}") if stale else ("log_out", plan.note)
    if client == "log_out":
        return "log_out", then.reason
    if then.verdict == "not_logged_in" and now.verdict == "allow":
        return "log_out", f"{then.reason} Until now the client starts signed in."
    if plan.standing == "refused" or client == "refused":
        return "refused", plan.note if plan.standing == "refused" else then.reason
    if plan.standing == "unevaluated" or client == "unknown":
        return "unknown", plan.note if plan.standing == "unevaluated" else then.reason
    return ("warned" if plan.standing == "warned" else "left_alone"), plan.note


def _by_client(state: HostState, decision: Decision, client: Client) -> Outcome:
    """Return what the client's own decision amounts to for a person.

    To be hidden, or blocked for a login, is to be logged out, where administrators want it: no
    one can work with it.
    """
    kept = decision.verdict in ("ignore_credential", "block") and _is_administrators(
        decision, client.by_administrators(state).binding
    )
    if decision.verdict == "log_out" or kept:
        return "log_out"
    if decision.verdict == "block" and decision.violations:
        return "left_alone"  # by a rule of the user's own
    words: dict[str, Outcome] = {"refuse": "refused", "block": "refused", "unknown": "unknown"}
    return words.get(decision.verdict, "left_alone")


def _is_administrators(decision: Decision, binding: tuple[str, ...]) -> bool:
    return any(o.layer in binding for violation in decision.violations for o in violation.origins)


def _only_by_age(state: HostState, client: Client, orders: Orders, seen_at: int) -> str:
    """Return why the result is unknown, if a login is too old only by the time since it was seen.

    It may be refreshed meanwhile; what was too old when it was seen stays so.
    """
    policy = orders.policy
    if policy.longest_age_s is None or seen_at >= orders.now:
        return ""
    ordered = orders.make_ordered()
    seen = [
        v for credential in state.everywhere() for v in violations_of(credential, ordered, seen_at)
    ]
    ageless = state._replace(ordered=ordered._replace(longest_age_s=None))
    plan = plan_removal(comply(ageless, client.by_administrators))
    if plan.standing == "violates" or any(violation.attribute == "age" for violation in seen):
        return ""
    return "It was not yet that old when it was seen, and may be refreshed until then."


def _find_lost(
    state: HostState, now: Decision, then: Decision, plan: Plan
) -> HeldCredential | None:
    """Return the credential that a person can no longer use."""
    sources = (then.active, now.active, *plan.remove, *plan.variables)
    for source in sources:
        for credential in (*state.credentials, *(state.places or ())):
            if credential.source == source and isinstance(credential.content, HeldCredential):
                return credential.content
    return None


def _workspace_of(held: HeldCredential | None) -> str | None:
    """Return the workspace, organisation or account that a login names."""
    identities = held.identities if held else ()
    return next((identity.value for identity in identities if identity.value is not None), None)


def _judge_signatures(state: HostState, subject: Subject, policy: OrganisationPolicy) -> HostState:
    """Return the state with signatures as the policy's keys judge them, as far as that is known."""
    wanted = policy.trusted_keys.values if policy.trusted_keys else None
    if wanted == subject.judged_by:
        return state
    # Other keys have not verified them; without keys there is nothing to verify.
    signature: Signature | None = None if wanted is None else "not verified"

    return with_each_credential(state, lambda credential: _with_signature(credential, signature))


def _with_signature(credential: Credential, signature: Signature | None) -> Credential:
    held = credential.content
    if not isinstance(held, HeldCredential) or not held.identities or held.ask or not held.usable:
        return credential
    return credential._replace(content=held._replace(signature=signature))
