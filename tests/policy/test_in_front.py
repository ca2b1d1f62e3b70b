"""In front of a command: what is taken away, what is handed over, and who starts all the same."""

import os
import stat
import sys

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, run, tipstaff
from support.machines.private_etc import in_private_etc
from support.services.keyrings import item, keyring  # noqa: F401 - a fixture
from tipstaff_policy import guard

SCRUBS = 'environment_credentials = "forbid"\nscrub_environment = true\n'
WITH_KEY = {"CODEX_API_KEY": "made-up-canary"}
CHATGPT_ALONE = 'login_methods = ["chatgpt"]\n'
BROKEN = "{x"


@pytest.fixture
def person(tmp_path):
    """Return a person's machine, on which the guard is started in front of a command."""
    return Person(tmp_path)


class Person:
    def __init__(self, folder):
        self.folder, self.home = folder, folder / "home"
        self.codex = self.home / ".codex"
        self.codex.mkdir(parents=True)
        self.login = self.codex / "auth.json"
        self.bus = folder / "bus"
        self.bus.touch()
        self.log = self.home / ".local/state/tipstaff/actions.jsonl"

    def starts(
        self,
        login=None,
        *,
        policy="",
        managed="",
        env=None,
        command=("echo", "started"),
        python=(sys.executable,),
        version=(),
    ):
        """Return what came of it: the exit code, whether the command was started, what was said."""
        if login:
            self.login.write_text(login)
        front = [*python, "-I", "-S", guard.__file__, *version]
        etc, words = in_private_etc(self.folder, *front, "--", *command)
        if managed:
            (etc / "codex/managed_config.toml").write_text(managed)
        if policy:
            (etc / "tipstaff").mkdir()
            (etc / "tipstaff/policy.toml").write_text(ROOT + policy)
        own = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
        }
        done = run(words, env={**own, **(env or {})})
        return done.returncode, "started" in done.stdout, done.stderr

    def client(self):
        """Return a program of the client's name that says whether it was started."""
        program = self.folder / "codex"
        program.write_text("#!/bin/sh\necho started\n")
        program.chmod(stat.S_IRWXU)
        return str(program)

    def on_a_bus(self):
        """Return the variables of a session whose keyring the guard has no library for."""
        self.bus.unlink(missing_ok=True)
        os.mkfifo(self.bus)
        return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.bus}"}


def test_a_stored_login_that_goes_with_a_variable_is_told_and_starts_nothing(person):
    code, started, message = person.starts(
        API_KEY, policy=SCRUBS, managed=FORCED_CHATGPT, env=WITH_KEY
    )

    assert 10 == code
    assert started is False
    assert not person.login.exists()
    assert f"removed: {person.login}" in message
    assert person.log.exists()


def test_further_names_of_a_login_are_no_variable_to_take_away(person):
    person.login.write_text(API_KEY)
    os.link(person.login, person.home / "copy")

    code, started, message = person.starts(policy=SCRUBS, managed=FORCED_CHATGPT)

    assert 11 == code
    assert started is False
    assert "further name(s)" in message


def test_a_variable_is_taken_away_also_where_the_full_program_reads_the_keyring(person):
    code, started, _ = person.starts(
        chatgpt(), policy=SCRUBS, managed=FORCED_CHATGPT, env={**WITH_KEY, **person.on_a_bus()}
    )

    assert 0 == code
    assert started is True


def test_a_start_that_the_full_program_judges_says_nothing_where_it_complies(person):
    code, started, message = person.starts(
        chatgpt(),
        managed=f'cli_auth_credentials_store = "auto"\n{FORCED_CHATGPT}',
        env=person.on_a_bus(),
    )

    assert 0 == code
    assert started is True
    assert "" == message


def test_what_the_full_program_judges_is_told_in_the_words_of_the_guard(person):
    code, started, message = person.starts(API_KEY, managed=FORCED_CHATGPT, env=person.on_a_bus())

    assert 10 == code
    assert started is False
    assert "to do: sign in as the policy allows" in message


def test_no_module_of_the_users_answers_for_the_full_program(person):
    planted = person.folder / "planted"
    planted.mkdir()
    (planted / "sitecustomize.py").write_text("import os; os._exit(0)\n")
    env = {**person.on_a_bus(), "PYTHONPATH": str(planted)}

    code, started, _ = person.starts(API_KEY, managed=FORCED_CHATGPT, env=env)

    assert 10 == code
    assert started is False


