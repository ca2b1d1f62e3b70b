"""The platforms on which Tipstaff can be installed; one module each, loaded where it counts."""

from tipstaff_policy import load_part
from tipstaff_policy.installation.platforms.interface import HostPlatform
from tipstaff_policy.model.state import Platform

PLATFORMS: dict[Platform, str] = {
    "linux": "tipstaff_policy.installation.platforms.linux:LINUX",
    "macos": "tipstaff_policy.installation.platforms.macos:MACOS",
    "windows": "tipstaff_policy.installation.platforms.windows:WINDOWS",
}


def load_platform(name: Platform) -> HostPlatform:
    """Return what an installation asks of a platform."""
    platform: HostPlatform = load_part(PLATFORMS[name])
    return platform
