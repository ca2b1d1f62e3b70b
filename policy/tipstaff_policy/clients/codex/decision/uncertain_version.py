"""A client whose version is not certain: judged as each version that it may be (ADR 0014)."""

from tipstaff_policy.clients.codex.decision.decision import decide_as_one
from tipstaff_policy.clients.codex.versions import version_number
from tipstaff_policy.model.state import Client, Decision, HostState, Origin


def decide(state: HostState) -> Decision:
    """Return what the client does on a state, as the one version or as all that it may be."""
    return decide_as_all(state) if state.readings else decide_as_one(state)


def decide_as_all(state: HostState) -> Decision:
    """Return what every version does that the client may be; unknown where they differ.

    Where they agree and the version is not to be believed, the oldest one's decision is given:
    a rule that it ignores is no restriction for certain.
    """
    own, oldest = state.client, _number(state.client.version)
    decision = given = decide_as_one(state._replace(readings=()))
    for version, credentials in state.readings:
        client = own._replace(version=version)
        other = decide_as_one(state._replace(client=client, credentials=credentials, readings=()))
        if _effect(other) != _effect(decision):
            return _decide_unknown(own, decision, version, other)
        if own.version_source in ("assumed", "doubted") and _number(version) < oldest:
            given, oldest = other, _number(version)
    return given


def _number(version: str) -> tuple[int, ...]:
    return version_number(version) or ()


def _effect(
    decision: Decision,
) -> tuple[str, tuple[str, ...], str | None, tuple[tuple[Origin, ...], ...]]:
    """Return all of a decision that a removal goes by."""
    origins = tuple(violation.origins for violation in decision.violations)
    return decision.verdict, decision.removes, decision.active, origins


def _decide_unknown(own: Client, decision: Decision, version: str, other: Decision) -> Decision:
    answers = f"{_describe(own.version, decision)}, {_describe(version, other)}"
    return Decision("unknown", f"{_doubt(own)}, and that matters here: {answers}.")


def _describe(version: str, decision: Decision) -> str:
    removes = f" (removing {' and '.join(decision.removes)})" if decision.removes else ""
    return f"judged as {version} it is {decision.verdict}{removes}"


def _doubt(client: Client) -> str:
    if client.version_source == "assumed":
        return f"No package states the version of {client.path}"
    return (
        f"The package of {client.path} says {client.version} and is not to be believed, "
        f"because {client.writable_at}"
    )
