"""Every symptom has its mark by what was found; nothing unknown is ever good."""

import pytest

from tipstaff_policy.action_log.chain import Break, Verified
from tipstaff_policy.action_log.record import Standing
from tipstaff_policy.assessment.findings import Finding
from tipstaff_policy.assessment.inspection import Inspection
from tipstaff_policy.assessment.policy_loading import Organisation, PolicyFile
from tipstaff_policy.doctor import diagnose, diagnosis
from tipstaff_policy.doctor.diagnosis import ActionLog, Diagnosis, Library, Moment, Rehearsal
from tipstaff_policy.model.host_facts import (
    Obstacle,
    Program,
    Removal,
    Running,
    RunningClient,
    StatedRule,
    StoreUse,
)
from tipstaff_policy.model.state import (
    IMAGE_HIDES,
    AbsentLayer,
    Client,
    Credential,
    Decision,
    Fault,
    FaultyLayer,
    HeldCredential,
    HostState,
    Layer,
    Machine,
    NoCredential,
    Origin,
    ReadLayer,
    UnreadableCredential,
)
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.model import OrganisationPolicy, Rule
from tipstaff_policy.organisation.rollout_stage import Stage

NOW = 1_800_000_000
DAY = 86400
CLIENT = Client("codex", "0.169.0", "package", "/usr/bin/codex", True, "exec", "p", "run")
ORIGIN = Origin("managed", "/etc/codex/managed_config.toml", 1)
RULE = StatedRule(
    "login method", "forced_login_method", ("chatgpt",), ORIGIN, "administrators", False, True, True
)
REFUSE = Fault("is malformed", "/etc/codex/managed_config.toml:2", "refuse")
LOG = Verified(Standing("0" * 64, 3), 1, (), 0, open_end=False)
UNKNOWN = REFUSE._replace(effect="unknown")


def state(*contents, credentials=(), faults=()):
    layers = tuple(
        Layer(f"l{rank}", rank, "/p", True, "config", content)
        for rank, content in enumerate(contents)
    )
    return HostState(
        CLIENT, "/h/.codex", "HOME", "/", "linux", "own", NOW, layers, credentials, faults
    )


def sight(newer=(), **fields):
    policy = OrganisationPolicy(
        id=Rule("example", ()), **{name: Rule(value, ()) for name, value in fields.items()}
    )
    orders = Orders(
        policy, Machine(None, "h", "u"), Stage("enforce", "in force"), "codex", NOW, newer=newer
    )
    files = (PolicyFile("/etc/tipstaff/policy.toml", None),)
    return Inspection(state(), Organisation(policy, files), orders)


def finding(status, check="TIP101", observed="o"):
    return Finding(check, "s", "t", "high", status, observed, "e", (), "do")


def stored(content):
    return Credential("file", "/h/.codex/auth.json", content)


def decision(verdict):
    return Decision(verdict, "because")


