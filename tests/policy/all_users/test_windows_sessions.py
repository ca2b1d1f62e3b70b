"""A run over every user of a Windows: a process in each session, by the user's own token."""

from types import SimpleNamespace

import pytest

from support.machines.fake_windows import windows  # noqa: F401 - a fixture
from tipstaff_policy.all_users.windows_sessions import Session, read_sessions, run_in_sessions
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.system.windows import api

WORDS = ("C:\\Program Files\\Tipstaff\\python\\python.exe", "-I", "-c", "run()", "enforce")
FOLDER = "C:\\Program Files\\Tipstaff\\python"


@pytest.fixture
def host(windows):  # noqa: F811
    windows.sessions = [(0, "", 4), (1, "ada", 0), (2, "bob", 4), (3, "carl", 6), (5, "ADA", 4)]
    windows.processes = {"ada": 0, "bob": 10}
    return windows


def run(names=(), limit_s=60):
    return run_in_sessions(names, WORDS, FOLDER, limit_s=limit_s)


def test_a_session_is_one_with_a_user_who_is_signed_in(host):
    assert (Session(1, "ada"), Session(2, "bob")) == read_sessions()


def test_each_user_gets_a_process_of_their_own(host):
    results = run()

    assert [("ada", 0, ""), ("bob", 10, "")] == [tuple(result) for result in results]
    assert [1001, 1002] == [token for token, *_ in host.started]


def test_the_command_reaches_the_process_word_for_word(host):
    run(["ada"])

    _, program, line, flags, folder = host.started[0]
    assert (WORDS[0], FOLDER) == (program, folder)
    assert f'"{WORDS[0]}" -I -c run() enforce' == line
    assert 0x08000400 == flags


def test_a_named_user_alone_has_the_turn(host):
    assert ["bob"] == [result.user for result in run(["BOB"])]


def test_a_user_who_is_not_signed_in_is_an_error(host):
    with pytest.raises(UsageError, match="'carl' is not signed in"):
        run(["carl"])


def test_a_user_without_a_token_is_not_judged_and_the_next_one_is(host):
    del host.processes["ada"]

    results = run()

    assert [("ada", 4), ("bob", 10)] == [(result.user, result.exit_code) for result in results]
    assert "cannot be started" in results[0].why


def test_a_process_that_takes_too_long_is_ended(host):
    host.processes["ada"] = None

    results = run(limit_s=2)

    assert (4, "took longer than 2 s") == (results[0].exit_code, results[0].why)
    assert ["ada"] == host.ended


def test_every_handle_is_closed(host):
    run(["ada"])

    assert {1001, 1002, 1003} <= set(host.closed)


def test_without_a_session_nothing_is_started(host):
    host.sessions = []

    assert () == run()


def test_sessions_that_cannot_be_listed_are_an_error(host, monkeypatch):
    broken = SimpleNamespace(WTSEnumerateSessionsW=lambda *_: 0)
    monkeypatch.setitem(api.LOADED, "wtsapi32", broken)

    with pytest.raises(AccessDeniedError, match="no session can be listed"):
        read_sessions()
