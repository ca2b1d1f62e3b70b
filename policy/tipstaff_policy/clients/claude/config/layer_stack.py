"""Every layer of a host, and the settings that its credentials are read with.

Source: docs/clients/claude.md, "Layers" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.device_management import USER_DEVICE, read_device
from tipstaff_policy.clients.claude.config.documents import (
    MANAGED_LIMIT,
    LayerFile,
    variables_in,
)
from tipstaff_policy.clients.claude.config.given_policy import read_given_policy
from tipstaff_policy.clients.claude.config.keys import (
    HELPER,
    OF_ENVIRONMENT_ALONE,
    PROJECT_VARIABLES,
    env_key,
)
from tipstaff_policy.clients.claude.config.managed_files import read_managed_files
from tipstaff_policy.clients.claude.config.personal import (
    OF_PROJECT,
    USER,
    environment_layer,
    read_personal_files,
)
from tipstaff_policy.clients.claude.config.server_policy import (
    SERVER,
    read_server_policy,
)
from tipstaff_policy.clients.claude.config.sources import list_standing_layers
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Layer, Origin, Setting
from tipstaff_policy.record import Record


class Stack(Record):
    """What was read of a host's settings."""

    files: tuple[LayerFile, ...]
    """The weakest first; ranked."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return the layers, the weakest first."""
        return tuple(file.layer for file in self.files)

    def of_administrators(self) -> tuple[Layer, ...]:
        """Return the layers that only the administrators can write."""
        return tuple(file.layer for file in self.files if file.layer.administrators)


def read_stack(request: Request, home: str, *, managed_limit: int = MANAGED_LIMIT) -> Stack:
    """Return every settings file of a host, the weakest first.

    Args:
        managed_limit: The bytes above which a managed file cannot be loaded.
    """
    device = read_device(request, home)
    weak = [file for file in device if file.layer.name == USER_DEVICE]
    strong = [file for file in device if file.layer.name != USER_DEVICE]
    files = [
        environment_layer(request),
        *read_personal_files(request, home),
        *weak,
        read_given_policy(request),
        *read_managed_files(request, managed_limit),
        *strong,
        read_server_policy(request, home),
    ]
    return Stack(
        tuple(
            file._replace(layer=file.layer._replace(rank=rank)) for rank, file in enumerate(files)
        )
    )


def merge_used_settings(
    stack: Stack,
    *,
    with_server: bool = False,
    server_sets_variables: bool = True,
    of_projects: tuple[str, ...] = (),
) -> dict[str, Setting]:
    """Return what sets variables and names a helper program, by the client's own merge.

    The values are plain, and so hold secrets: nothing of it leaves the reading.

    Args:
        with_server: As for `list_standing_layers`.
        server_sets_variables: Whether its variables count then.
        of_projects: What a project's files may set besides.
    """
    standing = {layer.rank for layer in list_standing_layers(stack.layers, with_server=with_server)}
    used: dict[str, Setting] = {}
    for file in stack.files:
        if file.layer.name == SERVER and HELPER not in used:
            used.update(_helper_of(file))
        if file.layer.rank not in standing:
            continue
        origin = Origin(file.layer.name, file.layer.path, None)
        sets = file.layer.name != SERVER or server_sets_variables
        for name, value in find_allowed_variables(file).items() if sets else ():
            used[env_key(name)] = Setting(env_key(name), value, origin)
        for name, value in variables_in(file.document).items() if sets else ():
            if name in of_projects and file.layer.name in OF_PROJECT:
                # By a version to which a project's file is as good as the user's.
                used[env_key(name)] = Setting(env_key(name), value, origin._replace(layer=USER))
        used.update(_helper_of(file))
    return used


def _helper_of(file: LayerFile) -> dict[str, Setting]:
    helper = file.document.get(HELPER)
    if not isinstance(helper, str):
        return {}
    return {HELPER: Setting(HELPER, helper, Origin(file.layer.name, file.layer.path, None))}


def find_allowed_variables(file: LayerFile) -> dict[str, str]:
    """Return the variables of a file that the client takes over from such a file."""
    return {
        name: value
        for name, value in variables_in(file.document).items()
        if may_set(file.layer.name, name)
    }


def may_set(layer: str, variable: str) -> bool:
    """Return whether a layer may set a variable."""
    if variable in OF_ENVIRONMENT_ALONE:
        return False
    return layer not in OF_PROJECT or variable in PROJECT_VARIABLES
