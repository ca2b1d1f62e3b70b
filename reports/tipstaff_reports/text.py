"""The report as plain text: verdict first, then what fails, then what it stands on."""

from collections.abc import Iterable

from tipstaff_policy.checks.model import Evidence
from tipstaff_policy.clients.step_places import name_place
from tipstaff_policy.logins.revocation import Revocation
from tipstaff_policy.model.state import Odd, SignIn, Value
from tipstaff_policy.model.wording import DECISIONS, SIGN_INS
from tipstaff_policy.organisation.waivers.standing import Waived
from tipstaff_reports.summary import bounds_in_words, describe_knowledge
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.report import (
    ClientEntry,
    CredentialEntry,
    FindingEntry,
    FrameworkEntry,
    Names,
    Report,
)

COMPLIANT = {True: "COMPLIANT", False: "NOT COMPLIANT", None: "NOT FULLY CHECKED"}
COMPLIES = {True: "yes", False: "no", None: "not fully checked"}
MARKS = {"pass": "pass ", "fail": "FAIL ", "error": "ERROR", "not_applicable": "n/a  "}
ORDER = ("fail", "error", "pass", "not_applicable")
SEVERE_FIRST = ("critical", "high", "medium", "low", "info")


def render(report: Report, *, verbose: bool = False) -> str:
    """Return the report for a person at a terminal; no colour, no control characters.

    Args:
        verbose: Whether findings that pass or do not apply are listed, and not only counted.
    """
    decision = report.decision
    lines = [
        f"{COMPLIANT[report.summary.compliant]}  {report.run.host.name}  {_client(report)}",
        *sign_in_lines(report.sign_in, opens=opens_on_error(report)),
        f"decision  {decision.verdict}: {DECISIONS[decision.verdict]}",
    ]
    lines += [] if _is_listed(report) else [f"          {decision.reason}"]
    lines += [f"bounds    {'; '.join(limits)}"] if (limits := bounds_in_words(report)) else []
    run = report.run
    if run.audited_by not in (None, run.user):
        lines.append(f"person    {run.user}; audited by {run.audited_by}")
    lines += _policy_faults(report)
    if len(report.clients) > 1:
        lines += ["", "clients", *(_client_line(client) for client in report.clients)]
    lines += ["", "findings", *_findings(report.findings, verbose=verbose)]
    for framework in report.frameworks:
        lines += ["", f"by control: {framework.title}", *_controls(framework, report.findings)]
    lines += _organisation(report)
    lines += ["", "settings in force", *_settings(report)]
    lines += [
        "",
        "credentials",
        *(_credential(credential, report.names()) for credential in report.credentials),
    ]
    if not report.credentials:
        lines.append("  none")
    return as_text(lines)


def render_enforcement(report: EnforcementReport) -> str:
    """Return what an enforcement did, for the person whose login it is."""
    stopped = report.exit_code and not report.dry_run
    hint = ["to do     `tipstaff why` says what to do and whom to ask"] if stopped else []
    return as_text([*enforcement_lines(report), *hint])


def enforcement_lines(report: EnforcementReport) -> list[str]:
    """Return what an enforcement did, for any reader."""
    by_own_rule = report.steps and report.decision and report.sign_in.verdict != "violates"
    lines = [f"sign-in   {SIGN_INS[report.sign_in.verdict]}: {report.note}"]
    if by_own_rule and report.decision:
        lines = [f"decision  {report.decision.verdict}: {report.note}"]
    if report.dry_run:
        return lines + _foreseen(report)
    for step in report.steps:
        place = name_place(report.client.name, step)
        lines.append(f"{step.outcome:<9} {place}" + (f": {step.detail}" if step.detail else ""))
    for revocation in report.revocations:
        lines += revocation_lines(revocation)
    if report.steps:
        after = report.sign_in_after
        lines.append(f"after     {SIGN_INS[after.verdict]}: {after.reason}")
    return lines


def _foreseen(report: EnforcementReport) -> list[str]:
    """Return what an enforcement would do, and what would follow from it."""
    if not report.steps:
        return ["dry run   nothing would be removed"]
    goes = [
        name_place(report.client.name, step) for step in report.steps if step.outcome == "planned"
    ]
    stays = [step for step in report.steps if step.outcome != "planned"]
    lines = [f"dry run   would be logged out: {goe}" for goe in goes]
    for step in stays:
        place = name_place(report.client.name, step)
        lines.append(f"dry run   would stay: {place}" + (f": {step.detail}" if step.detail else ""))
    for revocation in report.revocations:
        lines += revocation_lines(revocation)
    then = (
        "a login that is not allowed would be left"
        if stays
        else _describe_remaining(report.sign_in)
    )
    ends = f"this dry run ends with {report.exit_code}, because the login is still there"
    return [*lines, f"after     {then}; {ends}"]


