"""The client in its namespace, once a process; where that is impossible, one line says so."""

import pytest

from conformance import verdicts
from conformance.account import IS_NEWEST, REASON, SEEN, UNFIT, records
from conformance.client import VERSION, Namespace, NoKeyringError, find_client
from conformance.sampling import split, wanted


def pytest_collection_modifyitems(config, items):
    """Leave to another run what this one is not asked for; hosts asked for by name all run."""
    asked = wanted()
    if asked == "all" or config.option.keyword or any("::" in word for word in config.args):
        return
    items[:], left = split(items, asked)
    config.hook.pytest_deselected(items=left)


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
        if IS_NEWEST and not records():
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
