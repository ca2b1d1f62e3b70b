"""A report's findings made again from the evidence that the report itself holds.

All that a check reads is in the report: the state, the decision, the organisation's orders, and the
surroundings. So every finding is evaluated again; of the surroundings, what follows from the state
is too. What only the host could show (processes, ports, modes of files) is taken as it stands.
"""

from collections.abc import Iterator
from itertools import zip_longest

from tipstaff_policy.assessment.findings import Finding, evaluate_checks
from tipstaff_policy.assessment.policy_wording import is_carried, list_fields_for
from tipstaff_policy.checks import MODULES
from tipstaff_policy.checks.model import Host
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.state import Decision, HostState, ReadLayer, SignIn
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.model import Rule
from tipstaff_policy.organisation.rollout_stage import stage_of
from tipstaff_schemas.build import credential_entries, policy_file
from tipstaff_schemas.report import FindingEntry, PolicyFile, PolicyRule, Report

LIVE_EVIDENCE = ("callback_ports", "running")
"""What can only be seen of a running Linux system; an adapter says which of it its client has."""
HISTORY = "first_failed_at"
"""The one field of a finding that comes from an earlier report."""


def find_differing_findings(
    report: Report, adapter: Adapter, decision: Decision, sign_in: SignIn
) -> Iterator[str]:
    """Yield where the findings are not those that the checks make of the rest of a report.

    Args:
        decision: As it follows from the state, whatever the report says; so does ``sign_in``.
    """
    host = Host(
        report.state,
        decision,
        restore_orders(report),
        report.surroundings,
        sign_in,
        adapter.methods,
        adapter.plain_stores,
    )
    selected = sorted(MODULES) if report.run.selected is None else report.run.selected
    known = [check for check in selected if check in MODULES]
    made = evaluate_checks(host, known, tuple(report.policy.faults), advice=adapter.advice())
    for number, (entry, finding) in enumerate(zip_longest(report.findings, made)):
        if entry is None or finding is None:
            yield f"findings: there are {len(report.findings)}, and the checks make {len(made)}"
            return
        for name in Finding._fields:
            if name != HISTORY and _value(entry, name) != getattr(finding, name):
                yield f"findings.{number}.{name}: is not what {finding.check} makes of the evidence"


def _value(entry: FindingEntry, name: str) -> object:
    return tuple(entry.evidence) if name == "evidence" else getattr(entry, name)


def restore_orders(report: Report) -> Orders | None:
    """Return the organisation's orders as the checks read them, their waivers among them."""
    orders = report.policy.orders
    if orders is None:
        return None
    waivers = tuple(waiver.waiver for waiver in report.policy.waivers)
    return orders._replace(policy=orders.policy._replace(waivers=waivers))


def find_differing_parts(report: Report, adapter: Adapter, decision: Decision) -> Iterator[str]:
    """Yield what else in a report is another thing than its state and its orders make of it."""
    state, run = report.state, report.run
    followed = adapter.follows(state, report.surroundings)
    for name, lines, made in zip(followed._fields, report.surroundings, followed, strict=True):
        if lines != made:
            yield f"surroundings.{name}: does not follow from state"
    if run.environment != state.environment:
        yield "run.environment: is another one than state.environment"
    if run.system_root != state.system_root:
        yield "run.system_root: is another one than state.system_root"
    yield from _live_or_image(report, adapter.live_evidence)
    if any(file not in report.policy.files for file in _list_digested(state)):
        yield "policy.files: do not hold those of state.layers"
    if report.policy.settings != list(adapter.effective(state).settings):
        yield "policy.settings: do not follow from state.layers"
    if report.credentials != credential_entries(state, decision):
        yield "credentials: do not follow from state.credentials"
    yield from _explain_carried_keys(report)
    yield from _of_orders(report)


def _explain_carried_keys(report: Report) -> Iterator[str]:
    """Yield where keys of the client's files were looked for that no rule names."""
    stated = {rule.field for rule in report.policy.rules}
    if any(key.name not in stated for key in report.surroundings.carried):
        yield "policy.rules: do not hold the keys of surroundings.carried"


def _list_digested(state: HostState) -> Iterator[PolicyFile]:
    for layer in state.layers:
        if isinstance(layer.content, ReadLayer) and layer.content.sha256:
            yield policy_file(layer.path, layer.content.sha256)


def _live_or_image(report: Report, observed: tuple[str, ...]) -> Iterator[str]:
    """Yield where the evidence is that of an image and the report is of a live host, or reverse."""
    state = report.state
    image = state.system_root is not None
    if image and state.environment == "own":
        yield "state.environment: an image has no environment of its own"
    if state.platform != "linux":
        return
    for name in LIVE_EVIDENCE:
        missing = image or name not in observed
        if (getattr(report.surroundings, name) is None) != missing:
            seen = "an image" if image else "a running system"
            yield f"surroundings.{name}: does not fit state.system_root, which is that of {seen}"


def _of_orders(report: Report) -> Iterator[str]:
    """Yield where what a person reads of the policy is not what the checks went by."""
    policy, orders = report.policy, restore_orders(report)
    if report.run.trial and (orders is None or orders.stage.mode == "enforce"):
        yield "run.trial: is another thing than policy.stage makes it"
    if report.state.policy_faults != tuple(policy.faults):
        yield "policy.faults: are others than those of state"
    if report.state.ordered != (orders.make_ordered() if orders else None):
        yield "state.ordered: does not follow from policy.orders"
    if orders is None:
        if policy.id is not None or policy.rules or policy.stage or policy.waivers:
            yield "policy.orders: is missing although there is a policy"
        return
    stage = stage_of(orders.policy, orders.machine, orders.now)
    rules = [rule for rule in policy.rules if not _is_left_out(rule.field)]
    pairs = {
        "policy.orders.client": (orders.client, report.client.name),
        "policy.orders.now": (orders.now, report.state.evaluated_at),
        "policy.orders.stage": (orders.stage, stage),
        "policy.orders.machine": (orders.machine[:2], (report.run.host.id, report.run.host.name)),
        "policy.stage": (policy.stage, stage),
        "policy.waivers": (policy.waivers, list(orders.waivers())),
        "policy.rules": (rules, _rules(orders)),
        "policy.id": (policy.id, _find_stated(orders.policy.id)),
        "policy.version": (policy.version, _find_stated(orders.policy.version)),
    }
    for where, (lines, made) in pairs.items():
        if lines != made:
            yield f"{where}: is another one than the rest makes it"


def _rules(orders: Orders) -> list[PolicyRule]:
    return [
        PolicyRule(field=field, value=value, origins=list(origins))
        for field, value, origins in list_fields_for(orders.policy, orders.client)
    ]


def _is_left_out(field: str) -> bool:
    """Return whether the orders of a report leave a rule out: they hold no secret and no file."""
    return field == "fleet_key" or is_carried(field)


def _find_stated(rule: Rule[str] | None) -> str | None:
    return rule.value if rule else None
