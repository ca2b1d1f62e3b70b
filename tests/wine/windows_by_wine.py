"""Tipstaff for Windows, run: on python.org's Python, with the real client, by Wine.

Wine is no Windows. It shows that the programs start, that arguments arrive, that files, locks and
credentials are found where the client for Windows keeps them. It does not show access lists, the
Task Scheduler, Group Policy, PowerShell or Git Bash. `make test-wine` runs this; `make test` does not.
"""

import json
import shutil
from pathlib import Path

import pytest

from support.machines import wine_prefix as wine

HERE = Path(__file__).parent
GUARD = "C:\\Program Files\\Tipstaff\\packages\\tipstaff_policy\\guard.py"
CLIENT = "C:\\Program Files\\WinGet\\Links\\codex.exe"
RULE = 'allowed_login_methods = ["chatgpt"]\n'
REQUIREMENTS = wine.DRIVE / "ProgramData/OpenAI/Codex/requirements.toml"
KEY = "sk-made-up-for-a-test"
ODD = [
    "exec", "a b", "100%", "%PATH%", "x^y", "hi!", "!x!", 'say "hi"', "", "a&b", "a|b>c", "back\\",
    "back\\\\ sl\\", "ü", "line\nbreak", "'", "$x", "`y`", "(", ")", "--", "-c", 'k="v"',
]  # fmt: skip


def users_home():
    (home,) = [path for path in (wine.DRIVE / "users").iterdir() if path.name != "Public"]
    return home / ".codex"


@pytest.fixture
def home():
    made = users_home()
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def rule():
    REQUIREMENTS.parent.mkdir(parents=True, exist_ok=True)
    REQUIREMENTS.write_text(RULE)
    yield REQUIREMENTS
    shutil.rmtree(wine.DRIVE / "ProgramData/OpenAI")


def guard(*words, **how):
    return wine.run(wine.PYTHON, "-IS", GUARD, *words, **how)


def tipstaff(*words):
    """Run a command in the place of an administrator; see `administrators.py`."""
    text = (HERE / "administrators.py").read_text()
    return wine.python(text, *words)


def test_the_program_starts():
    done = wine.run("C:\\Program Files\\Tipstaff\\tipstaff.exe", "--version")

    assert done.stdout.startswith("tipstaff "), done.stderr


def test_a_variable_adds_nothing_to_the_import_path(tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('the user`s own module was loaded')\n")
    env = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path), "PYTHONSTARTUP": "x"}

    done = guard("--version", env=env)

    assert (0, "") == (done.returncode, done.stderr)


def test_a_login_that_breaks_the_rule_is_removed(home, rule):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))

    done = guard()

    assert 10 == done.returncode, done.stderr
    assert not (home / "auth.json").exists()
    assert KEY not in done.stderr


def test_what_was_done_is_in_the_log_of_the_user(home, rule):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))
    guard()

    log = home.parent / "AppData/Local/Tipstaff/actions.jsonl"
    last = json.loads(log.read_text().splitlines()[-1])
    assert ("guard", 10) == (last["action"], last["exit_code"])


def test_a_file_that_another_process_has_open_is_no_false_log_out(home, rule):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))
    text = (
        "import ctypes, subprocess, sys\n"
        "create = ctypes.WinDLL('kernel32').CreateFileW\n"
        "create.restype = ctypes.c_void_p\n"
        "create(sys.argv[1], 0x80000000, 1, None, 3, 0, None)\n"
        "print(subprocess.run([sys.executable, '-IS', sys.argv[2]]).returncode)\n"
    )
    place = f"C:\\users\\{home.parent.name}\\.codex\\auth.json"

    done = wine.python(text, place, GUARD)

    assert "11" == done.stdout.strip(), done.stderr
    assert (home / "auth.json").exists()


def test_a_login_in_the_credential_manager_is_removed(home, rule):
    (home / "config.toml").write_text(
        'cli_auth_credentials_store = "keyring"\n[features]\nsecret_auth_storage = false\n'
    )
    store = (
        "import sys\n"
        "from tipstaff_policy.clients.codex.credentials import keyring\n"
        "from tipstaff_policy.system.windows import credential_manager as c\n"
        f"home = 'C:/users/{home.parent.name}/.codex'\n"
        "entry = keyring.login_entry(home)\n"
        "if sys.argv[1] == 'write': c.write_entry(entry, sys.argv[2], comment='')\n"
        "print(c.holds_entry(entry), c.target_of(entry))\n"
    )
    wine.python(store, "write", json.dumps({"OPENAI_API_KEY": KEY}))

    done = guard()

    assert 10 == done.returncode, done.stderr
    assert wine.python(store, "look").stdout.startswith("False")


# the real client


def client(*words):
    return wine.run(CLIENT, *words)


def test_the_client_reads_the_login_that_tipstaff_judges(home):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))

    assert "API key configured" in client("login", "status").stderr


def test_the_client_follows_the_rule_from_the_same_file(home, rule):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))

    done = client("login", "status")

    assert "API key configured" not in done.stdout + done.stderr


