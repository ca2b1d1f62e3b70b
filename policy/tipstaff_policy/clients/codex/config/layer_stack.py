"""Reading every configuration layer of a host, in the client's order.

Source: tests/conformance/cases_layers.py (client 0.169.0).
"""

import json
import os
from collections.abc import Iterable, Sequence

from tipstaff_policy.clients.codex.config.documents import LayerFile, read_layer_file, with_shapes
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    PROFILE_FLAG,
    Source,
    on_this_machine,
    sources,
    user_home,
)
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.model.request import Document, Request
from tipstaff_policy.model.state import Fault, Layer, ReadLayer
from tipstaff_policy.system.files import show_path


def read_layers(request: Request, home: str, behaviour: Behaviour) -> tuple[Layer, ...]:
    """Read every layer; the project's files, which depend on the others, last.

    Lean, only those that the administrators write.
    """
    places = sources(request, home, profile_files=behaviour.profile_files)
    if request.options.lean:
        places = places.of_administrators()
    below = [_read(file, request, home, behaviour) for file in places.below_projects]
    above = [_read(file, request, home, behaviour) for file in places.above_projects]
    requirements = [
        _read(requirement, request, home, behaviour) for requirement in places.requirements
    ]
    without_effect: list[Layer] = []
    if TABLES[request.platform].device:
        from tipstaff_policy.clients.codex.config import (  # noqa: PLC0415 - one platform
            device_management,
        )

        user = os.path.basename(os.path.dirname(home))
        forced, required, without_effect = device_management.device_layers(
            request, user, lambda path: on_this_machine(path, request, home), behaviour
        )
        above += forced
        requirements += required
    trusting = [
        reading for reading in above if behaviour.trusts_by_managed or reading.layer.name == "flags"
    ]
    documents = [reading.document for reading in (*below, *trusting)]
    project, untrusted = _projects(request, home, documents, behaviour)
    if request.options.detail == "all":
        from tipstaff_policy.clients.codex.config import (  # noqa: PLC0415 - explanations only
            ineffective_files,
        )

        files = [
            *map(ineffective_files.ignore_untrusted, untrusted),
            *ineffective_files.find_ignored_files(request, home),
        ]
        without_effect += ineffective_files.read(
            files, lambda file: _read(file, request, home, behaviour).layer
        )
    if request.options.lean:
        # Keys that have nothing to do with signing in have no part in compliance.
        return rank(
            (*(reading.layer for reading in (*below, *above, *requirements)), *without_effect)
        )
    # What the service left is merged with these later on, where it counts.
    alone = not os.path.exists(f"{home}/{CLOUD_CACHE}")
    layers = with_shapes((*below, *project, *above, *requirements), alone=alone)
    return rank((*layers, *without_effect))


def _projects(
    request: Request, home: str, documents: Sequence[Document], behaviour: Behaviour
) -> tuple[list[LayerFile], list[Source]]:
    """Return the content of the trusted files of a project, and the files that are not trusted."""
    if request.options.lean:
        return [], []
    # Where no file speaks of projects none is trusted, and only an explanation looks for more.
    if request.options.detail != "all" and not any(
        "projects" in document for document in documents
    ):
        return [], []
    from tipstaff_policy.clients.codex.config.projects import (  # noqa: PLC0415 - see above
        project_files,
    )

    trusted, untrusted = [], []
    for file in project_files(documents, request.cwd, home, request.system_root):
        path = show_path(file.path, request.system_root)
        source = Source("project", path, administrators=False, grammar="config")
        if file.trusted:
            trusted.append(_read(source, request, home, behaviour))
        else:
            untrusted.append(source)
    return trusted, untrusted


def rank(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Return layers with their ranks, in the order in which they are given."""
    return tuple(layer._replace(rank=rank) for rank, layer in enumerate(layers))


def _read(source: Source, request: Request, home: str, behaviour: Behaviour) -> LayerFile:
    if source.name == "flags" or source.path == PROFILE_FLAG:
        return _read_flags(source, request)
    return read_layer_file(
        source,
        lambda path: _locate(path, request, home),
        newer_toml=request.options.newer_toml,
        detail=request.options.detail,
        behaviour=behaviour,
    )


def _read_flags(source: Source, request: Request) -> LayerFile:
    from tipstaff_policy.clients.codex.config.flags import flags_layer  # noqa: PLC0415 - not lean

    if source.name == "flags":
        return flags_layer(source, request.overrides, request.options.newer_toml)
    chosen = f"profile={json.dumps(request.profile)}"
    return flags_layer(source, (chosen,), request.options.newer_toml)


def _locate(path: str, request: Request, home: str) -> str:
    """Return the real place of a path of a document; the client puts the user's home for ``~``."""
    if path == "~" or path.startswith("~/"):
        user = os.path.dirname(home) if request.system_root else user_home(request)
        return user + path[1:]
    return on_this_machine(path, request, home)


def legacy_profile(profile: str | None, layers: Sequence[Layer]) -> Fault | None:
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
