"""A client that nothing outside of its folder knows is served by every command and format.

Alone, and beside the first client on one host: it is judged by its own rules, emptied by its own
slots, and spoken of in its own words.
"""

import json
import re
import sys

import pytest

from cli.test_watch import PLAIN, until, watching
from support.clients.known_clients import (
    LOGINS,
    ONLY_TEAM,
    RUN,
    has_login,
    make_scribe,
    run_with_both,
    state_of,
)
from support.clients.logins import API_KEY
from support.clients.slot_contract import SECRET, FileOfASlotContract, StoreSlotContract
from support.machines.hosts import FORCED_CHATGPT, make_host
from support.machines.private_etc import in_private_etc
from tipstaff_policy.clients.interface.slots import slot_of
from tipstaff_reports.formats import MODULES as FORMATS
from tipstaff_reports.formats import load_format
from tipstaff_schemas.export import faults

from scribe.adapter import ADAPTER  # isort: skip - found by way of known_clients
from scribe.credentials import with_login  # isort: skip

CLI, GUARD = "tipstaff_cli.main", "tipstaff_policy.guard_command"
OTHERS_WORDS = re.compile(
    r"codex(?!-home)|openai|chatgpt|auth\.json|forced_|requirements\.toml|managed_config",
    re.IGNORECASE,
)
"""Words of the first client; an option's former name, which help lists, is none."""
RULES = {**ONLY_TEAM, "allowedOrganisations": ["acme"]}
REST = {"theme": "dark", "history": [1, 2]}
POLICY = """\
schema = 1
id = "example"
version = "1"
contact = "help desk"
[clients.scribe]
login_methods = ["team"]
organisations = ["acme"]
"""


def tipstaff(root, *words, alone=True):
    return run_with_both(CLI, *words, "--system-root", root, alone=alone)


def said(done):
    return done.stdout + done.stderr


