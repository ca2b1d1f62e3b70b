"""Which of the managed sources stand: the first one that is present, alone.

Source: docs/clients/claude.md, "Layers" (client 2.1.332; the order is from its source).
"""

from tipstaff_policy.clients.claude.config.device_management import DEVICE, USER_DEVICE
from tipstaff_policy.clients.claude.config.documents import MEMBERS
from tipstaff_policy.clients.claude.config.given_policy import GIVEN
from tipstaff_policy.clients.claude.config.keys import MERGES_SOURCES
from tipstaff_policy.clients.claude.config.managed_files import FILE_LAYERS
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.model.state import Layer, ReadLayer

SOURCES: tuple[tuple[str, ...], ...] = (
    (SERVER,), (DEVICE,), FILE_LAYERS, (GIVEN,), (USER_DEVICE,),
)  # fmt: skip
"""The managed sources by the layers that make them up, the strongest first."""
OF_MACHINE: tuple[tuple[str, ...], ...] = ((DEVICE,), FILE_LAYERS)
"""Those that only the administrators of the machine can write."""
MANAGED = tuple(name for source in SOURCES for name in source)
BELOW_SERVER = tuple(source for source in SOURCES if source != (SERVER,))


def is_present(layer: Layer) -> bool:
    """Return whether a layer states anything, whatever it is about."""
    content = layer.content
    return isinstance(content, ReadLayer) and any(shape.type == MEMBERS for shape in content.shapes)


def find_standing_source(
    layers: tuple[Layer, ...], sources: tuple[tuple[str, ...], ...] = SOURCES
) -> tuple[Layer, ...]:
    """Return the layers of the first managed source that is present, the weakest first."""
    for names in sources:
        found = tuple(layer for layer in layers if layer.name in names)
        if any(map(is_present, found)):
            return found
    return ()


def present_sources(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers of every managed source that is present, the weakest first."""
    return tuple(layer for layer in layers if layer.name in MANAGED and is_present(layer))


def merges_all(layers: tuple[Layer, ...]) -> bool:
    """Return whether a managed source asks that all of them are merged."""
    return any(
        setting.key == MERGES_SOURCES and setting.value == "merge"
        for layer in present_sources(layers)
        for setting in layer.content.settings  # type: ignore[union-attr]  # present ones are read
    )


def list_standing_layers(
    layers: tuple[Layer, ...], *, with_server: bool = False
) -> tuple[Layer, ...]:
    """Return the layers whose variables and helper count, personal ones and managed ones.

    Args:
        with_server: Whether what the service sent replaces what the machine states. Else none of
            its variables counts, and its helper does where no other file names one.
    """
    sources = SOURCES if with_server else BELOW_SERVER
    merges = merges_all(layers)
    managed = present_sources(layers) if merges else find_standing_source(layers, sources)
    ranks = {layer.rank for layer in managed}
    return tuple(layer for layer in layers if layer.name not in MANAGED or layer.rank in ranks)
