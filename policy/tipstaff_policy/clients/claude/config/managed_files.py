"""The administrators' file and its drop-ins.

Source: docs/clients/claude.md, "Layers" (client 2.1.332).
"""

import os

from tipstaff_policy.clients.claude.config.documents import (
    MANAGED_LIMIT,
    LayerFile,
    absent,
    make_managed_layer,
    make_unread_content,
    read_managed,
)
from tipstaff_policy.clients.claude.locations import (
    DROP_IN_FOLDER,
    MANAGED_FILE,
    on_this_machine,
)
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.model.request import Request

BASE, DROP_IN = "managed", "drop-in"
FILE_LAYERS = (BASE, DROP_IN)


def locate_managed_file(request: Request) -> str:
    """Return the path of the administrators' file."""
    return f"{TABLES[request.platform].system}/{MANAGED_FILE}"


def read_managed_files(request: Request, limit: int = MANAGED_LIMIT) -> list[LayerFile]:
    """Return the administrators' file and its drop-ins, the weakest first.

    Args:
        limit: The bytes above which one cannot be loaded.
    """
    path = locate_managed_file(request)
    folder = f"{TABLES[request.platform].system}/{DROP_IN_FOLDER}"
    return [_read(BASE, path, request, limit), *_drop_ins(folder, request, limit)]


def _read(name: str, path: str, request: Request, limit: int) -> LayerFile:
    try:
        place = on_this_machine(path, request)
    except OSError as error:
        return make_managed_layer(name, path, make_unread_content(path, error), {})
    return read_managed(name, path, place, request.options.detail, limit=limit)


def _drop_ins(folder: str, request: Request, limit: int) -> list[LayerFile]:
    try:
        names = os.listdir(on_this_machine(folder, request))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        return [make_managed_layer(DROP_IN, folder, make_unread_content(folder, error), {})]
    paths = [f"{folder}/{name}" for name in sorted(names) if _counts(name)]
    found = [
        _read(DROP_IN, path, request, limit) for path in paths if not _is_folder(path, request)
    ]
    return [
        layer for layer in found if layer != absent(DROP_IN, layer.layer.path, administrators=True)
    ]


def _counts(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _is_folder(path: str, request: Request) -> bool:
    try:
        return os.path.isdir(on_this_machine(path, request))
    except OSError:
        return False
