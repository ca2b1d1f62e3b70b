"""TIP109: a model provider of the user's walks round the sign-in policy."""

from tipstaff_policy.checks.active import restricts_sign_in
from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
)
from tipstaff_policy.model.host_facts import ModelProvider
from tipstaff_policy.model.state import Origin

SUBJECT = "model provider"
BY_LOGIN = "a provider that uses the client's login, or is the administrators'"
AT_HOME = "an address of the service, or of the administrators"

CHECK = Check(
    id="TIP109",
    title="Custom model provider",
    severity="critical",
    since="0.1.0",
    fails_when="login methods or workspaces are restricted, and a file or flag of the user's "
    "chooses or changes a model provider so that the client needs no login, or sends its login to "
    "another address",
    rationale="The client starts signed out and works with a key of the user's own, which no "
    "sign-in rule ever sees.",
    remedy="Pin the model provider, and the addresses that it uses, in an administrators' file "
    "that no user's setting beats.",
    source="tests/conformance/test_custom_provider.py",
    fails_on="examples/hosts/custom-provider",
    passes_on="examples/hosts/custom-provider-pinned",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge what the user's own layers make of the provider in use, where sign-in is restricted.

    One that is only defined is named and passes: any start can define one by flags as well, and
    what counts is the start that is judged.
    """
    if unread := judge_unread_rules(host.decision):
        return unread
    provider = host.surroundings.provider
    if provider is None:
        return not_applicable(NOT_LOOKED, SUBJECT)
    if not restricts_sign_in(host):
        return not_applicable("no sign-in rule is in force", SUBJECT)
    if provider.unclear:
        return (Outcome("error", SUBJECT, provider.unclear),)
    name, past, elsewhere = provider.name, provider.past_login, provider.elsewhere
    outcomes = []
    if past:
        outcomes.append(_fail(f"{name} needs no login, by {_files(past)}", BY_LOGIN, past))
    if elsewhere:
        observed = f"the login goes to another address, by {_files(elsewhere)}"
        outcomes.append(_fail(observed, AT_HOME, elsewhere))
    return tuple(outcomes) or (_pass(provider),)


def _fail(observed: str, expected: str, origins: tuple[Origin, ...]) -> Outcome:
    return Outcome("fail", SUBJECT, observed, expected, at(*origins))


def _pass(provider: ModelProvider) -> Outcome:
    origins = (provider.origin,) if provider.origin else ()
    observed = f"{provider.name}, by {_files(origins) or 'the client itself'}"
    if provider.idle:
        observed += f"; the user's own and not in use: {', '.join(provider.idle)}"
    return Outcome("pass", SUBJECT, observed, BY_LOGIN, at(*origins))


def _files(origins: tuple[Origin, ...]) -> str:
    return " and ".join(dict.fromkeys(origin.path for origin in origins))
