"""The waivers that a user has pasted: a file of his own, in which every line proves itself."""

import os

from tipstaff_policy.clients.model import Request
from tipstaff_policy.errors import BadWaiverError
from tipstaff_policy.files import read_bounded, within
from tipstaff_policy.organisation.model import OrganisationPolicy, Waiver
from tipstaff_policy.organisation.signed_waivers import SignedText, read_signed, verified

FILE = "tipstaff/waivers"
SIZE_LIMIT = 1 << 18


def pasted_file(request: Request, home: str) -> str:
    """Return where a user's pasted waivers lie.

    Args:
        home: The client's folder; in an image the user's own is the one above.
    """
    state = None if request.system_root else request.env.get("XDG_STATE_HOME")
    if not state or not os.path.isabs(state):
        own = os.path.dirname(home) if request.system_root else request.env.get("HOME")
        state = f"{own or os.path.dirname(home)}/.local/state"
    return f"{state}/{FILE}"


def pasted_waivers(
    policy: OrganisationPolicy, request: Request, home: str
) -> tuple[tuple[Waiver, ...], bool]:
    """Return the pasted waivers that hold, and whether some could not be verified here."""
    keys = policy.waiver_keys.values if policy.waiver_keys else ()
    texts = _texts(pasted_file(request, home), request) if keys else []
    found = []
    try:
        for text in texts:
            waiver = verified(text, keys, request.now)
            found += [waiver] if waiver else []
    except ImportError:
        return (), True
    return tuple(found), False


def _texts(path: str, request: Request) -> list[SignedText]:
    """Return what can be read as waivers; whatever else lies there waives nothing."""
    try:
        root = request.system_root
        place = within(root, path.removeprefix(root)) if root else path
        lines = read_bounded(place, SIZE_LIMIT).decode("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for line in lines:
        try:
            found.append(read_signed(line))
        except BadWaiverError:
            continue
    return found
