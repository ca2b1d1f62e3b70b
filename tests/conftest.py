"""No variable of the machine sways a test."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from local_users import bare_machine, machine

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


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch):
    for name in list(os.environ):
        if (
            name.startswith(("CODEX_", "OPENAI_", "PYTHONPATH", "TIPSTAFF_UPDATE"))
            and name != "TIPSTAFF_UPDATE_GOLDEN"
        ):
            monkeypatch.delenv(name)
