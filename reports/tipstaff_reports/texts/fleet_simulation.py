"""`fleet simulate` as plain text: who would lose the sign-in, why, where, and whom to try first."""

from collections.abc import Sequence

from tipstaff_reports.text import as_text
from tipstaff_reports.texts.policy_diff import (
    NOT_SEEN,
    WORDS,
    describe_start,
    name_method,
    name_policy,
    name_workspace,
    render_lost,
)
from tipstaff_schemas.fleet_simulation import (
    Canary,
    FleetOutcome,
    FleetSimulated,
    FleetUser,
    ReasonCounted,
    UnitSimulated,
)

UNITS_SHOWN = 20
NO_UNIT = "(no unit)"
COLUMNS = ("users", "logged out", "refused", "unknown", "warned", "left alone", "newly lost")
SHORT = {
    "log_out": "logged out",
    "refused": "refused",
    "unknown": "unknown",
    "warned": "warned",
    "left_alone": "left alone",
}


def render_fleet_simulation(document: FleetSimulated) -> str:
    """Return first who would lose the sign-in, and last what the simulation cannot see."""
    lines = [_headline(document), f"  {name_policy(document.policy)}, at {document.at}"]
    lines += [f"  ships {', '.join(document.ships)}", *describe_start(document.start)]
    if document.later:
        lines += [f"  more of it begins later: ask again with --at {' or '.join(document.later)}"]
    lines += [line for outcome in document.outcomes if outcome.count for line in _outcome(outcome)]
    lines += render_lost("they sign in by", document.methods_lost, name_method)
    lines += render_lost("they belong to", document.workspaces_lost, name_workspace)
    if any(unit.unit for unit in document.units):
        lines += _units(document.units)
    if document.canaries:
        lines += _canaries(document.canaries, document.simulated)
    return as_text([*lines, *_list_apart(document), *_limits(document)])


def _headline(document: FleetSimulated) -> str:
    losing = [outcome for outcome in document.outcomes if outcome.outcome in ("log_out", "refused")]
    lost, new = sum(outcome.count for outcome in losing), sum(outcome.new for outcome in losing)
    share = f" ({100 * lost / document.simulated:.3g}%)" if document.simulated else ""
    users = "1 user" if document.simulated == 1 else f"{document.simulated:,} users"
    text = f"{lost:,} of {users}{share} could not work any more, {new:,} of them newly"
    unknown = sum(outcome.count for outcome in document.outcomes if outcome.outcome == "unknown")
    text += f"; {unknown:,} unknown" if unknown else ""
    gate = document.gate
    if gate is None:
        return text
    verdict = "STOP" if gate.exceeded else "ok"
    return f"{verdict}  {text}; {gate.counted:,} counted, {gate.at_most} allowed"


def _outcome(outcome: FleetOutcome) -> list[str]:
    new = f", {outcome.new:,} of them newly" if outcome.new and outcome.new != outcome.count else ""
    lines = ["", f"{outcome.count:,} {WORDS[outcome.outcome]}{new}"]
    lines += [line for reason in outcome.reasons for line in _reason(reason)]
    return lines + (
        [f"  … and {outcome.further:,} more for other reasons"] if outcome.further else []
    )


def _reason(counted: ReasonCounted) -> list[str]:
    when = "new  " if counted.is_new else "today"
    shown = ", ".join(map(_who, counted.examples))
    more = " …" if counted.count > len(counted.examples) else ""
    return [
        f"  {when} {counted.count:,}: {counted.why}",
        *([f"        {shown}{more}"] if shown else []),
    ]


def _who(user: FleetUser) -> str:
    return f"{user.user or 'a user'} on {user.host}"


def _units(units: Sequence[UnitSimulated]) -> list[str]:
    shown = [
        (unit.unit or NO_UNIT, *map("{:,}".format, (
            unit.users, unit.log_out, unit.refused, unit.unknown, unit.warned, unit.left_alone,
            unit.new,
        )))
        for unit in units[:UNITS_SHOWN]
    ]  # fmt: skip
    more = len(units) - len(shown)
    return [
        "",
        "by unit",
        *_table([("unit", *COLUMNS), *shown]),
        *([f"  … and {more} more units: --format json lists all"] if more else []),
    ]


def _table(rows: Sequence[Sequence[str]], texts: int = 1) -> list[str]:
    """Return rows as lines; the first columns are texts, the others numbers."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if n < texts else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _canaries(canaries: Sequence[Canary], simulated: int) -> list[str]:
    # Two of one class stand for the same users: the largest number of users may be counted twice.
    rows = [
        (
            canary.host,
            canary.user,
            canary.unit or NO_UNIT,
            f"{'new' if canary.is_new else 'today'}, {SHORT[canary.outcome]}",
            f"{100 * canary.stands_for / simulated:.3g}%" if simulated else "",
        )
        for canary in canaries
    ]
    return ["", "try it on these hosts first", *_table([_CANARY_COLUMNS, *rows], texts=4)]


_CANARY_COLUMNS = ("host", "user", "unit", "would be", "stands for")


def _list_apart(document: FleetSimulated) -> list[str]:
    lines = []
    if document.silent:
        counts = [
            f"{outcome.silent:,} {WORDS[outcome.outcome]}"
            for outcome in document.outcomes
            if outcome.silent
        ]
        since = document.silent_since
        lines += ["", f"{document.silent:,} more are on hosts without a report since {since}:"]
        lines += [f"  by their last report {', '.join(counts)}"]
    if document.gone:
        since = document.gone_since
        lines += ["", f"{document.gone:,} on hosts without a report since {since} are left out"]
    if document.images:
        lines += ["", f"{document.images:,} on images are left out: `tipstaff policy simulate`"]
    return lines


def _limits(document: FleetSimulated) -> list[str]:
    lines = []
    if document.keys_not_seen:
        lines += ["", f"{document.keys_not_seen:,} {NOT_SEEN[0]}", *NOT_SEEN[1:]]
    if document.unjudged:
        said = "could not be simulated, and count as unknown"
        lines += ["", f"{document.unjudged:,} {said}"]
    if document.without_environment:
        blind = "seen without the user's environment: a credential in a variable does not show"
        lines += ["", f"{document.without_environment:,} were {blind}"]
    lines += ["", f"{document.judgements:,} states of {document.classes:,} kinds were judged"]
    if document.differing_classes:
        said = "kinds of state were not alike after all, so that each user of them was judged"
        lines[-1] += f"; {document.differing_classes:,} {said}"
    return lines
