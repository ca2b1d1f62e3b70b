"""From the engine's values to the documents."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tipstaff_policy import __version__
from tipstaff_policy.action_log.record import Standing
from tipstaff_policy.assessment.audit import Judged
from tipstaff_policy.assessment.findings import Threshold, is_waived
from tipstaff_policy.assessment.inspection import Inspection
from tipstaff_policy.assessment.policy_loading import Organisation
from tipstaff_policy.assessment.policy_wording import Line, list_fields_for
from tipstaff_policy.checks.model import Evidence, locate
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.state import (
    Client,
    Credential,
    Decision,
    HeldCredential,
    HostState,
    ReadLayer,
    Verdict,
)
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.model import NO_POLICY, Rule
from tipstaff_policy.parsing.masks import mask_words
from tipstaff_policy.parsing.sha256 import sha256
from tipstaff_schemas.report import (
    ActionLog,
    ClientEntry,
    CredentialEntry,
    FindingEntry,
    Host,
    Policy,
    PolicyFile,
    PolicyRule,
    Report,
    Run,
    Summary,
    Tool,
    Workspace,
)
from tipstaff_schemas.undecodable import decodable, writable


class Circumstances(NamedTuple):
    """When, where and by whom; gathered at the edge."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    host_id: str | None
    host_name: str
    user: str
    audited_by: str
    system_root: str | None
    action_log: Standing


class Judgement(NamedTuple):
    """What an audit found, for the client that stands for the host."""

    judged: Judged
    clients: tuple[tuple[Client, Verdict], ...]
    """Every client that was judged, each with its own verdict."""
    selected: tuple[str, ...] | None
    """The checks that ran; None for all."""
    fail_on: Threshold


def build_report(judgement: Judgement, around: Circumstances) -> Report:
    """Return the report of an audit."""
    judged = judgement.judged
    state, decision = judged.sight.state, judged.decision
    run = build_run(state, around, judgement.selected, judgement.fail_on)
    report = Report.model_construct(
        tool=Tool.model_construct(version=__version__),
        run=run,
        client=state.client,
        clients=[
            ClientEntry.model_construct(
                **client._asdict() | {"may_be": list(client.may_be), "verdict": verdict}
            )
            for client, verdict in judgement.clients
        ],
        policy=_policy(judged.sight),
        credentials=credential_entries(state, decision),
        decision=decision,
        sign_in=judged.sign_in,
        findings=[
            FindingEntry.model_construct(
                **finding._asdict() | {"evidence": list(finding.evidence)},
                fingerprint=finding_fingerprint(
                    run.host, state, run.system_root, finding.check, finding.subject
                ),
            )
            for finding in judged.findings
        ],
        summary=_summary(judgement),
        state=state,
        surroundings=judged.surroundings,
    )
    return writable(report)


def finding_fingerprint(host: Host, state: HostState, root: str | None, *named: str) -> str:
    """Return an id of a finding that is the same in every run on a host, wherever its image is.

    Args:
        named: The check and its subject.
    """
    lines = (
        state.client.name,
        *(folder.removeprefix(root or "") for folder in (state.home, *named)),
    )
    text = "\0".join((host.id or host.name, *lines))
    return sha256(decodable(text).encode()).hexdigest()[:32]


def policy_fingerprint(files: Iterable[PolicyFile]) -> str:
    """Return the digest of all files that a policy was read from, in their order."""
    named = ((f"{file.path} {file.key}" if file.key else file.path, file.sha256) for file in files)
    lines = "".join(f"{decodable(path)}\0{sha256}\n" for path, sha256 in named)
    return f"sha256:{sha256(lines.encode()).hexdigest()}"


def build_run(
    state: HostState,
    around: Circumstances,
    selected: tuple[str, ...] | None,
    fail_on: Threshold | None,
) -> Run:
    """Return when, where and by whom a report was made."""
    return Run.model_construct(
        id=around.run_id,
        started_at=time_text(around.started_at),
        finished_at=time_text(around.finished_at),
        host=Host.model_construct(id=around.host_id, name=around.host_name, os=state.platform),
        user=around.user,
        audited_by=around.audited_by,
        environment=state.environment,
        system_root=around.system_root,
        trial=state.ordered is not None and state.ordered.mode != "enforce",
        selected=None if selected is None else list(selected),
        fail_on=fail_on,
        action_log=ActionLog.model_construct(**around.action_log._asdict()),
    )


