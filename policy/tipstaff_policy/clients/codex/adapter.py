"""The Codex CLI, as the engine asks for it."""

from typing import TYPE_CHECKING

from tipstaff_policy.clients.codex import ENTRY_POINTS
from tipstaff_policy.clients.codex.compliance.administrators import by_administrators
from tipstaff_policy.clients.codex.config.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.credentials.slots import SLOTS
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    DOTENV,
    FOLDER,
    PROGRAM,
)
from tipstaff_policy.clients.codex.reading.host_state import read_state
from tipstaff_policy.clients.codex.versions import PROVEN, version_number
from tipstaff_policy.clients.interface.adapter import Adapter, StartOption, Versions
from tipstaff_policy.model.request import Invocation, Request
from tipstaff_policy.model.state import Client, Decision, HostState, Method, ServiceAnswer

if TYPE_CHECKING:  # only where they are asked for
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from tipstaff_policy.clients.interface.adapter import MadeUpHost
    from tipstaff_policy.clients.interface.deployment import Deployment
    from tipstaff_policy.clients.interface.issuer import Issuer
    from tipstaff_policy.clients.interface.lint import ClientLint
    from tipstaff_policy.clients.interface.sign_in import SignIn
    from tipstaff_policy.clients.interface.stores import CredentialStores
    from tipstaff_policy.model.advice import CheckAdvice
    from tipstaff_policy.model.host_facts import HostFacts, ModelProvider, Program, Running
    from tipstaff_policy.model.layers import EffectivePolicy


METHODS = (
    Method("chatgpt", "ChatGPT", "a ChatGPT login", has_workspace=True),
    Method("api", "an API key", "an API key", has_workspace=False),
)
LOCKS = (("auth.lock", 0o644), ("auth.json.lock", 0o600))
"""The lock files in the order in which the client takes them, each with the mode it makes it in."""


def decide(state: HostState) -> Decision:
    """Return what the client does on a state, where that does not hang on an uncertain version."""
    if not state.readings:
        from tipstaff_policy.clients.codex.decision.decision import (  # noqa: PLC0415 - audits
            decide_as_one,
        )

        return decide_as_one(state)
    from tipstaff_policy.clients.codex.decision.uncertain_version import (  # noqa: PLC0415 - rare
        decide_as_all,
    )

    return decide_as_all(state)


def _advice() -> "Mapping[str, CheckAdvice]":
    from tipstaff_policy.clients.codex.advice import ADVICE  # noqa: PLC0415 - audits only

    return ADVICE


def _effective(state: HostState) -> "EffectivePolicy":
    from tipstaff_policy.clients.codex.decision.effective_settings import (  # noqa: PLC0415 - audits
        settings_in_force,
    )

    return settings_in_force(state)


def _hold(folder: int, home: str, timeout_s: float) -> "AbstractContextManager[None]":
    from tipstaff_policy.system.client_locks import hold_files  # noqa: PLC0415 - only a log-out

    return hold_files(LOCKS, folder, home, timeout_s=timeout_s)


def _find_installations(request: Request) -> tuple[Client, ...]:
    from tipstaff_policy.clients.codex.installations import find_installations  # noqa: PLC0415

    return find_installations(request)


def _read_invocation(words: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    from tipstaff_policy.clients.codex.command_line import read_invocation  # noqa: PLC0415

    return read_invocation(words)


def _uses_no_credential(words: tuple[str, ...]) -> bool:
    from tipstaff_policy.clients.codex.command_line import uses_no_credential  # noqa: PLC0415

    return uses_no_credential(words)


def _identify(
    request: Request, state: HostState, sources: tuple[str, ...]
) -> tuple[ServiceAnswer, ...]:
    from tipstaff_policy.clients.codex.credentials.identities import (  # noqa: PLC0415 - rare
        identities,
    )

    return identities(request, state, sources)


def _running(home: str) -> "Running":
    from tipstaff_policy.clients.codex.facts.running import running  # noqa: PLC0415 - log-outs

    return running(home)


def _observe(request: Request, state: HostState) -> "HostFacts":
    from tipstaff_policy.clients.codex.facts import observe  # noqa: PLC0415 - audits only

    return observe(request, state)


def _follows(state: HostState, found: "HostFacts") -> "HostFacts":
    from tipstaff_policy.clients.codex.facts.following import following  # noqa: PLC0415 - see above

    return following(state, found)


def _login() -> "SignIn":
    from tipstaff_policy.clients.codex.logins.sign_in import (  # noqa: PLC0415 - heavy
        SIGN_IN as LOGIN,
    )

    return LOGIN


def _issuer() -> "Issuer":
    from tipstaff_policy.clients.codex.logins.revocation import (  # noqa: PLC0415 - never in the guard
        ISSUER,
    )

    return ISSUER


def _deployment() -> "Deployment":
    from tipstaff_policy.clients.codex.deployment.rendering import (  # noqa: PLC0415 - rollout only
        DEPLOYMENT,
    )

    return DEPLOYMENT


def _lint() -> "ClientLint":
    from tipstaff_policy.clients.codex.lint.rules import LINT  # noqa: PLC0415 - authors only

    return LINT


def _custody() -> "CredentialStores":
    from tipstaff_policy.clients.codex.logins.credential_stores import (  # noqa: PLC0415 - rare
        CREDENTIAL_STORES,
    )

    return CREDENTIAL_STORES


def _check_start(request: Request) -> None:
    from tipstaff_policy.clients.codex.start import check_start  # noqa: PLC0415 - options are rare

    check_start(request)


def _rehearsal() -> "MadeUpHost":
    from tipstaff_policy.clients.codex.start import REHEARSAL  # noqa: PLC0415 - `doctor` only

    return REHEARSAL


def _programs(request: Request) -> "tuple[Program, ...] | None":
    from tipstaff_policy.clients.codex.facts.programs import programs  # noqa: PLC0415 - rare

    return programs(request)


def _provider(state: HostState) -> "ModelProvider | None":
    from tipstaff_policy.clients.codex.facts.provider import model_provider  # noqa: PLC0415
    from tipstaff_policy.clients.codex.facts.stated_rules import (  # noqa: PLC0415 - explanations
        readable_rules,
    )

    rules = readable_rules(state)
    return model_provider(state, rules) if rules else None


ADAPTER = Adapter(
    name="codex",
    key_texts=KEY_TEXTS,
    methods=METHODS,
    sign_in=SIGN_IN,
    folder=FOLDER,
    slots=SLOTS,
    further_files=(CLOUD_CACHE, DOTENV),
    hold=_hold,
    read_state=read_state,
    decide=decide,
    advice=_advice,
    effective=_effective,
    observe=_observe,
    follows=_follows,
    program=PROGRAM,
    programs=_programs,
    find_installations=_find_installations,
    read_invocation=_read_invocation,
    uses_no_credential=_uses_no_credential,
    by_administrators=by_administrators,
    identify=_identify,
    together=WORKLOAD_VARIABLES,
    running=_running,
    login=_login,
    issuer=_issuer,
    removal_verb="codex logout",
    custody=_custody,
    deployment=_deployment,
    lint=_lint,
    entry_points=ENTRY_POINTS,
    start_options=(
        StartOption("-c", "overrides", "KEY=VALUE"),
        StartOption("--profile", "profile", "NAME"),
        StartOption("--ignore-user-config", "ignore_user_config"),
    ),
    check_start=_check_start,
    versions=Versions(tuple(".".join(map(str, version)) for version in PROVEN), version_number),
    libraries={"jeepney": "the keyring of Linux", "pyrage": "the client's encrypted file"},
    rehearsal=_rehearsal,
    provider=_provider,
)
