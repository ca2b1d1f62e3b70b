"""The waivers that a user has pasted: a file of his own, in which every line proves itself."""

import os

from tipstaff_policy.errors import BadWaiverError, EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.organisation.model import OrganisationPolicy, Waiver
from tipstaff_policy.system.files import END_SHORTAGE, is_shortage, read_bounded, within
from tipstaff_policy.system.state_folder import state_folder

FILE = "waivers"
SIZE_LIMIT = 1 << 18


def locate_pasted_file(request: Request, home: str) -> str:
    """Return the path of a user's pasted waivers.

    Args:
        home: The client's folder; in an image the user's own is the one above.
    """
    env = {} if request.system_root else request.env
    return f"{state_folder(env, os.path.dirname(home))}/{FILE}"


def read_pasted_waivers(
    policy: OrganisationPolicy, request: Request, home: str
) -> tuple[Waiver, ...]:
    """Return the pasted waivers that hold."""
    keys = policy.waiver_keys.values if policy.waiver_keys else ()
    lines = _lines(locate_pasted_file(request, home), request) if keys else []
    if not lines:
        return ()
    from tipstaff_policy.organisation.waivers.signed import (  # noqa: PLC0415 - costs start-up
        read_signed,
        verify_waiver,
    )

    found = []
    for line in lines:
        try:
            waiver = verify_waiver(read_signed(line), keys, request.now)
        except BadWaiverError:
            continue  # any other text waives nothing
        found += [waiver] if waiver else []
    return tuple(found)


def _lines(path: str, request: Request) -> list[str]:
    try:
        root = request.system_root
        place = within(root, path.removeprefix(root)) if root else path
        return read_bounded(place, SIZE_LIMIT).decode("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and is_shortage(error):
            what = f"the pasted waivers were not read: {error.strerror}"
            raise EvaluationError(what, where=path, remedy=END_SHORTAGE) from None
        return []
