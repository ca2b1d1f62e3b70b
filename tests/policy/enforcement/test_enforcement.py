"""A log-out is done under the client's locks, decided twice, verified, and never half claimed."""

import fcntl
import json
import os
import shutil
import subprocess
import threading
import time

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import (
    FORCED_CHATGPT,
    VERSION,
    credential,
    enforce,
    live_guard,
    make_host,
    run_guard,
    tipstaff,
)
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.slots import Folder, slot_of
from tipstaff_policy.clients.own_files import ASIDE, PREFIX
from tipstaff_policy.enforcement.enforce import enforce as enforce_plan
from tipstaff_policy.enforcement.erasure import Target, erase
from tipstaff_policy.enforcement.running_clients import steps_for_running_clients
from tipstaff_policy.logins.sign_in.commit import EARLIER
from tipstaff_policy.model.request import Request

CODEX = load_client("codex")


def violating(folder, **more):
    return make_host(folder / "host", managed=FORCED_CHATGPT, **more)


def request(root, **more):
    return Request({}, "/", 0, "0.169.0", str(root), **more)


def hold(path):
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def test_the_lock_files_are_left_as_the_client_expects_them(tmp_path):
    root = violating(tmp_path)

    assert enforce(root).returncode == 10

    home = credential(root).parent
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in home.glob("*.lock")}
    assert modes == {"auth.lock": "0o644", "auth.json.lock": "0o600"}


@pytest.mark.parametrize("name", ["auth.lock", "auth.json.lock"])
def test_a_lock_held_for_ever_does_not_keep_the_credential(name, tmp_path):
    root = violating(tmp_path)
    lock = credential(root).parent / name
    descriptor = hold(lock)

    done = enforce(root, "--lock-timeout", "0.2", "--format", "json")

    os.close(descriptor)
    assert 10 == done.returncode
    assert [] == left(root)
    assert lock.exists()
    assert f"without {lock}: another process holds" in json.loads(done.stdout)["note"]


def test_a_login_that_was_mended_is_put_back_though_the_lock_is_held_for_ever(tmp_path):
    root = violating(tmp_path)
    descriptor = hold(credential(root).parent / "auth.lock")
    other = threading.Timer(0.3, lambda: credential(root).write_text(chatgpt()))
    other.start()

    result = enforce_plan(CODEX, request(root), lock_timeout_s=1.5)

    other.join()
    os.close(descriptor)
    assert (0, ["auth.json"], chatgpt()) == (
        result.exit_code,
        left(root),
        credential(root).read_text(),
    )


@pytest.mark.parametrize(
    ("aside", "stored", "exit_code", "kept"),
    [
        (API_KEY, None, 10, None),
        (chatgpt(), None, 0, chatgpt()),
        (API_KEY, chatgpt(), 0, chatgpt()),
        (chatgpt(), API_KEY, 10, None),
    ],
)
def test_what_a_killed_run_left_aside_is_put_back_and_judged(
    aside, stored, exit_code, kept, tmp_path
):
    root = violating(tmp_path, auth=stored)
    credential(root).with_name(f"auth.json{ASIDE}").write_text(aside)

    assert exit_code == run_guard(root).returncode

    assert (["auth.json"] if kept else []) == left(root)
    assert kept is None or kept == credential(root).read_text()


def left(root):
    names = (path.name for path in credential(root).parent.glob("auth.json*"))
    return sorted(name for name in names if not name.endswith(".lock"))


@pytest.mark.parametrize(
    ("layer", "auth", "exit_code", "stays"),
    [
        ("managed", API_KEY, 10, False),
        ("managed", chatgpt(), 0, True),
        ("user", API_KEY, 0, True),
    ],
)
def test_a_plain_file_beside_another_store_goes_where_administrators_forbid_it(
    layer, auth, exit_code, stays, tmp_path
):
    rules = {layer: FORCED_CHATGPT}
    system = 'cli_auth_credentials_store = "ephemeral"\n'
    root = make_host(tmp_path / "host", auth=auth, system=system, **rules)

    assert exit_code == run_guard(root).returncode

    assert stays == credential(root).exists()


def file_target(request):
    """Return the credential file of a host, as what is to be emptied."""
    found = next(entry for entry in CODEX.read_state(request).credentials if entry.source == "file")
    return Target(slot_of(CODEX.slots, "file"), found.path, found.file)


@pytest.mark.parametrize("kind", ["link", "further name"])
def test_what_a_link_leads_to_is_wiped_where_the_policy_says_so(kind, tmp_path):
    home = tmp_path / ".codex"
    home.mkdir()
    other = tmp_path / "backup.json"
    other.write_text(API_KEY)
    (home / "auth.json").symlink_to(other) if kind == "link" else os.link(other, home / "auth.json")
    live = Request({}, "/", 0, "0.169.0", client_home=str(home))
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)

    steps = erase([file_target(live)], Folder(live, str(home), folder), wipes=True)

    os.close(folder)
    assert ["removed"] == [step.outcome for step in steps]
    assert "" == other.read_text()
    assert not os.path.lexists(home / "auth.json")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can own a file of somebody else's")
