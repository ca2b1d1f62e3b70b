"""Whether a trusted project brings its own configuration, which this release does not model.

Source: tests/conformance/cases_not_evaluated.py (client 0.169.0).
"""

import os
from collections.abc import Sequence

from tipstaff_policy.clients.codex.documents import variant
from tipstaff_policy.clients.codex.locations import FOLDER
from tipstaff_policy.toml_text import Document


def trusted_project_file(
    documents: Sequence[Document], cwd: str, home: str, root: str
) -> str | None:
    """Return the configuration file of a trusted project that holds in a folder, if any.

    Args:
        documents: Of all layers, weakest first.
        cwd: The folder in which the client is started.
        home: The client's own folder, whose configuration is the user's.
        root: What stands before the paths that the documents name, in an image; else empty.
    """
    if not any("projects" in document for document in documents):
        return None
    folder = os.path.realpath(cwd)
    project = _project_root(folder, documents)
    for each in _between(folder, project):
        path = f"{each}/{FOLDER}/config.toml".replace("//", "/")
        named = (
            place.removeprefix(os.path.realpath(root) if root else "") for place in (each, project)
        )
        trusted = any(_trusted(documents, place or "/") for place in named)
        if trusted and os.path.lexists(path) and os.path.dirname(path) != home:
            return path
    return None


def _project_root(folder: str, documents: Sequence[Document]) -> str:
    markers = [each["project_root_markers"] for each in documents if "project_root_markers" in each]
    names = markers[-1] if markers and isinstance(markers[-1], list) else []
    for each in _parents(folder):
        # Git's own folder decides about trust, whatever other markers are set.
        if _is_git(f"{each}/.git") or any(
            os.path.lexists(f"{each}/{name}") for name in names if isinstance(name, str)
        ):
            return each
    return folder


def _is_git(path: str) -> bool:
    return os.path.isfile(path) or os.path.lexists(f"{path}/HEAD")


def _parents(folder: str) -> list[str]:
    found = [folder]
    while os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found


def _between(folder: str, root: str) -> list[str]:
    parents = _parents(folder)
    return parents[: parents.index(root) + 1]


def _trusted(documents: Sequence[Document], folder: str) -> bool:
    level = None
    for document in documents:
        projects = document.get("projects")
        project = projects.get(folder) if isinstance(projects, dict) else None
        if isinstance(project, dict) and "trust_level" in project:
            level = variant(project["trust_level"])
    return level == "trusted"
