"""What is to be removed from where, and whose rule says so (ADR 0039).

An administrators' rule removes every credential that breaks it, in any store. Under a rule of the
user's own Tipstaff does no more than a definite decision says that every client here does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from tipstaff_policy.model.state import Credential, Decision, HostState, SignIn
from tipstaff_policy.record import Record

Standing = Literal["complies", "violates", "warned", "refused", "unevaluated"]


class Plan(Record):
    """What enforcement is to do on a state."""

    standing: Standing
    remove: tuple[str, ...] = ()
    """Stores to empty."""
    variables: tuple[str, ...] = ()
    """The source of a violating credential outside of any store, such as a variable; it cannot be
    removed from here."""
    note: str = ""
    needs_library: bool = False
    """Whether the full program, which has the libraries for it, could judge."""


def plan_removal(sign_in: SignIn, why_not: str = "") -> Plan:
    """Return what compliance wants removed; reads nothing but its arguments.

    Args:
        why_not: Why the start of the policy has come only so far on this host.
    """
    if sign_in.faults:
        refused = any(fault.effect == "refuse" for fault in sign_in.faults)
        second = any(fault.second_opinion for fault in sign_in.faults)
        return Plan(
            "refused" if refused else "unevaluated", note=sign_in.reason, needs_library=second
        )
    library = any(credential.needs_library for credential in sign_in.credentials)
    if sign_in.verdict == "violates":
        if sign_in.mode == "enforce":
            stores, variables = sign_in.removes, sign_in.variables
            return Plan("violates", stores, variables, sign_in.reason, needs_library=library)
        standing: Standing = "warned" if sign_in.mode == "warn" else "complies"
        return Plan(standing, note=f"{sign_in.reason} Nothing was removed: {why_not}.")
    if sign_in.verdict == "cannot_tell" and sign_in.mode == "silent":
        return Plan("complies", note=f"{sign_in.reason} Nothing was removed: {why_not}.")
    if sign_in.verdict == "cannot_tell":
        later = f": {why_not}" if sign_in.mode == "warn" and why_not else ""
        note = f"{sign_in.reason} Nothing was removed{later}."
        return Plan("unevaluated", note=note, needs_library=library)
    return Plan("complies", note=sign_in.reason)


def plan_by_personal_rule(
    state: HostState,
    decide: Callable[[HostState], Decision],
    sign_in: SignIn,
    binding: tuple[str, ...],
) -> Plan | None:
    """Return what the client removes by a rule that the administrators have not written.

    None where it removes nothing by such a rule, as a client that blocks and keeps the credential.
    What breaks an administrators' rule was judged by that already, and a waiver of it holds.

    Args:
        binding: The names of the layers whose rules the user cannot beat.
    """
    decision = decide(state)
    rules = [origin for violation in decision.violations for origin in violation.origins]
    if decision.verdict != "log_out" or any(rule.layer in binding for rule in rules):
        return None
    active = str(decision.active)
    judged = sign_in.find_judged(active)
    if judged is not None and judged.verdict == "violates":
        return None
    if any(
        credential.source == active and credential.is_stored for credential in state.credentials
    ):
        return Plan("violates", _list_emptied(decision), note=decision.reason)
    # The client deletes a stored login because of the variable, even one that complies.
    beneath = decide(_without_variables(state))
    stores = _list_emptied(beneath) if beneath.verdict == "log_out" else ()
    return Plan("violates", stores, (active,), decision.reason)


def _list_emptied(decision: Decision) -> tuple[str, ...]:
    """Return what the client itself empties, and the store of the credential that violates."""
    return tuple(dict.fromkeys((*decision.removes, str(decision.active))))


def _without_variables(state: HostState) -> HostState:
    def find_stored(credentials: tuple[Credential, ...]) -> tuple[Credential, ...]:
        return tuple(credential for credential in credentials if credential.is_stored)

    readings = (
        reading._replace(credentials=find_stored(reading.credentials)) for reading in state.readings
    )
    return state._replace(credentials=find_stored(state.credentials), readings=tuple(readings))