def test_without_a_stream_for_messages_the_full_program_judges_all_the_same(person):
    closing = ("sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable)

    code, started, message = person.starts(
        API_KEY, managed=FORCED_CHATGPT, env=person.on_a_bus(), python=closing
    )

    assert 10 == code
    assert started is False
    assert "" == message
    assert not person.login.exists()


@pytest.mark.parametrize("wanted", ["source_bash", "complete_zsh"])
def test_no_completion_of_its_command_line_answers_for_the_full_program(wanted, person):
    asked = {"_TIPSTAFF_COMPLETE": wanted, "_TYPER_COMPLETE_ARGS": "tipstaff "}

    code, started, _ = person.starts(
        API_KEY, managed=FORCED_CHATGPT, env={**person.on_a_bus(), **asked}
    )

    assert 10 == code
    assert started is False


@pytest.mark.parametrize(
    "stage",
    [
        "warn_from = 2999-01-01T00:00:00Z\n",
        "enforce_from = 2999-01-01T00:00:00Z\n",
        'on_violation = "report"\n',
    ],
)
def test_before_the_policy_is_enforced_a_login_that_nobody_can_read_stops_no_start(stage, person):
    code, started, message = person.starts(BROKEN, policy=CHATGPT_ALONE + stage)

    assert 0 == code
    assert started is True
    assert ("warn_from" in stage) == (message == "")


def test_once_the_policy_is_enforced_it_does(person):
    code, started, _ = person.starts(BROKEN, policy=CHATGPT_ALONE)

    assert 4 == code
    assert started is False


@pytest.mark.parametrize(("named_first", "ending"), [(None, (0, True)), (BROKEN, (4, False))])
def test_a_start_is_held_to_every_folder_that_counts(named_first, ending, person):
    other = person.folder / "other/.codex"
    (other / "secrets").mkdir(parents=True)
    (other / "secrets/codex_auth.age").write_text("x")  # cannot be judged, and is not in force
    (other / "auth.json").write_text(chatgpt())
    (person.codex / ".env").write_text(f"HOME={other.parent}\n")
    command = (person.client(), "exec", "hi")

    assert ending == person.starts(named_first, managed=FORCED_CHATGPT, command=command)[:2]


def test_a_pasted_waiver_of_another_host_starts_no_broken_rule(person):
    key = person.folder / "helpdesk"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
    why = ("--owner", "it", "--approver", "boss", "--ticket", "T-17", "--reason", "moving")
    whom = ("--host", "elsewhere", "--user", "dev")
    text = tipstaff("policy", "waive", "TIP102", *why, *whom, "--key", key).stdout
    person.log.parent.mkdir(parents=True)
    (person.log.parent / "waivers").write_text(text)
    line = (person.folder / "helpdesk.pub").read_text().strip()
    policy = f'on_error = "open"\nwaiver_keys = ["{line}"]\n[[workspaces]]\nid = "ws-a"\n'
    alone = person.folder / "python3"
    alone.symlink_to(os.path.realpath(sys.executable))  # beside which no tipstaff lies

    code, started, _ = person.starts(chatgpt("ws-z"), policy=policy, python=[alone])

    assert 10 == code
    assert started is False


@pytest.mark.parametrize("front", ["guard", "exec"])
def test_a_folder_that_the_command_does_not_use_is_not_judged_for_it(front, person):
    other = person.folder / "other"
    other.mkdir()
    words = {
        "guard": [sys.executable, "-I", "-S", guard.__file__],
        "exec": [BIN / "tipstaff", "exec"],
    }
    env = {"HOME": str(person.home), "PATH": os.environ["PATH"]}

    done = run(
        [*words[front], "--client", "codex", "--codex-home", other, "--", "echo", "started"],
        env=env,
    )

    assert 2 == done.returncode
    assert "" == done.stdout
    assert "own variable" in done.stderr


AUTO = 'cli_auth_credentials_store = "auto"\n'
ENCRYPTS = "[features]\nsecret_auth_storage = true\n"


@pytest.mark.parametrize(
    ("settings", "login", "ending"),
    [
        (AUTO, chatgpt(), (0, True)),
        (AUTO, API_KEY, (11, False)),
        ('cli_auth_credentials_store = "keyring"\n', chatgpt(), (4, False)),
        (AUTO, BROKEN, (4, False)),
    ],
)
def test_a_locked_keyring_stops_only_the_start_that_could_use_it(
    settings,
    login,
    ending,
    person,
    keyring,  # noqa: F811 - the fixture
):
    keyring.lay_out({"items": [item(person.codex, chatgpt())], "locked": True})
    (person.codex / "config.toml").write_text(settings)

    code, started, _ = person.starts(
        login,
        managed=FORCED_CHATGPT,
        env=keyring.address,
        command=(person.client(), "exec", "hi"),
        version=VERSION,
    )

    assert ending == (code, started)


@pytest.mark.parametrize("settings", [AUTO, AUTO + ENCRYPTS])
def test_an_encrypted_file_of_another_day_beside_a_login_that_complies_stops_no_start(
    settings, person
):
    (person.codex / "secrets").mkdir()
    (person.codex / "secrets/codex_auth.age").write_text("age of another day")
    (person.codex / "config.toml").write_text(settings)
    command = (person.client(), "exec", "hi")

    assert (0, True) == person.starts(chatgpt(), managed=FORCED_CHATGPT, command=command)[:2]


def test_the_full_program_hears_the_options_of_this_very_start(person, keyring):  # noqa: F811
    keyring.lay_out({"items": [item(person.codex, chatgpt())], "locked": True})
    command = (person.client(), "exec", "-c", 'cli_auth_credentials_store="keyring"', "hi")

    ending = person.starts(
        chatgpt(),
        managed=FORCED_CHATGPT,
        env=keyring.address,
        command=command,
        version=VERSION,
    )

    assert (4, False) == ending[:2]


def test_what_the_guard_hands_over_carries_out_no_rule_of_the_users_own(person):
    (person.codex / "config.toml").write_text('forced_login_method = "api"\n')

    code, started, _ = person.starts(chatgpt(), managed="forced_login_method = {chatgpt = {},\n}\n")

    assert 0 == code
    assert started is True
    assert person.login.exists()


SIGNS_IN_BY_NOTHING = (
    ("--version",),
    ("exec", "--help"),
    ("exec", "-h", "hi"),
    ("-m", "x", "-V"),
    ("help", "exec"),
    ("mcp", "help"),
    ("completion", "bash"),
    ("login",),
    ("login", "--with-api-key"),
    ("-c", "x=1", "login", "--device-auth"),
    ("logout",),
    ("features", "enable", "x"),
)
MAY_SIGN_IN = (
    (),
    ("exec", "hi"),
    ("exec", "--", "--help"),
    ("-i", "x", "logout"),
    ("login", "status"),
    ("features", "list"),
    ("mcp", "list"),
    ("sandbox", "true", "--help"),
    ("--brand-new-option", "logout"),
    ("help-me",),
)


@pytest.mark.parametrize("words", SIGNS_IN_BY_NOTHING)
def test_what_signs_in_by_nothing_starts_although_the_login_cannot_be_judged(words, person):
    command = (person.client(), *words)

    code, started, said = person.starts(BROKEN, managed=FORCED_CHATGPT, command=command)

    assert 0 == code
    assert started is True
    assert "" == said
    assert BROKEN == person.login.read_text()


@pytest.mark.parametrize("words", MAY_SIGN_IN)
def test_what_may_sign_in_does_not(words, person):
    command = (person.client(), *words)

    assert (4, False) == person.starts(BROKEN, managed=FORCED_CHATGPT, command=command)[:2]


@pytest.mark.parametrize(
    ("login", "managed", "code"), [(API_KEY, FORCED_CHATGPT, 10), (BROKEN, "x = [", 3)]
)
def test_a_broken_rule_and_a_violation_stop_what_signs_in_by_nothing_too(
    login, managed, code, person
):
    command = (person.client(), "--version")

    assert (code, False) == person.starts(login, managed=managed, command=command)[:2]


def test_another_program_of_such_words_is_not_the_client(person):
    program = person.folder / "other"
    program.symlink_to(person.client())

    ending = person.starts(BROKEN, managed=FORCED_CHATGPT, command=(str(program), "--version"))

    assert (4, False) == ending[:2]


def test_enforce_starts_no_command_by_itself():
    done = tipstaff("enforce", *VERSION, "--", "codex")

    assert 2 == done.returncode
    assert "tipstaff exec --" in done.stderr
