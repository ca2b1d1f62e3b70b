"""Root runs: every user's turn has that user's rights, and a hostile home harms its own turn alone.

On real local users, homes, links, pipes and a real dead mount.
"""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from conformance.client import VERSION as CLIENT_VERSION
from conformance.client import find_client
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, run
from support.machines.local_users import FIRST_UID, NEEDS_ROOT, UIDS, owners, put_client
from tipstaff_schemas.export import faults

pytestmark = [NEEDS_ROOT, pytest.mark.xdist_group("users")]


def of_users(done):
    """Return the entry of each user who was not skipped, by name and home."""
    document = json.loads(done.stdout)
    return {user["user"]: user for user in document["users"] if user["outcome"] != "skipped"}


def codes(done):
    return {name: user["exit_code"] for name, user in of_users(done).items() if name in UIDS}


def test_everybody_is_logged_out_who_violates_and_nobody_else(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice", "mallory")
    machine.sign_in("bob", auth=chatgpt())

    done = machine.enforce("--all-users", "--format", "json")

    assert 10 == done.returncode, done.stderr
    assert {"alice": 10, "bob": 0, "mallory": 10} == codes(done)
    assert [False, True, False] == [machine.login(uid).exists() for uid in UIDS]
    assert [] == faults("users-enforcement", json.loads(done.stdout))


def test_afterwards_everything_in_a_home_belongs_to_its_user(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice")

    assert 10 == machine.enforce("--user", "alice").returncode

    locks = {path.name: path.stat().st_mode & 0o777 for path in machine.codex("alice").iterdir()}
    assert {UIDS["alice"]} == owners(machine.home("alice"))
    assert {"auth.lock": 0o644, "auth.json.lock": 0o600} == locks


def test_only_the_users_that_are_named_have_a_turn(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in(*UIDS)

    done = machine.enforce("--user", "alice", "--user=bob", "--format", "json")

    assert {"alice": 10, "bob": 10} == codes(done)
    assert machine.login("mallory").exists()


def test_the_worst_of_all_users_is_the_exit_code(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("bob")
    machine.write("home/alice/.codex/config.toml", "x = [")
    done = machine.enforce("--all-users", "--dry-run", "--format", "json")
    assert {"alice": 0, "bob": 11, "mallory": 0} == codes(done)
    assert 11 == done.returncode

    assert 10 == machine.enforce("--user", "bob").returncode
    assert 0 == machine.enforce("--all-users").returncode


def test_the_log_out_of_one_user_does_not_hide_that_another_could_not_be_judged(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("bob")
    machine.write("home/alice/.codex/auth.json", "{}x")

    done = machine.enforce("--all-users", "--format", "json")

    assert {"alice": 4, "bob": 10, "mallory": 0} == codes(done)
    assert 4 == done.returncode


def test_a_dry_run_changes_nothing(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice")

    assert 11 == machine.enforce("--all-users", "--dry-run").returncode
    assert ["auth.json"] == os.listdir(machine.codex("alice"))


RULES_OF_ONES_OWN = {
    "the only rule": (None, FORCED_CHATGPT, API_KEY, 0),
    "a rule that hides the administrators'": (
        'allowed_login_methods = ["chatgpt"]\n', 'forced_login_method = "api"\n', API_KEY, 10
    ),
    "a workspace of one's own": (None, 'forced_chatgpt_workspace_id = "ws-z"\n', chatgpt("ws-a"), 0),
    "a bad rule": ('allowed_login_methods = ["chatgpt"]\n', 'forced_login_method = "x"\n', API_KEY, 10),
}  # fmt: skip


@pytest.mark.parametrize(
    ("required", "own", "auth", "code"), RULES_OF_ONES_OWN.values(), ids=RULES_OF_ONES_OWN
)
def test_rules_of_the_users_own_count_for_nothing(required, own, auth, code, machine):
    if required:
        machine.write("etc/codex/requirements.toml", required)
    machine.write("home/alice/.codex/config.toml", own)
    machine.sign_in("alice", auth=auth)

    done = machine.enforce("--user", "alice")

    assert code == done.returncode, done.stdout
    assert (code == 0) == machine.login("alice").exists(), done.stdout


def test_a_rule_of_the_users_own_counts_where_the_user_enforces(machine):
    machine.write("home/alice/.codex/config.toml", FORCED_CHATGPT)
    machine.sign_in("alice")

    done = machine.run(sys.executable, "-c", "import tipstaff_cli.main", user="alice")
    if done.returncode:
        pytest.skip("the clone, or this interpreter, is not readable by all users")
    assert 10 == machine.enforce(user="alice").returncode


def test_nothing_of_roots_environment_reaches_a_user(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice")
    foreign = {"CODEX_API_KEY": "made-up", "CODEX_HOME": "/srv", "XDG_RUNTIME_DIR": "/srv"}

    done = machine.enforce("--user", "alice", "--format", "json", env=foreign)

    report = of_users(done)["alice"]["report"]
    assert 10 == done.returncode
    assert ["file"] == [step["store"] for step in report["steps"]]
    assert "alice" == report["run"]["user"]
    assert "not_seen" == report["run"]["environment"]


def test_without_a_session_a_keyring_that_is_required_is_not_proven_empty(machine):
    machine.rule(FORCED_CHATGPT + 'cli_auth_credentials_store = "keyring"\n')
    machine.sign_in("alice")

    done = machine.enforce("--user", "alice")

    assert 11 == done.returncode
    assert not machine.login("alice").exists()
    assert "no session" in done.stdout


def test_accounts_that_nobody_uses_count_where_they_have_a_clients_folder(machine):
    machine.rule(FORCED_CHATGPT)
    for name in ("service", "idle"):
        machine.run("useradd", "-r", "-m", "-s", "/usr/sbin/nologin", name)
    machine.home("service").joinpath(".codex").mkdir()
    machine.login("service").write_text(API_KEY)
    machine.run("chown", "-R", "service:", "/home/service")

    done = machine.enforce("--all-users", "--format", "json")

    found = {load["user"]: load for load in json.loads(done.stdout)["users"]}
    assert 10 == found["service"]["exit_code"]
    assert "skipped" == found["idle"]["outcome"]
    assert "no folder of a client" == found["idle"]["reason"]


def test_a_user_without_a_home_is_skipped(machine):
    machine.run("useradd", "-M", "-s", "/bin/bash", "homeless")

    done = machine.enforce("--all-users")

    assert "skipped, no home: homeless" in done.stdout.splitlines()


POLICY = (
    'schema = 1\nid = "p"\nversion = "1"\nlogin_methods = ["chatgpt"]\nhomes = ["/srv/homes"]\n'
)


def test_whoever_owns_a_home_that_the_policy_names_has_a_turn_there(machine):
    machine.write("etc/tipstaff/policy.toml", POLICY)
    uids = {"alice": UIDS["alice"], "unknown": 62000, "roots": 0}
    for name, uid in uids.items():
        login = machine.write(f"srv/homes/{name}/.codex/auth.json", API_KEY)
        for path in (login.parent.parent, login.parent, login):
            os.chown(path, uid, uid)
    (machine.folder / "srv/homes/linked").symlink_to("/home/bob")

    done = machine.enforce("--all-users", "--format", "json")

    users = [load for load in json.loads(done.stdout)["users"] if "/srv/" in load["home"]]
    assert [("alice", 10), ("62000", 10)] == [(user["user"], user["exit_code"]) for user in users]
    assert {"roots"} == {
        uid for uid in uids if (machine.folder / f"srv/homes/{uid}/.codex/auth.json").exists()
    }
    assert 0 == machine.enforce("--user", "alice").returncode


def test_a_folder_with_homes_that_is_not_there_holds_none(machine):
    machine.write("etc/tipstaff/policy.toml", POLICY)

    assert 0 == machine.enforce("--all-users").returncode


def test_a_folder_with_homes_that_cannot_be_looked_through_is_not_passed_over(machine):
    machine.write("etc/tipstaff/policy.toml", POLICY)
    (machine.folder / "srv/homes").mkdir(mode=0o700)

    done = machine.enforce("--all-users")

    assert 4 == done.returncode
    assert "not searched: /srv/homes: Permission denied" in done.stdout.splitlines()


def test_roots_own_home_counts_only_where_nobody_else_can_change_it(machine):
    machine.rule(FORCED_CHATGPT)
    login = machine.write("home/root/.codex/auth.json", API_KEY)
    machine.home("root").chmod(0o777)

    done = machine.enforce("--all-users", "--format", "json")
    root = of_users(done)["root"]

    assert 4 == root["exit_code"]
    assert login.exists()
    assert "root does not work in a home that others can change" in root["reason"]
    machine.home("root").chmod(0o700)
    assert 10 == machine.enforce("--user", "root").returncode


USAGE = {
    "no such user": ("--user", "nobody-of-that-name"),
    "some and all": ("--user", "alice", "--all-users"),
    **{
        f"{options[0]} is of one session": ("--user", "alice", *options)
        for options in (
            ("--system-root", "/"),
            ("--codex-home", "/srv"),
            ("--cwd", "/srv"),
            ("-c", "a=1"),
            ("--profile", "p"),
            ("--ignore-user-config",),
            ("--process", "1"),
        )
    },
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_what_makes_no_sense_is_wrong_usage(words, machine):
    assert 2 == machine.enforce(*words).returncode


def test_an_ordinary_user_acts_for_nobody_else(machine):
    done = run(
        [
            "setpriv",
            f"--reuid={FIRST_UID}",
            f"--regid={FIRST_UID}",
            "--clear-groups",
            sys.executable,
            "-c",
            "0",
        ]
    )
    if done.returncode:
        pytest.skip("users cannot read this interpreter")
    assert 2 == machine.enforce("--user", "bob", user="alice").returncode


def evil(folder, name):
    """Put code into a folder that shows that it has run."""
    folder.mkdir(parents=True, exist_ok=True)
    witness = folder / "witness"
    (folder / f"{name}.py").write_text(f"open({str(witness)!r}, 'w').close()\n")
    return witness


@pytest.mark.parametrize("module", ["typer", "tipstaff_policy", "pydantic"])
def test_code_from_pythonpath_never_runs(module, machine, tmp_path):
    witness = evil(tmp_path / "evil", module)

    done = machine.enforce("--all-users", env={"PYTHONPATH": str(tmp_path / "evil")})

    assert 2 == done.returncode
    assert not witness.exists()
    assert "root would load code from PYTHONPATH" in done.stderr
    assert " -I -m tipstaff_cli enforce" in done.stderr


def test_a_root_run_refuses_a_process_that_is_not_isolated(machine):
    done = machine.run(BIN / "python", "-m", "tipstaff_cli.main", "enforce", "--all-users")

    assert 2 == done.returncode
    assert "expected: an isolated Python" in done.stderr


def test_an_audit_of_users_is_one_document(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice")

    done = machine.run(BIN / "tipstaff", "audit", *VERSION, "--all-users", "--format", "json")

    assert [] == faults("users-report", json.loads(done.stdout))
    verdicts = {
        name: user["report"]["decision"]["verdict"] for name, user in of_users(done).items()
    }
    assert {
        "root": "not_logged_in",
        "alice": "log_out",
        "bob": "not_logged_in",
        "mallory": "not_logged_in",
    } == verdicts
    assert 1 == done.returncode
    text = machine.run(BIN / "tipstaff", "audit", *VERSION, "--user", "alice")
    assert text.stdout.startswith(
        f"alice  uid {UIDS['alice']}  /home/alice  exit 1\n  NOT COMPLIANT"
    )
    assert (
        0
        == machine.run(
            BIN / "tipstaff", "audit", *VERSION, "--user", "alice", "--exit-zero"
        ).returncode
    )


VICTIM = "made for the tests\n"


def link_to_anothers_login(machine, user):
    machine.login(user).unlink()
    machine.login(user).symlink_to("/home/bob/.codex/auth.json")


def link_to_a_readable_login_of_roots(machine, user):
    machine.login(user).unlink()
    machine.login(user).symlink_to("/srv/login")


def hard_link_to_a_readable_login_of_roots(machine, user):
    machine.login(user).unlink()
    os.link(machine.write(f"srv/login-of-{user}", API_KEY), machine.login(user))


def folder_is_a_link_to_anothers(machine, user):
    shutil.rmtree(machine.codex(user))
    machine.codex(user).symlink_to("/home/bob/.codex")


def pipe(name):
    def make(machine, user):
        place = machine.codex(user) / name
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        os.chown(place, UIDS[user], UIDS[user])

    return make


def lock_is_a_link(machine, user):
    (machine.codex(user) / "auth.lock").symlink_to("/srv/victim")


def lock_is_a_link_to_nowhere(machine, user):
    (machine.codex(user) / "auth.lock").symlink_to("/srv/made-by-tipstaff")


def lock_is_a_hard_link(machine, user):
    os.link(machine.folder / "srv/victim", machine.codex(user) / "auth.lock")


def huge_login(machine, user):
    os.truncate(machine.login(user), 1 << 40)


def huge_configuration(machine, user):
    os.truncate(machine.write(f"home/{user}/.codex/config.toml", ""), 1 << 40)


def deep_configuration(machine, user):
    machine.write(f"home/{user}/.codex/config.toml", "x = " + "[" * 1_000_000)


def many_tables(machine, user):
    text = "".join(f"[a{number}]\nb = 1\n" for number in range(200_000))
    machine.write(f"home/{user}/.codex/config.toml", text)


def unreadable_home(machine, user):
    os.chown(machine.home(user), 0, 0)
    machine.home(user).chmod(0o000)


def home_of_somebody_else(machine, user):
    for path in (machine.home(user), *machine.home(user).rglob("*")):
        os.chown(path, UIDS["bob"], UIDS["bob"])


def folder_is_a_file(machine, user):
    shutil.rmtree(machine.codex(user))
    machine.write(f"home/{user}/.codex", "")


def link_to_itself(machine, user):
    shutil.rmtree(machine.codex(user))
    machine.codex(user).symlink_to(".codex")


HOSTILE = {
    "a link to another user's login": (link_to_anothers_login, 4),
    "a link to a login of root's that everybody can read": (link_to_a_readable_login_of_roots, 11),
    "a hard link to such a login": (hard_link_to_a_readable_login_of_roots, 11),
    "the client's folder is a link to another's": (folder_is_a_link_to_anothers, 4),
    "the login is a pipe": (pipe("auth.json"), 4),
    "the configuration is a pipe": (pipe("config.toml"), 10),
    "a lock file is a pipe": (pipe("auth.lock"), 10),
    "a lock file is a link": (lock_is_a_link, 10),
    "a lock file is a link to nowhere": (lock_is_a_link_to_nowhere, 10),
    "a lock file is root's": (lock_is_a_hard_link, 10),
    "a login of a terabyte": (huge_login, 4),
    "a configuration of a terabyte": (huge_configuration, 10),
    "a configuration of a million brackets": (deep_configuration, 10),
    "a configuration that takes too long": (many_tables, 10),
    "an unreadable home": (unreadable_home, 4),
    "a home of another user": (home_of_somebody_else, 4),
    "the client's folder is a file": (folder_is_a_file, 4),
    "the client's folder is a link to itself": (link_to_itself, 4),
}
NAMES = {name: f"hostile-{number}" for number, name in enumerate(HOSTILE)}


@pytest.fixture(scope="module")
def among_hostile(bare_machine, tmp_path_factory):
    """A machine full of hostile homes between those of alice and zoe, after one run; all that was
    in bob's home and in /srv before."""
    machine = bare_machine.copy(tmp_path_factory.mktemp("hostile"))
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("bob", auth=chatgpt())
    machine.write("srv/victim", VICTIM)
    machine.write("srv/login", API_KEY)
    for number, name in enumerate((*NAMES.values(), "zoe")):
        machine.add(name, 61100 + number)
    machine.sign_in("alice", "zoe", *NAMES.values())
    for name, (prepare, _) in HOSTILE.items():
        prepare(machine, NAMES[name])
    before = {place: contents(machine.folder / place) for place in ("home/bob", "srv")}
    before |= {name: owners(machine.home(name)) for name in NAMES.values()}
    done = machine.enforce("--all-users", "--user-timeout", "8", "--format", "json")
    return machine, before, done


def contents(folder):
    return {
        path: (path.lstat().st_uid, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_home_harms_its_owners_turn_alone(name, among_hostile):
    machine, before, done = among_hostile
    expected = HOSTILE[name][1]
    user = NAMES[name]

    found = of_users(done)
    assert expected == found[user]["exit_code"], found[user]
    assert owners(machine.home(user)) <= before[user] | {UIDS[user]}


def test_hostile_homes_harm_nobody_and_stop_nobody(among_hostile):
    machine, before, done = among_hostile

    found = of_users(done)
    assert (10, 0, 10) == tuple(found[user]["exit_code"] for user in ("alice", "bob", "zoe"))
    for place in ("home/bob", "srv"):
        assert before[place] == contents(machine.folder / place)


SWAPPING = """
import os, time
real, other, name = (f"/home/mallory/{each}" for each in ("real", "other", ".codex"))
os.rename(name, real)
os.symlink("/home/bob/.codex", other)
print("ready", flush=True)
while True:
    os.rename(real, name)
    time.sleep(0.002)
    os.rename(name, real)
    os.rename(other, name)
    time.sleep(0.002)
    os.rename(name, other)
"""


def in_the_background(machine, user, program):
    """Start a program of a user's; it must be ended by its caller."""
    uid = str(UIDS[user])
    words = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "/usr/bin/python3", "-c"]
    process = subprocess.Popen(
        [str(word) for word in machine.words(*words, program)], stdout=subprocess.PIPE, text=True
    )
    if process.stdout.readline().strip() != "ready":
        process.kill()
        pytest.skip("users have no Python here")
    return process


def test_folders_that_are_swapped_during_the_run_harm_nobody(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("mallory", "bob")
    before = machine.login("bob").stat()
    process = in_the_background(machine, "mallory", SWAPPING)

    for _ in range(6):
        assert machine.enforce("--user", "mallory").returncode in (0, 3, 4, 10, 11)
    process.kill()
    process.communicate()

    assert before == machine.login("bob").stat()
    assert [API_KEY] == [path.read_text() for path in machine.codex("bob").iterdir()]
    assert {UIDS["mallory"]} == owners(machine.home("mallory"))


DEAD_MOUNT = """
import ctypes, os, subprocess, sys
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
if ctypes.CDLL(None, use_errno=True).mount(b"dead", sys.argv[1].encode(), b"fuse", 0, options):
    sys.exit(99)
sys.exit(subprocess.run(sys.argv[2:]).returncode)
"""
"""A file system whose server never answers."""


def with_dead_mount(machine, place, *words):
    done = machine.run("python3", "-c", DEAD_MOUNT, place, *words, "--format", "json")
    if done.returncode == 99:
        pytest.skip("FUSE cannot be mounted here")
    return done


def test_a_dead_mount_among_the_homes_of_the_policy_hides_no_other(machine):
    if not os.path.exists("/dev/fuse"):
        pytest.skip("this machine has no FUSE")
    machine.write("etc/tipstaff/policy.toml", POLICY)
    for name in ("a", "z"):
        login = machine.write(f"srv/homes/{name}/.codex/auth.json", API_KEY)
        for path in (login.parent.parent, login.parent, login):
            os.chown(path, UIDS["bob"], UIDS["bob"])
    (machine.folder / "srv/homes/m").mkdir()
    words = [BIN / "tipstaff", "enforce", *VERSION, "--user", "bob", "--user-timeout", "3"]

    done = with_dead_mount(machine, "/srv/homes/m", *words)

    document = json.loads(done.stdout)
    found = {user["home"]: user["exit_code"] for user in document["users"]}
    assert {"/home/bob": 0, "/srv/homes/a": 10, "/srv/homes/z": 10} == found
    assert ["/srv/homes/m: the time limit of 3 s is over"] == document["unseen"]


def test_a_home_on_a_dead_mount_costs_its_user_the_turn_and_nobody_else(machine):
    if not os.path.exists("/dev/fuse"):
        pytest.skip("this machine has no FUSE")
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice", "mallory")
    machine.add("zoe", FIRST_UID + 9)
    words = [BIN / "tipstaff", "enforce", *VERSION, "--all-users", "--user-timeout", "3"]

    started = time.monotonic()
    done = with_dead_mount(machine, "/home/mallory", *words)

    found = of_users(done)
    assert (10, 4, 0) == tuple(found[user]["exit_code"] for user in ("alice", "mallory", "zoe"))
    assert "the time limit of 3 s is over" == found["mallory"]["reason"]
    assert time.monotonic() - started < 20


SIGNALLING = """
import os, signal, sys, time
print("ready", flush=True)
while True:
    try:
        os.kill(-1, signal.{signal})
    except OSError:
        pass
    time.sleep(0.001)
"""


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        ("SIGSTOP", "the time limit of 3 s is over"),
        ("SIGKILL", "the process was ended by signal 9 before it answered"),
    ],
)
def test_a_user_who_stops_the_own_turn_stops_no_other(signal, reason, machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice", "mallory")
    process = in_the_background(machine, "mallory", SIGNALLING.format(signal=signal))

    done = machine.enforce("--all-users", "--user-timeout", "3", "--format", "json")
    process.kill()
    process.communicate()

    assert 10 == codes(done)["alice"]
    assert 4 == codes(done)["mallory"]
    assert 4 == done.returncode
    assert reason == of_users(done)["mallory"]["reason"]


def test_the_real_client_signs_in_again_after_a_root_run(machine):
    client = find_client()
    if client is None:
        pytest.skip(f"client {CLIENT_VERSION} is not installed")
    machine.rule('forced_login_method = "api"\n')
    machine.sign_in("alice", auth=chatgpt())
    start = put_client(machine, client)
    login = ["login", "--with-api-key"]

    assert 10 == machine.enforce("--user", "alice").returncode
    done = machine.run(
        *start, *as_user("alice"), "/srv/client", *login, input="made-up-key-000", stdin=None
    )
    status = machine.run(*start, *as_user("alice"), "/srv/client", "login", "status")

    assert 0 == done.returncode, done.stderr + status.stderr
    assert 0 == status.returncode, done.stderr + status.stderr
    assert {UIDS["alice"]} == owners(machine.home("alice"))
    assert 0 == machine.enforce("--user", "alice").returncode


def test_a_system_default_that_the_user_beats_in_the_client_holds_in_a_root_run(machine):
    client = find_client()
    if client is None:
        pytest.skip(f"client {CLIENT_VERSION} is not installed")
    machine.write("etc/codex/config.toml", FORCED_CHATGPT)
    machine.write("home/alice/.codex/config.toml", 'forced_login_method = "api"\n')
    machine.sign_in("alice")
    start = put_client(machine, client)

    status = machine.run(*start, *as_user("alice"), "/srv/client", "login", "status")

    assert 0 == status.returncode, status.stderr
    assert machine.login("alice").exists(), status.stderr
    assert 10 == machine.enforce("--user", "alice").returncode


def as_user(name):
    uid = str(UIDS[name])
    ids = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"]
    return [*ids, "env", "-i", f"HOME=/home/{name}", "PATH=/usr/bin:/bin"]


def test_the_login_of_the_folder_that_a_users_file_names_is_removed(machine):
    machine.rule(FORCED_CHATGPT)
    machine.write("home/alice/.codex/.env", "HOME=$HOME/other\n")
    key = machine.write("home/alice/other/.codex/auth.json", API_KEY)

    done = machine.enforce("--user", "alice")

    assert 10 == done.returncode, done.stderr
    assert not key.exists(), done.stderr


def test_a_file_that_names_another_users_folder_harms_nobody(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("bob")
    machine.write("home/mallory/.codex/.env", "HOME=/home/bob\n")

    done = machine.enforce("--user", "mallory")

    assert machine.login("bob").exists()
    assert 0 != done.returncode
