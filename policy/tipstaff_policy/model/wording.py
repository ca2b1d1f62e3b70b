"""What each verdict and each outcome is called, in every output; one dictionary for all."""

from collections.abc import Iterable

from tipstaff_policy import errors
from tipstaff_policy.model.state import Compliance, Verdict

DECISIONS: dict[Verdict, str] = {
    "allow": "the client starts with this credential",
    "log_out": "the client logs out and exits",
    "block": "the client stops with a message of its own and keeps the credential",
    "ignore_credential": "the client starts signed out and leaves the credential stored",
    "not_logged_in": "the client starts signed out",
    "refuse": "the client does not start",
    "unknown": "what the client does is not decided",
}
"""What the client does at start-up."""
SIGN_INS: dict[Compliance, str] = {
    "complies": "complies",
    "violates": "violates",
    "cannot_tell": "cannot tell",
    "nobody": "signed out",
}
"""How the credentials stand to the administrators' rules."""
OUTCOMES = {
    0: "complies",
    errors.FINDINGS_EXIT: "violates, not enforced yet",
    errors.INVALID_EXIT: "invalid",
    errors.UNEVALUATED_EXIT: "not evaluated",
    errors.LOGGED_OUT_EXIT: "logged out",
    errors.INCOMPLETE_EXIT: "log-out incomplete",
}
"""What an enforcement came to, by its exit code."""
NOTHING_REMOVED = (errors.INVALID_EXIT, errors.UNEVALUATED_EXIT)
"""The exit codes after which everything is where it was, whatever it is."""


def add_names(ids: Iterable[str], names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return workspaces, organisations or accounts by id, each with what people call it.

    Args:
        names: Pairs of id and name; an id that is none of them stands alone.
    """
    called = dict(names)
    return tuple(f"{owner} ({called[owner]})" if owner in called else owner for owner in ids)
