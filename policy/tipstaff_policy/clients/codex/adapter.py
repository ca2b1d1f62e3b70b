"""The Codex CLI, as the engine asks for it."""

import os
from collections.abc import Sequence

from tipstaff_policy.clients.codex import ignored
from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.codex.credentials import environment_credentials, stored_credentials
from tipstaff_policy.clients.codex.decision import MANAGED_PLANS, decide, layers_in_force, rules_of
from tipstaff_policy.clients.codex.documents import LayerFile, Source, read_layer_file
from tipstaff_policy.clients.codex.installation import find_client
from tipstaff_policy.clients.codex.key_texts import KEY_TEXTS, SIGN_IN
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    CREDENTIAL_FILE,
    ENCRYPTED_FILE,
    find_home,
    on_this_machine,
    shown,
    sources,
)
from tipstaff_policy.clients.codex.overrides import flags_layer
from tipstaff_policy.clients.codex.projects import project_files
from tipstaff_policy.clients.model import Adapter, Locks, Request
from tipstaff_policy.values import (
    Credential,
    Fault,
    HeldCredential,
    HostState,
    Layer,
    ReadLayer,
)


def read_state(request: Request) -> HostState:
    """Return everything that the decision reads from a host, free of secrets.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    layers = _read_layers(request, home.path)
    in_environment = () if request.system_root else environment_credentials(request.env)
    in_force = layers_in_force(layers, request.entry_point)
    rules = rules_of(in_force, request.platform)
    stored = stored_credentials(request, home.path, rules)
    legacy = _legacy_profile(request.profile, layers)
    return HostState(
        client=find_client(request),
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="not_seen" if request.system_root else "own",
        evaluated_at=request.now,
        layers=layers,
        credentials=(*in_environment, *stored),
        faults=tuple(each for each in (home.fault, legacy) if each),
        not_evaluated=_not_evaluated(home.path, stored),
    )


def _read_layers(request: Request, home: str) -> tuple[Layer, ...]:
    """Read every layer; the project's files, which depend on the others, last."""
    places = sources(request, home)
    below = [_read(each, request, home) for each in places.below_projects]
    above = [_read(each, request, home) for each in places.above_projects]
    documents = [each.document for each in (*below, *above)]
    project, untrusted = [], []
    for file in project_files(documents, request.cwd, home, request.system_root):
        path = shown(file.path, request.system_root)
        source = Source("project", path, administrators=False, grammar="config")
        if file.trusted:
            project.append(_read(source, request, home))
        elif request.details:
            untrusted.append(ignored.untrusted(source))
    requirements = [_read(each, request, home) for each in places.requirements]
    layers = [each.layer for each in (*below, *project, *above, *requirements)]
    if request.details:
        without_effect = [*untrusted, *ignored.ignored_files(request, home)]
        layers += ignored.read(without_effect, lambda source: _read(source, request, home).layer)
    return tuple(each._replace(rank=rank) for rank, each in enumerate(layers))


def _read(source: Source, request: Request, home: str) -> LayerFile:
    if source.name == "flags":
        return flags_layer(source, request.overrides, request.newer_toml)
    return read_layer_file(
        source,
        lambda path: on_this_machine(path, request, home),
        newer_toml=request.newer_toml,
        details=request.details,
    )


def _legacy_profile(profile: str | None, layers: Sequence[Layer]) -> Fault | None:
    """Return the refusal of a chosen profile that the user's file also has in the old form."""
    for layer in layers:
        if profile is None or layer.name != "user" or not isinstance(layer.content, ReadLayer):
            continue
        for setting in layer.content.settings:
            if setting.key == f"profiles.{profile}" or (
                setting.key == "profile" and setting.value == profile
            ):
                return Fault(
                    f"{setting.key} is the old form of the profile {profile!r}",
                    str(setting.origin),
                    "refuse",
                    f"its settings in {profile}.config.toml",
                    f"move them there and delete {setting.origin}",
                )
    return None


def _not_evaluated(home: str, stored: Sequence[Credential]) -> tuple[str, ...]:
    managed = any(
        isinstance(each.content, HeldCredential) and each.content.plan in MANAGED_PLANS
        for each in stored
    )
    if managed and os.path.lexists(f"{home}/{CLOUD_CACHE}"):
        return (f"the policy that the service left in {home}/{CLOUD_CACHE}",)
    return ()


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
    read_invocation=read_invocation,
    empty_store=_empty_store,
    removal_verb="codex logout",
)
