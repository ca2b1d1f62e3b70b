"""The Codex CLI, as the engine asks for it."""

from typing import TYPE_CHECKING

from tipstaff_policy.clients.codex.compliance.administrators import by_administrators
from tipstaff_policy.clients.codex.config.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    CREDENTIAL_FILE,
    DOTENV,
    ENCRYPTED_FILE,
    FOLDER,
    PROGRAM,
)
from tipstaff_policy.clients.codex.logins.login_identity import relation, supersedes
from tipstaff_policy.clients.codex.logins.store_access import (
    empty,
    every_store,
    read_document,
    setting_of,
    write_document,
)
from tipstaff_policy.clients.codex.reading.host_state import read_state
from tipstaff_policy.clients.interface.adapter import Adapter, Locks
from tipstaff_policy.clients.interface.stores import CredentialStores
from tipstaff_policy.model.request import Invocation, Request
from tipstaff_policy.model.state import Client, Decision, HostState, Identity

if TYPE_CHECKING:
    from tipstaff_policy.clients.interface.stores import Found
    from tipstaff_policy.system.file_walk import Scope

if TYPE_CHECKING:  # only where they are asked for
    from collections.abc import Mapping

    from tipstaff_policy.clients.interface.deployment import Deployment
    from tipstaff_policy.clients.interface.issuer import Issuer
    from tipstaff_policy.clients.interface.sign_in import SignIn
    from tipstaff_policy.clients.interface.stores import CredentialStores
    from tipstaff_policy.model.advice import CheckAdvice, LoginMethod
    from tipstaff_policy.model.host_facts import HostFacts, ModelProvider, Program, Running
    from tipstaff_policy.model.layers import EffectivePolicy


def _find_copies(request: Request, scope: "Scope") -> "Found":
    from tipstaff_policy.clients.codex.logins.copy_search import (  # noqa: PLC0415 - rarely needed
        find_copies,
    )

    return find_copies(request, scope)


CUSTODY = CredentialStores(
    every_store=every_store,
    empty=empty,
    read_document=read_document,
    write_document=write_document,
    relation=relation,
    supersedes=supersedes,
    setting_of=setting_of,
    find_copies=_find_copies,
)


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


def _methods() -> "tuple[LoginMethod, ...]":
    from tipstaff_policy.clients.codex.advice import METHODS  # noqa: PLC0415 - audits only

    return METHODS


def _advice() -> "Mapping[str, CheckAdvice]":
    from tipstaff_policy.clients.codex.advice import ADVICE  # noqa: PLC0415 - audits only

    return ADVICE


def _effective(state: HostState) -> "EffectivePolicy":
    from tipstaff_policy.clients.codex.decision.effective_settings import (  # noqa: PLC0415 - audits
        settings_in_force,
    )

    return settings_in_force(state)


def _empty_store(request: Request, store: str, home: str) -> None:
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed

    if store != keyring.KEYRING:
        raise ValueError(store)
    keyring.empty_keyring(settle(request).request, home)


def _find_installations(request: Request) -> tuple[Client, ...]:
    from tipstaff_policy.clients.codex.installations import find_installations  # noqa: PLC0415

    return find_installations(request)


def _read_invocation(words: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    from tipstaff_policy.clients.codex.command_line import read_invocation  # noqa: PLC0415

    return read_invocation(words)


def _uses_no_credential(words: tuple[str, ...]) -> bool:
    from tipstaff_policy.clients.codex.command_line import uses_no_credential  # noqa: PLC0415

    return uses_no_credential(words)


def _identify(request: Request, state: HostState, sources: tuple[str, ...]) -> tuple[Identity, ...]:
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


def _custody() -> "CredentialStores":

    return CUSTODY


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
    sign_in=SIGN_IN,
    folder=FOLDER,
    files={"file": CREDENTIAL_FILE, "encrypted": ENCRYPTED_FILE},
    further_files=(CLOUD_CACHE, DOTENV),
    locks=Locks(("auth.lock", "auth.json.lock"), (0o644, 0o600)),
    read_state=read_state,
    decide=decide,
    methods=_methods,
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
    empty_store=_empty_store,
    login=_login,
    issuer=_issuer,
    removal_verb="codex logout",
    custody=_custody,
    deployment=_deployment,
    provider=_provider,
)
