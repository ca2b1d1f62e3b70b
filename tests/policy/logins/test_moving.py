"""A login that is moved is at every instant in at least one store, and at the end in one."""

import os
import signal
import sys

import pytest

from support.clients.logins import API_KEY, FAR_FUTURE, chatgpt
from support.services.keyrings import item, keyring
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials import keyring as entries
from tipstaff_policy.errors import EvaluationError, PolicyError
from tipstaff_policy.logins import migration
from tipstaff_policy.logins.migration import move_login
from tipstaff_policy.model.request import Request
from tipstaff_policy.system import secret_service
from tipstaff_policy.system.secret_service import KeyringError

__all__ = ["keyring"]
CODEX = load_client("codex")
UNFINISHED = ".auth-tipstaff"
OTHER = {"file": "keyring", "keyring": "file"}
OLDER = chatgpt("ws-a")
LATER = chatgpt("ws-a", exp=FAR_FUTURE + 1).replace("made-up", "made-up-anew")
PLAIN = chatgpt("ws-a", access=None)
NEWER = LATER.replace("11-24T", "11-25T")
"""The same account after a refresh, with another refresh token."""


@pytest.fixture
def home(tmp_path, keyring):
    keyring.lay_out({"items": []})
    folder = tmp_path / "home/.codex"
    folder.mkdir(parents=True)
    return folder


def lay_out(home, keyring, *, file=None, entry=None, store=None):
    keyring.lay_out({"items": [item(home, entry)] if entry else []})
    if store:
        (home / "config.toml").write_text(f'cli_auth_credentials_store = "{store}"\n')
    (home / "auth.json").unlink(missing_ok=True)
    if file:
        (home / "auth.json").write_text(file)


def request(home, keyring):
    env = {"HOME": str(home.parent), **keyring.address}
    return Request(env, "/", 0, "0.169.0")


def move(home, keyring, to, **how):
    return move_login(CODEX, request(home, keyring), to, **how)


def is_in(home, keyring):
    """Return the text in each store."""
    file = home / "auth.json"
    entry = entries.read_document(request(home, keyring), str(home), "keyring")
    return {"file": file.read_text() if file.exists() else None, "keyring": entry}


@pytest.mark.parametrize("to", ["file", "keyring"])
def test_the_login_is_moved_whole_and_nothing_is_left(to, home, keyring):
    lay_out(home, keyring, store=to, **{"entry" if to == "file" else "file": OLDER})

    result = move(home, keyring, to)

    assert 0 == result.exit_code
    assert {to: OLDER, OTHER[to]: None} == is_in(home, keyring)
    assert not [name for name in os.listdir(home) if name.startswith(".auth-")]


def test_the_file_has_the_clients_mode(home, keyring):
    lay_out(home, keyring, store="file", entry=API_KEY)

    move(home, keyring, "file")

    assert 0o600 == (home / "auth.json").stat().st_mode & 0o777


def test_a_dry_run_moves_nothing(home, keyring):
    lay_out(home, keyring, store="keyring", file=API_KEY)

    result = move(home, keyring, "keyring", dry_run=True)

    assert 0 == result.exit_code
    assert "planned" == result.steps[0].outcome
    assert {"file": API_KEY, "keyring": None} == is_in(home, keyring)


@pytest.mark.parametrize("newer_in", ["file", "keyring"])
@pytest.mark.parametrize("to", ["file", "keyring"])
def test_of_two_states_of_one_login_the_newer_stays(to, newer_in, home, keyring):
    texts = {"file": OLDER, "keyring": OLDER} | {newer_in: NEWER}
    lay_out(home, keyring, store=to, file=texts["file"], entry=texts["keyring"])

    result = move(home, keyring, to)

    assert 0 == result.exit_code
    assert {to: NEWER, OTHER[to]: None} == is_in(home, keyring)


TWO = {
    "two keys": (API_KEY, API_KEY.replace("000", "001")),
    "two workspaces": (chatgpt("ws-a"), chatgpt("ws-b")),
    "a key and a login": (API_KEY, OLDER),
    "nothing tells which is newer": (PLAIN, PLAIN.replace("made-up", "x").replace("opaque", "y")),
}


@pytest.mark.parametrize("name", TWO)
def test_two_logins_stay_where_they_are(name, home, keyring):
    file, entry = TWO[name]
    lay_out(home, keyring, store="keyring", file=file, entry=entry)

    with pytest.raises(EvaluationError, match="both stores hold a login"):
        move(home, keyring, "keyring")

    assert {"file": file, "keyring": entry} == is_in(home, keyring)


UNMOVABLE = {
    "no login": (None, "no login"),
    "garbage": ("{", "is not JSON"),
    "a link": ({"link": True}, "is a link"),
    "further names": ({"name": True}, "further names"),
}


@pytest.mark.parametrize("name", UNMOVABLE)
def test_what_cannot_be_moved_safely_stays(name, home, keyring):
    content, why = UNMOVABLE[name]
    lay_out(home, keyring, store="keyring", file=content if isinstance(content, str) else None)
    if isinstance(content, dict):
        (home / "elsewhere").write_text(API_KEY)
        make = os.symlink if "link" in content else os.link
        make(home / "elsewhere", home / "auth.json")
    before = sorted(os.listdir(home))

    with pytest.raises(EvaluationError, match=why):
        move(home, keyring, "keyring")

    assert {*before} == {*os.listdir(home)} - {"auth.lock", "auth.json.lock"}
    assert is_in(home, keyring)["keyring"] is None


