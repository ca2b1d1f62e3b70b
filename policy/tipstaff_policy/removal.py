"""What ought to be removed from where, and whose rule says so (ADR 0007, ADR 0015)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from tipstaff_policy.values import (
    Credential,
    Decision,
    HeldCredential,
    HostState,
    UnreadableCredential,
    Verdict,
    Violation,
)

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.organisation.orders import Orders

Residue = Callable[[HostState, str | None], tuple[Violation, ...]]
Standing = Literal["complies", "violates", "warned", "refused", "unevaluated"]


def _no_residue(_state: HostState, _active: str | None) -> tuple[Violation, ...]:
    return ()


class Plan(NamedTuple):
    """What enforcement is to do on a state."""

    standing: Standing
    decision: Decision
    remove: tuple[str, ...] = ()
    """Stores to empty."""
    variables: tuple[str, ...] = ()
    """Environment variables whose credential violates; nobody can remove them from here."""
    note: str = ""
    ordered: bool = False
    """Whether a part of it is ordered by administrators beyond what the client itself removes."""
    needs_library: bool = False
    """Whether the full program, which has the libraries for it, could judge."""


def plan_removal(
    state: HostState,
    decide: Callable[[HostState], Decision],
    orders: "Orders | None" = None,
    residue: Residue = _no_residue,
) -> Plan:
    """Return what is to be removed; reads nothing but the state.

    Args:
        orders: What the organisation wants beyond the client's own rules.
        residue: What credentials that are not in use break of the administrators' rules.
    """
    plan = _by_client(state, decide)
    if plan.standing in ("refused", "unevaluated"):
        return plan
    broken = residue(state, plan.decision.active)
    if orders is None:
        return _with_residue(plan, state, broken)
    plan = _without_waived(plan, orders)
    plan = _with_residue(plan, state, tuple(each for each in broken if not orders.is_waived(each)))
    return _by_organisation(plan, state, orders)


def _with_residue(plan: Plan, state: HostState, violations: tuple[Violation, ...]) -> Plan:
    """Add what lies in stores that are not in use and breaks a rule of the administrators'."""
    if not violations:
        return plan
    remove = _once(*plan.remove, *(each.source for each in violations))
    note = _note(plan, state, violations)
    return plan._replace(standing="violates", remove=remove, note=note, ordered=True)


def _without_waived(plan: Plan, orders: "Orders") -> Plan:
    own = plan.decision.violations
    if plan.standing == "violates" and own and all(orders.is_waived(each) for each in own):
        return Plan("complies", plan.decision, note=f"{plan.decision.reason} That is waived.")
    return plan


def _by_organisation(plan: Plan, state: HostState, orders: "Orders") -> Plan:
    """Add what the organisation forbids, wherever it lies; leave what is waived or not yet due."""
    unverified = [each.source for each in state.credentials if _is_unverified(each.content)]
    if unverified:
        note = f"the signature of {unverified[0]} cannot be verified here; nothing was removed."
        return Plan("unevaluated", plan.decision, note=note, needs_library=True)
    violations = orders.violations(state)
    stored = {each.source for each in state.credentials if each.path is not None}
    broken = tuple(dict.fromkeys(each.source for each in violations))
    plan = plan._replace(
        remove=_once(*plan.remove, *(each for each in broken if each in stored)),
        variables=_once(*plan.variables, *(each for each in broken if each not in stored)),
        note=_note(plan, state, violations),
        ordered=plan.ordered or bool(violations),
    )
    if not plan.remove and not plan.variables:
        return plan
    if orders.unverified_waivers:
        note = f"{plan.note} Whether a pasted waiver covers it cannot be verified here."
        return Plan("unevaluated", plan.decision, note=note, needs_library=True)
    if orders.stage.mode == "enforce":
        return plan._replace(standing="violates")
    standing: Standing = "warned" if orders.stage.mode == "warn" else "complies"
    note = f"{plan.note} Nothing was removed: {orders.stage.why}."
    return Plan(standing, plan.decision, note=note)


def _is_unverified(content: object) -> bool:
    return isinstance(content, HeldCredential) and content.signature == "not verified"


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _note(plan: Plan, state: HostState, violations: tuple[Violation, ...]) -> str:
    if not violations:
        return plan.note
    from tipstaff_policy.organisation.judging import in_words  # noqa: PLC0415 - violations only

    places = {each.source: each.path or each.source for each in state.credentials}
    told = [f"{places[each.source]} {in_words(each)}." for each in violations]
    return " ".join(([plan.note] if plan.standing == "violates" else []) + told)


def _by_client(state: HostState, decide: Callable[[HostState], Decision]) -> Plan:
    """Return what the client's own rules want removed."""
    decision = decide(state)
    unseen = _unseen(state, decision)
    if unseen:
        return Plan("unevaluated", decision, note=f"{unseen}; nothing was removed.")
    if decision.verdict in ("log_out", "ignore_credential"):
        return _violating(state, decision, decide)
    standings: dict[Verdict, Standing] = {"refuse": "refused", "unknown": "unevaluated"}
    standing = standings.get(decision.verdict, "complies")
    return Plan(standing, decision, note=decision.reason)


def _unseen(state: HostState, decision: Decision) -> str:
    """Return what has to be read before anything can be said, or nothing."""
    for credential in state.every_credential():
        content = credential.content
        if isinstance(content, UnreadableCredential) and (
            # Nothing is removed by a program that does not see the whole.
            content.needs_library
            or (decision.verdict == "not_logged_in" and credential.source in decision.unread)
        ):
            return f"{credential.path or credential.source} {content.reason}"
    return ""


def _violating(
    state: HostState, decision: Decision, decide: Callable[[HostState], Decision]
) -> Plan:
    active_is_stored = any(each.source == decision.active for each in _stored(state.credentials))
    if active_is_stored:
        if _may_remove(state, decision):
            return Plan("violates", decision, remove=_stores(decision), note=decision.reason)
        note = f"{decision.reason} Only a personal setting says so, so it stays."
        return Plan("complies", decision, note=note)
    # The client would delete a stored login because of the variable, even one that complies.
    beneath = decide(_without_variables(state))
    remove = _stores(beneath) if _may_remove(state, beneath) else ()
    if decision.verdict == "ignore_credential" and not by_administrators(state, decision):
        return Plan("complies", decision, note=decision.reason)
    return Plan("violates", decision, remove, (str(decision.active),), decision.reason)


def _stored(credentials: tuple[Credential, ...]) -> tuple[Credential, ...]:
    return tuple(each for each in credentials if each.path is not None)


def _without_variables(state: HostState) -> HostState:
    readings = (each._replace(credentials=_stored(each.credentials)) for each in state.readings)
    return state._replace(credentials=_stored(state.credentials), readings=tuple(readings))


def _stores(decision: Decision) -> tuple[str, ...]:
    """Return what the client itself empties, and the store of the credential that violates."""
    return tuple(dict.fromkeys((*decision.removes, str(decision.active))))


def _may_remove(state: HostState, decision: Decision) -> bool:
    """Return whether a removal is the client's own, or an administrator's order."""
    if decision.verdict == "log_out":
        return True
    return decision.verdict == "ignore_credential" and by_administrators(state, decision)


def by_administrators(state: HostState, decision: Decision) -> bool:
    """Return whether a rule that is broken was written by the administrators."""
    names = {each.name for each in state.layers if each.administrators}
    return any(origin.layer in names for each in decision.violations for origin in each.origins)
