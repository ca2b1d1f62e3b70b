"""Asking a Mac's own programs and frameworks, each within a time limit and by an absolute path."""

import os
import subprocess
import sys
from typing import Any

import tipstaff_policy
from tipstaff_policy.record import Record

FRAMEWORKS = "/System/Library/Frameworks/CoreFoundation.framework"
LIMIT_S = 5.0
STARTS = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tipstaff_policy.system.mac.frameworks import main; main(sys.argv[2:])"
)
"""As a text, because a guard that is one file has no file to name."""
NOTHING = {"PATH": "/usr/bin:/bin"}


class Answer(Record):
    """How a program ended, and what it wrote; a secret may be in it."""

    code: int
    """Of its end; `LATE` or `NOT_STARTED` where there was none."""
    out: bytes

    def __repr__(self) -> str:
        return f"Answer(code={self.code})"


LATE, NOT_STARTED = -1000, -1001


def ask_program(words: tuple[str, ...], limit_s: float = LIMIT_S, given: bytes = b"") -> Answer:
    """Run a program that belongs to root; return its answer.

    Its environment holds the user's home alone, so that nothing that the
    user sets changes what it does.
    """
    from tipstaff_policy.system.owners.loose_places import (  # noqa: PLC0415 - a Mac alone
        loose_places,
    )

    if loose_places(words[0], None, "macos"):
        return Answer(NOT_STARTED, b"")
    return _run(words, limit_s, given)


def ask_frameworks(*words: str) -> dict[str, Any] | None:
    """Return what Apple's frameworks answer; None where they do not, or are not there."""
    if not os.path.isdir(FRAMEWORKS) or not sys.executable:
        return None
    package = os.path.dirname(os.path.dirname(tipstaff_policy.__file__))
    answer = _run((sys.executable, "-IS", "-c", STARTS, package, *words), LIMIT_S)
    if answer.code != 0:
        return None
    import plistlib  # noqa: PLC0415 - a Mac alone

    try:
        found = plistlib.loads(answer.out)
    except Exception:  # noqa: BLE001 - whatever `plistlib` raises of bytes that are none
        return None
    return found if isinstance(found, dict) else None


def _run(words: tuple[str, ...], limit_s: float = LIMIT_S, given: bytes = b"") -> Answer:
    try:
        done = subprocess.run(  # noqa: S603 - an absolute path that root alone can change
            words,
            check=False,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired:
        return Answer(LATE, b"")
    except OSError:
        return Answer(NOT_STARTED, b"")
    return Answer(done.returncode, done.stdout)


def _environment() -> dict[str, str]:
    """Return the variables of a helper: the home of the account, whatever ``HOME`` says."""
    import pwd  # noqa: PLC0415 - there is none on Windows

    try:
        return {**NOTHING, "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    except KeyError:
        return NOTHING