@pytest.mark.parametrize("store", ["file", "ephemeral"])
def test_nothing_is_moved_to_where_the_client_would_not_look(store, home, keyring):
    lay_out(home, keyring, store=store, file=API_KEY)

    with pytest.raises(PolicyError) as raised:
        move(home, keyring, "keyring")

    assert 'cli_auth_credentials_store = "keyring"' == raised.value.expected
    assert f"{home}/config.toml" in raised.value.remedy
    assert {"file": API_KEY, "keyring": None} == is_in(home, keyring)


def test_a_broken_configuration_moves_nothing(home, keyring):
    lay_out(home, keyring, file=API_KEY)
    (home / "config.toml").write_text('forced_login_method = "x"\n')

    with pytest.raises(PolicyError):
        move(home, keyring, "keyring")


def test_a_locked_keyring_keeps_the_file(home, keyring):
    lay_out(home, keyring, store="keyring", file=API_KEY)
    keyring.lay_out({"items": [], "locked": True})

    with pytest.raises(EvaluationError) as raised:
        move(home, keyring, "keyring")

    keyring.stop()
    assert "the keyring" == raised.value.where
    assert API_KEY == (home / "auth.json").read_text()


def test_a_full_disk_keeps_the_entry(home, keyring, monkeypatch):
    lay_out(home, keyring, store="file", entry=API_KEY)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)  # a disk of our own to fill needs root
    with pytest.raises(EvaluationError, match="No space left"):
        move(home, keyring, "file")

    monkeypatch.undo()
    assert {"file": None, "keyring": API_KEY} == is_in(home, keyring)


def test_plaintext_that_a_killed_client_left_is_told(home, keyring):
    lay_out(home, keyring, store="keyring", file=API_KEY)
    (home / ".auth-x1y2z3").write_text(API_KEY)

    result = move(home, keyring, "keyring")

    assert 11 == result.exit_code
    assert f"{home}/.auth-x1y2z3" == result.steps[-1].path


def test_a_keyring_that_cannot_be_read_back_is_not_called_empty(home, keyring, monkeypatch):
    lay_out(home, keyring, store="file", entry=API_KEY)
    remove = migration._remove

    def and_lock(way):
        remove(way)
        keyring.lay_out({"items": [item(home, API_KEY)], "locked": True})

    monkeypatch.setattr(migration, "_remove", and_lock)  # one that fails at this very moment
    result = move(home, keyring, "file")

    keyring.stop()
    assert (11, "keep", "failed") == (result.exit_code, *result.steps[-1][2:4])
    assert "it is locked, so the removal is not verified; run this again" == result.steps[-1].detail


ENTERED = ("_move", "_write", "_write_file", "_remove", "_verified")


def is_a_step(frame, event):
    """Return whether a process is to be killed here: at each line that moves, each keyring call."""
    code = frame.f_code
    moves = code.co_filename == migration.__file__ and code.co_name in ENTERED
    return (event == "line" and moves) or (
        event == "call" and (code.co_filename, code.co_name) == (secret_service.__file__, "call")
    )


def killed(home, keyring, to, at):
    """Move in a process that is killed at its nth step; return whether it came that far."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    steps = 0

    def trace(frame, event, _):
        nonlocal steps
        if frame.f_code.co_filename not in (migration.__file__, secret_service.__file__):
            return None
        if is_a_step(frame, event):
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    code = 1
    try:
        code = completed(home, keyring, to)
    except KeyringError:
        os.kill(os.getpid(), signal.SIGKILL)  # broken off here as well as there
    finally:
        os._exit(code)


@pytest.mark.parametrize("to", ["file", "keyring"])
def test_killed_at_any_step_it_is_not_lost_and_the_next_run_completes_it(to, home, keyring):
    start = {"entry" if to == "file" else "file": OLDER}
    lay_out(home, keyring, store=to, **start)
    in_both = unfinished = at = 0

    while at < 200:
        at += 1
        went_on = not killed(home, keyring, to, at)
        keyring.renew()
        left = keyring.undisturbed(lambda: is_in(home, keyring))
        assert OLDER in left.values(), at
        assert {*left.values()} <= {OLDER, None}, at
        in_both += None not in left.values()
        unfinished += os.path.exists(home / UNFINISHED)
        assert 0 == keyring.undisturbed(lambda: completed(home, keyring, to)), at
        left = keyring.undisturbed(lambda: is_in(home, keyring))
        assert {to: OLDER, OTHER[to]: None} == left, at
        assert not os.path.exists(home / UNFINISHED), at
        if went_on:
            break
        keyring.undisturbed(lambda: put_back(home, keyring, to))

    assert 30 < at < 200
    assert in_both
    assert bool(unfinished) == (to == "file")


def completed(home, keyring, to):
    """Return the exit code; raise what befell the keyring, if anything did."""
    try:
        result = move(home, keyring, to)
    except EvaluationError as error:
        raise error.__cause__ or error from None
    if "not verified" in result.steps[-1].detail:
        raise KeyringError(result.steps[-1].detail, "unknown")
    return result.exit_code


def put_back(home, keyring, to):
    here = request(home, keyring)
    if to == "file":
        (home / "auth.json").unlink(missing_ok=True)
        entries.write_login(here, str(home), OLDER)
    else:
        entries.empty_keyring(here, str(home))
        (home / "auth.json").write_text(OLDER)
