"""A policy in words: who may sign in, how, where, from when, for whom, and what is waived."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args

from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.carried_keys import show_value
from tipstaff_policy.clients.interface.lint import Policy
from tipstaff_policy.model.state import Origin
from tipstaff_policy.model.toml_writing import join_dotted
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy, Rule, Waiver
from tipstaff_policy.organisation.rollout_stage import WHOLE
from tipstaff_policy.organisation.violations import method_in_words, write_length
from tipstaff_policy.organisation.waivers.standing import judge_waiver
from tipstaff_policy.organisation.wording import moment, owners_as_written, value_of
from tipstaff_rollout.effects import TITLES, find_effect
from tipstaff_rollout.payloads import client_payloads, default_client, deployment_of, files_for
from tipstaff_rollout.questions import list_questions
from tipstaff_rollout.stages import find_stage, list_stages

About = Literal[
    "who",
    "how",
    "where",
    "from when",
    "for whom",
    "what happens",
    "what ships",
    "the client",
    "waived",
]


class Statement(NamedTuple):
    """One sentence of a policy, and the places that say so."""

    about: About
    says: str
    origins: tuple[Origin, ...] = ()
    """None where a policy is silent, which has a meaning too."""


def describe_policy(given: Policy, now: int) -> tuple[Statement, ...]:
    """Return what a policy means, in the order in which a person asks."""
    policy = given.policy
    statements = (
        *_who(policy),
        *_how(policy, given.keys_file),
        *_where(policy),
        *_of_clients(policy),
        *_from_when(policy),
        *_for_whom(policy),
        *_what_happens(policy),
        *_what_ships(policy, now),
        *_describe_carried(policy),
        *(_describe_waiver(policy, waiver, now) for waiver in policy.waivers),
    )
    order = get_args(About)
    return tuple(sorted(statements, key=lambda statement: order.index(statement.about)))


def _who(policy: OrganisationPolicy) -> Iterator[Statement]:
    # With rules of other clients, say whose these are.
    to, of = (f" {word} {default_client()}" if policy.clients else "" for word in ("to", "of"))
    yield _set(
        "who",
        policy.login_methods and _label(policy.login_methods, default_client()),
        f"People may sign in{to} with {{}} only.",
        (f"Any login method{of} is allowed.", f"No user may sign in{to}."),
    )
    service = deployment_of(default_client()).authoring.workspaces_of
    shown = _name(policy.workspaces, policy.workspace_names)
    yield _set(
        "who",
        shown,
        f"Of {service} only {{}} may be used.",
        (f"Any workspace of {service} is allowed.", f"No workspace of {service} is allowed."),
    )


def _name(owners: Allowed | None, names: tuple[tuple[str, str], ...]) -> Allowed | None:
    """Return whose a login may be, as people call them."""
    return owners and owners._replace(values=owners_as_written(owners, names))


def _label(methods: Allowed, client: str) -> Allowed:
    """Return login methods as people call them."""
    known = load_client(client).methods
    return methods._replace(values=tuple(method_in_words(name, known) for name in methods.values))


OF_A_CLIENT: tuple[tuple[About, str, str, str], ...] = (
    (
        "who",
        "workspaces",
        "A login to {client} must belong to the workspace {{}}.",
        "No workspace of {client} is allowed.",
    ),
    (
        "who",
        "organisations",
        "A login to {client} must belong to the organisation {{}}.",
        "No organisation of {client} is allowed.",
    ),
    (
        "who",
        "accounts",
        "A login to {client} must belong to the account {{}}.",
        "No account of {client} is allowed.",
    ),
    (
        "where",
        "stores",
        "The login of {client} may be kept in {{}} only.",
        "The login of {client} may be kept nowhere.",
    ),
)


def _of_clients(policy: OrganisationPolicy) -> Iterator[Statement]:
    """Say what holds for single clients, apart from the one that the keys at the top stand for."""
    for rules in policy.clients:
        client = rules.client
        if rules.login_methods:
            yield _set(
                "who",
                _label(rules.login_methods, client),
                f"People may sign in to {client} with {{}} only.",
                ("", f"No user may sign in to {client}."),
            )
        for about, field, only, nothing in OF_A_CLIENT:
            if allowed := getattr(rules, field):
                extremes = ("", nothing.format(client=client))
                named = _name(allowed, rules.names)
                yield _set(about, named, only.format(client=client), extremes)
        yield from _say(
            "how",
            rules.oldest_version,
            lambda value, client=client: f"{client} must be {'.'.join(map(str, value))} or newer.",
        )
        yield from _say(
            "how",
            rules.environment_credentials,
            {
                "forbid": f"In {client} a credential from a variable is forbidden.",
                "allow": f"In {client} a credential may come from a variable, unless it is "
                "forbidden everywhere.",
            }.get,
        )


def _set(about: About, allowed: Allowed | None, only: str, extremes: tuple[str, str]) -> Statement:
    """Say what a set allows; the extremes are that it restricts nothing, or allows nothing."""
    anything, nothing = extremes
    if allowed is None:
        return Statement(about, anything)
    words = only.format(" or ".join(allowed.values)) if allowed.values else nothing
    return Statement(about, words, allowed.origins)


def _how(policy: OrganisationPolicy, keys_file: Rule[str] | None) -> Iterator[Statement]:
    yield from _say(
        "how",
        policy.environment_credentials,
        {
            "forbid": "A credential from a variable is forbidden.",
            "allow": "A credential may come from a variable.",
        }.get,
    )
    yield from _say(
        "how",
        policy.oldest_client,
        lambda value: f"The client must be {'.'.join(map(str, value))} or newer.",
    )
    yield from _say(
        "how",
        policy.longest_age_s,
        lambda value: f"A login must have been refreshed within {write_length(value)}.",
    )
    if policy.trusted_keys:
        count = len(policy.trusted_keys.values)
        yield Statement(
            "how", f"Tokens must be signed by one of {count} keys.", policy.trusted_keys.origins
        )
    yield from _say(
        "how", keys_file, lambda value: f"Tokens must be signed by one of the keys in {value}."
    )


def _where(policy: OrganisationPolicy) -> Iterator[Statement]:
    yield _set(
        "where",
        policy.stores,
        "The login may be kept in {} only.",
        ("The login may be kept in any store.", "The login may be kept nowhere."),
    )
    if policy.homes:
        places = " and ".join(policy.homes.values)
        yield Statement("where", f"Homes below {places} are searched too.", policy.homes.origins)


def _from_when(policy: OrganisationPolicy) -> Iterator[Statement]:
    sentences = {
        "valid_from": "Before {} nothing is removed.",
        "valid_until": "After {} every host reports that it has ended; it still applies.",
        "warn_from": "Before {} users see no message.",
        "enforce_from": "Before {} a violation causes only a warning.",
        "cohort": "From then on {} of the hosts log out, the others warn.",
    }
    stated = [(name, getattr(policy, name)) for name in sentences]
    for name, rule in stated:
        if rule:
            says = sentences[name].format(value_of(name, rule.value))
            if name == "cohort" and rule.value >= WHOLE:
                says = "From then on every host logs out."
            yield Statement("from when", says, rule.origins)
    if not any(rule for _, rule in stated):
        yield Statement("from when", "At once, on every host.")


def _for_whom(policy: OrganisationPolicy) -> Iterator[Statement]:
    for scope in policy.scopes:
        stated = {
            name: getattr(scope, name)
            for name in ("on_violation", "warn_from", "enforce_from", "cohort")
        }
        own = [
            f"{name} is {value_of(name, value)}"
            for name, value in stated.items()
            if value is not None
        ]
        hosts, rest = " or ".join(scope.hosts), ", ".join(own) or "as everywhere"
        yield Statement("for whom", f"On hosts {hosts} ({scope.name}): {rest}.", (scope.origin,))
    if not policy.scopes:
        yield Statement("for whom", "For every host alike.")


def _what_happens(policy: OrganisationPolicy) -> Iterator[Statement]:
    rule = policy.on_violation
    reports = rule is not None and rule.value == "report"
    says = (
        "A violation is reported, nothing is removed." if reports else "A violation is logged out."
    )
    yield Statement("what happens", says, rule.origins if rule else ())
    yield from _say(
        "what happens",
        policy.on_error,
        {
            "closed": "If Tipstaff cannot judge, the guard does not start the client.",
            "open": "If Tipstaff cannot judge, the guard starts the client anyway.",
        }.get,
    )
    for question in list_questions(policy):
        yield Statement("what happens", question.says, question.origins)
    for check, severity in policy.severities:
        yield Statement("what happens", f"{check} is {severity.value}.", severity.origins)


def _what_ships(policy: OrganisationPolicy, now: int) -> Iterator[Statement]:
    """Say what has an effect on which kind of host, now and at each later stage of the start."""
    stages = list_stages(policy)
    for listed in stages:
        if listed.then is not None and listed.then <= now:
            continue
        stage = find_stage(policy, max(now, listed.since or 0))
        shipped = ("policy", *(() if stage.held_back_by else files_for(policy)))
        effect = find_effect(policy, max(now, stage.since or 0), shipped)
        if len(stages) > 1 or stage.held_back_by:
            when = "Now" if (stage.since or 0) <= now else f"From {moment(stage.since or 0)}"
            origins = tuple(place for _, place in stage.held_back_by)
            says = f"{when} its start is at `{stage.state}`: {TITLES[stage.state]}."
            yield Statement("what ships", says, origins)
        for says in (
            f"Ships: {effect.ships}.",
            f"With Tipstaff on the host: {effect.with_tipstaff}.",
            f"Without Tipstaff on the host: {effect.without_tipstaff}.",
            f"Next: {effect.next}",
        ):
            yield Statement("what ships", says)


def _describe_carried(policy: OrganisationPolicy) -> Iterator[Statement]:
    """Say what else the client's files hold; a text that could be a secret is not shown."""
    known = client_payloads()
    for key in policy.client_keys:
        file = known[deployment_of(key.client).file_of[key.file]].file.file_name
        says = f"{file} of {key.client}: {join_dotted(key.path)} = {show_value(key)}."
        yield Statement("the client", says, key.origins)


def _describe_waiver(policy: OrganisationPolicy, waiver: Waiver, now: int) -> Statement:
    found = judge_waiver(policy, waiver, now)
    whom = [
        f"{name} {value}"
        for name in ("host", "user", "group", "client")
        if (value := getattr(waiver, name)) is not None
    ]
    says = (
        f"{waiver.check} may fail for {' and '.join(whom) or 'all users'} until "
        f"{moment(waiver.expires_at)} ({found.ends}): {waiver.reason} "
        f"({waiver.ticket}, owner {waiver.owner}, approved by {waiver.approver})."
    )
    return Statement("waived", says, (waiver.origin,))


def _say(about: About, rule: Rule[Any] | None, words: Any) -> Iterator[Statement]:
    if rule is not None:
        yield Statement(about, words(rule.value), rule.origins)
