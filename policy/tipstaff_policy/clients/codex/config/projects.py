"""The configuration files of the project that the client is started in, if it is trusted.

Source: tests/conformance/cases_layers.py (client 0.169.0).
"""

import os
from collections.abc import Sequence

from tipstaff_policy.clients.codex.config.layer_content import variant
from tipstaff_policy.clients.codex.locations import FOLDER
from tipstaff_policy.model.request import Document
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import show_path


class ProjectFile(Record):
    """A configuration file that a project brings."""

    path: str
    """On this machine."""
    trusted: bool


def project_files(
    documents: Sequence[Document], cwd: str, home: str, root: str | None
) -> tuple[ProjectFile, ...]:
    """Return the files that a project brings, from its root down to a folder.

    Args:
        documents: Of all other configuration layers, weakest first.
        cwd: The folder in which the client is started.
        home: The client's own folder, whose configuration is the user's.
        root: What stands for ``/``, in an image.
    """
    folder = os.path.realpath(cwd)
    project = _project_root(folder, documents)
    repository = next((parent for parent in _parents(folder) if _is_git(f"{parent}/.git")), project)
    found = []
    for project_folder in reversed(_between(folder, project)):
        place = f"{project_folder.rstrip('/')}/{FOLDER}"
        path = f"{place}/config.toml"
        if os.path.lexists(path) and os.path.realpath(place) != os.path.realpath(home):
            names = [project_folder, project, repository]
            if project_folder == folder:
                names.insert(1, cwd)  # as it was called, where a link leads there
            trusted = _is_trusted(documents, [show_path(name, root) or "/" for name in names])
            found.append(ProjectFile(path, trusted))
    return tuple(found)


def _project_root(folder: str, documents: Sequence[Document]) -> str:
    markers = [
        document["project_root_markers"]
        for document in documents
        if "project_root_markers" in document
    ]
    names = markers[-1] if markers and isinstance(markers[-1], list) else [".git"]
    for parent in _parents(folder):
        if any(
            _is_git(f"{parent}/.git") if name == ".git" else os.path.lexists(f"{parent}/{name}")
            for name in names
            if isinstance(name, str)
        ):
            return parent
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


def _is_trusted(documents: Sequence[Document], folders: Sequence[str]) -> bool:
    """Return whether the first of some folders that any layer speaks of is trusted."""
    for folder in folders:
        level = None
        for document in documents:
            projects = document.get("projects")
            project = projects.get(folder) if isinstance(projects, dict) else None
            if isinstance(project, dict) and "trust_level" in project:
                level = variant(project["trust_level"])
        if level is not None:
            return bool(level == "trusted")
    return False