CASES = {
    "a proven client": (diagnose.of_client(CLIENT), ["good"]),
    "a client that was given by its version": (diagnose.of_client(CLIENT._replace(path=None, version_source="option")), ["good"]),
    "a client that nobody compared": (diagnose.of_client(CLIENT._replace(proven=False)), ["bad"]),
    "a version that the user could have written": (diagnose.of_client(CLIENT._replace(version_source="doubted", proven=False)), ["cannot tell"]),
    "no client": (diagnose.of_client(CLIENT._replace(path=None, version_source="assumed")), ["cannot tell"]),
    "a guarded and an unguarded program": (diagnose.of_programs((Program("/a", None), Program("/b", "no shim"))), ["good", "bad"]),
    "no program": (diagnose.of_programs(()), ["good"]),
    "programs nobody looked at": (diagnose.of_programs(None), ["cannot tell"]),
    "a client runs": (diagnose.of_running(Running((RunningClient(7, 0, True),)), ()), ["good"]),
    "a client holds what was removed": (diagnose.of_running(Running(), (finding("fail", "TIP407"),)), ["bad"]),
    "another check fails": (diagnose.of_running(Running(), (finding("fail"),)), ["good"]),
    "processes that hide": (diagnose.of_running(Running(unread="denied"), ()), ["cannot tell"]),
    "no processes in an image": (diagnose.of_running(None, ()), ["cannot tell"]),
    "a policy in force": (diagnose.of_policy(sight(), ()), ["good", "good", "good"]),
    "an expired policy": (diagnose.of_policy(sight(valid_until=NOW), ()), ["good", "bad", "good"]),
    "the last second of a policy": (diagnose.of_policy(sight(valid_until=NOW + 1), ()), ["good", "good", "good"]),
    "a policy that is to come": (diagnose.of_policy(sight(valid_from=NOW + 1), ()), ["good", "bad", "good"]),
    "the last good copy": (diagnose.of_policy(sight(newer=(ORIGIN,)), ()), ["good", "bad", "good", "good"]),
    "a policy with two faults": (diagnose.of_policy(Inspection(state(), faults=(REFUSE, REFUSE)), (RULE,)), ["bad", "bad"]),
    "the administrators restrict by the client's file": (diagnose.of_policy(Inspection(state()), (RULE,)), ["good"]),
    "the user restricts himself": (diagnose.of_policy(Inspection(state()), (RULE._replace(held_by="user"),)), ["bad"]),
    "a rule that is beaten": (diagnose.of_policy(Inspection(state()), (RULE._replace(in_force=False),)), ["bad"]),
    "a rule that allows everything": (diagnose.of_policy(Inspection(state()), (RULE._replace(allows=None),)), ["bad"]),
    "no rule": (diagnose.of_policy(Inspection(state()), ()), ["bad"]),
    "rules nobody can read": (diagnose.of_policy(Inspection(state()), None), ["cannot tell"]),
    "files are read or absent": (diagnose.of_files(state(ReadLayer(()), AbsentLayer())), ["good"]),
    "a file that stops the client": (diagnose.of_files(state(ReadLayer(()), FaultyLayer(REFUSE))), ["bad"]),
    "a file that Tipstaff cannot follow": (diagnose.of_files(state(FaultyLayer(UNKNOWN))), ["cannot tell"]),
    "a folder that stops the client": (diagnose.of_files(state(faults=(REFUSE,))), ["bad"]),
    "a readable store": (diagnose.of_stores(state(credentials=(stored(NoCredential()),)), StoreUse("file", ())), ["good", "good"]),
    "a login": (diagnose.of_stores(state(credentials=(stored(HeldCredential("apikey", "api")),)), StoreUse("file", ())), ["good", "good"]),
    "a broken login": (diagnose.of_stores(state(credentials=(stored(UnreadableCredential("broken", "refuse")),)), StoreUse("file", ())), ["good", "bad"]),
    "a keyring that does not answer": (diagnose.of_stores(state(credentials=(stored(UnreadableCredential("silent", "unknown")),)), StoreUse("keyring", (), unclear="silent")), ["cannot tell", "cannot tell"]),
    "a keyring that is replaced by the file": (diagnose.of_stores(state(), StoreUse("auto", (), falls_back="no keyring")), ["bad"]),
    "a store that nobody knows": (diagnose.of_stores(state(), None), ["cannot tell"]),
    "a variable is no store": (diagnose.of_stores(state(credentials=(Credential("V", None, NoCredential()),)), StoreUse("file", ())), ["good"]),
    "all was evaluated": (diagnose.of_evaluation(decision("allow"), (finding("fail"),)), ["good"]),
    "no decision": (diagnose.of_evaluation(decision("unknown"), ()), ["cannot tell"]),
    "a client that does not start": (diagnose.of_evaluation(decision("refuse"), ()), ["bad"]),
    "checks with one reason are one": (diagnose.of_evaluation(decision("allow"), (finding("error"), finding("error", "TIP102"))), ["cannot tell"]),
    "checks with two reasons are two": (diagnose.of_evaluation(decision("allow"), (finding("error"), finding("error", observed="p"))), ["cannot tell"] * 2),
    "a log-out that works": (diagnosis.of_rehearsal(Rehearsal("/h", 10)), ["good"]),
    "a log-out that works on another disk": (diagnosis.of_rehearsal(Rehearsal("/h", 10, same_file_system=False)), ["cannot tell"]),
    "a log-out that leaves something": (diagnosis.of_rehearsal(Rehearsal("/h", 11, "immutable")), ["bad"]),
    "a log-out that finds nothing to do": (diagnosis.of_rehearsal(Rehearsal("/h", 0)), ["bad"]),
    "a log-out that was not tried": (diagnosis.of_rehearsal(Rehearsal("/h", None, "denied")), ["cannot tell"]),
    "nothing in the way": (diagnosis.of_removal(Removal(("file",))), ["good"]),
    "nothing to remove": (diagnosis.of_removal(Removal(())), ["good"]),
    "something in the way": (diagnosis.of_removal(Removal(("file",), (Obstacle("file", "/p", "immutable"),))), ["bad"]),
    "something unseen": (diagnosis.of_removal(Removal(("file",), (), (Obstacle("file", "/p", "denied"),))), ["cannot tell"]),
    "no store for sure": (diagnosis.of_removal(None), ["cannot tell"]),
    "a clock after everything": (diagnosis.of_clock(NOW, (Moment("installed", NOW - DAY), Moment("renewed", NOW))), ["good"]),
    "a clock behind by what two machines may differ": (diagnosis.of_clock(NOW, (Moment("renewed", NOW + 300),)), ["good"]),
    "a clock behind": (diagnosis.of_clock(NOW, (Moment("valid", NOW + DAY, planned=True), Moment("renewed", NOW + 301))), ["bad"]),
    "a policy planned ahead": (diagnosis.of_clock(NOW, (Moment("installed", 0), Moment("valid", NOW + DAY, planned=True))), ["cannot tell"]),
    "a library at hand": (diagnosis.of_library(Library("jwt", "signatures", "")), ["good"]),
    "a library that is missing": (diagnosis.of_library(Library("jwt", "signatures", "missing")), ["bad"]),
    "a log that is whole": (diagnosis.of_action_log(ActionLog(LOG)), ["good"]),
    "no log yet": (diagnosis.of_action_log(ActionLog(LOG._replace(standing=Standing()))), ["good"]),
    "a log that breaks": (diagnosis.of_action_log(ActionLog(LOG._replace(breaks=(Break("/l", 1, "changed"),), open_end=True))), ["bad"]),
    "a log that was cut": (diagnosis.of_action_log(ActionLog(LOG._replace(open_end=True))), ["cannot tell"]),
    "a log of an image": (diagnosis.of_action_log(ActionLog(None, "not read", image=True)), ["cannot tell"]),
    "a store that an image hides": (diagnosis.of_removal(Removal(("keyring",), (Obstacle("keyring", None, f"lies in a keyring, {IMAGE_HIDES}"),))), ["cannot tell"]),
    "a log nobody can read": (diagnosis.of_action_log(ActionLog(None, "denied")), ["cannot tell"]),
}  # fmt: skip


