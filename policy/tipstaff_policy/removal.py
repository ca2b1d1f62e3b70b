"""What ought to be removed from where, and whose rule says so (ADR 0007)."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tipstaff_policy.values import Credential, Decision, HostState, UnreadableCredential, Verdict

Standing = Literal["complies", "violates", "refused", "unevaluated"]


class Plan(NamedTuple):
    """What enforcement is to do on a state."""

    standing: Standing
    decision: Decision
    remove: tuple[str, ...] = ()
    """Stores to empty."""
    variables: tuple[str, ...] = ()
    """Environment variables whose credential violates; nobody can remove them from here."""
    note: str = ""


def plan_removal(state: HostState, decide: Callable[[HostState], Decision]) -> Plan:
    """Return what is to be removed; reads nothing but the state."""
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
