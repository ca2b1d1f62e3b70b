"""The unified log of a Mac, by the system's own program, which takes a line from its input.

What is in it is for administrators to read, and a user cannot take it back. No test has run on a
Mac: a fake stands for `logger`.

Source: logger(1) of macOS; Apple's "Logging" (older interfaces of the system's log lead there).
"""

from tipstaff_policy.system.mac.asking import ask_program

LOGGER = "/usr/bin/logger"
LIMIT_S = 2.0
PRIORITY = "authpriv.notice"
NAME = "tipstaff"


def send_line(line: bytes) -> bool:
    """Leave a line in the log; return whether the program took it."""
    return ask_program((LOGGER, "-p", PRIORITY, "-t", NAME), LIMIT_S, line).code == 0
