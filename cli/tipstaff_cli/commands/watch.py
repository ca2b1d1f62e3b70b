"""``tipstaff watch``: enforce at start and after every change of what the decision reads."""

import gc
import os
import signal
import sys
import time
from types import FrameType
from typing import Annotated

import typer

from tipstaff_cli.shared.change_notice import ChangeNotice
from tipstaff_cli.shared.service_manager import ServiceManager, service_manager
from tipstaff_cli.shared.state_options import judging
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.enforcement.action_entries import record_enforcement
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.errors import INTERRUPTED_EXIT, EvaluationError, UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.system.keyring_signals import KeyringSignals
from tipstaff_policy.watch import (
    Rhythm,
    Told,
    Watch,
    folders_of,
    in_a_line,
    needs_keyring,
    one_line,
    places_of,
    take_snapshot,
)

LOCK_TIMEOUT_S = 4.0
"""Shorter than elsewhere: the next look comes by itself, and a stop waits for this one."""
POLL_S = 5.0
"""How often files are looked at where the system tells of no change."""
ENDS = {signal.SIGTERM: 0, signal.SIGINT: INTERRUPTED_EXIT}


@judging
def watch(
    *,
    recheck: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=Rhythm().pause, help="When to look although nothing changed."
        ),
    ] = Rhythm().recheck,
    adapter: Adapter,
    request: Request,
) -> None:
    """Enforce now, and again after every change of a file or keyring that the decision reads.

    One process a user. It obeys the administrators' restrictions alone, says on standard error
    what it removed or refused, and looks again after a while without any change, because dates
    pass too. SIGHUP makes it look at once. `docs/watch.md` tells of the units for systemd.

    Examples: `tipstaff watch` · `tipstaff watch --codex-home /srv/ci/.codex`

    Exit codes: 0 ended by SIGTERM, 130 by SIGINT, 2 wrong usage. An invalid policy (3) or a host
    that cannot be evaluated (4) is said once and ends nothing.
    """
    if request.overrides or request.profile or request.ignore_user_config:
        raise UsageError(
            "`watch` fronts no command, so it takes none of a command's options",
            expected="neither -c, --profile nor --ignore-user-config",
        )
    watcher = Watcher(adapter, request, service_manager(), Rhythm(recheck=recheck))
    try:
        raise typer.Exit(watcher.run())
    finally:
        watcher.close()


class Watcher:
    """The loop: everything that waits or hears; what follows from it is decided in `watching`."""

    def __init__(
        self, adapter: Adapter, request: Request, manager: ServiceManager, rhythm: Rhythm
    ) -> None:
        self._adapter = adapter
        self._request = request._replace(
            cwd="/", detail="lines", unasked=True, personal_rules=False, unlocks=False, lean=True
        )
        self._manager = manager
        self._notice = ChangeNotice()
        self._keyring = KeyringSignals()
        self._rhythm = rhythm
        self._watch = Watch()
        self._told = Told()
        self._end: int | None = None
        self._reread = False
        self._missing = ""

    def run(self) -> int:
        """Watch until a signal ends it; return the exit code."""
        for number in (*ENDS, signal.SIGHUP):
            signal.signal(number, self._take)
        places = places_of(self._adapter, self._now(), self._adapter.read_state(self._now()))
        seen = take_snapshot(places)
        while self._end is None:
            if time.monotonic() >= self._watch.due(self._rhythm):
                seen = take_snapshot(places)
                state = self._look()
                if state is not None:
                    places = places_of(self._adapter, self._request, state)
                self._tidy()
                self._watch = self._watch.look(time.monotonic())
            now = take_snapshot(places)
            if self._notice.cover(folders_of(now)):
                now = take_snapshot(places)  # with what changed before the system watched
                self._complain()
            if now != seen:
                self._watch = self._watch.notice(time.monotonic())
            self._manager.tell("READY=1\nWATCHDOG=1")
            self._wait()
        self._manager.tell("STOPPING=1")
        return self._end

    def close(self) -> None:
        """Let go of everything that was listened to."""
        self._notice.close()
        self._keyring.close()

    def is_set(self) -> bool:
        """Return whether something else than a file ends the wait."""
        return self._end is not None or self._reread or self._keyring.is_ready()

    def _now(self) -> Request:
        return self._request._replace(now=int(time.time()))

    def _look(self) -> HostState | None:
        """Enforce once, and say what came of it; return the state that was found."""
        try:
            request = self._now()
            result = enforce_all(self._adapter, request, lock_timeout_s=LOCK_TIMEOUT_S)
        except (EvaluationError, UsageError, OSError) as error:
            what = error.what if isinstance(error, EvaluationError | UsageError) else error.strerror
            self._say(one_line(f"not evaluated, nothing removed: {what}"), 4)
            return None
        unlogged = record_enforcement(request, result, "watch")
        told = [in_a_line(result), f"the action log could not be written: {unlogged}"]
        self._say("; ".join(told if unlogged else told[:1]), result.exit_code)
        if needs_keyring(self._adapter, result.state) and self._request.system_root is None:
            self._keyring.connect(os.environ)
        else:
            self._keyring.close()
        return result.state

    def _tidy(self) -> None:
        """Give back at once what a look has left.

        Left to itself the collector comes so seldom here that memory creeps up between. What the
        program is made of is not gone through again.
        """
        gc.collect()
        if self._watch.ended is None:
            gc.freeze()

    def _say(self, line: str, code: int) -> None:
        self._manager.tell(f"STATUS={line or 'complies'}")
        self._told, words = self._told.tell(line, code)
        if words:
            sys.stderr.write(f"tipstaff: {words}\n")
            sys.stderr.flush()

    def _complain(self) -> None:
        if self._notice.missing and self._notice.missing != self._missing:
            sys.stderr.write(f"tipstaff: looking every {POLL_S:g} s: {self._notice.missing}\n")
        self._missing = self._notice.missing

    def _wait(self) -> None:
        """Wait for a change or for the time of the next look."""
        limits = [self._watch.due(self._rhythm) - time.monotonic()]
        limits += [POLL_S] if self._notice.missing else []
        limits += [self._manager.interval_s] if self._manager.interval_s else []
        if (shortest := min(limits)) > 0:
            self._notice.wait(shortest, self)
        if self._keyring.heard() or self._reread:
            self._reread = False
            self._watch = self._watch.notice(time.monotonic())

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if number in ENDS:
            self._end = ENDS[signal.Signals(number)]
        else:
            self._reread = True