def test_what_belongs_to_somebody_else_is_never_wiped(tmp_path):
    home = tmp_path / ".codex"
    home.mkdir()
    other = tmp_path / "others.json"
    other.write_text(API_KEY)
    os.chown(other, 12345, 12345)
    (home / "auth.json").symlink_to(other)
    live = Request({}, "/", 0, "0.169.0", client_home=str(home))
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)

    steps = erase([file_target(live)], Folder(live, str(home), folder), wipes=True)

    os.close(folder)
    assert ["removed", "failed"] == [step.outcome for step in steps]
    assert API_KEY == other.read_text()


@pytest.fixture
def holder(tmp_path):
    """A process that the machine takes for the client, at work in a folder."""
    program = tmp_path / "bin/codex"
    program.parent.mkdir()
    shutil.copy(shutil.which("sleep"), program)
    home = tmp_path / "host/home/dev/.codex"
    process = subprocess.Popen([program, "600"], env={"CODEX_HOME": str(home)}, cwd=tmp_path)
    yield process
    process.kill()
    process.wait()


def test_a_client_that_still_holds_the_credential_is_told(holder, tmp_path):
    root = make_host(tmp_path / "host")

    done = live_guard(root, managed=FORCED_CHATGPT)

    assert 11 == done.returncode
    assert not credential(root).exists()
    assert f"kill {holder.pid}" in done.stderr
    assert holder.poll() is None


def test_a_client_that_still_holds_the_credential_is_ended_where_the_policy_says_so(
    holder, tmp_path
):
    root = make_host(tmp_path / "host")
    live = Request({}, "/", 0, "0.169.0", client_home=str(credential(root).parent))

    (step,) = steps_for_running_clients(CODEX, live, live.client_home, terminate=True)

    assert "terminated" == step.outcome
    assert -15 == holder.wait(5)


def test_a_lock_that_is_let_go_in_time_is_waited_for(tmp_path):
    root = violating(tmp_path)
    descriptor = hold(credential(root).parent / "auth.lock")
    release = threading.Thread(target=lambda: (time.sleep(0.3), os.close(descriptor)))
    release.start()

    result = enforce_plan(CODEX, request(root), lock_timeout_s=20)

    release.join()
    assert 10 == result.exit_code
    assert not credential(root).exists()


def test_a_login_that_was_mended_while_waiting_is_kept(tmp_path):
    root = violating(tmp_path)
    descriptor = hold(credential(root).parent / "auth.lock")

    def sign_in():
        time.sleep(0.3)
        credential(root).write_text(chatgpt())
        os.close(descriptor)

    other = threading.Thread(target=sign_in)
    other.start()
    result = enforce_plan(CODEX, request(root), lock_timeout_s=20)

    other.join()
    assert (0, chatgpt()) == (result.exit_code, credential(root).read_text())


NO_LOCKS = {
    "a link to nothing": lambda lock, away: lock.symlink_to(away / "victim"),
    "a link to a file": lambda lock, away: lock.symlink_to(away / "other"),
    "a pipe": lambda lock, _away: os.mkfifo(lock),
    "a folder": lambda lock, _away: lock.mkdir(),
    "a file that nobody may open": lambda lock, _away: (lock.touch(), lock.chmod(0)),
}


@pytest.mark.parametrize("name", ["auth.lock", "auth.json.lock"])
@pytest.mark.parametrize("lay", NO_LOCKS.values(), ids=NO_LOCKS)
def test_a_lock_that_is_none_does_not_keep_the_credential(lay, name, tmp_path):
    root = violating(tmp_path)
    (tmp_path / "other").write_text("kept")
    lay(credential(root).parent / name, tmp_path)

    done = enforce(root)

    assert done.returncode == 10
    assert left(root) == []


def test_a_lock_file_that_is_a_link_is_not_followed(tmp_path):
    root = violating(tmp_path)
    victim = tmp_path / "victim"
    (credential(root).parent / "auth.lock").symlink_to(victim)

    enforce(root)

    assert not victim.exists()


def test_further_names_of_the_file_are_an_incomplete_log_out(tmp_path):
    root = violating(tmp_path)
    os.link(credential(root), tmp_path / "backup.json")

    done = run_guard(root)

    assert 11 == done.returncode
    assert not credential(root).exists()
    assert "1 further name(s)" in done.stderr


def left_by_a_sign_in(root):
    """Return a second name of the login, as a sign-in has it that puts another in its place."""
    folder = credential(root).parent / f"{PREFIX}x"
    folder.mkdir()
    os.link(credential(root), folder / EARLIER)
    return folder


def test_a_further_name_that_a_killed_sign_in_left_goes_too(tmp_path):
    root = violating(tmp_path)
    folder = left_by_a_sign_in(root)

    done = run_guard(root)

    assert 10 == done.returncode
    assert [] == os.listdir(folder)
    assert not credential(root).exists()


