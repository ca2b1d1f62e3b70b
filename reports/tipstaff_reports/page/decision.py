"""What the client does at its start, why, and what depends on the service."""

from collections.abc import Mapping

from tipstaff_policy.model.state import OWNERS, Decision, Violation
from tipstaff_policy.model.wording import DECISIONS
from tipstaff_reports.page.elements import Content, Markup
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Fact, Row, facts, paragraph, section, table
from tipstaff_reports.page.shown import (
    code,
    codes,
    join_in_words,
    names_for,
    nothing,
    owner_called,
    owners_called,
    places,
    prose,
)
from tipstaff_reports.page.verdict import VERSION_KNOWN_BY, client_named
from tipstaff_schemas.report import ClientEntry

SETTLES = {
    "refresh": "whether a refresh of the login gives another workspace",
    "cloud_policy": "whether it has rules of its own for this plan",
    "whoami": "whom an access token belongs to",
    "jwks": "whether its keys signed the token",
    "workload_identity": "whether it gives out a login for the workload identity, and of which "
    "workspace",
    "config_server": "whether the organisation's configuration server has rules of its own",
}


def render_decision(entry: Entry) -> Markup:
    """Return the decision with all that it rests on."""
    decision, names = entry.report.decision, dict(entry.report.names())
    found: list[Fact] = [
        ("Verdict", (code(decision.verdict), f": {DECISIONS[decision.verdict]}")),
        ("Reason", prose(decision.reason)),
        ("Depends on the service", _render_settled(decision.depends_on)),
        ("Judged credential", code(decision.active)),
        ("The client would empty", codes(decision.removes, "no store")),
        ("Allowed methods", codes(decision.methods)),
        *_owners(decision, names),
    ]
    if decision.unread:
        found.append(("Could not be read", codes(decision.unread)))
    if decision.blocked_by:
        found.append(("Rules that leave no method", places(decision.blocked_by)))
    columns = ("What", "Store", "Observed", "Allowed", "Rule")
    rows = [_render_broken(violation, names) for violation in decision.violations]
    broken = table("Rules that a credential breaks", columns, rows)
    return section(
        entry.place,
        "decision",
        "What the client does",
        facts(found),
        broken if decision.violations else paragraph("No credential breaks a rule."),
    )


def render_clients(entry: Entry) -> Markup:
    """Return every client found; the one with the worst verdict is the one judged."""
    columns = ("Client", "Verdict", "Version known by", "Proven", "May be instead", "Program")
    rows = [_client(client) for client in entry.report.clients]
    found = table("Clients in the order of search", columns, rows)
    return section(entry.place, "clients", "Clients found", found if rows else paragraph("None."))


def _render_settled(depends_on: tuple[str, ...]) -> Content:
    lines = [
        (code(condition), ": ", SETTLES.get(condition, "what only the service knows of it"))
        for condition in depends_on
    ]
    return join_in_words(lines) if lines else nothing("nothing does")


def _owners(decision: Decision, names: Mapping[str, str]) -> list[Fact]:
    """Return whose a login may be; where no rule says so, that any workspace will do."""
    found = [
        (owner, allowed)
        for owner in OWNERS
        if (allowed := decision.list_allowed(owner)) is not None
    ]
    if not found:
        return [("Allowed workspaces", nothing("any: no rule names one"))]
    return [(f"Allowed {owner}s", owners_called(allowed, names)) for owner, allowed in found]


def _render_broken(violation: Violation, names: Mapping[str, str]) -> Row:
    called = names_for(violation, names)
    return Row(
        (
            violation.attribute.replace("_", " "),
            code(violation.source),
            owner_called(violation.observed, called, "no claim"),
            owners_called(violation.allowed, called),
            places(violation.origins),
        )
    )


def _client(entry: ClientEntry) -> Row:
    loose = ("; others can write at ", code(entry.writable_at)) if entry.writable_at else ""
    return Row(
        (
            client_named(entry.name, entry.version),
            (code(entry.verdict), f", started as {entry.entry_point}"),
            VERSION_KNOWN_BY[entry.version_source],
            "yes" if entry.proven else "no: not tried with this version",
            codes(entry.may_be),
            (code(entry.path, "not on this host"), loose),
        )
    )
