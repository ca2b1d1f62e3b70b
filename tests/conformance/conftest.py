"""The client in its namespace, once a run; where that is impossible, one line says so."""

import pytest

from conformance.client import VERSION, Namespace, NoKeyringError, find_client

REASON = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def client(request):
    found = find_client()
    if found is None:
        request.config.stash[REASON] = f"client {VERSION} is not installed"
        pytest.skip(request.config.stash[REASON])
    return found


@pytest.fixture(scope="session")
def namespace(request, client):
    try:
        made = Namespace()
    except OSError as error:
        request.config.stash[REASON] = f"no private namespace here ({error})"
        pytest.skip(request.config.stash[REASON])
    yield made
    made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except NoKeyringError:
        item.config.stash[REASON] = "no keyring is installed"
        pytest.skip(item.config.stash[REASON])


def pytest_terminal_summary(terminalreporter, config):
    if config.stash.get(REASON, None):
        terminalreporter.write_line(f"client not run: {config.stash[REASON]}")
