"""The channels by name; a channel's file is loaded when it is asked for."""

from importlib import import_module

from tipstaff_rollout.model import Channel

MODULES: dict[str, str] = {
    "policy": "policy_document",
    "requirements": "requirements",
    "managed-config": "managed_config",
    "intune-windows": "intune_windows",
    "intune-win32": "intune_win32",
    "gpo": "gpo",
    "deb": "deb",
    "rpm": "rpm",
    "container": "container",
    "ansible": "ansible",
    "mobileconfig": "mobileconfig",
    "mobileconfig-mcx": "mobileconfig_mcx",
    "plist": "plist",
    "jamf": "jamf",
    "intune-macos": "intune_macos",
    "kandji": "kandji",
    "fleet": "fleet",
}
"""Name to module, in the order in which `--to list` shows them."""


def channel(name: str) -> Channel:
    """Return a channel by its name, which must be one of `MODULES`."""
    found: Channel = import_module(f"{__name__}.{MODULES[name]}").CHANNEL
    return found
