"""Reading what the decision needs beyond compliance: personal files, the version, its stores."""

from tipstaff_policy.clients.codex.config.layer_stack import legacy_profile, rank, read_layers
from tipstaff_policy.clients.codex.config.rules_in_force import (
    layers_in_force,
    rules_of,
    without_personal_rules,
)
from tipstaff_policy.clients.codex.credentials.plans import MANAGED_PLANS
from tipstaff_policy.clients.codex.credentials.stored import Stored, keys_of
from tipstaff_policy.clients.codex.credentials.stored_credentials import (
    read_stored_credentials,
    read_unstored_credentials,
)
from tipstaff_policy.clients.codex.installations import find_installations
from tipstaff_policy.clients.codex.locations import Settled
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, HeldCredential, HostState, Layer, Reading, ReadLayer


def with_what_the_decision_reads(state: HostState, settled: Settled, asked: Request) -> HostState:
    """Return a state with the layers and stores that a version of the client goes by.

    Args:
        asked: As the person's own environment finds the client's program.
    """
    client, request = find_installations(asked)[0], settled.request
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    layers = read_layers(request, state.home, behaviour)
    if not request.options.personal_rules:
        layers = without_personal_rules(layers)
    versions = (client.version, *client.may_be)
    stored = [
        _read_stored(request, state.home, layers, client._replace(version=version))
        for version in versions
    ]
    credentials = [
        (
            *read_unstored_credentials(settled, keys_of(request), behaviour_of(version)),
            *(stored_credential.credential for stored_credential in group),
        )
        for version, group in zip(versions, stored, strict=True)
    ]
    legacy = legacy_profile(request.profile, layers) if behaviour.profile_files else None
    if behaviour.reads_bundle:
        layers = _with_cloud(request, state.home, layers, sum(stored, ()))
    return state._replace(
        client=client,
        layers=_without_harmless(layers, request, client),
        credentials=credentials[0],
        faults=(*state.faults, *((legacy,) if legacy else ())),
        readings=tuple(map(Reading, client.may_be, credentials[1:])),
    )


def _read_stored(
    request: Request, home: str, layers: tuple[Layer, ...], client: Client
) -> tuple[Stored, ...]:
    """Return what a version of the client finds in its stores."""
    in_force = layers_in_force(layers, client, request.platform)
    rules = rules_of(in_force, request.platform, client.version)
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    return read_stored_credentials(request, home, rules, behaviour.unknown_fields)


def _with_cloud(
    request: Request, home: str, layers: tuple[Layer, ...], stored: tuple[Stored, ...]
) -> tuple[Layer, ...]:
    """Add what the service left for a login of a managed plan, above the system's file."""
    for credential, user in stored:
        held = credential.content
        if isinstance(held, HeldCredential) and held.plan in MANAGED_PLANS:
            from tipstaff_policy.clients.codex.config.cloud_policy import (  # noqa: PLC0415 - rare
                cloud_layers,
            )

            cloud = cloud_layers(request, home, held.claims.account_id, user)
            return rank((*layers[:1], *cloud, *layers[1:]))
    return layers


def _without_harmless(
    layers: tuple[Layer, ...], request: Request, client: Client
) -> tuple[Layer, ...]:
    """Leave out kinds of value that stop no start; for comparisons, of no version at all.

    Keys that show whether the client uses its login stay if a reason is read.
    """
    if not any(isinstance(layer.content, ReadLayer) and layer.content.shapes for layer in layers):
        return layers
    from tipstaff_policy.clients.codex.config.accepted import (  # noqa: PLC0415 - costs start-up
        every_measured,
    )
    from tipstaff_policy.clients.codex.config.other_keys import (  # noqa: PLC0415
        ALWAYS_KEPT,
        PROVIDER_KEYS,
        without_harmless,
    )

    everything = request.options.detail == "all"
    measured = [".".join(map(str, version)) for version in every_measured()] if everything else []
    lines = (*ALWAYS_KEPT, *(PROVIDER_KEYS if request.options.detail != "none" else ()))
    return without_harmless(layers, [client.version, *client.may_be, *measured], lines)
