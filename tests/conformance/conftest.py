"""The client in its namespace, once a run; where that is impossible, one line says so."""

import os

import pytest

from conformance import verdicts
from conformance.client import VERSION, Namespace, NoKeyringError, find_client

REASON = pytest.StashKey[str]()
SEEN = pytest.StashKey[dict]()
UNFIT = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[SEEN] = {}
    config.stash[UNFIT] = {}


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


@pytest.fixture
def see(request):
    """Return what takes down how a host ends; on the newest client it must end as recorded."""

    def take(name, verdict, removes=()):
        now = verdicts.ending(verdict, removes)
        request.config.stash[SEEN][name] = now
        if VERSION == verdicts.NEWEST_NAME and not _records():
            assert verdicts.recorded().get(name) == now, "`make verdicts` writes the table anew"

    return take


@pytest.fixture
def unfit(request):
    """Return what skips a host that this version cannot be asked about, and takes down why."""

    def skip(name, why):
        request.config.stash[UNFIT][name] = why
        pytest.skip(f"does not apply to {VERSION}: {why}")

    return skip


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except NoKeyringError:
        item.config.stash[REASON] = "no keyring is installed"
        pytest.skip(item.config.stash[REASON])


def _records():
    return bool(os.environ.get("TIPSTAFF_UPDATE_GOLDEN"))


def pytest_terminal_summary(terminalreporter, config):
    if config.stash.get(REASON, None):
        terminalreporter.write_line(f"client not run: {config.stash[REASON]}")
    seen, unfit = config.stash[SEEN], config.stash[UNFIT]
    if seen and VERSION != verdicts.NEWEST_NAME:
        terminalreporter.write_line("\n".join(verdicts.summary(seen, unfit)))


def pytest_sessionfinish(session, exitstatus):
    if _records() and VERSION == verdicts.NEWEST_NAME and exitstatus == 0:
        verdicts.record(session.config.stash[SEEN])