def _policy(sight: Inspection) -> Policy:
    organisation, orders = sight.organisation, sight.orders
    files = sorted(
        (layer.path, layer.content.sha256)
        for layer in sight.state.layers
        if isinstance(layer.content, ReadLayer) and layer.content.sha256
    )
    if organisation:
        files += [(file.path, file.sha256) for file in organisation.files if file.sha256]
    listed = [policy_file(path, sha) for path, sha in files]
    policy = organisation.policy if organisation else NO_POLICY
    return Policy.model_construct(
        id=policy.id.value if policy.id else None,
        version=policy.version.value if policy.version else None,
        fingerprint=policy_fingerprint(listed),
        files=listed,
        settings=list(load_client(sight.state.client.name).effective(sight.state).settings),
        rules=[
            PolicyRule.model_construct(field=field, value=value, origins=list(origins))
            for field, value, origins in (
                *list_fields_for(policy, sight.state.client.name),
                *_explain_unread_key(organisation),
            )
        ],
        stage=orders.stage if orders else None,
        waivers=list(orders.waivers()) if orders else [],
        faults=list(sight.faults),
        orders=_without_secrets(orders) if orders else None,
    )


def _explain_unread_key(organisation: Organisation | None) -> Iterator[Line]:
    """Yield why credentials have no fingerprint although the host has a key for them."""
    if organisation and organisation.unread_key:
        why, origins = organisation.unread_key
        yield "fleet_key", f"(not read: {why}; so no credential has a fingerprint here)", origins


def policy_file(path: str, sha256: str) -> PolicyFile:
    """Return a file of the policy by a path that can be opened."""
    place = locate(Evidence(path))
    return PolicyFile.model_construct(path=place.path, key=place.key, sha256=sha256)


def _without_secrets(orders: Orders) -> Orders:
    """Return orders as a report holds them; its waivers stand in it already, each with its end."""
    policy = orders.policy._replace(fleet_key=None, keys=(), waivers=(), client_keys=())
    texts: dict[str, Any] = {
        name: rule._replace(value=mask_words(rule.value))
        for name, rule in policy._asdict().items()
        if isinstance(rule, Rule) and isinstance(rule.value, str)
    }
    return orders._replace(policy=policy._replace(**texts))


def credential_entries(state: HostState, decision: Decision) -> list[CredentialEntry]:
    """Return the credentials that were found on a host, as a report lists them."""
    return [
        _credential(credential, decision)
        for credential in state.credentials
        if credential.content.state != "absent"
    ]


def _credential(found: Credential, decision: Decision) -> CredentialEntry:
    held = found.content if isinstance(found.content, HeldCredential) else None
    return CredentialEntry.model_construct(
        store=found.source,
        path=found.path,
        kind=held.kind if held else None,
        method=held.method if held else None,
        active=found.source == decision.active,
        workspace=Workspace.of(held),
        identities=list(held.identity) if held and held.identity is not None else None,
        fingerprint=held.fingerprint if held else None,
        last_refresh=seconds(held.last_refresh) if held else None,
        expires_at=seconds(held.expires_at) if held else None,
    )


def _summary(judgement: Judgement) -> Summary:
    judged = judgement.judged
    statuses = [finding.status for finding in judged.findings]
    return Summary.model_construct(
        compliant=judged.is_compliant(judgement.fail_on, complete=judgement.selected is None),
        passed=statuses.count("pass"),
        failed=statuses.count("fail"),
        error=statuses.count("error"),
        not_applicable=statuses.count("not_applicable"),
        waived=sum(is_waived(finding) for finding in judged.findings),
    )


def time_text(moment: datetime) -> str:
    """Return a moment as documents write it: RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(moment: int | None) -> str | None:
    """Return a moment as documents write it; None for none, or for one beyond the calendar."""
    try:
        return None if moment is None else time_text(datetime.fromtimestamp(moment, UTC))
    except (OverflowError, ValueError, OSError):
        return None