def test_the_client_keeps_its_login_under_the_name_that_tipstaff_looks_for(home):
    (home / "config.toml").write_text(
        'cli_auth_credentials_store = "keyring"\n[features]\nsecret_auth_storage = false\n'
    )
    text = (
        "import subprocess, sys\n"
        "from tipstaff_policy.clients.codex.credentials import keyring\n"
        "from tipstaff_policy.system.windows import credential_manager as c\n"
        f"entry = keyring.login_entry('C:/users/{home.parent.name}/.codex')\n"
        "c.remove_entry(entry)\n"
        "done = subprocess.run([sys.argv[1], 'login', '--with-api-key'], input=sys.argv[2],"
        " capture_output=True, text=True)\n"
        "print(done.returncode, c.holds_entry(entry), c.list_targets('cli|'))\n"
        "print(done.stderr[-300:], (c.read_entry(entry) or '')[:18])\n"
        "c.remove_entry(entry)\n"
    )

    done = wine.python(text, CLIENT, KEY)

    assert done.stdout.startswith("0 True"), done.stdout + done.stderr


def test_a_login_that_the_client_encrypts_is_read_and_removed(home, rule):
    """The client's own default on Windows where the store is a keyring: a file and its passphrase."""
    (home / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')
    rule.unlink()
    signing_in = (
        "import subprocess, sys\n"
        "done = subprocess.run([sys.argv[1], 'login', '--with-api-key'], input=sys.argv[2],"
        " capture_output=True, text=True)\n"
        "print(done.returncode, done.stderr[-300:])\n"
    )
    signed_in = wine.python(signing_in, CLIENT, KEY)
    assert (home / "secrets/codex_auth.age").exists(), signed_in.stdout
    rule.write_text(RULE)

    done = guard()

    assert 10 == done.returncode, done.stderr
    assert not (home / "secrets/codex_auth.age").exists()


# installed


@pytest.fixture(scope="module")
def installed():
    done = tipstaff("install")
    yield done
    tipstaff("uninstall")


def test_an_installation_fronts_every_launcher(installed):
    assert 0 == installed.returncode, installed.stdout + installed.stderr
    assert "codex.cmd  (the shim)" in installed.stdout
    assert "codex.exe  (the shim)" in installed.stdout


def test_status_is_good(installed):
    done = tipstaff("status", "--verbose")

    assert "BAD" not in done.stdout, done.stdout
    assert "codex.ps1  in front of" in done.stdout


def through_the_shim(words, entry="C:\\Program Files\\nodejs\\codex.cmd"):
    text = (
        "import json, subprocess, sys\n"
        "done = subprocess.run(json.loads(sys.argv[1]), capture_output=True)\n"
        "print(json.dumps([done.returncode, done.stdout.decode(), done.stderr.decode()]))\n"
    )
    done = wine.python(text, json.dumps([entry, *words]))
    return json.loads(done.stdout)


def test_every_argument_reaches_the_client_behind_a_program_unchanged(installed):
    """By a stand-in for the client, which prints what it gets."""
    aside = wine.TIPSTAFF / "clients/Program Files/WinGet/Links/codex.exe"

    real = aside.with_name("codex.real")
    aside.rename(real)
    try:
        shutil.copy(wine.NODEJS / "node.exe", aside)
        code, said, error = through_the_shim(ODD, CLIENT)
    finally:
        aside.unlink()
        real.rename(aside)

    assert 7 == code, error
    assert ODD == json.loads(said)


def test_a_launcher_of_npm_starts_node_with_its_script(installed):
    text = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1]).returncode)"

    done = wine.python(text, 'cmd.exe /d /s /c ""C:\\Program Files\\nodejs\\codex.cmd" exec "a b""')

    assert 7 == done.returncode, done.stderr
    script, *words = json.loads(done.stdout)
    assert "C:\\Program Files\\nodejs\\node_modules\\@openai\\codex\\bin\\codex.js" == script
    assert ["exec", "a b"] == words


def test_the_real_client_runs_behind_the_guard(installed, home):
    code, said, error = through_the_shim(["--version"], CLIENT)

    assert 0 == code, error
    assert said.startswith("codex-cli ")


def test_a_forbidden_login_starts_no_client(installed, home, rule):
    (home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": KEY}))

    code, said, error = through_the_shim(["exec", "hi"], CLIENT)

    assert (10, "") == (code, said)
    assert "logged out" in error


def test_without_the_guard_the_client_does_not_start_and_says_why(installed):
    guard_file = wine.TIPSTAFF / "packages/tipstaff_policy/guard.py"
    guard_file.rename(guard_file.with_name("guard.away"))
    try:
        code, _, error = through_the_shim(["--version"], CLIENT)
    finally:
        guard_file.with_name("guard.away").rename(guard_file)

    assert 4 == code
    assert "a part of Tipstaff or the client is missing" in error


def test_a_removal_gives_every_client_back(installed):
    before = sorted(path.name for path in wine.NODEJS.iterdir())

    done = tipstaff("uninstall")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert before == sorted(path.name for path in wine.NODEJS.iterdir())
    assert "tipstaff shim" not in (wine.NODEJS / "codex.cmd").read_text()
    assert not (wine.DRIVE / "ProgramData/Tipstaff").exists()
