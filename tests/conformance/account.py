"""What a whole run has to report, of which each of its processes sees a part."""

import os

import pytest

from conformance import verdicts
from conformance.client import VERSION
from tipstaff_policy.clients.codex.versions import NEWEST, version_number

REASON = pytest.StashKey[str]()
"""Why the client did not run."""
SEEN = pytest.StashKey[dict]()
"""How each host ended, by its name."""
UNFIT = pytest.StashKey[dict]()
"""Why a host does not apply to this version, by its name."""
IS_NEWEST = VERSION == verdicts.NEWEST_NAME
IS_NEWEST_OR_LATER = version_number(VERSION) >= NEWEST
"""Whether what is stated of the newest client has to hold; of a release that is tried, too."""


def records():
    return bool(os.environ.get("TIPSTAFF_UPDATE_GOLDEN"))


def pytest_configure(config):
    config.stash[REASON] = ""
    config.stash[SEEN] = {}
    config.stash[UNFIT] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take over the part of a process that ran some of the tests."""
    stash = node.config.stash
    reason, seen, unfit = getattr(node, "workeroutput", {}).get("account", ("", {}, {}))
    stash[REASON] = stash[REASON] or reason
    stash[SEEN] |= seen
    stash[UNFIT] |= unfit


def pytest_sessionfinish(session, exitstatus):
    stash = session.config.stash
    if hasattr(session.config, "workeroutput"):
        part = (stash[REASON], stash[SEEN], stash[UNFIT])
        session.config.workeroutput["account"] = part
    elif records() and IS_NEWEST and exitstatus == 0:
        verdicts.record(stash[SEEN])


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[REASON]:
        terminalreporter.write_line(f"client not run: {config.stash[REASON]}")
    seen, unfit = config.stash[SEEN], config.stash[UNFIT]
    if seen and not IS_NEWEST:
        terminalreporter.write_line("\n".join(verdicts.summary(seen, unfit)))
