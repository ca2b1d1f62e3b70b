"""A plugin of pytest that takes down the end of each test, so that a run goes on where it ended.

    python -m pytest -p proving.recorder …          (see suite.py)

It leaves out what says nothing of the client: tests that do not ask it, and those that an earlier
run has passed.
"""

import json
import os
from pathlib import Path

import pytest

WORKER = "PYTEST_XDIST_WORKER"
RECORD = "TIPSTAFF_PROOF_RECORD"
PLAN = "TIPSTAFF_PROOF_PLAN"
"""A file with the tests to leave out, by how their names begin, and those that have passed."""


def pytest_collection_modifyitems(config, items):
    plan = json.loads(Path(os.environ[PLAN]).read_text("utf-8"))
    passed, left_out = {*plan["passed"]}, tuple(plan["left out"])
    kept, left = [], []
    for item in items:
        asks = "client" in getattr(item, "fixturenames", ())
        is_due = asks and item.nodeid not in passed and not item.nodeid.startswith(left_out)
        (kept if is_due else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
    if not os.environ.get(WORKER):
        _add({"count": len(kept)})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids):
    _add({"count": len(ids)})


def pytest_runtest_makereport(item, call):
    from conformance.client import STARTS

    if call.when == "teardown":
        item.user_properties.append(("client_s", sum(STARTS)))
        STARTS.clear()


def pytest_runtest_logreport(report):
    if os.environ.get(WORKER):
        return  # the process that hands out the tests takes it down
    if report.when == "call" or report.outcome != "passed":
        why = str(report.longrepr or "").strip().splitlines()[-1:]
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else " ".join(why)
        _add({"test": report.nodeid, "outcome": report.outcome, "why": reason})
    if report.when == "teardown":
        seconds = dict(report.user_properties).get("client_s", 0.0)
        _add({"test": report.nodeid, "client_s": seconds})


def _add(line):
    with open(os.environ[RECORD], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
