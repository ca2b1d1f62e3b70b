"""Whether a folder can stand for the root of a system."""

import os

TOP = ("etc", "home", "root", "Users", "Library", "ProgramData")
"""The folders at the top of a system root."""


def is_root(folder: str) -> bool:
    """Return whether a folder looks like the root of a system."""
    return any(os.path.isdir(os.path.join(folder, name)) for name in TOP)


def why_no_root(folder: str) -> str:
    """Return why a folder stands for no system; empty where it does."""
    return "" if is_root(folder) else f"is no system root: it has none of {', '.join(TOP)}"