def _describe_remaining(sign_in: SignIn) -> str:
    """Return what is left of the logins once those that violate a rule are gone."""
    kept = any(judged.verdict == "complies" for judged in sign_in.credentials)
    return "signed in by a login that is allowed" if kept else "signed out"


def sign_in_lines(sign_in: SignIn | None, *, opens: bool = False) -> list[str]:
    """Return what Tipstaff would do to this user, and why.

    Args:
        opens: Whether the policy starts the client where it cannot be judged.
    """
    if sign_in is None:
        return []
    does = what_tipstaff_does(sign_in, opens=opens)
    return [f"sign-in   {SIGN_INS[sign_in.verdict]}: {does}", f"          {sign_in.reason}"]


def opens_on_error(report: Report) -> bool:
    """Return whether the policy of a report starts the client where it cannot be judged."""
    rule = report.policy.orders.policy.on_error if report.policy.orders else None
    return rule is not None and rule.value == "open"


def what_tipstaff_does(sign_in: SignIn, *, opens: bool = False) -> str:
    """Return in words what enforcement would do about a sign-in."""
    if sign_in.verdict == "cannot_tell":
        return f"Tipstaff removes nothing, and the guard {_what_the_guard_does(sign_in, opens)}"
    if sign_in.verdict != "violates":
        return "Tipstaff removes nothing"
    if sign_in.mode != "enforce":
        return "Tipstaff only warns so far" if sign_in.mode == "warn" else "not enforced yet"
    stores = [f"the store {remove}" for remove in sign_in.removes]
    kept = [f"{variable} cannot be removed" for variable in sign_in.variables]
    removed = [f"Tipstaff logs out of {' and '.join(stores)}"] if stores else []
    return "; ".join([*removed, *kept])


def _what_the_guard_does(sign_in: SignIn, opens: bool) -> str:  # noqa: FBT001 - one fact
    """Return what becomes of a start while a credential cannot be judged."""
    if sign_in.mode == "silent" and not sign_in.faults:
        return "starts the client"
    starts = opens or (sign_in.mode == "warn" and not sign_in.faults)
    return "warns and starts the client" if starts else "does not start the client"


def revocation_lines(revocation: Revocation) -> list[str]:
    """Return what became of a login at its issuer."""
    who = f"{revocation.issuer}: " if revocation.issuer else ""
    outcome = revocation.outcome.replace("_", " ")
    lines = [
        f"issuer    {outcome}: {revocation.path or revocation.store}: {who}{revocation.detail}"
    ]
    if revocation.through:
        lines.append(f"          reached as the environment says: {', '.join(revocation.through)}")
    if revocation.ignored:
        lines.append(f"          ignored, though set: {', '.join(revocation.ignored)}")
    return lines


def worst_first(finding: FindingEntry) -> tuple[int, int, str, str]:
    """Return by what findings are sorted: failures and errors first, by severity."""
    place = ORDER.index(finding.status), SEVERE_FIRST.index(finding.severity)
    return *place, finding.check, finding.subject


def as_text(lines: Iterable[str]) -> str:
    """Return lines as a text, in which no value can make a line of its own."""
    return "".join(f"{clean(line)}\n" for line in lines)


def clean(line: str) -> str:
    """Replace what could end a line, move a terminal's cursor or turn its text around."""
    return "".join(character if character.isprintable() else "\ufffd" for character in line)


def _client(report: Report) -> str:
    client = report.client
    return f"{client.name} {client.version} ({client.version_source}{describe_knowledge(client)})"


def _client_line(entry: ClientEntry) -> str:
    proven = "" if entry.proven else ", not proven"
    loose = f"   {entry.writable_at}" if entry.writable_at else ""
    version = f"{entry.version} ({entry.version_source}{proven}{describe_knowledge(entry)})"
    return f"  {entry.verdict:<17} {version}   {entry.path}{loose}"


def _is_listed(report: Report) -> bool:
    """Return whether the sign-in's reason says already why the client does what it does."""
    sign_in = report.sign_in
    return sign_in is not None and report.decision.reason.startswith(sign_in.reason.rstrip("."))


def _findings(findings: list[FindingEntry], *, verbose: bool) -> list[str]:
    lines = []
    for finding in sorted(findings, key=worst_first):
        if not (verbose or finding.status in ("fail", "error") or finding.waiver):
            continue
        lines.append(
            f"  {MARKS[finding.status]} {finding.check} {finding.severity:<8} {_describe(finding)}"
        )
        if finding.status in ("fail", "error"):
            lines.append(f"        observed: {finding.observed}")
            if finding.expected:
                lines.append(f"        expected: {finding.expected}")
            lines += [f"        see:      {place_of(place)}" for place in finding.evidence]
            lines.append(f"        to do:    {finding.remedy}")
        if finding.waiver:
            lines.append(f"        waiver:   {waiver_text(finding.waiver)}")
    return lines if verbose else [*lines, *_count_unlisted(findings)]


