"""Running a program of the system that manages services, within a time limit."""

import subprocess


def call_program(words: tuple[str, ...], limit_s: float) -> tuple[int, str]:
    """Return how a program ended, and what it said: its errors where it failed.

    Args:
        words: The first is an absolute path that only the administrators can change.
    """
    try:
        done = subprocess.run(  # noqa: S603 - see above
            words,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_s,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return -1, type(error).__name__
    return done.returncode, (done.stdout if done.returncode == 0 else done.stderr).strip()