COMMANDS = {
    "audit": (("audit",), 1),
    "audit, all of it": (("audit", "--verbose"), 1),
    "enforce": (("enforce",), 10),
    "enforce, planned": (("enforce", "--dry-run"), 11),
    "logout": (("logout",), 0),
    "why": (("why",), 0),
    "doctor": (("doctor",), 4),
    "credentials list": (("credentials", "list"), 0),
    "credentials find": (("credentials", "find"), 0),
    "credentials revoke": (("credentials", "revoke", "--dry-run"), 11),
    "credentials migrate": (("credentials", "migrate", "--to", "vault"), 3),
    "policy show": (("policy", "show"), 0),
    "policy explain": (("policy", "explain", "allowedOrganisations"), 0),
    "client list": (("client", "list"), 0),
    "client diff": (("client", "diff", "1.0.0", "2.0.0"), 0),
}


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_serves_it_alone_in_its_own_words(words, code, tmp_path):
    root = make_scribe(tmp_path / "host", managed=RULES)

    done = tipstaff(root, *words)

    assert (code, []) == (done.returncode, OTHERS_WORDS.findall(said(done))), said(done)
    assert SECRET not in said(done)


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_serves_it_beside_the_first_client(words, code, tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    make_scribe(root, managed=RULES)

    done = tipstaff(root, *words, "--client", "scribe", alone=False)

    assert (code, []) == (done.returncode, OTHERS_WORDS.findall(said(done))), said(done)


OF_DOCUMENTS = {
    "audit": "report",
    "enforce": "enforcement",
    "why": "why",
    "credentials list": "credentials",
    "credentials find": "copies",
    "policy show": "settings",
    "policy explain": "explanation",
    "client list": "client-list",
    "logout": "logout",
}


@pytest.mark.parametrize(("command", "schema"), OF_DOCUMENTS.items(), ids=OF_DOCUMENTS)
def test_a_document_of_it_fits_the_schema(command, schema, tmp_path):
    root = make_scribe(tmp_path / "host", login="team", managed=RULES)

    done = tipstaff(root, *COMMANDS[command][0], "--format", "json")

    assert faults(schema, json.loads(done.stdout)) == []


def test_every_report_format_of_one_audit_is_in_its_own_words(tmp_path):
    root = make_scribe(tmp_path / "host", login="team", managed=RULES)
    reports = [f"--report={form}:{tmp_path / form}" for form in FORMATS]

    done = tipstaff(root, "audit", *reports)

    assert 4 == done.returncode
    shown = {form: (tmp_path / form).read_text() for form in FORMATS}
    assert {form: OTHERS_WORDS.findall(text) for form, text in shown.items()} == {
        form: [] for form in FORMATS
    }
    assert [form for form, text in shown.items() if SECRET in text] == []


OWNED = ("text", "json", "md", "html")
"""The formats that list credentials."""


@pytest.mark.parametrize("form", OWNED)
def test_a_report_says_whose_a_login_is_and_who_knows_that(form, tmp_path):
    root = make_scribe(tmp_path / "host", login="team", managed=RULES)

    shown = tipstaff(root, "audit", "--format", form).stdout

    assert "dev@example.org" in shown
    assert "organisation" in shown


def test_reports_of_it_are_converted_merged_and_compared(tmp_path):
    root = make_scribe(tmp_path / "host", managed=RULES)
    before = tmp_path / "before.json"
    before.write_text(tipstaff(root, "audit", "--format", "json").stdout)
    tipstaff(root, "enforce")
    after = tmp_path / "after.json"
    after.write_text(tipstaff(root, "audit", "--format", "json").stdout)

    shown = [
        run_with_both(CLI, "report", *words, alone=True)
        for words in (
            ("diff", before, after),
            ("convert", before, "--to", "html"),
            ("merge", before, after, "--report", f"md:{tmp_path / 'merged.md'}"),
        )
    ]

    assert "resolved" in shown[0].stdout or "no longer" in shown[0].stdout
    assert [0, 0] == [done.returncode for done in shown[1:]]
    assert [] == [
        OTHERS_WORDS.findall(said(done)) for done in shown if OTHERS_WORDS.search(said(done))
    ]
    assert (tmp_path / "merged.md").read_text().count("scribe 2.0.0") >= 2


def test_each_report_of_a_host_with_both_speaks_of_its_own_client(tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY, managed=FORCED_CHATGPT)
    make_scribe(root, login="team", managed=RULES)

    done = tipstaff(root, "audit", "--format", "json", alone=False)
    first, second = json.loads(done.stdout)["reports"]

    assert ["codex", "scribe"] == [first["client"]["name"], second["client"]["name"]]
    assert OTHERS_WORDS.findall(json.dumps(second)) == []
    assert "scribe" not in json.dumps(first)


def test_enforcement_takes_the_member_and_leaves_the_document(tmp_path):
    root = make_scribe(tmp_path / "host", managed=RULES)

    done = tipstaff(root, "enforce")

    assert (10, REST) == (done.returncode, state_of(root))


def test_the_client_refuses_and_keeps_and_tipstaff_removes(tmp_path):
    root = make_scribe(tmp_path / "host", managed=RULES)

    report = json.loads(tipstaff(root, "audit", "--format", "json").stdout)

    assert ("block", []) == (report["decision"]["verdict"], report["decision"]["removes"])
    assert ("violates", ["state"]) == (report["sign_in"]["verdict"], report["sign_in"]["removes"])


def test_lists_of_several_files_unite(tmp_path):
    root = make_scribe(tmp_path / "host", managed=ONLY_TEAM, drop_in={"allowedMethods": ["key"]})

    done = tipstaff(root, "policy", "explain", "allowedMethods")

    assert (0, True) == (done.returncode, '["team", "key"]' in done.stdout)
    assert 0 == tipstaff(root, "enforce").returncode


def test_what_only_the_service_knows_is_not_decided_and_removes_nothing(tmp_path):
    root = make_scribe(tmp_path / "host", login="team", managed=RULES)

    done = tipstaff(root, "enforce")

    assert (4, True) == (done.returncode, has_login(root))
    assert "only the service can tell" in done.stdout


@pytest.mark.parametrize(("command", "code"), [("enforce", 10), ("logout", 0)])
def test_copies_whose_names_nobody_knows_are_emptied_too(command, code, tmp_path):
    root = make_scribe(tmp_path / "host", managed=ONLY_TEAM)
    copy = root / "home/dev/.scribe/backups/state-1790000000000.json"
    copy.parent.mkdir()
    copy.write_text(json.dumps({"theme": "light", "login": LOGINS["key"]}))

    done = tipstaff(root, command)

    assert (code, {"theme": "light"}, REST) == (
        done.returncode,
        json.loads(copy.read_text()),
        state_of(root),
    )


def guard(root, *words, alone=True):
    return run_with_both(GUARD, "--system-root", root, *words, alone=alone)


@pytest.mark.parametrize(("login", "code"), [("key", 10), ("team", 0), (None, 0)])
def test_the_guard_judges_it(login, code, tmp_path):
    root = make_scribe(tmp_path / "host", login=login, managed=ONLY_TEAM)

    done = guard(root)

    assert (code, login == "team") == (done.returncode, has_login(root))
    assert OTHERS_WORDS.findall(said(done)) == []


@pytest.mark.parametrize("run", [guard, lambda root, **how: tipstaff(root, "enforce", **how)])
def test_a_fault_of_one_client_keeps_the_other_from_nothing(run, tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY, managed=FORCED_CHATGPT)
    make_scribe(root, managed='{"allowedMethods": [')

    done = run(root, alone=False)

    assert not (root / "home/dev/.codex/auth.json").exists()
    assert has_login(root)
    assert done.returncode in (3, 11)


RAISING = """
from support.clients import known_clients
from scribe.adapter import ADAPTER
from tipstaff_policy import clients
def broken(_request): raise RuntimeError("made up")
known_clients.register()
first = clients.load_client("codex")
clients.load_clients = lambda name=None: (ADAPTER._replace(read_state=broken), first)
clients.choose_clients.__globals__["load_clients"] = clients.load_clients
"""


@pytest.mark.parametrize(("module", "words"), [(GUARD, ()), (CLI, ("enforce",))])
def test_a_client_whose_adapter_fails_does_not_hide_the_others_violation(module, words, tmp_path):
    from support.machines.hosts import run

    root = make_host(tmp_path / "host", auth=API_KEY, managed=FORCED_CHATGPT)
    code = RUN.format(tests=str(__file__).rpartition("/clients/")[0], module=module, alone=False)
    code = code.replace("from tipstaff", f"exec({RAISING!r}); from tipstaff", 1)

    done = run([sys.executable, "-c", code, *words, "--system-root", root])

    assert 70 == done.returncode
    assert "internal error of scribe (RuntimeError)" in done.stderr
    assert not (root / "home/dev/.codex/auth.json").exists()


def test_advice_names_the_client_where_several_are_known(tmp_path):
    root = make_scribe(tmp_path / "host", managed=RULES)

    alone, beside = guard(root).stderr, None
    root = make_scribe(tmp_path / "again", managed=RULES)
    beside = guard(root, alone=False).stderr

    assert "`tipstaff login`" in alone
    assert "`tipstaff login --client scribe`" in beside


def test_a_login_is_moved_out_of_the_larger_document_and_back(tmp_path):
    root = make_scribe(tmp_path / "host", login="team", user={"store": "vault"})
    home = root / "home/dev/.scribe"

    there = tipstaff(root, "credentials", "migrate", "--to", "vault")
    moved = json.loads((home / "vault.json").read_text()), state_of(root)
    (home / "settings.json").write_text('{"store": "state"}')
    back = tipstaff(root, "credentials", "migrate", "--to", "state")

    assert [0, 0] == [there.returncode, back.returncode], said(there) + said(back)
    assert (LOGINS["team"], REST) == moved
    assert ({"login": LOGINS["team"], **REST}, False) == (
        state_of(root),
        (home / "vault.json").exists(),
    )


def test_a_store_that_it_does_not_have_is_wrong_usage(tmp_path):
    root = make_scribe(tmp_path / "host")
    words = ("credentials", "migrate", "--client", "scribe", "--to", "keyring")

    done = tipstaff(root, *words, alone=False)

    assert (2, True) == (done.returncode, "expected: vault or state" in done.stderr)


def test_a_copy_of_its_login_is_found(tmp_path):
    root = make_scribe(tmp_path / "host")
    (root / "home/dev/backup.json").write_text(json.dumps(LOGINS["key"]))

    done = tipstaff(root, "credentials", "find", "--all-files", "--under", root / "home")

    assert (1, True) == (done.returncode, "backup.json" in done.stdout)


# Its policy.


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


def author(*words, alone=True):
    return run_with_both(CLI, "policy", *words, alone=alone)


def test_a_policy_is_rendered_verified_and_read_back(document, tmp_path):
    out = tmp_path / "scribe-settings.json"

    made = author("render", document, "--to", "scribe", "--out", out)
    proved = author("verify", out, "--against", document)

    assert [0, 0] == [made.returncode, proved.returncode], said(proved)
    assert (["team"], ["acme"]) == tuple(
        json.loads(out.read_text())[key] for key in ("allowedMethods", "allowedOrganisations")
    )


@pytest.mark.parametrize("alone", [True, False])
def test_a_policy_is_simulated_on_its_hosts(alone, document, tmp_path):
    root = make_scribe(tmp_path / "hosts/one")

    done = author("simulate", document, "--hosts", root, "--format", "json", alone=alone)
    outcomes = {
        outcome["outcome"]: outcome["count"] for outcome in json.loads(done.stdout)["outcomes"]
    }

    assert 1 == outcomes["log_out"]


def test_two_policies_are_compared_by_its_table(document, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(POLICY.replace('"acme"', '"acme", "globex"'))

    done = author("diff", document, other)

    assert "people who use scribe: acme until now, acme or globex from then on" in done.stdout


def test_a_policy_in_words_speaks_of_it(document):
    done = author("show", document)

    assert "People may sign in to scribe with a team account only." in done.stdout
    assert "A login to scribe must belong to the organisation acme." in done.stdout


@pytest.mark.parametrize("alone", [True, False])
def test_a_first_policy_for_it_has_its_own_table_and_no_fault(alone, tmp_path):
    path = tmp_path / "first.toml"

    made = author("init", path, "--id", "example", "--client", "scribe", alone=alone)
    found = author("lint", path, "--fail-on", "warning", alone=alone)

    assert [0, 0] == [made.returncode, found.returncode], said(made) + said(found)
    assert "[clients.scribe]\n" in path.read_text()
    assert OTHERS_WORDS.findall(path.read_text()) == []


def test_a_word_that_its_table_does_not_take_is_a_fault_at_its_line(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.replace('"team"', '"api"'))

    done = author("lint", path)

    assert 3 == done.returncode
    assert f"{path}:6" in said(done)
    assert '"team" or "token" or "key"' in said(done)


@pytest.mark.parametrize(("login", "check"), [("key", "TIP101"), ("team", None)])
def test_a_policy_of_the_organisation_orders_for_it(login, check, tmp_path):
    root = make_scribe(tmp_path / "host", login=login)
    (root / "etc/tipstaff").mkdir(parents=True)
    (root / "etc/tipstaff/policy.toml").write_text(POLICY)

    report = json.loads(tipstaff(root, "audit", "--format", "json").stdout)
    failing = {finding["check"] for finding in report["findings"] if finding["status"] == "fail"}

    assert ("violates" if check else "cannot_tell") == report["sign_in"]["verdict"]
    assert check is None or check in failing


# On a live machine.

PROGRAM = """\
#!{python}
import json, os, sys
home = os.environ.get("SCRIBE_HOME") or os.environ["HOME"] + "/.scribe"
if sys.argv[1:2] == ["login"]:
    method = "key" if "--key" in sys.argv else "team"
    login = {{"method": method, "secret": "{secret}-new", "account": "dev@example.org"}}
    with open(home + "/state.json", "w", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        json.dump({{"login": login}}, file)
else:
    print("started", *sys.argv[1:], os.environ.get("SCRIBE_KEY", "no key"))
"""


class Machine:
    """This machine with an /etc of its own, a home and the client on the path."""

    def __init__(self, folder, *, login=None, managed=None, policy=None, answers=None):
        self.root = make_scribe(folder / "host", login=login)
        program = folder / "bin/scribe"
        program.parent.mkdir()
        program.write_text(PROGRAM.format(python=sys.executable, secret=SECRET))
        program.chmod(0o755)
        (folder / "answers.json").write_text(json.dumps(answers or {}))
        self.env = {
            "HOME": str(self.root / "home/dev"),
            "PATH": f"{program.parent}:/usr/bin:/bin",
            "SCRIBE_SERVICE": str(folder / "answers.json"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.folder, self.managed, self.policy = folder, managed, policy
        self.turn = 0

    def front(self, *words):
        self.turn += 1
        own = self.folder / f"etc-{self.turn}"
        own.mkdir()
        etc, front = in_private_etc(own, *words)
        (etc / "scribe").mkdir()
        (etc / "tipstaff").mkdir()
        if self.managed is not None:
            (etc / "scribe/scribe-settings.json").write_text(json.dumps(self.managed))
        if self.policy is not None:
            (etc / "tipstaff/policy.toml").write_text(self.policy)
        return front

    def run(self, module, *words, **env):
        from support.machines.hosts import run

        tests = str(__file__).rpartition("/clients/")[0]
        code = RUN.format(tests=tests, module=module, alone=True)
        return run(self.front(sys.executable, "-c", code, *words), env={**self.env, **env})


@pytest.mark.parametrize(
    ("owner", "code"), [("acme", 0), ("globex", 10), (None, 4)], ids=["ours", "theirs", "silent"]
)
@pytest.mark.parametrize(("module", "words"), [(GUARD, ()), (CLI, ("enforce",))])
def test_the_service_is_asked_whose_a_login_is(module, words, owner, code, tmp_path):
    answers = {SECRET: owner} if owner else {}
    machine = Machine(tmp_path, login="team", managed=RULES, answers=answers)

    done = machine.run(module, *words)

    assert (code, code != 10) == (done.returncode, has_login(machine.root)), said(done)


def test_an_audit_with_an_answer_names_the_organisation_that_is_not_allowed(tmp_path):
    machine = Machine(tmp_path, login="team", managed=RULES, answers={SECRET: "globex"})

    done = machine.run(CLI, "audit", "--select", "TIP102")

    assert 1 == done.returncode
    assert "Organisation not allowed" in done.stdout
    assert "observed: organisation globex\n        expected: acme\n" in done.stdout


@pytest.mark.parametrize(
    ("module", "words"), [(GUARD, ("--",)), (CLI, ("exec", "--"))], ids=["guard", "exec"]
)
def test_it_is_started_where_the_host_complies(module, words, tmp_path):
    machine = Machine(tmp_path, login="team", managed=ONLY_TEAM)

    done = machine.run(module, *words, "scribe", "batch", "--set=a=b")

    assert (0, "started batch --set=a=b no key\n") == (done.returncode, done.stdout), done.stderr


def test_a_forbidden_variable_is_taken_out_of_its_environment(tmp_path):
    rules = 'environment_credentials = "forbid"\nscrub_environment = true\n[clients.scribe]\n'
    policy = POLICY.replace("[clients.scribe]\n", rules).replace('organisations = ["acme"]\n', "")
    machine = Machine(tmp_path, login="team", policy=policy)

    done = machine.run(GUARD, "--", "scribe", SCRIBE_KEY=SECRET)

    assert (0, "started no key\n") == (done.returncode, done.stdout), done.stderr
    assert "taken out of the client's environment: SCRIBE_KEY" in done.stderr


def test_a_variable_that_only_its_own_table_forbids_is_taken_out_of_its_environment(tmp_path):
    own = '[clients.scribe]\nenvironment_credentials = "forbid"\n'
    policy = POLICY.replace("[clients.scribe]\n", f"scrub_environment = true\n{own}")
    policy = policy.replace('organisations = ["acme"]\n', "")
    machine = Machine(tmp_path, login="team", policy=policy)

    done = machine.run(GUARD, "--", "scribe", SCRIBE_KEY=SECRET)

    assert (0, "started no key\n") == (done.returncode, done.stdout), done.stderr
    assert "taken out of the client's environment: SCRIBE_KEY" in done.stderr


def test_a_program_that_prints_a_key_is_named_and_not_emptied(tmp_path):
    root = make_scribe(tmp_path / "host", login=None, managed={**ONLY_TEAM, "keyHelper": "/bin/k"})

    done = tipstaff(root, "enforce")

    assert 11 == done.returncode
    assert "keyHelper" in done.stdout


@pytest.mark.parametrize(("words", "method"), [((), "team"), (("--by", "key"), "key")])
def test_its_own_sign_in_puts_a_login_into_the_larger_document(words, method, tmp_path):
    machine = Machine(tmp_path)

    done = machine.run(CLI, "login", *words)

    assert 0 == done.returncode, said(done)
    assert (method, REST) == (
        state_of(machine.root)["login"]["method"],
        {name: value for name, value in state_of(machine.root).items() if name != "login"},
    )
    assert SECRET not in said(done)


def test_a_sign_in_that_the_rules_forbid_asks_for_nothing(tmp_path):
    machine = Machine(tmp_path, login="team", managed=ONLY_TEAM)

    done = machine.run(CLI, "login", "--by", "key")

    assert (1, "team") == (done.returncode, state_of(machine.root)["login"]["method"])
    assert "sign in by `tipstaff login`" in said(done)
    assert OTHERS_WORDS.findall(said(done)) == []


def test_a_sign_in_whose_owner_the_client_has_asked_for_is_kept(tmp_path):
    machine = Machine(tmp_path, managed=RULES)

    done = machine.run(CLI, "login")

    assert 0 == done.returncode, said(done)


ANSWERED = {
    "ours": ("acme", 0, True, 'signed in with a team account into organisation "acme"'),
    "theirs": ("globex", 1, False, 'belongs to organisation "globex"'),
    "silent": (None, 0, True, "it did not answer. The login stays"),
}


@pytest.mark.parametrize(("owner", "code", "stays", "words"), ANSWERED.values(), ids=ANSWERED)
def test_the_service_is_asked_whose_a_new_login_is(owner, code, stays, words, tmp_path):
    answers = {f"{SECRET}-new": owner} if owner else {}
    machine = Machine(tmp_path, policy=POLICY, answers=answers)

    done = machine.run(CLI, "login")

    assert (code, stays) == (done.returncode, has_login(machine.root)), said(done)
    assert words in said(done)


def test_a_new_login_of_another_organisation_leaves_the_earlier_one(tmp_path):
    answers = {f"{SECRET}-new": "globex"}
    machine = Machine(tmp_path, login="key", policy=POLICY, answers=answers)

    machine.run(CLI, "login")

    assert "key" == state_of(machine.root)["login"]["method"]


@pytest.mark.parametrize("owner", ["globex", None], ids=["theirs", "silent"])
def test_a_sign_in_that_is_not_settled_names_whom_to_ask(owner, tmp_path):
    answers = {f"{SECRET}-new": owner} if owner else {}
    machine = Machine(tmp_path, policy=POLICY, answers=answers)

    done = machine.run(CLI, "login")

    assert "\nask: help desk\n" in done.stdout, said(done)


def test_a_refused_sign_in_names_who_keeps_the_rule(tmp_path):
    policy = POLICY.replace('contact = "help desk"\n', "")
    machine = Machine(tmp_path, policy=policy, answers={f"{SECRET}-new": "globex"})

    done = machine.run(CLI, "login")

    keeper = "ask: the administrators of this machine, who keep /etc/tipstaff/policy.toml\n"
    assert keeper in done.stdout, said(done)


def test_a_sign_in_under_a_broken_policy_is_a_case_for_the_administrators(tmp_path):
    machine = Machine(tmp_path, policy="schema = 1\n[")

    done = machine.run(CLI, "login")

    assert "to do     have the administrators fix /etc/tipstaff/policy.toml:2" in done.stdout


def test_it_is_watched(tmp_path):
    root = make_scribe(tmp_path / "host", login=None, managed=ONLY_TEAM)
    tests = str(__file__).rpartition("/clients/")[0]
    code = RUN.format(tests=tests, module=CLI, alone=True)
    words = [sys.executable, "-c", code, "watch", "--system-root", str(root)]
    file = root / "home/dev/.scribe/state.json"

    with watching(tmp_path, env=PLAIN, words=words):
        file.write_bytes(with_login(file.read_bytes(), LOGINS["key"]))
        until(lambda: not has_login(root))

    assert REST == state_of(root)


# Its slots.


class TestState(FileOfASlotContract):
    def make(self):
        return slot_of(ADAPTER.slots, "state")

    def fill(self, home):
        self.document(home).write_text(json.dumps({"a": 1, "login": LOGINS["key"], "b": [2]}))

    def document(self, home):
        return home / "state.json"

    def others(self, home):
        found = json.loads(self.document(home).read_text())
        return {name: value for name, value in found.items() if name != "login"}


class TestBackups(StoreSlotContract):
    def make(self):
        return slot_of(ADAPTER.slots, "backups")

    def fill(self, home):
        (home / "backups").mkdir()
        for moment in ("1790000000000", "1790000000001"):
            text = json.dumps({"login": LOGINS["key"], "theme": moment})
            (home / f"backups/state-{moment}.json").write_text(text)

    def others(self, home):
        found = (json.loads(path.read_text()) for path in home.glob("backups/*.json"))
        return sorted(copy["theme"] for copy in found)


class TestVault(FileOfASlotContract):
    def make(self):
        return slot_of(ADAPTER.slots, "vault")

    def fill(self, home):
        self.document(home).write_text(json.dumps(LOGINS["team"]))

    def document(self, home):
        return home / "vault.json"

    def others(self, home):
        return (home / "history").read_bytes()


def test_a_format_of_every_name_is_tried():
    assert {load_format(form).name for form in FORMATS} == {*FORMATS}
