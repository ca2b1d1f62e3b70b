"""The Codex CLI, as the engine asks for it."""

from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.codex.configuration import legacy_profile, ranked, read_layers
from tipstaff_policy.clients.codex.credentials import environment_credentials, stored_credentials
from tipstaff_policy.clients.codex.decision import (
    MANAGED_PLANS,
    decide,
    workspace_of,
)
from tipstaff_policy.clients.codex.installation import find_client, find_installations
from tipstaff_policy.clients.codex.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, ENCRYPTED_FILE, find_home
from tipstaff_policy.clients.codex.rules import layers_in_force, rules_of
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.clients.model import Adapter, Locks, Request
from tipstaff_policy.values import Credential, HeldCredential, HostState, Layer


def read_state(request: Request) -> HostState:
    """Return everything that the decision reads from a host, free of secrets.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    in_environment = () if request.system_root else environment_credentials(request.env)
    client = find_client(request)
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    layers = read_layers(request, home.path, behaviour)
    in_force = layers_in_force(layers, client, request.platform)
    rules = rules_of(in_force, request.platform, client.version)
    stored = stored_credentials(request, home.path, rules, behaviour.unknown_fields)
    legacy = legacy_profile(request.profile, layers) if behaviour.profile_files else None
    return HostState(
        client=client,
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="not_seen" if request.system_root else "own",
        evaluated_at=request.now,
        layers=_with_cloud(request, home.path, layers, stored)
        if behaviour.reads_bundle
        else layers,
        credentials=(*in_environment, *stored),
        faults=tuple(each for each in (home.fault, legacy) if each),
    )


def _with_cloud(
    request: Request, home: str, layers: tuple[Layer, ...], stored: tuple[Credential, ...]
) -> tuple[Layer, ...]:
    """Add what the service left for a login of a managed plan, above the system's file."""
    for credential in stored:
        held = credential.content
        if isinstance(held, HeldCredential) and held.plan in MANAGED_PLANS:
            from tipstaff_policy.clients.codex.cloud import cloud_layers  # noqa: PLC0415 - rare

            cloud = cloud_layers(request, home, workspace_of(held))
            return ranked((*layers[:1], *cloud, *layers[1:]))
    return layers


def _empty_store(request: Request, store: str, home: str) -> None:
    from tipstaff_policy.clients.codex import keyring  # noqa: PLC0415 - rarely needed

    if store != keyring.KEYRING:
        raise ValueError(store)
    keyring.empty_keyring(request, home)


ADAPTER = Adapter(
    name="codex",
    key_texts=KEY_TEXTS,
    sign_in=SIGN_IN,
    files={"file": CREDENTIAL_FILE, "encrypted": ENCRYPTED_FILE},
    locks=Locks(("auth.lock", "auth.json.lock"), (0o644, 0o600)),
    read_state=read_state,
    decide=decide,
    find_client=find_client,
    find_installations=find_installations,
    read_invocation=read_invocation,
    empty_store=_empty_store,
    removal_verb="codex logout",
)
