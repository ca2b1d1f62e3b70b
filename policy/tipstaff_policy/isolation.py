"""Which code may answer in a process that Python itself does not isolate."""

import os
import sys


def isolate() -> None:
    """Take out of the import path what the environment or the user's home put there."""
    foreign = {
        os.path.abspath(part) for part in os.environ.get("PYTHONPATH", "").split(":") if part
    }
    site = sys.modules.get("site")
    user_site = getattr(site, "USER_SITE", None)
    if user_site:
        foreign.add(os.path.abspath(user_site))
    sys.path[:] = [
        folder for folder in sys.path if folder and os.path.abspath(folder) not in foreign
    ]
