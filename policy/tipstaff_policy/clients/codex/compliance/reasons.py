"""The sentences that explain a decision; each names the file and line that it stands on."""

from tipstaff_policy.clients.codex.config.sign_in_keys import Rules, show_plain
from tipstaff_policy.model.state import (
    Credential,
    Fault,
    HeldCredential,
    Origin,
    UnreadableCredential,
    Violation,
)

KINDS = {
    "apikey": "an API key",
    "bedrockApiKey": "a Bedrock API key",
    "bedrockAccessKeys": "Bedrock access keys",
    "chatgpt": "a ChatGPT login",
    "chatgptAuthTokens": "a ChatGPT login given by another program",
    "agentIdentity": "an agent identity",
    "personalAccessToken": "a personal access token",
    "workloadIdentity": "a workload identity",
}
FEDERATED = " (the service gives out the login, and may refuse it)"
UNSENT = (
    " that the client cannot send, as a control character such as a line end stands in it: it "
    "starts and every request fails"
)
METHODS = {"api": "API keys", "chatgpt": "ChatGPT logins"}


def place(credential: Credential) -> str:
    """Return the place of a credential."""
    return credential.path or f"the environment variable {credential.source}"


def holds(credential: Credential, content: HeldCredential) -> str:
    """Return the content and its place, in words."""
    if content.kind == "workloadIdentity":
        return f"{place(credential)} chooses {KINDS[content.kind]}"
    unsent = "" if content.sendable else UNSENT
    return f"{place(credential)} holds {KINDS[content.kind]}{unsent}"


def not_federated(credential: Credential) -> str:
    """Return why a workload identity that variables choose cannot be used."""
    why = credential.content.reason if isinstance(credential.content, UnreadableCredential) else ""
    return f"{place(credential)} chooses a workload identity, but {why}; the client does not start."


def breaks(violation: Violation, names: tuple[tuple[str, str], ...]) -> str:
    """Return which rule a credential breaks, and where the rule stands.

    Args:
        names: What the organisation calls workspaces: pairs of id and name.
    """
    where = " and ".join(str(origin) for origin in violation.origins)
    if violation.attribute == "login_method":
        only = " and ".join(METHODS[method] for method in violation.allowed) or "nothing"
        return f", but {where} allows only {only}"
    called = {workspace: f" ({name})" for workspace, name in names}
    ids = ", ".join(show_plain(value) + called.get(value, "") for value in violation.allowed)
    limit = f"allows only workspace {ids}" if ids else "allows no workspace"
    claim = " that names no workspace"
    if violation.observed is not None:
        named = called.get(violation.observed, "")
        claim = f" of workspace {show_plain(violation.observed)}{named}"
    return f"{claim}, but {where} {limit}"


def fits(rules: Rules) -> str:
    """Return that a credential meets the rules in force, or that there are none."""
    named = _name_files(rules)
    verb = "require" if " and " in named else "requires"
    return f", as {named} {verb}" if named else ", and no sign-in rule is in force"


def may_turn(depends_on: tuple[str, ...], *, workspace_rule: bool) -> str:
    """Return the clause that says how the service could still turn an ``allow``."""
    clauses = []
    if "refresh" in depends_on and workspace_rule:
        clauses.append("a refresh comes first and may name another workspace")
    if "cloud_policy" in depends_on:
        clauses.append("the service may add rules for this plan")
    return f" ({'; '.join(clauses)})" if clauses else ""


def explain_served(origin: Origin) -> str:
    """Return that a server states a part of the policy, which the client asks first."""
    return f"The configuration server of {origin} may add rules; the client asks it first."


def unsatisfiable(rules: Rules) -> str:
    """Return which rules together leave no way to sign in."""
    return f"The rules in {_name_files(rules)} allow no login method; the client does not start."


def _name_files(rules: Rules) -> str:
    """Return the files of the rules with their lines: ``a:1, b:2 and b:3``."""
    *most, last = dict.fromkeys(str(rule.origin) for rule in rules[:4] if rule) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def not_evaluated(what: str) -> str:
    """Return that something was found which this release does not model."""
    return f"Not evaluated yet: {what}."


def not_sent(provider: str | None) -> str:
    """Return the clause that the client works with a provider to which it does not sign in."""
    if provider is None:
        return ""
    return (
        f"; the client works with the model provider {show_plain(provider)} and sends it no login"
    )


def of_fault(fault: Fault) -> str:
    """Return a fault as a sentence."""
    return f"{fault.where}: {fault.what}; {_end(fault)}."


def of_value(fault: Fault) -> str:
    """Return the fault of a value as a sentence, with what is accepted in its place."""
    return f"{fault.where}: {fault.what} (expected {fault.expected}); {_end(fault)}."


def _end(fault: Fault) -> str:
    return "the client does not start" if fault.effect == "refuse" else "the result is unknown"
