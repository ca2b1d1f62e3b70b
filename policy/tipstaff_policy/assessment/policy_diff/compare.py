"""What changes for whom between two policies; how the documents are written does not matter.

Pure. Nothing of a secret gets into a change: of the fleet's key it says that it is another one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tipstaff_policy.assessment.policy_diff.client_rules import compare_client_rules
from tipstaff_policy.assessment.policy_diff.meaning import (
    Change,
    Direction,
    describe_renamed,
    meaning_of,
    name_first,
    origins_of,
    value_of,
)
from tipstaff_policy.assessment.policy_diff.tables import (
    compare_client_keys,
    compare_scopes,
    compare_severities,
    compare_waivers,
)
from tipstaff_policy.clients import client_of_short_form, load_client
from tipstaff_policy.organisation.model import OrganisationPolicy
from tipstaff_policy.organisation.rollout_stage import WHOLE
from tipstaff_policy.organisation.wording import moment
from tipstaff_policy.organisation.wording import value_of as written_as
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.record import Record

LOST, WON = "allowed until now, {fate}", "{fate} until now, allowed from then on"


class Set(Record):
    """How the values of a set are described."""

    one: str
    """Whom or what one value stands for."""
    others: str
    """The words for all values that are not listed."""
    lost: str = LOST
    won: str = WON
    unites: bool = False
    """Whether a further value tightens."""
    lists_all: bool = True
    """Whether everything is meant where nothing is stated; else nothing is."""


SETS: dict[str, Set] = {
    "login_methods": Set("people who sign in with {}", "people who sign in another way"),
    "workspaces": Set("people of workspace {}", "people of any other workspace"),
    "stores": Set(
        "credentials in the store {}",
        "credentials in any other store",
        "accepted until now, a finding (TIP201) from then on",
        "a finding (TIP201) until now, accepted from then on",
    ),
    "trusted_keys": Set(
        "logins signed by the key {}", "logins that none of the listed keys signed"
    ),
    "waiver_keys": Set(
        "waivers signed by the key {}",
        "",
        "counted until now, without effect from then on",
        "without effect until now, counted from then on",
        lists_all=False,
    ),
    "knowledge_keys": Set(
        "knowledge of client versions signed by the key {}",
        "",
        "counted until now, without effect from then on",
        "without effect until now, counted from then on",
        lists_all=False,
    ),
    "homes": Set(
        "logins of homes in {}",
        "",
        "looked for until now, not from then on",
        "not looked for until now, looked for from then on",
        unites=True,
        lists_all=False,
    ),
    "not_waivable": Set(
        "waivers of {}",
        "",
        "refused until now, possible from then on",
        "possible until now, refused from then on",
        unites=True,
        lists_all=False,
    ),
}


class Plain(Record):
    """How one value is described, and when another one is stricter."""

    whom: str
    rank: Callable[[Any], Any] | None = None
    """The greater, the stricter; None where that is no question of strictness."""
    unstated: str = "nothing"
    """What holds where nothing is stated and there is no default."""


PLAIN: dict[str, Plain] = {
    "id": Plain("the policy's name, which selects a cohort (it is selected again)"),
    "version": Plain("the policy's version"),
    "counter": Plain("the policy's counter, which must not go back"),
    "owner": Plain("who answers for it"),
    "message": Plain("the message to users who are logged out"),
    "contact": Plain("whom users are asked to contact"),
    "help_url": Plain("where users can read more"),
    "valid_from": Plain("all users: before this nothing is removed", unstated="always"),
    "valid_until": Plain(
        "all users: after this TIP309 fails, the rules still apply", unstated="never"
    ),
    "on_violation": Plain("users who break a rule", lambda action: action == "log_out", "log_out"),
    "warn_from": Plain("warnings start", lambda at: -at),
    "enforce_from": Plain("log-outs start", lambda at: -at),
    "cohort": Plain("the share of hosts that go first", lambda share: share),
    "environment_credentials": Plain(
        "people whose credential comes from a variable", lambda action: action == "forbid"
    ),
    "scrub_environment": Plain("people whose forbidden variable the guard takes away"),
    "oldest_client": Plain(
        "people whose client is older than", lambda client_version: client_version, "any"
    ),
    "longest_age_s": Plain("people whose login is older than", lambda seconds: -seconds, "any age"),
    "on_error": Plain("people whose host cannot be judged", lambda action: action == "closed"),
    "running_clients": Plain(
        "running clients of people who are logged out", lambda action: action == "terminate"
    ),
    "wipe_linked": Plain("files that a link of the credential leads to", lambda wipes: wipes),
    "revoke_url": Plain("where revoked credentials are sent"),
}
"""The fields of one value. Of an unstated one the default holds, else it is the loosest."""


BY_THEMSELVES = ("severities", "scopes", "waivers", "client_keys", "clients")
"""What has several parts, each of which is compared."""


def compare(before: OrganisationPolicy, after: OrganisationPolicy) -> tuple[Change, ...]:
    """Return what changes from one policy to another; empty exactly where both mean the same."""
    old, new = meaning_of(before), meaning_of(after)
    found = [
        change
        for name in before._fields
        if old[name] != new[name] and name not in BY_THEMSELVES
        for change in _compare_field(name, before, after)
    ]
    return (*found, *compare_severities(before, after), *compare_scopes(before, after),
            *compare_waivers(before, after), *compare_client_keys(before, after),
            *compare_client_rules(before, after))  # fmt: skip


def _compare_field(
    name: str, before: OrganisationPolicy, after: OrganisationPolicy
) -> Iterable[Change]:
    if name in SETS:
        return _sets(name, before, after)
    if name in PLAIN:
        return (_plain(name, before, after),)
    others = {"workspace_names": _names, "fleet_key": _fleet_key, "keys": _keys}
    return others[name](before, after)


def _sets(name: str, before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    old, new = getattr(before, name), getattr(after, name)
    message = SETS[name]
    start, end = (
        None if side is None and message.lists_all else set(side.values if side else ())
        for side in (old, new)
    )
    lost = _describe_values(name, start, end, before)
    won = _describe_values(name, end, start, after)
    places = origins_of(before, name), origins_of(after, name)
    losing: Direction = "loosened" if message.unites else "tightened"
    winning: Direction = "tightened" if message.unites else "loosened"
    for value in lost:
        yield Change(name, losing, f"{value}: {message.lost.format(fate=fate(after))}", *places)
    for value in won:
        yield Change(
            name, winning, f"{value}: {message.won.format(fate=_fate_now(before))}", *places
        )
    if not lost and not won:  # every method is listed, where none was
        what = "people who sign in: every way is listed on one side, which changes nothing"
        yield Change(name, "other", what, *places)


def _describe_values(
    name: str, has: set[str] | None, has_not: set[str] | None, policy: OrganisationPolicy
) -> list[str]:
    """Return for whom something is in the first set and not in the second; None is all."""
    message, names = SETS[name], dict(policy.workspace_names)
    if name == "workspaces":
        names = {mask_text(value): in_words_as for value, in_words_as in names.items()}
        has, has_not = (side and set(map(mask_text, side)) for side in (has, has_not))
    if has_not is None:
        return []
    if name == "login_methods":
        labels = {
            method.name: method.label for method in load_client(client_of_short_form()).methods
        }
        has = set(labels) if has is None else has
        return [message.one.format(labels.get(value, value)) for value in sorted(has - has_not)]
    if has is None:
        return [message.others]
    return _each(message, has - has_not, names)


def _each(message: Set, values: Iterable[str], names: dict[str, str]) -> list[str]:
    return [message.one.format(name_first(value, names)) for value in sorted(values)]


def fate(policy: OrganisationPolicy) -> str:
    """Return what becomes of people who break a rule of a policy."""
    if value_of(policy, "on_violation") == "report":
        return "reported from then on"
    starts = value_of(policy, "enforce_from")
    share = value_of(policy, "cohort")
    when = f"from {moment(starts)} on" if starts else "from then on"
    hosts = f" on {written_as('cohort', share)} of the hosts" if share < WHOLE else ""
    return f"logged out {when}{hosts}"


def _fate_now(policy: OrganisationPolicy) -> str:
    return "reported" if value_of(policy, "on_violation") == "report" else "logged out"


def _plain(name: str, before: OrganisationPolicy, after: OrganisationPolicy) -> Change:
    message = PLAIN[name]
    old, new = value_of(before, name), value_of(after, name)
    both = [_show(name, side, message.unstated) for side in (old, new)]
    what = f"{message.whom}: {both[0]} until now, {both[1]} from then on"
    places = origins_of(before, name), origins_of(after, name)
    return Change(name.removesuffix("_s"), _direction(message.rank, old, new), what, *places)


def _direction(rank: Callable[[Any], Any] | None, old: Any, new: Any) -> Direction:
    if rank is None:
        return "other"
    if old is None or new is None:
        return "tightened" if old is None else "loosened"
    return "tightened" if rank(new) > rank(old) else "loosened"


def _show(name: str, value: Any, unstated: str) -> str:
    if value is None:
        return unstated
    if value == 0 and name in ("warn_from", "enforce_from"):
        return "the first moment"
    text = written_as(name, value)
    return " / ".join(text.splitlines())


def _names(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield the workspaces that people call otherwise."""
    places = origins_of(before, "workspaces"), origins_of(after, "workspaces")
    renamed = describe_renamed("the workspace {}", before.workspace_names, after.workspace_names)
    return (Change("workspaces.name", "other", what, *places) for what in renamed)


def _fleet_key(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    places = origins_of(before, "fleet_key"), origins_of(after, "fleet_key")
    what = "fingerprints in reports: no longer comparable with those of reports until now"
    if after.fleet_key is None:
        what = "fingerprints in reports: given until now, none from then on"
    elif before.fleet_key is None:
        what = "fingerprints in reports: none until now, given from then on"
    yield Change("fleet_key", "other", what, *places)


def _keys(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Report keys with the same thumbprint but other fields; which keys count comes before."""
    old, new = ({key.thumbprint: key.jwk for key in p.keys} for p in (before, after))
    places = origins_of(before, "trusted_keys"), origins_of(after, "trusted_keys")
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            what = f"the key {key}: its file differs in fields other than the key itself"
            yield Change("trusted_keys", "other", what, *places)