def listed(found):
    return [found] if isinstance(found, Diagnosis) else list(found)


@pytest.mark.parametrize(("found", "marks"), CASES.values(), ids=CASES)
def test_the_mark_follows_what_was_found(found, marks):
    assert marks == [symptom.mark for symptom in listed(found)]


@pytest.mark.parametrize(("found", "marks"), CASES.values(), ids=CASES)
def test_whatever_is_not_good_says_what_to_do_and_nothing_else_does(found, marks):
    assert [mark == "good" for mark in marks] == [not symptom.remedy for symptom in listed(found)]


@pytest.mark.parametrize(
    ("marks", "worst", "code"),
    [
        (["good"], "good", 0),
        (["good", "cannot tell"], "cannot tell", 4),
        (["cannot tell", "bad", "good"], "bad", 1),
        ([], "cannot tell", 4),
    ],
)
def test_the_worst_mark_is_the_exit_code(marks, worst, code):
    found = diagnose.overall(Diagnosis("n", mark, "o") for mark in marks)

    assert worst == found
    assert code == diagnose.exit_code(found)


def test_the_clock_is_held_against_logins_policy_and_installation():
    held = HeldCredential("chatgpt", "chatgpt", last_refresh=3)
    seen = sight(valid_from=2)._replace(state=state(credentials=(stored(held),)))

    found = diagnose.moments(seen, 1)

    assert [(1, False), (3, False), (2, True)] == [(moment.at, moment.planned) for moment in found]


def test_a_time_beyond_the_calendar_is_told_all_the_same():
    assert "good" == diagnosis.of_clock(10**18, (Moment("installed", 0),)).mark


UNREADABLE = UnreadableCredential("broken", "refuse")
HIDDEN = f"is in the keyring of a live session, {IMAGE_HIDES}"
REMEDIES = {
    "the log of an image": (diagnosis.of_action_log(ActionLog(None, "not read", image=True)), "run it on the host itself"),
    "a log that is denied": (diagnosis.of_action_log(ActionLog(None, "denied")), "see who owns the folder of the log"),
    "an image without a client": (diagnose.of_client(CLIENT._replace(path=None), image=True), "name the version by --client-version, or look at an image"),
    "a host without a client": (diagnose.of_client(CLIENT._replace(path=None)), "install the client"),
    "a log-out on an image": (diagnosis.of_rehearsal(Rehearsal("/h", None, "an image stays as it is")), "run it on the host itself"),
    "a log-out on Windows": (diagnosis.of_rehearsal(Rehearsal("/h", None, diagnosis.NOT_ON_WINDOWS)), "try `tipstaff enforce` on a test account"),
    "a keyring of an image": (diagnose.of_stores(state(credentials=(stored(UnreadableCredential(HIDDEN, "unknown", unseen=True)),)), StoreUse("keyring", (), unclear=HIDDEN)), "run it on the host itself"),
    "a keyring that is silent": (diagnose.of_stores(state(credentials=(stored(UnreadableCredential("silent", "unknown", unseen=True)),)), StoreUse("keyring", ())), "start that store and unlock it"),
    "a file that is broken": (diagnose.of_stores(state(credentials=(stored(UNREADABLE),)), StoreUse("file", ())), "make it readable for its user; or `tipstaff logout --client codex`, then sign in again"),
    "a check whose own input is broken": (diagnose.of_evaluation(decision("allow"), (finding("error"),)), "do"),
    "a check that reads a broken file": (diagnose.of_evaluation(decision("allow"), (finding("error", observed="not judged: /etc/x:2 is no TOML"),)), "correct first what is named here"),
    "a check that reads what an image hides": (diagnose.of_evaluation(decision("allow"), (finding("error", observed=f"not judged: {HIDDEN}."),)), "run it on the host itself"),
}  # fmt: skip


@pytest.mark.parametrize(("found", "remedy"), REMEDIES.values(), ids=REMEDIES)
def test_what_to_do_fits_the_cause(found, remedy):
    message = [symptom.remedy for symptom in listed(found) if symptom.mark != "good"]

    assert [text for text in message if not text.startswith(remedy)] == []
    assert message
