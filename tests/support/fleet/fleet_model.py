"""How a fleet stands, worked out from its runs in plain Python: what the questions have to agree with."""

from typing import NamedTuple

from support.fleet.fleet_histories import DAY, Finding, fails_gravely, has_error
from tipstaff_policy.checks.model import SEVERITIES

SILENT_AFTER, GONE_AFTER = 2 * DAY, 5 * DAY
MEDIUM = SEVERITIES.index("medium")


class Run(NamedTuple):
    host: str
    user: str
    seen: int
    run_id: str
    findings: tuple[Finding, ...]
    image: bool = False
    partial: bool = False

    @property
    def key(self):
        return self.host, self.user

    @property
    def badness(self):
        return 3 if fails_gravely(self.findings) else 2 if has_error(self.findings) else 1


def until(runs, at):
    """Return the runs that count at a moment."""
    return [run for run in runs if not run.image and not run.partial and run.seen <= at]


def newest(runs, at):
    """Return the newest run of each person on a host that is not gone."""
    found = {}
    for run in sorted(until(runs, at), key=lambda run: (run.seen, run.badness, run.run_id)):
        found[run.key] = run
    return [run for run in found.values() if run.seen >= at - GONE_AFTER]


def standings(runs, at):
    """Return how each host stands."""
    of_host = {}
    for run in newest(runs, at):
        of_host.setdefault(run.host, []).append(run)
    return {host: _standing(found, at) for host, found in of_host.items()}


def _standing(runs, at):
    silent = [run for run in runs if run.seen < at - SILENT_AFTER]
    if any(run.badness == 3 and run not in silent for run in runs):
        return "fails"
    if silent:
        return "silent"
    return "cannot_tell" if any(run.badness == 2 for run in runs) else "complies"


def faults(runs, host, at):
    """Return what a host fails in by reports that are not silent."""
    return {
        (finding.check, finding.subject)
        for run in newest(runs, at)
        if run.host == host and run.seen >= at - SILENT_AFTER
        for finding in run.findings
        if finding.status == "fail"
        and not finding.waived
        and SEVERITIES.index(finding.severity) >= MEDIUM
    }


def moves(runs, since, at):
    """Return what became of each host."""
    before, after = standings(runs, since), standings(runs, at)
    return {
        host: _move(
            before.get(host), after.get(host), faults(runs, host, since), faults(runs, host, at)
        )
        for host in before.keys() | after.keys()
    }


def _move(before, after, old, new):
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before == after == "fails":
        return "worse" if new - old else "better" if old - new else "unchanged"
    if before == after:
        return "unchanged"
    better = after == "complies" or (before, after) == ("silent", "cannot_tell")
    return "better" if better else "worse"


def failures(runs, at):
    """Return since when each failure of a newest run stands that is not silent."""
    found = {}
    for run in newest(runs, at):
        if run.seen < at - SILENT_AFTER:
            continue
        own = [run_before for run_before in until(runs, at) if run_before.key == run.key]
        for check, subject in _of(run, "fail"):
            clear = [
                run.seen
                for run in own
                if (check, subject) not in _of(run, "fail") | _of(run, "error")
            ]
            found[(*run.key, check, subject)] = min(
                run.seen
                for run in own
                if (check, subject) in _of(run, "fail") and run.seen >= max(clear, default=0)
            )
    return found


def _of(run, status):
    return {
        (finding.check, finding.subject) for finding in run.findings if finding.status == status
    }


def checks(runs, at):
    """Return on how many hosts each check came out how: passed, failed, waived, error."""
    worst = {}
    for run in newest(runs, at):
        if run.seen >= at - SILENT_AFTER:
            for finding in run.findings:
                rank = _rank(finding)
                if rank:
                    key = run.host, finding.check
                    worst[key] = max(rank, worst.get(key, 0))
    return {
        check: tuple(
            sum(1 for (_, other), rank in worst.items() if other == check and rank == wanted)
            for wanted in (1, 4, 2, 3)
        )
        for _, check in worst
    }


def _rank(finding):
    if finding.status == "fail":
        return 2 if finding.waived else 4
    return {"error": 3, "pass": 1}.get(finding.status, 0)
