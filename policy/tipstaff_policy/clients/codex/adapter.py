"""The Codex CLI, as the engine asks for it."""

from typing import TYPE_CHECKING

from tipstaff_policy.clients.codex.command_line import PROGRAM, read_invocation
from tipstaff_policy.clients.codex.configuration import legacy_profile, ranked, read_layers
from tipstaff_policy.clients.codex.credentials import (
    Stored,
    environment_credentials,
    keys_of,
    stored_credentials,
)
from tipstaff_policy.clients.codex.decision import MANAGED_PLANS, decide_as_one
from tipstaff_policy.clients.codex.installation import find_installations
from tipstaff_policy.clients.codex.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    CREDENTIAL_FILE,
    ENCRYPTED_FILE,
    FOLDER,
    find_home,
)
from tipstaff_policy.clients.codex.rules import (
    layers_in_force,
    rules_of,
    without_personal_rules,
)
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.clients.model import Adapter, Locks, Request
from tipstaff_policy.values import (
    Client,
    Decision,
    HeldCredential,
    HostState,
    Layer,
    Reading,
    ReadLayer,
    Violation,
)

if TYPE_CHECKING:  # only where they are asked for
    from tipstaff_policy.custody import Custody
    from tipstaff_policy.deployment import Deployment
    from tipstaff_policy.login.model import SignIn
    from tipstaff_policy.revocation import Issuer
    from tipstaff_policy.surroundings import Program, Running, Surroundings


def read_state(request: Request) -> HostState:
    """Return everything that the decision reads from a host, free of secrets.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    own = not request.system_root and not request.unasked
    seen = request.env if own else {}
    in_environment = environment_credentials(seen, keys_of(request))
    client = find_installations(request)[0]
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    layers = read_layers(request, home.path, behaviour)
    if not request.personal_rules:
        layers = without_personal_rules(layers)
    stored = [
        _stored(request, home.path, layers, client._replace(version=each))
        for each in (client.version, *client.may_be)
    ]
    credentials = [(*in_environment, *(each.credential for each in group)) for group in stored]
    legacy = legacy_profile(request.profile, layers) if behaviour.profile_files else None
    if behaviour.reads_bundle:
        layers = _with_cloud(request, home.path, layers, sum(stored, ()))
    return HostState(
        client=client,
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="own" if own else "not_seen",
        evaluated_at=request.now,
        layers=_without_harmless(layers, request, client),
        credentials=credentials[0],
        faults=tuple(each for each in (home.fault, legacy) if each),
        readings=tuple(map(Reading, client.may_be, credentials[1:])),
    )


def _stored(
    request: Request, home: str, layers: tuple[Layer, ...], client: Client
) -> tuple[Stored, ...]:
    """Return what a version of the client finds in its stores."""
    in_force = layers_in_force(layers, client, request.platform)
    rules = rules_of(in_force, request.platform, client.version)
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    stored = stored_credentials(request, home, rules, behaviour.unknown_fields)
    if not request.every_store:
        return stored
    from tipstaff_policy.clients.codex.residue import stores_not_asked  # noqa: PLC0415 - log-outs

    asked = tuple(each.credential for each in stored)
    further = stores_not_asked(request, home, asked, behaviour.unknown_fields)
    return (*stored, *map(Stored, further))


def _with_cloud(
    request: Request, home: str, layers: tuple[Layer, ...], stored: tuple[Stored, ...]
) -> tuple[Layer, ...]:
    """Add what the service left for a login of a managed plan, above the system's file."""
    for credential, user in stored:
        held = credential.content
        if isinstance(held, HeldCredential) and held.plan in MANAGED_PLANS:
            from tipstaff_policy.clients.codex.cloud import cloud_layers  # noqa: PLC0415 - rare

            cloud = cloud_layers(request, home, held.claims.account_id, user)
            return ranked((*layers[:1], *cloud, *layers[1:]))
    return layers


def _without_harmless(
    layers: tuple[Layer, ...], request: Request, client: Client
) -> tuple[Layer, ...]:
    """Leave out kinds of value that stop no start; for comparisons, of no version at all.

    What checks read of them stays where everything is wanted.
    """
    if not any(isinstance(each.content, ReadLayer) and each.content.shapes for each in layers):
        return layers
    from tipstaff_policy.clients.codex.accepted import MEASURED  # noqa: PLC0415 - costs start-up
    from tipstaff_policy.clients.codex.other_keys import (  # noqa: PLC0415
        PROVIDER_KEYS,
        without_harmless,
    )

    everything = request.detail == "all"
    measured = [".".join(map(str, each)) for each in MEASURED] if everything else []
    told = PROVIDER_KEYS if everything else ()
    return without_harmless(layers, [client.version, *client.may_be, *measured], told)


def decide(state: HostState) -> Decision:
    """Return what the client does on a state, where that does not hang on an uncertain version."""
    if not state.readings:
        return decide_as_one(state)
    from tipstaff_policy.clients.codex.uncertain import decide_as_all  # noqa: PLC0415 - rare

    return decide_as_all(state)


def _empty_store(request: Request, store: str, home: str) -> None:
    from tipstaff_policy.clients.codex import keyring  # noqa: PLC0415 - rarely needed

    if store != keyring.KEYRING:
        raise ValueError(store)
    keyring.empty_keyring(request, home)


def _residue(state: HostState, active: str | None) -> tuple[Violation, ...]:
    if not any(
        each.path is not None and each.source != active and isinstance(each.content, HeldCredential)
        for each in state.credentials
    ):
        return ()
    from tipstaff_policy.clients.codex.residue import broken_by_residue  # noqa: PLC0415 - rare

    return broken_by_residue(state, active)


def _running(home: str) -> "Running":
    from tipstaff_policy.clients.codex.observing.running import running  # noqa: PLC0415 - log-outs

    return running(home)


def _observe(request: Request, state: HostState) -> "Surroundings":
    from tipstaff_policy.clients.codex.observing import observe  # noqa: PLC0415 - audits only

    return observe(request, state)


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


ADAPTER = Adapter(
    name="codex",
    key_texts=KEY_TEXTS,
    sign_in=SIGN_IN,
    folder=FOLDER,
    files={"file": CREDENTIAL_FILE, "encrypted": ENCRYPTED_FILE},
    further_files=(CLOUD_CACHE,),
    locks=Locks(("auth.lock", "auth.json.lock"), (0o644, 0o600)),
    read_state=read_state,
    decide=decide,
    observe=_observe,
    program=PROGRAM,
    programs=_programs,
    find_installations=find_installations,
    read_invocation=read_invocation,
    residue=_residue,
    running=_running,
    empty_store=_empty_store,
    login=_login,
    issuer=_issuer,
    removal_verb="codex logout",
    custody=_custody,
    deployment=_deployment,
)
