"""No variable of the machine sways a test."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.machines import warm
from support.machines.local_users import bare_machine, machine

__all__ = ["bare_machine", "machine"]
"""Fixtures of several rooms."""

# A run in the background is started with Ctrl-C ignored, and all that it starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Slow machines are no fault of the code; a time limit is no claim.
settings.register_profile("tipstaff", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tipstaff")

pytest_plugins = ["conformance.account"]

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "endpoint")]


@pytest.fixture(autouse=True, scope="session")
def scrubbed_environment():
    """Hide what would sway a test, also from the fixtures of a whole file."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if (
                name.startswith(("CODEX_", "OPENAI_", "PYTHONPATH", "TIPSTAFF_UPDATE"))
                and name != "TIPSTAFF_UPDATE_GOLDEN"
            ):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def warm_program(scrubbed_environment):
    """End the process that runs the program for tests, where one was started."""
    yield
    warm.close()
