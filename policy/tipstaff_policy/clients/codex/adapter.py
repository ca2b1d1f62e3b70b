"""The Codex CLI, as the engine asks for it."""

from typing import TYPE_CHECKING

from tipstaff_policy.clients.codex.compliance import by_administrators
from tipstaff_policy.clients.codex.credentials import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.host_state import read_state
from tipstaff_policy.clients.codex.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    CREDENTIAL_FILE,
    DOTENV,
    ENCRYPTED_FILE,
    FOLDER,
    PROGRAM,
    settle,
)
from tipstaff_policy.clients.model import Adapter, Invocation, Locks, Request
from tipstaff_policy.values import Client, Decision, HostState, Identity

if TYPE_CHECKING:  # only where they are asked for
    from tipstaff_policy.custody import Custody
    from tipstaff_policy.deployment import Deployment
    from tipstaff_policy.login.model import SignIn
    from tipstaff_policy.revocation import Issuer
    from tipstaff_policy.surroundings import ModelProvider, Program, Running, Surroundings


def decide(state: HostState) -> Decision:
    """Return what the client does on a state, where that does not hang on an uncertain version."""
    if not state.readings:
        from tipstaff_policy.clients.codex.decision import decide_as_one  # noqa: PLC0415 - audits

        return decide_as_one(state)
    from tipstaff_policy.clients.codex.uncertain import decide_as_all  # noqa: PLC0415 - rare

    return decide_as_all(state)


def _empty_store(request: Request, store: str, home: str) -> None:
    from tipstaff_policy.clients.codex import keyring  # noqa: PLC0415 - rarely needed

    if store != keyring.KEYRING:
        raise ValueError(store)
    keyring.empty_keyring(settle(request).request, home)


def _find_installations(request: Request) -> tuple[Client, ...]:
    from tipstaff_policy.clients.codex.installation import find_installations  # noqa: PLC0415

    return find_installations(request)


def _read_invocation(words: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    from tipstaff_policy.clients.codex.command_line import read_invocation  # noqa: PLC0415

    return read_invocation(words)


def _uses_no_credential(words: tuple[str, ...]) -> bool:
    from tipstaff_policy.clients.codex.command_line import uses_no_credential  # noqa: PLC0415

    return uses_no_credential(words)


def _identify(request: Request, state: HostState, sources: tuple[str, ...]) -> tuple[Identity, ...]:
    from tipstaff_policy.clients.codex.identities import identities  # noqa: PLC0415 - rare

    return identities(request, state, sources)


def _running(home: str) -> "Running":
    from tipstaff_policy.clients.codex.observing.running import running  # noqa: PLC0415 - log-outs

    return running(home)


def _observe(request: Request, state: HostState) -> "Surroundings":
    from tipstaff_policy.clients.codex.observing import observe  # noqa: PLC0415 - audits only

    return observe(request, state)


def _follows(state: HostState, found: "Surroundings") -> "Surroundings":
    from tipstaff_policy.clients.codex.observing.following import (  # noqa: PLC0415 - see above
        following,
    )

    return following(state, found)


def _login() -> "SignIn":
    from tipstaff_policy.clients.codex.signing_in import SIGN_IN as LOGIN  # noqa: PLC0415 - heavy

    return LOGIN


def _issuer() -> "Issuer":
    from tipstaff_policy.clients.codex.revoking import ISSUER  # noqa: PLC0415 - never in the guard

    return ISSUER


def _deployment() -> "Deployment":
    from tipstaff_policy.clients.codex.deploying import DEPLOYMENT  # noqa: PLC0415 - rollout only

    return DEPLOYMENT


def _custody() -> "Custody":
    from tipstaff_policy.clients.codex.custody import CUSTODY  # noqa: PLC0415 - rarely needed

    return CUSTODY


def _programs(request: Request) -> "tuple[Program, ...] | None":
    from tipstaff_policy.clients.codex.observing.programs import programs  # noqa: PLC0415 - rare

    return programs(request)


def _provider(state: HostState) -> "ModelProvider | None":
    from tipstaff_policy.clients.codex.observing.provider import model_provider  # noqa: PLC0415
    from tipstaff_policy.clients.codex.stated import readable_rules  # noqa: PLC0415 - explanations

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
