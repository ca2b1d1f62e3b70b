"""Files that look like the client's and that it does not read, for explanations.

Source: docs/clients/codex.md (layers); tests/conformance/cases_layers.py (client 0.169.0).
"""

import os
from collections.abc import Callable, Iterable

from tipstaff_policy.clients.codex.locations import FOLDER, Source, user_home
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import FaultyLayer, IgnoredLayer, Layer, ReadLayer
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import show_path


class Ignored(Record):
    """A file without effect, before it is read."""

    source: Source
    reason: str
    likely: str


def ignore_untrusted(source: Source) -> Ignored:
    """Return the file of a project that is not trusted."""
    folder = os.path.dirname(os.path.dirname(source.path))
    return Ignored(
        source,
        "the project is not trusted, so the client does not read this file",
        f'[projects."{folder}"] trust_level = "trusted" in the user\'s config.toml trusts it',
    )


def find_ignored_files(request: Request, home: str) -> list[Ignored]:
    """Return the files in wrong places that this state could have; most of them do not exist."""
    table, root = TABLES[request.platform], request.system_root
    folder, project = show_path(home, root), f"{show_path(request.cwd, root).rstrip('/')}/{FOLDER}"
    found = [
        _ignore_misplaced(f"{place}/requirements.toml", table.system) for place in (folder, project)
    ]
    if not table.managed_in_home:
        found += [
            _ignore_misplaced(f"{place}/managed_config.toml", table.system)
            for place in (folder, project)
        ]
    found += [
        _ignore_misplaced(path, folder)
        for path in (f"{folder}/{FOLDER}/config.toml", f"{folder}/codex.toml")
    ]
    if root is None:
        found += _of_live_user(request, home)
    if request.ignore_user_config:
        path = f"{folder}/config.toml"
        found.append(
            Ignored(_source(path), "--ignore-user-config leaves this file out", "start without it")
        )
    return found


def _of_live_user(request: Request, home: str) -> list[Ignored]:
    mine = user_home(request)
    settings = request.env.get("XDG_CONFIG_HOME") or f"{mine}/.config"
    found = [_ignore_misplaced(f"{settings}/codex/config.toml", home)]
    if os.path.realpath(f"{mine}/{FOLDER}") != home:
        path = f"{mine}/{FOLDER}/config.toml"
        reason = f"the client's folder is {home} here, so this file is not read"
        found.append(Ignored(_source(path), reason, f"{home}/config.toml, or unset CODEX_HOME"))
    return found


def _ignore_misplaced(path: str, belongs: str) -> Ignored:
    name = os.path.basename(path).replace("codex.toml", "config.toml")
    reason = "the client does not read a file of this name in this place"
    return Ignored(_source(path), reason, f"it belongs to {belongs}/{name}")


def _source(path: str) -> Source:
    requirements = os.path.basename(path) == "requirements.toml"
    return Source(
        "ignored", path, administrators=False, grammar="requirements" if requirements else "config"
    )


def read(files: Iterable[Ignored], read_layer: Callable[[Source], Layer]) -> list[Layer]:
    """Return a layer without effect for each of the files that exists."""
    found = []
    for source, reason, likely in files:
        layer = read_layer(source)
        settings = layer.content.settings if isinstance(layer.content, ReadLayer) else ()
        if isinstance(layer.content, ReadLayer | FaultyLayer):
            found.append(layer._replace(content=IgnoredLayer(reason, likely, settings)))
    return found
