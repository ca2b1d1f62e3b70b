"""What changes between the severities, scopes and waivers of two policies."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tipstaff_policy.assessment.policy_diff.meaning import Change, Direction
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.fields import SEVERITIES
from tipstaff_policy.organisation.model import OrganisationPolicy, Scope, Waiver
from tipstaff_policy.organisation.wording import moment
from tipstaff_policy.organisation.wording import value_of as written_as

START = ("on_violation", "warn_from", "enforce_from", "cohort")
STRICTER: dict[str, Callable[[Any], Any]] = {
    "on_violation": lambda action: action == "log_out",
    "warn_from": lambda at: -at,
    "enforce_from": lambda at: -at,
    "cohort": lambda share: share,
}


def compare_severities(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield the checks whose findings weigh otherwise."""
    old, new = dict(before.severities), dict(after.severities)
    for check in sorted({*old, *new}):
        was, will = (side[check].value if check in side else None for side in (old, new))
        if was == will:
            continue
        what = (
            f"findings of {check}: {was or 'the severity of their own'} until now, "
            f"{will or 'the severity of their own'} from then on"
        )
        direction = _weighs(was or _own(check), will or _own(check))
        places = [side[check].origins if check in side else () for side in (old, new)]
        yield Change(f"severity.{check}", direction, what, *places)


def _weighs(was: str | None, will: str | None) -> Direction:
    if was is None or will is None or was == will:
        return "other"
    more = SEVERITIES.index(will) > SEVERITIES.index(was)
    return "tightened" if more else "loosened"


def _own(check: str) -> str | None:
    """Return the severity that a check has by itself; None where this release has no such one."""
    from tipstaff_policy.checks import MODULES, load_check  # noqa: PLC0415 - rollout only

    return load_check(check)[0].severity if check in MODULES else None


def compare_scopes(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield the groups of hosts for which the start is otherwise."""
    old, new = ({scope.name: scope for scope in policy.scopes} for policy in (before, after))
    for name in sorted({*old, *new}):
        was, will = old.get(name), new.get(name)
        if was is None or will is None:
            yield _scope_alone(was, will)
        elif was._replace(origin=will.origin) != will:
            yield from _scope_changes(was, will)
    common = [[name for name in side if name in old and name in new] for side in (old, new)]
    if common[0] != common[1]:
        what = "hosts of several groups: the first group that fits is another one"
        yield Change("scopes", "other", what, *(_places(side.scopes) for side in (before, after)))


def _scope_alone(removed: Scope | None, added: Scope | None) -> Change:
    """Describe a group that is new or gone: compared with the start of the rest of that policy."""
    scope = added or removed
    if scope is None:
        raise AssertionError
    name, own = scope.name, _describe_stated(scope)
    started = f"a start of their own ({own})" if own else "the start of all others"
    whom = f"hosts {', '.join(scope.hosts)} ({name})"
    if added:
        what = f"{whom}: the start of all others until now, {started} from then on"
        return Change(f"scopes.{name}", "other", what, (), (scope.origin,))
    what = f"{whom}: {started} until now, the start of all others from then on"
    return Change(f"scopes.{name}", "other", what, (scope.origin,), ())


def _scope_changes(was: Scope, will: Scope) -> Iterator[Change]:
    places = (was.origin,), (will.origin,)
    whom = f"hosts {', '.join(will.hosts)} ({will.name})"
    if was.hosts != will.hosts:
        members = [", ".join(side.hosts) for side in (was, will)]
        what = f"the group {will.name}: {members[0]} until now, {members[1]} from then on"
        yield Change(f"scopes.{will.name}.hosts", "other", what, *places)
    for field in START:
        old, new = getattr(was, field), getattr(will, field)
        if old != new:
            shown = [
                "as for all others" if side is None else written_as(field, side)
                for side in (old, new)
            ]
            what = f"{whom}: {field} {shown[0]} until now, {shown[1]} from then on"
            yield Change(f"scopes.{will.name}.{field}", _stricter(field, old, new), what, *places)


def _stricter(field: str, old: Any, new: Any) -> Direction:
    if old is None or new is None:
        return "other"
    rank = STRICTER[field]
    return "tightened" if rank(new) > rank(old) else "loosened"


def _describe_stated(scope: Scope) -> str:
    stated = [(name, getattr(scope, name)) for name in START]
    return ", ".join(
        f"{name} {written_as(name, value)}" for name, value in stated if value is not None
    )


def _places(rows: Iterable[Scope | Waiver]) -> tuple[Origin, ...]:
    return tuple(row.origin for row in rows)


def compare_client_keys(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield the other keys of clients' files that are new, gone, or have another value.

    What is stricter, Tipstaff does not know of these; a text that could be a secret is not shown.
    """
    if not before.client_keys and not after.client_keys:
        return
    from tipstaff_policy.clients.carried_keys import show_value  # noqa: PLC0415 - rollout only

    old, new = ({key[:3]: key for key in policy.client_keys} for policy in (before, after))
    for name in sorted({*old, *new}):
        was, will = old.get(name), new.get(name)
        if was and will and was.value == will.value:
            continue
        values = [show_value(side) if side else "nothing" for side in (was, will)]
        what = f"the client's {name[1]}: {values[0]} until now, {values[1]} from then on"
        if values[0] == values[1]:
            what = f"the client's {name[1]}: another text, which is not shown"
        places = [side.origins if side else () for side in (was, will)]
        yield Change(next(side.name for side in (will, was) if side), "other", what, *places)


def compare_waivers(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield the waivers that begin, vanish, end at another time, or have another owner."""
    old, new = ({_plain(waiver): waiver for waiver in policy.waivers} for policy in (before, after))
    gone = [waiver for plain, waiver in old.items() if plain not in new]
    come = {plain: waiver for plain, waiver in new.items() if plain not in old}
    alike: dict[str, list[tuple[Any, ...]]] = {}
    for plain, waiver in reversed(come.items()):
        alike.setdefault(_covers(waiver), []).append(plain)
    for was in gone:
        if alike.get(_covers(was)):
            yield _waiver_change(was, come.pop(alike[_covers(was)].pop()))
        else:
            what = f"{_covers(was)}: waived until {moment(was.expires_at)} so far; no longer"
            yield Change("waivers", "tightened", what, (was.origin,), ())
    for waiver in come.values():
        what = f"{_covers(waiver)}: not waived until now, waived until {moment(waiver.expires_at)}"
        yield Change("waivers", "loosened", f"{what} ({_answers(waiver)})", (), (waiver.origin,))


def _waiver_change(was: Waiver, will: Waiver) -> Change:
    ends = will.expires_at - was.expires_at
    direction: Direction = "loosened" if ends > 0 else "tightened" if ends else "other"
    what = (
        f"waived until {moment(was.expires_at)} so far, until {moment(will.expires_at)} instead"
        if ends
        else f"waived as before, and answered for by {_answers(will)} (so far {_answers(was)})"
    )
    return Change("waivers", direction, f"{_covers(was)}: {what}", (was.origin,), (will.origin,))


def _plain(waiver: Waiver) -> tuple[Any, ...]:
    return waiver[:-1]  # all but its place


def _covers(waiver: Waiver) -> str:
    selectors = ("host", "user", "group", "client", "signed_by")
    stated = [(name, getattr(waiver, name)) for name in selectors]
    narrowed = [f"{name.replace('_', ' ')} {value}" for name, value in stated if value is not None]
    return f"{waiver.check} for {', '.join(narrowed) or 'all users'}"


def _answers(waiver: Waiver) -> str:
    return f"{waiver.owner}, {waiver.approver}, {waiver.ticket}: {waiver.reason}"
