"""The channels by name; a channel's file is loaded when it is asked for."""

from tipstaff_policy import load_part
from tipstaff_rollout.channels.client_file import client_file_channel
from tipstaff_rollout.model import Channel
from tipstaff_rollout.payloads import client_payloads

MODULES: dict[str, str] = {
    "policy": "policy_document",
    "intune-windows": "intune_windows",
    "intune-win32": "intune_win32",
    "gpo": "gpo",
    "reg": "reg",
    "deb": "deb",
    "rpm": "rpm",
    "container": "container",
    "ansible": "ansible",
    "shell": "shell",
    "mobileconfig": "mobileconfig",
    "mobileconfig-mcx": "mobileconfig_mcx",
    "plist": "plist",
    "jamf": "jamf",
    "intune-macos": "intune_macos",
    "kandji": "kandji",
    "fleet": "fleet",
}
"""Name to module of each channel that takes the files of every client."""


def channel_names() -> tuple[str, ...]:
    """Return every channel in the order of `--to list`; each file of a client has one of its own.

    The files of clients come after Tipstaff's own document.
    """
    document, *others = MODULES
    return (document, *(kind.file.channel for kind in client_payloads().values()), *others)


def channel(name: str) -> Channel:
    """Return a channel by its name, which must be one of `channel_names`."""
    if name in MODULES:
        found: Channel = load_part(f"{__name__}.{MODULES[name]}:CHANNEL")
        return found
    kinds = client_payloads().values()
    return client_file_channel(next(kind for kind in kinds if kind.file.channel == name))
