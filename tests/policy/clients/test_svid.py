"""An identity from SPIFFE: where it is fetched, what is missing to fetch it, and what that says."""

import json
import os
import subprocess
import sys
import time

import pytest

from support.services.workload_api import SPIFFE_ID, workload_api
from tipstaff_policy.clients.codex.credentials.identities import identities
from tipstaff_policy.clients.codex.credentials.svid import (
    EXTRA,
    MissingExtraError,
    RefusedSvidError,
    Workload,
    fetch_svid,
    workload_of,
)
from tipstaff_policy.clients.codex.credentials.workload import (
    AUDIENCE,
    ENDPOINT,
    IDENTITY,
    RULE,
    SOURCE,
)
from tipstaff_policy.model.request import ReadOptions, Request

ENV = {RULE: "r", SOURCE: "spiffe", ENDPOINT: "unix:///run/agent.sock", AUDIENCE: "a"}
LIMIT_S = 20.0
SHORT_S = 1.0


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Return where a socket can be, by a path that is short enough."""
    monkeypatch.chdir(tmp_path)
    return str(tmp_path / "s")


FETCH = """
import json, sys, time
from tipstaff_policy.clients.codex.credentials.svid import Workload, fetch_svid

path, identity, limit = sys.argv[1:]
begun = time.monotonic()
try:
    found = fetch_svid(Workload(path, "a", identity or None), begun + float(limit))
    said = {"token": found.reveal(), "shown": repr(found)}
except Exception as error:
    said = {"error": type(error).__name__, "what": str(error), "socket": getattr(error, "endpoint", "")}
print(json.dumps({**said, "took": time.monotonic() - begun}))
"""
"""In a process of its own, because gRPC leaves threads in the one that it was used in."""


def fetched(path, identity="", limit_s=LIMIT_S, env=None):
    words = [sys.executable, "-c", FETCH, path, identity, str(limit_s)]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**os.environ, **(env or {})}
    )
    assert "" == done.stderr
    return json.loads(done.stdout)


def test_the_variables_name_socket_audience_and_identity():
    env = {**ENV, ENDPOINT: " unix:/run/agent.sock\n", AUDIENCE: " a ", IDENTITY: SPIFFE_ID}

    assert Workload("/run/agent.sock", "a", SPIFFE_ID) == workload_of(env)


@pytest.mark.parametrize(
    "endpoint",
    [
        "/run/agent.sock", "unix:agent.sock", "unix:", "tcp://127.0.0.1:1", "unix://host/run/s",
        "unix:///run/s?x", "unix:///run/s#x", "unix:///run%2fs", "http:///run/s", "unix://[/run/s",
    ],
)  # fmt: skip
def test_what_is_no_socket_is_not_asked(endpoint):
    with pytest.raises(RefusedSvidError, match=ENDPOINT):
        workload_of({**ENV, ENDPOINT: endpoint})


def test_the_only_identity_is_fetched_and_shows_itself_to_nobody(path):
    with workload_api(path):
        found = fetched(path)

    assert 3 == len(found["token"].split("."))
    assert found["token"] not in found["shown"]


def test_an_identity_that_is_none_is_not_asked_for(path):
    with workload_api(path) as asked:
        found = fetched(path, "made up")

    assert "RefusedSvidError" == found["error"]
    assert [] == asked


def test_a_socket_that_is_not_there_is_named(path):
    found = fetched(path)

    assert "SocketError" == found["error"]
    assert f"unix://{path}" == found["socket"]


def test_no_answer_ends_with_the_time_that_is_left(path):
    with workload_api(path, silent=True):
        found = fetched(path, limit_s=SHORT_S)

    assert "SocketError" == found["error"]
    assert found["took"] < LIMIT_S


def test_what_a_server_says_is_no_part_of_the_error(path):
    with workload_api(path, refuses=True):
        found = fetched(path)

    assert "RefusedSvidError" == found["error"]
    assert "no identity issued" not in found["what"]


def test_no_variable_of_grpc_ends_the_program(path):
    with workload_api(path):
        found = fetched(path, env={"GRPC_POLL_STRATEGY": "made-up"})

    assert "token" in found


@pytest.fixture
def without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "spiffe", None)


@pytest.mark.usefixtures("without_the_library")
def test_without_the_library_the_extra_is_named(path):
    with pytest.raises(MissingExtraError, match=r"tipstaff\[spiffe\]"):
        fetch_svid(Workload(path, "a", None), time.monotonic() + LIMIT_S)


class Held:
    """As much of a state as is asked about."""

    home = "/nowhere"

    def everywhere(self):
        from tipstaff_policy.clients.codex.credentials.workload import workload_identity

        return workload_identity(ENV, "spiffe")


def asked(**options):
    request = Request(env=ENV, cwd="/", now=0, options=ReadOptions(asks=True, **options))
    (identity,) = identities(request, Held(), (RULE,))
    return identity


@pytest.mark.usefixtures("without_the_library")
def test_what_has_to_be_installed_is_a_part_of_the_state():
    found = asked()

    assert found.workspace is None
    assert EXTRA == found.missing
    assert found.needs_library is False
    assert EXTRA in found.fault


def test_the_guard_leaves_it_to_the_full_program():
    found = asked(hands_over=True)

    assert found.workspace is None
    assert "" == found.missing
    assert found.needs_library is True
