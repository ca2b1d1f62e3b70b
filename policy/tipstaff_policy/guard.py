"""``tipstaff-guard [OPTIONS] [-- COMMAND …]``: enforce, then become the command.

Runs in front of the client at every start: standard library only, nothing imported that is not
needed. The shipped guard is started as ``python -IS …/guard.py`` by absolute path; where a
console script starts it, the user's own import paths are taken out first (docs/guard.md).

Python compiles the file that it is started with at every start. So this one holds what has to
come before the first import of ours, and what comes after the last step; the steps themselves
stand in `guard_command`.
"""

import os
import sys


def _end(kind: type[BaseException], _error: BaseException, _trace: object) -> None:
    """End where not even the imports below succeed, as with too little memory."""
    os.write(2, f"error: internal error ({kind.__name__}); nothing was started\n".encode())
    os._exit(70)


if __name__ == "__main__":
    sys.excepthook = _end
    import gc

    gc.disable()  # a life of milliseconds leaves no cycles worth looking for
    # The folder of the package, whatever the working directory is; first for the package itself
    # alone, so that Python's own modules are not looked for there.
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from tipstaff_policy import finder

    sys.path.append(sys.path.pop(0))
    sys.meta_path.insert(0, finder)
if not sys.flags.isolated:
    from tipstaff_policy.isolation import isolate

    isolate()

from typing import NoReturn  # noqa: E402 - only from the cleaned path

from tipstaff_policy.late_patterns import load_readers  # noqa: E402

load_readers()

from tipstaff_policy.guard_command import main  # noqa: E402
from tipstaff_policy.system.streams import leave  # noqa: E402

__all__ = ["main", "run"]


def run() -> NoReturn:
    """Be the whole process."""
    leave(main())


if __name__ == "__main__":
    run()
