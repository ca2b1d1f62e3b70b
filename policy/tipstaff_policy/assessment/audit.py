"""The audit of every client on a host, and the one that stands for the host (ADR 0014)."""

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.findings import (
    Finding,
    Threshold,
    audit_exit,
    evaluate_checks,
    is_compliant,
)
from tipstaff_policy.assessment.inspection import Inspection, inspect_and_ask
from tipstaff_policy.assessment.policy_loading import search_named
from tipstaff_policy.checks.model import Host
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.installations import drop_alike, make_judging_key
from tipstaff_policy.errors import AUDITED_WORST_FIRST
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, Decision, SignIn, Verdict
from tipstaff_policy.record import Record

VERDICTS: tuple[Verdict, ...] = (
    "unknown", "allow", "ignore_credential", "log_out", "block", "not_logged_in", "refuse",
)  # fmt: skip


class Judged(Record):
    """What an audit finds for one installation."""

    sight: Inspection
    surroundings: HostFacts
    decision: Decision
    sign_in: SignIn
    findings: tuple[Finding, ...]

    def exit_code(self, fail_on: Threshold) -> int:
        """Return the exit code of an audit of this installation alone."""
        return audit_exit(self.decision, self.findings, fail_on, sign_in=self.sign_in)

    def is_compliant(self, fail_on: Threshold, *, complete: bool) -> bool | None:
        """Return whether it complies; None where only a part of the checks was selected."""
        return is_compliant(
            self.decision,
            self.findings,
            fail_on=fail_on,
            complete=complete,
            sign_in=self.sign_in,
        )


def judge_all(
    adapter: Adapter, request: Request, selected: tuple[str, ...]
) -> tuple[tuple[Client, Judged], ...]:
    """Return every client that a request is about, in its order, with what is found for it."""
    clients = adapter.find_installations(request)
    found = {
        make_judging_key(installation): _judge(adapter, request, installation, selected)
        for installation in drop_alike(clients)
    }
    return tuple((client, found[make_judging_key(client)]) for client in clients)


def _judge(adapter: Adapter, request: Request, client: Client, selected: tuple[str, ...]) -> Judged:
    request = request._replace(client=client)
    sight = inspect_and_ask(adapter, request)
    decision = adapter.decide(sight.state)
    sign_in = comply(sight.state, adapter.by_administrators)
    surroundings = adapter.observe(search_named(request, sight.organisation), sight.state)
    host = Host(
        sight.state,
        decision,
        sight.orders,
        surroundings,
        sign_in,
        adapter.methods,
        adapter.plain_stores,
    )
    findings = evaluate_checks(host, selected, sight.faults, advice=adapter.advice())
    return Judged(sight, surroundings, decision, sign_in, findings)


def worst_of(judged: tuple[Judged, ...], fail_on: Threshold) -> Judged:
    """Return what stands for the host; the first where several are alike.

    First comes what does not comply, so that one client that complies never speaks for another.
    Then the exit code of each audit decides, in the order in which one audit chooses among them:
    what could not be judged comes before a finding, because anything may be behind it. Only then
    the verdict: what is not known; a credential in use (of two audits with findings, the client
    that signs in is worse than the one that hides the credential, as an old one does that does
    not know the rule); one that is hidden and stays; one that is removed; none; no start at all.
    """

    def rank(judged: Judged) -> tuple[bool, int, int]:
        complies, code = judged.is_compliant(fail_on, complete=True), judged.exit_code(fail_on)
        return (
            bool(complies),
            AUDITED_WORST_FIRST.index(code),
            VERDICTS.index(judged.decision.verdict),
        )

    return min(judged, key=rank)
