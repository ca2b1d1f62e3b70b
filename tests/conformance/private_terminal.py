"""A terminal that answers like an ordinary one, and what the interactive client shows on it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

SCREEN_LIMIT_S = 15
CLOSING_LIMIT_S = 5
TERMINAL = {
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;c",
    b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
}
"""What the client asks of a terminal, and what an ordinary one answers."""
SCREENS = {
    b"Sign in with": "signed out",
    b"try one of these": "signed in",
    b"workspace routing discovery failed": "signed in",
    b"Do you trust the contents": "signed in",
}
"""The third is what it says of a login for which this service here has no workspace; of trust it
asks once no sign-in is needed any more."""


def _begin(words, env, cwd):
    """Start a program on a terminal of its own; return its id and the terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.execve(words[0], words, {**env, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    return child, terminal


def run_in_terminal(words, env, cwd):
    """Run the interactive client on a terminal, answering what it asks of one."""
    child, terminal = _begin(words, env, cwd)
    out, screen, until = b"", "", time.monotonic() + SCREEN_LIMIT_S
    while not screen and time.monotonic() < until:
        if not select.select([terminal], [], [], 0.05)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            screen = "closed"
            break
        out += part
        for question, answer in TERMINAL.items():
            if question in part:
                os.write(terminal, answer)
        plain = re.sub(rb"\x1b\[[0-9;?<>=]*[A-Za-z]", b" ", out)
        screen = next((name for words, name in SCREENS.items() if words in plain), "")
    # Signed out it asks to sign in at once; what shows neither is at work.
    screen = {"": "signed in", "closed": ""}.get(screen, screen)
    code = _end(child) if not screen else None
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(terminal)
    text = plain.decode(errors="replace") if out else ""
    return {"out": text, "screen": screen, "code": code}


def _end(child):
    """Return the exit code of a program that has closed its terminal; None if it does not end."""
    until = time.monotonic() + CLOSING_LIMIT_S
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None
