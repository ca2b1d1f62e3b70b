"""Hosts are asked about once; what the client did is kept when Tipstaff is another one."""

from types import SimpleNamespace

import pytest

from proving import hosts
from proving.clock import Clock
from proving.hosts import AGREED, DISAGREED, NO_VERDICT, Answer
from proving.state import State

HOSTS = {"a": {"x": 1}, "b": {"x": 2}}


class Side:
    """A client that always ends alike, and what it was asked."""

    asked: list = []
    ends = "allow"

    def __init__(self, program, version):
        pass

    def ask(self, name, _host, real=None):
        Side.asked.append((name, real))
        real = real or [Side.ends, []]
        return Answer(AGREED if real == ["allow", []] else DISAGREED, real, None, "", 1.0)

    def close(self):
        pass


@pytest.fixture
def run(tmp_path):
    Side.asked, Side.ends = [], "allow"
    state = State(tmp_path)
    part = SimpleNamespace(Side=Side, as_plain=dict)
    return SimpleNamespace(
        state=state,
        clock=Clock(state, 1),
        part=part,
        program=["x"],
        version="1.2.3",
        jobs=1,
        code="1",
    )


def test_a_run_that_goes_on_asks_only_what_is_left(run):
    hosts.ask_all(run, "table", {"a": HOSTS["a"]})
    hosts.ask_all(run, "table", HOSTS)

    assert [("a", None), ("b", None)] == Side.asked


def test_another_code_is_asked_again_by_what_the_client_did(run):
    hosts.ask_all(run, "table", HOSTS)
    Side.asked.clear()
    run.code = "2"

    hosts.ask_all(run, "table", HOSTS)

    assert [("a", ["allow", []]), ("b", ["allow", []])] == Side.asked


def test_a_host_that_has_changed_is_run_again(run):
    hosts.ask_all(run, "table", HOSTS)
    Side.asked.clear()

    hosts.ask_all(run, "table", {"a": {"x": 9}, "b": HOSTS["b"]})

    assert [("a", None)] == Side.asked


def test_a_client_that_came_to_no_end_is_run_again(run, monkeypatch):
    monkeypatch.setattr(Side, "ask", lambda *_: (_ for _ in ()).throw(AssertionError("crashed")))
    first = hosts.ask_all(run, "table", {"a": HOSTS["a"]})
    monkeypatch.undo()

    second = hosts.ask_all(run, "table", {"a": HOSTS["a"]})

    assert (NO_VERDICT, AGREED) == (first["a"].how, second["a"].how)


def test_the_time_of_each_start_is_counted_once(run):
    hosts.ask_all(run, "table", HOSTS)
    hosts.ask_all(run, "table", HOSTS)

    assert 2.0 == run.clock.client_s
