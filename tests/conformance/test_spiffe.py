"""A workload identity from SPIFFE: fetched as the client does, and judged by the vendor's answer."""

import contextlib
import os
import socket
import tempfile
import time

import pytest

from conformance.client import AS_VERSION, BEHAVIOUR, Case
from conformance.test_exec import EXEC, FRONTS
from conformance.test_identities import RULES
from support.services.workload_api import SPIFFE_ID, workload_api
from tipstaff_policy.clients.codex.credentials.identities import TIME_LIMIT_S
from tipstaff_policy.clients.codex.credentials.workload import (
    AUDIENCE,
    ENDPOINT,
    IDENTITY,
    RULE,
    SOURCE,
)

TWO = ("spiffe://example.org/a", "spiffe://example.org/b")
SLACK_S = 5.0
"""For the start of two programs on a busy machine."""

pytestmark = [
    pytest.mark.rest,
    pytest.mark.skipif(BEHAVIOUR.federation != "spiffe", reason="older clients know no SPIFFE"),
]


@pytest.fixture
def path():
    """Return where a socket can be: its path has to be short."""
    with tempfile.TemporaryDirectory(prefix="spiffe") as folder:
        yield os.path.join(folder, "agent.sock")


def host(path, rule="forced", workspace="ws-a", env=None, **service):
    chosen = {RULE: "r", SOURCE: "spiffe", ENDPOINT: f"unix://{path}", AUDIENCE: " made-up "}
    return Case(
        etc=RULES[rule],
        env={"CODEX_CA_CERTIFICATE": None, **chosen, **(env or {})},
        service={"whoami": workspace, **service},
    )


def in_front(namespace, case, *words, front="guard"):
    words = words or ("echo", "started")
    return namespace.run([*FRONTS[front], *words], case, serves=True, trusted=True)


def status(namespace, client, case):
    return namespace.run([client, "login", "status"], case, serves=True, trusted=True)


