"""What stands in the way of Tipstaff on a host: facts that were gathered, as three marks.

Everything here takes values and returns values; `tipstaff_cli.commands.doctor` gathers and writes.
"""

from collections.abc import Iterable, Sequence

from tipstaff_policy.assessment.audit import Judged
from tipstaff_policy.assessment.findings import Finding
from tipstaff_policy.assessment.inspection import Inspection
from tipstaff_policy.clients import own_command
from tipstaff_policy.doctor.diagnosis import (
    ActionLog,
    Diagnosis,
    Library,
    Mark,
    Moment,
    Rehearsal,
    date_of,
    of_action_log,
    of_clock,
    of_library,
    of_rehearsal,
    of_removal,
    settle,
)
from tipstaff_policy.errors import FINDINGS_EXIT, UNEVALUATED_EXIT
from tipstaff_policy.model.host_facts import Program, Running, StatedRule, StoreUse
from tipstaff_policy.model.state import (
    Client,
    Credential,
    Decision,
    Fault,
    FaultyLayer,
    HeldCredential,
    HostState,
    ReadLayer,
    UnreadableCredential,
)
from tipstaff_policy.record import Record

STILL_HELD = "TIP407"


class Facts(Record):
    """What was gathered."""

    clients: tuple[tuple[Client, Judged], ...]
    judged: Judged
    """The one of them that stands for the host."""
    rehearsal: Rehearsal
    libraries: tuple[Library, ...]
    installed_at: int
    """When this program was installed here; seconds since 1970."""
    action_log: ActionLog


def classify(facts: Facts) -> tuple[Diagnosis, ...]:
    """Return every symptom of a host, in the order in which a person would ask."""
    sight, around = facts.judged.sight, facts.judged.surroundings
    image = sight.state.system_root is not None
    evaluated = dict.fromkeys((judged.decision, judged.findings) for _, judged in facts.clients)
    return (
        *(of_client(client, image=image) for client, _ in facts.clients),
        *of_programs(around.programs),
        of_running(around.running, facts.judged.findings),
        *of_policy(sight, around.rules),
        *of_files(sight.state),
        *of_stores(sight.state, around.store),
        *(symptom for evaluation in evaluated for symptom in of_evaluation(*evaluation)),
        of_rehearsal(facts.rehearsal),
        *of_removal(around.removal),
        of_clock(sight.state.evaluated_at, moments(sight, facts.installed_at)),
        of_action_log(facts.action_log),
        *(of_library(library) for library in facts.libraries),
    )


