"""The path of the organisation's policy on each platform."""

import os

from tipstaff_policy.model.state import Platform
from tipstaff_policy.system.files import within

FOLDERS: dict[Platform, str] = {
    "linux": "/etc/tipstaff",
    "macos": "/Library/Application Support/Tipstaff",
    "windows": "/ProgramData/Tipstaff",
}
KEPT: dict[Platform, str] = {
    "linux": "/var/lib/tipstaff/last-good",
    "macos": "/Library/Application Support/Tipstaff/last-good",
    "windows": "/ProgramData/Tipstaff/last-good",
}
"""Where the package or the delivery keeps a copy of the last policy that this release reads."""
KNOWLEDGE = "knowledge.json"
"""The file next to policy.toml with what is known of clients that are newer than this release."""
FLEET_KEY = "fleet.key"
"""The file next to policy.toml with the fleet's key, which only root can read."""


def place_of_knowledge(platform: Platform) -> str:
    """Return the path of the document of knowledge on a platform."""
    return f"{FOLDERS[platform]}/{KNOWLEDGE}"


def is_there(platform: Platform, root: str | None) -> bool:
    """Return whether a host has a policy at all; most of the engine is loaded only then."""
    try:
        return os.path.lexists(within(root, FOLDERS[platform]))
    except OSError:
        return True  # what cannot be looked at is for the reader to refuse