def test_a_further_name_of_a_sign_in_that_runs_stays(tmp_path):
    root = violating(tmp_path)
    folder = left_by_a_sign_in(root)
    signing_in = os.open(folder, os.O_RDONLY)
    fcntl.flock(signing_in, fcntl.LOCK_EX)

    done = run_guard(root)
    os.close(signing_in)

    assert 11 == done.returncode
    assert [EARLIER] == os.listdir(folder)


def test_the_target_of_a_link_is_named_and_not_touched(tmp_path):
    root = violating(tmp_path, auth=None)
    target = root / "home/dev/elsewhere.json"
    target.write_text(API_KEY)
    credential(root).symlink_to("../elsewhere.json")

    done = run_guard(root)

    assert 11 == done.returncode
    assert not credential(root).is_symlink()
    assert API_KEY == target.read_text()
    assert "../elsewhere.json" in done.stderr


def test_a_dry_run_names_the_file_and_changes_nothing(tmp_path):
    root = violating(tmp_path)
    before = sorted(os.listdir(credential(root).parent))

    done = enforce(root, "--dry-run", "--format", "json")

    assert 11 == done.returncode
    assert ("planned", str(credential(root))) == tuple(
        json.loads(done.stdout)["steps"][0][name] for name in ("outcome", "path")
    )
    assert before == sorted(os.listdir(credential(root).parent))


def test_a_dry_run_says_once_what_would_happen_and_what_would_follow(tmp_path):
    root = violating(tmp_path)

    lines = enforce(root, "--dry-run").stdout.splitlines()

    assert ["sign-in", "dry run", "after"] == [line[:9].strip() for line in lines]
    assert f"dry run   would be logged out: {credential(root)}" == lines[1]
    assert "signed out; this dry run ends with 11, because the login is still there" in lines[2]


def test_a_dry_run_names_what_would_stay_and_does_not_promise_a_log_out(tmp_path):
    home = violating(tmp_path) / "home/dev"
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "CODEX_API_KEY": "made-up-key-000"}
    (home / ".codex/config.toml").write_text(FORCED_CHATGPT)

    done = tipstaff("enforce", "--dry-run", *VERSION, env=env)

    assert 11 == done.returncode
    assert "dry run   would stay: CODEX_API_KEY: unset CODEX_API_KEY" in done.stdout
    assert "after     a login that is not allowed would be left;" in done.stdout
    assert "failed" not in done.stdout


def test_a_second_run_finds_nothing_left_to_do(tmp_path):
    root = violating(tmp_path)

    assert [10, 0] == [enforce(root).returncode, enforce(root).returncode]


@pytest.mark.parametrize(
    ("layer", "exit_code", "left"), [("requirements", 10, False), ("user", 0, True)]
)
def test_only_an_administrators_rule_removes_what_the_client_would_hide(
    layer, exit_code, left, tmp_path
):
    # A workspace that the id token fits and the plain field does not: the client hides the login.
    hidden = chatgpt("ws-a", "ws-z", None)
    rules = {
        "requirements": 'allowed_chatgpt_workspaces = ["ws-a"]\n',
        "user": 'forced_chatgpt_workspace_id = "ws-a"\n',
    }
    root = make_host(tmp_path / "host", auth=hidden, **{layer: rules[layer]})

    result = enforce_plan(CODEX, request(root))

    assert "ignore_credential" == result.decision.verdict
    assert exit_code == result.exit_code
    assert left == credential(root).exists()


@pytest.mark.parametrize(("mark", "code"), [("forced_login_method = 'sso'\n", 3), ("x = [\n", 3)])
def test_what_cannot_be_decided_removes_nothing(mark, code, tmp_path):
    root = make_host(
        tmp_path / "host", managed=mark, requirements='allowed_login_methods = ["chatgpt"]\n'
    )

    assert code == enforce(root).returncode
    assert code == run_guard(root).returncode
    assert credential(root).exists()


def test_a_folder_that_cannot_be_written_is_an_incomplete_log_out(tmp_path):
    root = violating(tmp_path)
    home = credential(root).parent
    home.chmod(0o500)
    drop = ["setpriv", "--bounding-set=-all"] if os.getuid() == 0 else []

    from support.machines.hosts import BIN, VERSION, run

    done = run([*drop, BIN / "tipstaff", "enforce", *VERSION, "--system-root", root])

    home.chmod(0o700)
    assert 11 == done.returncode
    assert credential(root).exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act in another user's home")
def test_lock_files_made_by_root_belong_to_the_homes_user(tmp_path):
    root = violating(tmp_path)
    home = credential(root).parent
    for path in (home, *home.iterdir()):
        os.chown(path, 12345, 12345)

    assert 10 == enforce(root).returncode

    assert {12345} == {path.stat().st_uid for path in home.glob("*.lock")}


def test_a_keyring_that_cannot_be_seen_does_not_keep_the_plain_file(tmp_path):
    root = make_host(
        tmp_path / "host",
        managed="cli_auth_credentials_store = 'auto'\n",
        requirements='allowed_login_methods = ["chatgpt"]\n',
    )

    done = enforce(root)

    assert done.returncode == 11
    assert not credential(root).exists()