def combine(diagnoses: Sequence[tuple[str, tuple[Diagnosis, ...]]]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of several clients; what is the same for all of them stands once.

    Args:
        diagnoses: Of each client, with its name.
    """
    if len(diagnoses) == 1:
        return diagnoses[0][1]
    shared = frozenset[Diagnosis].intersection(*(frozenset(found) for _, found in diagnoses))
    own = (
        symptom if symptom in shared else symptom._replace(name=f"{client}: {symptom.name}")
        for client, found in diagnoses
        for symptom in found
    )
    return tuple(dict.fromkeys(own))


def overall(symptoms: Iterable[Diagnosis]) -> Mark:
    """Return the worst mark; what is bad for sure comes before what is unknown."""
    marks: set[Mark] = {symptom.mark for symptom in symptoms}
    if "bad" in marks:
        return "bad"
    return "good" if marks == {"good"} else "cannot tell"


def exit_code(mark: Mark) -> int:
    """Return what the program exits with."""
    codes: dict[Mark, int] = {"good": 0, "bad": FINDINGS_EXIT, "cannot tell": UNEVALUATED_EXIT}
    return codes[mark]


def of_client(client: Client, *, image: bool = False) -> Diagnosis:
    """Diagnose whether the client is known, and was compared with Tipstaff's predictions."""
    shown = f"{client.name} {client.version} ({client.version_source})"
    shown += f" at {client.path}" if client.path else ""
    if client.path is None and client.version_source != "option":
        return Diagnosis(
            "client",
            "cannot tell",
            f"none found; judged as {shown}",
            "name the version by --client-version, or look at an image that holds the client"
            if image
            else "install the client, or name it by --program or --client-version",
        )
    if client.version_source in ("assumed", "doubted"):
        why = client.writable_at or "no package states its version"
        remedy = "install the client's package so that only the administrators can change it"
        return Diagnosis("client", "cannot tell", f"{shown}: {why}", remedy)
    if not client.proven:
        page = f"docs/clients/{client.name}.md"
        remedy = f"update Tipstaff, or install a version that is proven ({page})"
        return Diagnosis("client", "bad", f"{shown} was never tested with Tipstaff", remedy)
    return Diagnosis("client", "good", f"{shown} is proven")


def of_programs(programs: tuple[Program, ...] | None) -> tuple[Diagnosis, ...]:
    """Diagnose whether the guard is in front of each program of the client's name."""
    if programs is None:
        remedy = "find out how the client is started"
        return (Diagnosis("guard", "cannot tell", "not checked on this platform", remedy),)
    remedy = "put the guard in front of it (docs/guard.md)"
    found = tuple(
        Diagnosis("guard", "bad", f"{program.path}: {program.unguarded}", remedy)
        if program.unguarded
        else Diagnosis("guard", "good", f"{program.path} starts the guard")
        for program in programs
    )
    return found or (Diagnosis("guard", "good", "no program starts by the client's name"),)


def of_running(running: Running | None, findings: Iterable[Finding]) -> Diagnosis:
    """Diagnose which clients run, and whether one still has a removed credential."""
    name = "running clients"
    if running is None or running.unread:
        why = running.unread if running and running.unread else "they are seen on a live Linux only"
        return Diagnosis(name, "cannot tell", why, "run it on the host itself, as root")
    held = [
        finding for finding in findings if finding.check == STILL_HELD and finding.status == "fail"
    ]
    if held:
        text = "; ".join(f"{finding.subject}: {finding.observed}" for finding in held)
        return Diagnosis(name, "bad", text, held[0].remedy)
    numbers = ", ".join(str(client.pid) for client in running.clients)
    return Diagnosis(name, "good", f"processes {numbers}" if numbers else "none")


def of_policy(sight: Inspection, rules: tuple[StatedRule, ...] | None) -> tuple[Diagnosis, ...]:
    """Diagnose whether there is a policy, who could write it, and its stage."""
    if sight.faults:
        return tuple(_fault("policy", fault) for fault in sight.faults)
    if sight.organisation is None or sight.orders is None:
        return (_without_policy(rules),)
    policy, orders = sight.organisation.policy, sight.orders
    named = " ".join(setting.value for setting in (policy.id, policy.version) if setting)
    files = ", ".join(file.path for file in sight.organisation.files)
    found = [Diagnosis("policy", "good", f"{named}; only administrators can write {files}")]
    found += [
        Diagnosis(
            "policy's release",
            "bad",
            f"{origin} needs a newer Tipstaff; the last good copy is in force",
            "update Tipstaff",
        )
        for origin in orders.newer
    ]
    start, end = policy.valid_from, policy.valid_until
    if end and orders.now >= end.value:
        observed = f"expired at {date_of(end.value)}"
        found.append(Diagnosis("policy's validity", "bad", observed, "deliver a policy in force"))
    elif start and orders.now < start.value:
        observed = f"not in force before {date_of(start.value)}"
        found.append(Diagnosis("policy's validity", "bad", observed, "wait, or correct valid_from"))
    else:
        until = f"until {date_of(end.value)}" if end else "without an end"
        found.append(Diagnosis("policy's validity", "good", f"in force {until}"))
    stage = orders.stage
    return (*found, Diagnosis("policy's stage", "good", f"{stage.mode}: {stage.why}"))


def _without_policy(rules: tuple[StatedRule, ...] | None) -> Diagnosis:
    if rules is None:
        remedy = "fix the client's files that are named here"
        return Diagnosis("policy", "cannot tell", "the client's own rules cannot be read", remedy)
    for rule in rules:
        if rule.held_by == "administrators" and rule.in_force and rule.allows is not None:
            observed = f"{rule.key} at {rule.origin} restricts; there is no Tipstaff policy here"
            return Diagnosis("policy", "good", observed)
    observed = "neither the organisation nor an administrators' file of the client restricts"
    return Diagnosis("policy", "bad", observed, "deliver a policy; without one nothing is enforced")


def of_files(state: HostState) -> tuple[Diagnosis, ...]:
    """Diagnose which of the client's files cannot be used."""
    contents = [layer.content for layer in state.layers]
    faults = [content.fault for content in contents if isinstance(content, FaultyLayer)]
    found = tuple(_fault("client's files", fault) for fault in (*state.faults, *faults))
    read = sum(isinstance(content, ReadLayer) for content in contents)
    return found or (Diagnosis("client's files", "good", f"{read} read, none is faulty"),)


def _fault(name: str, fault: Fault) -> Diagnosis:
    mark: Mark = "bad" if fault.effect == "refuse" else "cannot tell"
    remedy = fault.remedy or f"correct {fault.where}"
    return Diagnosis(name, mark, f"{fault.where}: {fault.what}", remedy)


def of_stores(state: HostState, use: StoreUse | None) -> tuple[Diagnosis, ...]:
    """Diagnose which store is in force, and whether each that counts can be read."""
    return (
        _store_in_force(use),
        *(
            _store(credential, state.client.name)
            for credential in state.credentials
            if credential.is_stored
        ),
    )


def _store_in_force(use: StoreUse | None) -> Diagnosis:
    name = "store in force"
    if use is None:
        remedy = "fix the client's files that are named here"
        return Diagnosis(name, "cannot tell", "the client's own rules cannot be read", remedy)
    if use.falls_back:
        observed = f"{use.name}, but the plain file is used: {use.falls_back}"
        return Diagnosis(name, "bad", observed, "make the keyring reachable and unlock it")
    if use.unclear:
        remedy = settle(use.unclear, "run it in the session of the user")
        return Diagnosis(name, "cannot tell", f"{use.name}: {use.unclear}", remedy)
    return Diagnosis(name, "good", use.name)


def _store(credential: Credential, client: str) -> Diagnosis:
    log_out = own_command(client, "tipstaff logout")
    name, content = f"store {credential.source}", credential.content
    if isinstance(content, UnreadableCredential):
        mark: Mark = "bad" if content.effect == "refuse" else "cannot tell"
        remedy = (
            "start that store and unlock it, in the session of the user"
            if content.unseen
            else f"make it readable for its user; or `{log_out}`, then sign in again"
        )
        remedy = settle(content.reason, remedy)
        return Diagnosis(name, mark, f"{credential.path}: {content.reason}", remedy)
    holds = f"holds {content.kind}" if isinstance(content, HeldCredential) else "holds nothing"
    return Diagnosis(name, "good", f"{credential.path} is readable and {holds}")


def of_evaluation(decision: Decision, findings: tuple[Finding, ...]) -> tuple[Diagnosis, ...]:
    """Diagnose what is not evaluated here and why; checks with one reason share a line."""
    name, found = "evaluation", []
    if decision.verdict == "refuse":
        remedy = "run `tipstaff why`"
        found.append(
            Diagnosis(name, "bad", f"the client does not start: {decision.reason}", remedy)
        )
    if decision.verdict == "unknown":
        remedy = "run `tipstaff why`"
        found.append(Diagnosis(name, "cannot tell", f"no decision: {decision.reason}", remedy))
    errors: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.status == "error":
            errors.setdefault(finding.observed, []).append(finding)
    for observed, alike in errors.items():
        checks = ", ".join(dict.fromkeys(finding.check for finding in alike))
        found.append(Diagnosis(name, "cannot tell", f"{checks}: {observed}", _to_judge(alike[0])))
    text = f"decision {decision.verdict}; none of {len(findings)} findings is an error"
    return tuple(found) or (Diagnosis(name, "good", text),)


def _to_judge(error: Finding) -> str:
    """Return what lets a check judge, which is not what corrects that which the check looks for."""
    depends = error.observed.startswith("not judged")
    return settle(
        error.observed,
        "correct first what is named here; `tipstaff why` says more" if depends else error.remedy,
    )


def moments(sight: Inspection, installed_at: int) -> tuple[Moment, ...]:
    """Return what the clock can be held against without a network."""
    found = [Moment("this program was installed", installed_at)]
    found += [
        Moment(f"the login in {credential.source} was renewed", credential.content.last_refresh)
        for credential in sight.state.credentials
        if isinstance(credential.content, HeldCredential)
        and credential.content.last_refresh is not None
    ]
    start = sight.organisation.policy.valid_from if sight.organisation else None
    if start:
        found.append(Moment("the policy became valid", start.value, planned=True))
    return tuple(found)
