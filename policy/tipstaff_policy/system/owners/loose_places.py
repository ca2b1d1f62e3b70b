"""Who could change the content of a path: every place on the way to it, up to the root.

POSIX goes by owner, mode and access control list, Windows by security descriptors. Which of them
holds is the judged platform's, not this machine's (docs/ownership.md).
"""

from tipstaff_policy.model.state import Platform
from tipstaff_policy.system.owners.path_walk import LoosePlace
from tipstaff_policy.system.owners.posix import _find_posix_places


def loose_places(
    path: str, root: str | None = None, platform: Platform = "linux"
) -> tuple[LoosePlace, ...] | None:
    """Return the places on the way to a path that others than the administrators can change.

    Links are followed as the system does, and count as places themselves. A missing place ends
    the way; a place that cannot be read is loose, because its owner is unknown.

    Args:
        path: Absolute, as the host calls it.
        root: The tree that stands for ``/``, where the way begins; its owner is an administrator
        in addition to root. None for this machine.
        platform: Whose rules hold; this machine's where there is no root.

    Returns:
        None where there is no evidence: a Windows image without its descriptors.
    """
    top = (root or "").rstrip("/")
    if platform == "windows":
        from tipstaff_policy.system.owners.windows import (  # noqa: PLC0415 - there only
            windows_places,
        )

        return windows_places(path, top)
    return _find_posix_places(path, top, ignore_case=platform == "macos")
