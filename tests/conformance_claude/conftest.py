"""The client in its namespace, once a process; where that is impossible, one line says so."""

import pytest

from conformance.account import REASON
from conformance_claude import install, judge
from conformance_claude.oracle import Namespace


def _skip(request, reason):
    request.config.stash[REASON] = reason
    pytest.skip(reason)


@pytest.fixture(scope="session")
def client(request):
    found = install.find_client()
    if found is None:
        _skip(request, f"Claude Code {install.NEWEST} is not installed")
    return found


@pytest.fixture(scope="session")
def namespace(request, client):
    try:
        made = Namespace()
    except OSError as error:
        _skip(request, f"no private namespace for Claude Code here ({error})")
    yield made
    made.close()


@pytest.fixture
def known():
    """The client known to this process, where the table of clients does not name it yet."""
    before = dict(judge.CLIENTS), dict(judge.PROGRAMS)
    judge.make_known()
    yield
    for table, content in zip((judge.CLIENTS, judge.PROGRAMS), before, strict=True):
        table.clear()
        table.update(content)
