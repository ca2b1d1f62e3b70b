"""Where the client's own rules are weaker than they read.

Values to values: nothing here looks at the machine. Source: docs/weaknesses.md, "Anthropic's Claude
Code" (client 2.1.332).
"""

from collections.abc import Iterable, Iterator

from tipstaff_policy.clients.claude.config.effective import settings_of
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    GATEWAY_URL,
    METHOD,
    ORGANISATIONS,
    SIGN_IN,
    as_counted,
    is_boolean,
)
from tipstaff_policy.clients.claude.config.merge import is_list
from tipstaff_policy.clients.claude.config.sources import find_standing_source
from tipstaff_policy.clients.claude.decision.in_force import settings_in_force
from tipstaff_policy.model.host_facts import Gap, Widened
from tipstaff_policy.model.layers import EffectiveSetting
from tipstaff_policy.model.state import HostState, Layer, Origin, Setting

ANTHROPIC = ("anthropic",)
BESIDE_LOGIN = (
    "a stored Console key, a key in ANTHROPIC_CUSTOM_HEADERS, a profile of another organisation "
    "and what a host application manages"
)
CLOUDS = "Bedrock, Vertex and the other cloud providers, which a project can switch on"
ANY_LOGIN = "any stored login"
SET_SIGN_IN = "Set `enforceAnthropicSignIn` to true; clients before 2.1.330 ignore it."
SET_PROVIDERS = 'Set `allowedProviders`, for example to ["{}"].'
NOT_CLOSABLE = (
    "`enforceAnthropicSignIn` would close it and forbid the other providers too; keep the guard or "
    "`tipstaff watch` on the host, which judge every credential."
)


def gaps_of(state: HostState) -> tuple[Gap, ...]:
    """Return which credentials the pins in force let pass, and what closes each gap."""
    policy = settings_in_force(state)
    sign_in, providers = policy.get(SIGN_IN), policy.get(ALLOWED_PROVIDERS)
    pins = [pin for key in (METHOD, ORGANISATIONS, GATEWAY_URL) if (pin := policy.get(key))]
    if not pins or (sign_in and is_boolean(sign_in.value, "true")):
        return ()
    gateway = any(pin.key == GATEWAY_URL or pin.value == "gateway" for pin in pins)
    first = pins[0]
    origins = tuple(pin.origin for pin in pins)
    found = []
    if not gateway:
        others = _others(providers)
        passes = BESIDE_LOGIN if policy.get(ORGANISATIONS) else f"{ANY_LOGIN}, {BESIDE_LOGIN}"
        remedy = NOT_CLOSABLE if others else SET_SIGN_IN
        found.append(Gap(first.key, passes, remedy, origins, closable=not others))
    if providers is None:
        allowed = "gateway" if gateway else ANTHROPIC[0]
        found.append(Gap(first.key, CLOUDS, SET_PROVIDERS.format(allowed), origins))
    return tuple(found)


def _others(providers: EffectiveSetting | None) -> tuple[str, ...]:
    """Return the providers that the administrators allow in addition to Anthropic's own service."""
    if providers is None or not isinstance(providers.value, tuple):
        return ()
    return tuple(str(name) for name in providers.value if name not in ANTHROPIC)


def find_widened(state: HostState) -> tuple[Widened, ...]:
    """Return each list of the standing managed files to which a later file adds."""
    layers = find_standing_source(tuple(layer for layer in state.layers if layer.administrators))
    return tuple(additions_in(layers))


def additions_in(layers: Iterable[Layer]) -> Iterator[Widened]:
    """Yield each list of files that stand together to which a later file adds."""
    stated = [
        counted
        for layer in sorted(layers, key=lambda layer: layer.rank)
        for counted in filter(None, map(as_counted, settings_of(layer)))
    ]
    for key in (ORGANISATIONS, ALLOWED_PROVIDERS):
        yield from _additions(key, [setting for setting in stated if setting.key == key])


def _additions(key: str, settings: list[Setting]) -> Iterator[Widened]:
    """Yield what each later list adds; a text begins again, as in the client's own merge."""
    allowed: set[str] = set()
    first: Origin | None = None
    for setting in settings:
        if not is_list(setting.value):
            allowed, first = {str(setting.value)}, None
            continue
        words = [str(word) for word in setting.value]
        added = tuple(word for word in dict.fromkeys(words) if word not in allowed)
        if first is not None and added:
            yield Widened(key, added, (setting.origin, first))
        elif first is None:
            allowed, first = set(), setting.origin
        allowed.update(words)