@contextlib.contextmanager
def deaf(path):
    """Take connections at a socket, and say nothing."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        yield


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("rule", RULES)
def test_a_workload_of_an_allowed_workspace_is_started(rule, front, path, namespace, client):
    with workload_api(path):
        done = in_front(namespace, host(path, rule), front=front)

    assert 0 == done["code"]
    assert "started\n" == done["out"]
    assert "" == done["err"]


@pytest.mark.parametrize("rule", RULES)
def test_a_workload_of_another_one_is_not(rule, path, namespace, client):
    with workload_api(path):
        done = in_front(namespace, host(path, rule, "ws-b"))

    assert 11 == done["code"]
    assert "" == done["out"]
    assert "ws-b" in done["err"]


@pytest.mark.parametrize("workspace", ["ws-a", "ws-b"])
@pytest.mark.parametrize("rule", ["forced", "allowed"])
def test_the_client_goes_by_the_workspace_that_the_service_names(
    rule, workspace, path, namespace, client
):
    with workload_api(path):
        done = namespace.run(
            [client, *EXEC],
            host(path, rule, workspace),
            until_banner=True,
            serves=True,
            trusted=True,
        )

    assert (workspace == "ws-a") == done["started"], done


IDENTITIES = {"no identity": {}, "an identity": {IDENTITY: SPIFFE_ID}}


@pytest.mark.parametrize("more", IDENTITIES.values(), ids=IDENTITIES)
def test_tipstaff_asks_the_same_socket_and_service_for_the_same(more, path, namespace, client):
    case = host(path, env={"OPENAI_WORKLOAD_IDENTITY_CONTEXT": "made up", **more})

    with workload_api(path) as by_client:
        alone = status(namespace, client, case)
    with workload_api(path) as by_tipstaff:
        done = in_front(namespace, case)

    assert 0 == alone["code"]
    assert 0 == done["code"]
    assert by_client == by_tipstaff
    assert 1 == len(by_tipstaff)
    assert _without_assertion(alone) == _without_assertion(done)


def _without_assertion(found):
    """Return what was posted; the assertion is signed for each request."""
    return [
        [url, kind, [part for part in text.split("&") if not part.startswith("assertion=")]]
        for url, kind, text in found["posted"]
    ]


def test_of_several_identities_one_has_to_be_named_to_both(path, namespace, client):
    with workload_api(path, TWO):
        alone = status(namespace, client, host(path))
        done = in_front(namespace, host(path))
        named = in_front(namespace, host(path, env={IDENTITY: TWO[1]}))

    assert 1 == alone["code"]
    assert 4 == done["code"]
    assert 0 == named["code"]
    assert f"set {IDENTITY} to one of them" in done["err"]


@contextlib.contextmanager
def left_behind(path):
    with deaf(path):
        pass
    yield


UNANSWERED = {
    "absent": (contextlib.nullcontext, "is not there", "have this machine reach unix://{}"),
    "not listening": (left_behind, "does not answer", "reach unix://{}"),
    "deaf": (deaf, "does not answer", "have this machine reach unix://{}"),
    "silent": (lambda path: workload_api(path, silent=True), "does not answer", "reach unix://{}"),
    "refusing": (lambda path: workload_api(path, refuses=True), "PERMISSION_DENIED", "unset"),
    "without an identity": (lambda path: workload_api(path, ()), "no identity", "unset"),
}


@pytest.mark.parametrize("name", UNANSWERED)
def test_without_an_identity_neither_the_client_nor_tipstaff_starts(name, path, namespace, client):
    serving, why, remedy = UNANSWERED[name]

    with serving(path):
        alone = status(namespace, client, host(path))
        begun = time.monotonic()
        done = in_front(namespace, host(path))
        took = time.monotonic() - begun

    assert 1 == alone["code"]
    assert 4 == done["code"]
    assert "" == done["out"]
    assert why in done["err"]
    assert remedy.format(path) in done["err"]
    assert took < TIME_LIMIT_S + SLACK_S


@pytest.mark.parametrize("status_code", [401, 500])
def test_an_exchange_that_the_service_refuses_is_not_evaluated(
    status_code, path, namespace, client
):
    case = host(path, failing={"/oauth/token": status_code})

    with workload_api(path):
        done = in_front(namespace, case)

    assert 4 == done["code"]
    assert "" == done["out"]
    assert str(status_code) in done["err"]


ENDPOINTS = (
    "/{}",
    "unix:agent.sock",
    "tcp://127.0.0.1:8081",
    "unix://localhost{}",
    "unix://{}?x=1",
)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_no_socket_to_the_client_is_none_to_tipstaff(endpoint, path, namespace, client):
    case = host(path, env={ENDPOINT: endpoint.format(path)})

    with workload_api(path) as asked:
        alone = status(namespace, client, case)
        done = in_front(namespace, case)

    assert 1 == alone["code"]
    assert 4 == done["code"]
    assert [] == asked
    assert ENDPOINT in done["err"]


@pytest.mark.parametrize("endpoint", ["unix:{}", " unix://{} ", "UNIX://{}"])
def test_what_is_a_socket_to_the_client_is_one_to_tipstaff(endpoint, path, namespace, client):
    case = host(path, env={ENDPOINT: endpoint.format(path)})

    with workload_api(path):
        alone = status(namespace, client, case)
        done = in_front(namespace, case)

    assert 0 == alone["code"], done
    assert 0 == done["code"], done


@pytest.mark.parametrize("words", [("--version",), ("login", "--help"), ("logout",)])
def test_nothing_is_fetched_for_a_command_that_signs_in_by_nothing(words, path, namespace, client):
    with workload_api(path) as asked:
        done = in_front(namespace, host(path), client, *words)

    assert 0 == done["code"]
    assert [] == asked


def test_no_part_of_the_identity_is_in_a_report(path, namespace, client):
    words = [
        *FRONTS["exec"][:3],
        "audit",
        *AS_VERSION,
        "--format",
        "json",
    ]

    with workload_api(path):
        done = namespace.run(words, host(path), serves=True, trusted=True)

    (assertion,) = (
        part.removeprefix("assertion=")
        for _, _, text in done["posted"]
        for part in text.split("&")
        if part.startswith("assertion=")
    )
    assert '"workspace": "ws-a"' in done["out"]
    assert not any(part in done["out"] + done["err"] for part in assertion.split("."))
