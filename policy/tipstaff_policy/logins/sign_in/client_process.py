"""Running the client's login: it asks and is answered itself, and all that it says goes on."""

import os
import selectors
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from tipstaff_policy.clients.interface.sign_in import Ran
from tipstaff_policy.errors import UsageError

if TYPE_CHECKING:
    from subprocess import Popen

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
KEPT = 1 << 16
"""How much of its words is looked through for the reason of a failure."""
PATIENCE_S = 5.0
"""How long a client has to end that was asked to."""
STDERR = 2


class Interruptions:
    """Signals that ask for an end: they reach the client, and never break a step of ours."""

    def __init__(self) -> None:
        self.received = 0.0
        """When the first came, by the monotonic clock; 0 for none."""
        self.child: Popen[bytes] | None = None

    def note(self, number: int, _: FrameType | None) -> None:
        """Take a signal down, and pass it on."""
        self.received = self.received or time.monotonic()
        if self.child is not None:
            self.child.send_signal(number)


@contextmanager
def interruptions() -> Iterator[Interruptions]:
    """Take the signals that ask for an end, for a time."""
    taken = Interruptions()
    before = [(number, signal.signal(number, taken.note)) for number in SIGNALS]
    try:
        yield taken
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def run_client(
    words: tuple[str, ...], env: Mapping[str, str], cwd: str, interrupted: Interruptions
) -> Ran:
    """Run a program to its end on our own standard input; its output goes to standard error.

    Raises:
        UsageError: It cannot be started.
    """
    from subprocess import PIPE, STDOUT, Popen  # noqa: PLC0415 - costs start-up

    try:
        child = Popen(words, env=dict(env), cwd=cwd, stdout=PIPE, stderr=STDOUT)  # noqa: S603
    except OSError as error:
        raise UsageError(f"cannot start {words[0]}: {error.strerror}") from error
    interrupted.child = child
    try:
        if interrupted.received:  # between the two lines above
            child.terminate()
        said = _pass_on(child, interrupted).decode(errors="replace")
        return Ran(child.wait(), said, broken_off=bool(interrupted.received))
    finally:
        interrupted.child = None
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def _pass_on(child: "Popen[bytes]", interrupted: Interruptions) -> bytes:
    """Pass on what a child says until it has ended; return the end of it.

    A browser that it has started may hold its output open for longer.
    """
    kept = b""
    if child.stdout is None:
        return kept
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while True:
            ended = child.poll() is not None
            if ready.select(0 if ended else 0.1):
                part = os.read(child.stdout.fileno(), KEPT)
                _say(part)
                kept = (kept + part)[-KEPT:]
                if part:
                    continue
                return kept
            if ended:
                return kept
            if interrupted.received and time.monotonic() - interrupted.received > PATIENCE_S:
                child.kill()


def _say(part: bytes) -> None:
    while part:
        try:
            part = part[os.write(STDERR, part) :]
        except OSError:
            return  # the output has no reader any more; the sign-in goes on