def _describe(finding: FindingEntry) -> str:
    """Return what a line says; a title names the fault, so only what has the fault has it."""
    if finding.status in ("fail", "error"):
        return finding.title
    return f"{finding.subject}: {finding.observed}"


def _control_line(finding: FindingEntry) -> str:
    """Return what a line says below a control, which shows nothing of what was observed."""
    shown = _describe(finding)
    return f"{shown} ({finding.subject})" if finding.status in ("fail", "error") else shown


def _count_unlisted(findings: list[FindingEntry]) -> list[str]:
    """Return how many findings are not listed."""
    folded: list[str] = [finding.status for finding in findings if not finding.waiver]
    words = {"pass": ("passes", "pass"), "not_applicable": ("does not apply", "do not apply")}
    parts = [
        f"{count} {one if count == 1 else more}"
        for name, (one, more) in words.items()
        if (count := folded.count(name))
    ]
    return [f"  {', '.join(parts)}   (--verbose lists them)"] if parts else []


def _controls(framework: FrameworkEntry, findings: list[FindingEntry]) -> list[str]:
    """Return a line a control, and those findings under it that stand in the way of a pass."""
    words = {"pass": "pass", "fail": "FAIL", "not_evidenced": "not evidenced"}
    lines = []
    for control in framework.controls:
        waived = " (waived)" if control.waived else ""
        lines.append(f"  {words[control.status]:<14} {control.id:<9} {control.title}{waived}")
        lines += [
            f"        {MARKS[one.status]} {one.check} {_control_line(one)}"
            for one in findings
            if one.fingerprint in control.findings and one.status != "pass"
        ]
    return lines


def _policy_faults(report: Report) -> list[str]:
    lines = []
    for fault in report.policy.faults:
        lines += [f"policy    invalid: {fault.where}: {fault.what}"]
        lines += [f"          expected: {fault.expected}", f"          to do:    {fault.remedy}"]
    return lines


def _organisation(report: Report) -> list[str]:
    """Return the organisation's own policy, where there is one."""
    policy = report.policy
    if not policy.rules:
        return []
    lines = ["", f"organisation's policy {policy.id or ''} {policy.version or ''}".rstrip()]
    if policy.stage:
        lines.append(f"  {policy.stage.mode}: {policy.stage.why}")
    for rule in policy.rules:
        value = rule.value if isinstance(rule.value, str) else ", ".join(rule.value) or "none"
        places = " and ".join(str(origin) for origin in rule.origins)
        lines.append(f"  {rule.field} = {value}   {places}")
    return lines + [f"  waiver {waiver_text(waiver)}" for waiver in policy.waivers]


def waiver_text(waived: Waived) -> str:
    """Return who answers for what, and until when."""
    waiver = waived.waiver
    who = f"{waiver.owner}, approved by {waiver.approver}, {waiver.ticket}: {waiver.reason}"
    return f"{waiver.check} {waived.standing.replace('_', ' ')}, {waived.ends} ({who})"


def _settings(report: Report) -> list[str]:
    lines = []
    for setting in report.policy.settings:
        origin = setting.origin
        lines.append(f"  {setting.key} = {show_value(setting.value)}   [{origin.layer}] {origin}")
        lines += [
            f"    beats {show_value(beaten.value)}   [{beaten.origin.layer}] {beaten.origin}"
            for beaten in setting.overridden
        ]
    return lines or ["  none"]


def show_value(value: Value) -> str:
    """Return a setting's value as a person would write it."""
    if isinstance(value, Odd):
        return value.text or f"a {value.type}"
    if isinstance(value, str):
        return f'"{value}"'
    return "[" + ", ".join(show_value(element) for element in value) + "]"


def _credential(entry: CredentialEntry, names: Names) -> str:
    mark = "active" if entry.active else "      "
    workspaces = entry.workspace.list_claimed(names)
    named = f", workspace {' / '.join(workspaces)}" if workspaces else ""
    named += "".join(f", {owner}" for owner in entry.owners(names))
    kind = entry.kind or "unreadable"
    return f"  {mark} {entry.store}: {kind}{named}" + (f"   {entry.path}" if entry.path else "")


def place_of(evidence: Evidence) -> str:
    """Return a place as people write it: path:line."""
    place = f"{evidence.path} {evidence.key}" if evidence.key else evidence.path
    return place if evidence.line is None else f"{place}:{evidence.line}"
