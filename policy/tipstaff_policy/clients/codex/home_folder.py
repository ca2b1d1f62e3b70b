"""Which folder the client uses, once its `.env` file is taken into account."""

import os
import stat

from tipstaff_policy.clients.codex.locations import Settled, dotenv_place, find_home
from tipstaff_policy.model.request import Request


def settle(request: Request) -> Settled:
    """Return the folder and the environment that the client really uses.

    Raises:
        EvaluationError: The folder is unknown, or root would act where others can change the path.
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    own = not request.system_root and not request.options.unasked
    if home.fault is None and _has_dotenv(request, home.path):
        from tipstaff_policy.clients.codex.environment import settle_environment  # noqa: PLC0415 - rare

        return settle_environment(request, home)
    return Settled(request, home, request.env if own else {})


def _has_dotenv(request: Request, home: str) -> bool:
    """Return whether the client would read the file; it ignores all but ordinary ones."""
    try:
        return stat.S_ISREG(os.stat(dotenv_place(request, home)).st_mode)
    except OSError:
        return False
