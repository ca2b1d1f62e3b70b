"""What an enforcement leaves in the action log (ADR 0020)."""

from tipstaff_policy.action_log.log import record
from tipstaff_policy.action_log.record import Entry
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.errors import LOG_OUT_EXITS
from tipstaff_policy.model.request import Request


def entry_of(action: str, result: Enforcement) -> Entry:
    """Return what an enforcement did."""
    client = result.state.client
    policy = result.organisation.policy if result.organisation else None
    return Entry(
        action,
        result.state.home,
        result.exit_code,
        client.name,
        client.version,
        _verdict_of(result),
        result.note,
        result.steps,
        policy.id.value if policy and policy.id else None,
        policy.version.value if policy and policy.version else None,
    )


def _verdict_of(result: Enforcement) -> str:
    """Return what was acted on: compliance, or by a rule of the user's own the decision."""
    if result.decision is None or result.sign_in.verdict == "violates":
        return result.sign_in.verdict
    return result.decision.verdict


def record_enforcement(request: Request, result: Enforcement, action: str) -> str:
    """Record in the action log what was removed, or should have been (ADR 0020).

    Returns:
        Why that could not be done, or nothing. It changes nothing of the enforcement.
    """
    if result.exit_code not in LOG_OUT_EXITS or request.system_root:
        return ""
    return record(request.env, entry_of(action, result), request.now).fault
