"""`tipstaff enforce --all-users` on Windows: the same command, once in the session of each user."""

import sys
from pathlib import Path

from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.user_options import Users
from tipstaff_policy.all_users.windows_sessions import run_in_sessions
from tipstaff_policy.errors import worst_exit
from tipstaff_policy.installation.scheduled_tasks import PROGRAM


def enforce_in_sessions(users: Users, *, dry_run: bool) -> int:
    """Enforce for the users who are signed in, say what came of each, and return the worst code."""
    words = (sys.executable, "-I", "-c", PROGRAM, "enforce", *(["--dry-run"] if dry_run else []))
    folder = str(Path(sys.executable).parent)
    results = run_in_sessions(users.names, words, folder, limit_s=users.limit_s)
    if not results:
        write_out("no user is signed in; each one's own task runs at the next log-on\n")
    for result in results:
        why = f"  {result.why}" if result.why else ""
        write_out(f"{result.user}  exit code {result.exit_code}{why}\n")
    return worst_exit(result.exit_code for result in results)
