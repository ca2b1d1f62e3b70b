"""TIP206: the store would silently become plaintext."""

from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
)

CHOOSING = "auto"
"""The store that takes the keyring where it can, and else the plain file."""

CHECK = Check(
    id="TIP206",
    title="Store falls back to plaintext",
    severity="high",
    since="0.1.0",
    fails_when="the store is `auto` and no keyring works, so the login is in a plain file",
    rationale="The client does not say that the login is not in a keyring. Without a keyring it "
    "cannot log out either: the file stays.",
    remedy="Start or unlock the keyring of the session, or require the keyring in an "
    "administrators' file that no user's setting beats.",
    source="tests/conformance/cases_stores.py",
    fails_on="examples/hosts/store-chosen-by-itself, run in a session without a keyring",
    passes_on="examples/hosts/store-chosen-by-itself, run in a session with one",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge whether the store that chooses by itself would choose the plain file."""
    if host.state.environment == "not_seen":
        return not_applicable(ENVIRONMENT_NOT_SEEN, "store")
    store = host.surroundings.store
    if store is None:
        return judge_unread_rules(host.decision) or not_applicable(NOT_LOOKED, "store")
    if store.name != CHOOSING:
        return not_applicable(f"the store is {store.name}, which falls back to nothing", "store")
    places, expected = at(*store.origins), "a keyring that works"
    if store.unclear:
        return (
            Outcome("error", "store", f"not judged; keyring: {store.unclear}", expected, places),
        )
    if store.falls_back:
        observed = f"the plain file is used; keyring: {store.falls_back}"
        return (Outcome("fail", "store", observed, expected, places),)
    return (Outcome("pass", "store", "the keyring works", expected, places),)
