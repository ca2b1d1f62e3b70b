"""Which processes of a live Linux are the client."""

import os

from tipstaff_policy.clients.codex.installations import PROGRAM
from tipstaff_policy.system.processes import DELETED, INTERPRETERS, Process, words_of


def is_client(process: Process) -> bool:
    """Return whether a process is the client: by its program, or by the script that it runs."""
    try:
        program = os.path.basename(os.readlink(f"{process.folder}/exe")).removesuffix(DELETED)
    except OSError:
        program = process.name
    if program == PROGRAM:
        return True
    words = words_of(process)
    script = os.path.basename(words[1]) if len(words) > 1 else ""
    return program in INTERPRETERS and script in (PROGRAM, f"{PROGRAM}.js")
