"""Where the program starts: isolated, before anything else is loaded, where root acts in homes.

Code from PYTHONPATH or a user's `~/.local` must not run with root's rights (ADR 0022).
"""

import gc
import os
import sys

COMMANDS = ("audit", "enforce", "logout")
OPTIONS = ("--user", "--all-users")
USAGE_EXIT = 2
OF_TYPER = ("platform", "textwrap", "locale", "inspect", "difflib", "urllib.parse")
"""Modules that Typer loads, and of whose patterns a command hardly uses one."""


def run() -> None:
    """Be the whole process: one that mostly loads libraries, says one thing and is gone."""
    gc.disable()  # until a command is loaded
    try:
        code = main()
    except SystemExit as end:  # so ends what completes a word
        if not isinstance(end.code, int):
            raise
        code = end.code
    _leave(code)


def _leave(code: int) -> None:
    import atexit  # noqa: PLC0415 - built in

    # Taken as it was loaded and never loaded here: where root was refused, that is foreign code.
    streams = sys.modules.get("tipstaff_policy.system.streams")
    threading = sys.modules.get("threading")
    if streams is None or (threading and threading.active_count() > 1):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - as `os.fork` of the library ends a child
    streams.leave(code)


def main() -> int:
    """Run the program and return its exit code."""
    words = sys.argv[1:]
    if words == ["--version"]:
        from tipstaff_policy import __version__  # noqa: PLC0415 - nothing else is loaded for it

        sys.stdout.write(f"tipstaff {__version__}\n")
        return 0
    as_root = sys.platform != "win32" and os.geteuid() == 0
    if _names_users(words) and as_root and not sys.flags.isolated:
        program = [sys.executable, "-I", "-m", "tipstaff_cli", *words]
        if foreign := _foreign():
            # Without the type of such errors: loading it could load the foreign code.
            sys.stderr.write(
                f"error: root would load code from {foreign}\n"
                "  expected: an isolated Python for a run over users' homes\n"
                f"  to do:    {' '.join(program)}\n"
            )
            return USAGE_EXIT
        os.execv(sys.executable, program)  # noqa: S606 - this very program
    from tipstaff_policy import finder, late_patterns  # noqa: PLC0415 - as all that follows

    if finder not in sys.meta_path:  # a command loads two hundred modules of ours
        sys.meta_path.insert(0, finder)
    late_patterns.load_late(*OF_TYPER)
    from tipstaff_cli.main import main as run  # noqa: PLC0415 - loads libraries

    return run()


def _names_users(words: list[str]) -> bool:
    options = (word.partition("=")[0] for word in words)
    return bool(words) and words[0] in COMMANDS and any(option in OPTIONS for option in options)


def _foreign() -> str | None:
    """Return from where foreign code may have been loaded already, so that isolation is late."""
    for name in ("PYTHONPATH", "PYTHONHOME"):
        if os.environ.get(name):
            return name
    user_site = getattr(sys.modules.get("site"), "USER_SITE", None)
    return user_site if user_site in sys.path else None


if __name__ == "__main__":
    run()
