"""``tipstaff watch``: enforce at start and after every change that affects the decision."""

import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, NamedTuple

import typer

from tipstaff_cli.shared.change_notice import ChangeNotice
from tipstaff_cli.shared.options import ReportJournal, ReportLog
from tipstaff_cli.shared.service_manager import ServiceManager, service_manager
from tipstaff_cli.shared.state_options import add_state_options
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.enforcement.action_entries import record_enforcement
from tipstaff_policy.enforcement.all_clients import combine_clients, enforce_all
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.errors import INTERRUPTED_EXIT, EvaluationError, UsageError, worst_exit
from tipstaff_policy.system.keyring_signals import KeyringSignals
from tipstaff_policy.watch import (
    Announced,
    Places,
    Rhythm,
    Watch,
    folders_of,
    in_a_line,
    join_places,
    needs_keyring,
    one_line,
    places_of,
    take_snapshot,
)

LOCK_TIMEOUT_S = 4.0
"""Shorter than elsewhere: the next attempt follows anyway, and a stop waits for this one."""
POLL_S = 5.0
"""How often files are checked if the system does not report changes."""
RELOADS = tuple(getattr(signal, name) for name in ("SIGHUP",) if hasattr(signal, name))
"""Windows has no such signal."""
ENDS = {signal.SIGTERM: 0, signal.SIGINT: INTERRUPTED_EXIT}


@add_state_options
def watch(
    *,
    recheck: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=Rhythm().pause,
            help="Check again after this time without changes.",
        ),
    ] = Rhythm().recheck,
    report_log: ReportLog = None,
    report_journal: ReportJournal = False,
    targets: tuple[Target, ...],
) -> None:
    """Enforce now, and again after every change that can affect the decision.

    Run one process per user. It applies only the administrators' rules, and prints on standard
    error what it removed or refused. It also checks after a while without changes, because rules
    have dates. SIGHUP makes it check at once. For the systemd units see `docs/watch.md`.

    With --report-log or --report-journal, each result that differs from the one before is kept as
    a report.

    Examples: `tipstaff watch` · `tipstaff watch --client-home /srv/ci/home` ·
    `tipstaff watch --report-journal`

    Exit codes: 0 ended by SIGTERM, 130 by SIGINT, 2 wrong usage. An invalid policy or a host that
    cannot be evaluated is reported once; the watch continues.
    """
    request = targets[0].request
    if request.overrides or request.profile or request.ignore_user_config:
        options = [option.name for option in targets[0].adapter.start_options]
        raise UsageError(
            "`watch` starts no command, so options of a start do not apply",
            expected=f"none of {', '.join(options)}",
        )
    keeper = Keeper(report_log, journal=report_journal) if report_log or report_journal else None
    watcher = Watcher(targets, service_manager(), Rhythm(recheck=recheck), keeper)
    try:
        raise typer.Exit(watcher.run())
    finally:
        watcher.close()


class Keeper(NamedTuple):
    """Where reports of what was enforced are kept."""

    log: Path | None
    journal: bool

    def keep(self, done: Sequence[tuple[Target, Enforcement]], started_at: datetime) -> None:
        """Keep a report of what was enforced for some clients; a failure is said, and no more."""
        # The models are built here, so that a watch that keeps nothing stays small.
        from tipstaff_cli.shared.report_log import try_to_keep_report  # noqa: PLC0415 - as said
        from tipstaff_cli.shared.run_context import observe  # noqa: PLC0415 - as said
        from tipstaff_schemas.build_enforcement import build_enforcement  # noqa: PLC0415 - as said

        result = combine_clients([(target.adapter, one) for target, one in done])
        around = observe(done[0][0].request, started_at, result.state.home)
        report = build_enforcement(result, around, revocations=(), dry_run=False)
        try_to_keep_report(report, self.log, journal=self.journal)


class Look(NamedTuple):
    """The result of enforcing for one client."""

    line: str
    code: int
    done: tuple[Target, Enforcement] | None = None
    """None where the client could not be judged."""
    places: Places | None = None
    """The places that the decision read; None if the client could not be judged."""
    needs_keyring: bool = False


class Watcher:
    """The loop that waits and listens; `tipstaff_policy.watch` decides what follows."""

    def __init__(
        self,
        targets: Sequence[Target],
        manager: ServiceManager,
        rhythm: Rhythm,
        keeper: Keeper | None = None,
    ) -> None:
        self._targets = [
            Target(
                target.adapter,
                target.request._replace(cwd="/").read_with(
                    detail="lines",
                    unasked=True,
                    personal_rules=False,
                    unlocks=False,
                    lean=True,
                ),
            )
            for target in targets
        ]
        self._manager = manager
        self._keeper = keeper
        self._notice = ChangeNotice()
        self._keyring = KeyringSignals()
        self._rhythm = rhythm
        self._watch = Watch()
        self._announced = Announced()
        self._last: tuple[str, int] | None = None
        self._end: int | None = None
        self._reread = False
        self._missing = ""

    def run(self) -> int:
        """Watch until a signal ends it; return the exit code."""
        for number in (*ENDS, *RELOADS):
            signal.signal(number, self._take)
        places = join_places(
            places_of(adapter, request, adapter.read_state(request))
            for adapter, request in self._now()
        )
        seen = take_snapshot(places)
        while self._end is None:
            if time.monotonic() >= self._watch.due(self._rhythm):
                seen = take_snapshot(places)
                found = self._look()
                if found is not None:
                    places = join_places(found)
                self._tidy()
                self._watch = self._watch.look(time.monotonic())
            now = take_snapshot(places)
            if self._notice.cover(folders_of(now)):
                now = take_snapshot(places)  # with what changed before the system watched
                self._complain()
            if now != seen:
                self._watch = self._watch.notice(time.monotonic())
            self._manager.notify("READY=1\nWATCHDOG=1")
            self._wait()
        self._manager.notify("STOPPING=1")
        return self._end

    def close(self) -> None:
        """Stop listening to everything."""
        self._notice.close()
        self._keyring.close()

    def is_set(self) -> bool:
        """Return whether something other than a file ends the wait."""
        return self._end is not None or self._reread or self._keyring.is_ready()

    def _now(self) -> list[Target]:
        now = int(time.time())
        return [Target(adapter, request._replace(now=now)) for adapter, request in self._targets]

    def _look(self) -> list[Places] | None:
        """Enforce once and report the result; return the places that the decisions read.

        None where a client could not be judged.
        """
        started_at = datetime.now(UTC)
        looks = [self._look_for(target) for target in self._now()]
        lines = [look.line for look in looks if look.line]
        is_new = self._say("; ".join(lines), worst_exit(look.code for look in looks))
        done = [look.done for look in looks if look.done]
        if self._keeper and done and is_new:
            self._keeper.keep(done, started_at)
        if any(look.needs_keyring for look in looks):
            self._keyring.connect(os.environ)
        elif all(look.places for look in looks):
            self._keyring.close()
        places = [look.places for look in looks if look.places]
        return places if len(places) == len(looks) else None

    def _look_for(self, target: Target) -> "Look":
        """Enforce for one client."""
        adapter, request = target
        name = f"{adapter.name}: " if len(self._targets) > 1 else ""
        try:
            result = enforce_all(adapter, request, lock_timeout_s=LOCK_TIMEOUT_S)
        except (EvaluationError, UsageError, OSError) as error:
            what = error.what if isinstance(error, EvaluationError | UsageError) else error.strerror
            return Look(f"{name}{one_line(f'not evaluated, nothing removed: {what}')}", 4)
        unlogged = record_enforcement(request, result, "watch")
        line = in_a_line(result)
        said = [f"{name}{line}" if line else ""]
        said += [f"the action log could not be written: {unlogged}"] if unlogged else []
        needed = needs_keyring(adapter, result.state) and request.system_root is None
        places = places_of(adapter, request, result.state)
        return Look(
            "; ".join(said), result.exit_code, (target, result), places, needs_keyring=needed
        )

    def _tidy(self) -> None:
        """Free the memory of a check at once.

        Left to itself the collector comes so seldom here that memory creeps up between. What the
        program is made of is not gone through again.
        """
        gc.collect()
        if self._watch.ended is None:
            gc.freeze()

    def _say(self, line: str, code: int) -> bool:
        """Announce the result if it is new; return whether it is."""
        self._manager.notify(f"STATUS={line or 'complies'}")
        is_new = (line, code) != self._last
        self._last = (line, code)
        self._announced, words = self._announced.announce(line, code)
        if words:
            sys.stderr.write(f"tipstaff: {words}\n")
            sys.stderr.flush()
        return is_new

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
        if self._keyring.take_signals() or self._reread:
            self._reread = False
            self._watch = self._watch.notice(time.monotonic())

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if number in ENDS:
            self._end = ENDS[signal.Signals(number)]
        else:
            self._reread = True
