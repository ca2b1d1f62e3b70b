"""Which of its modules the guard may load at a start that complies (ADR 0058).

What is needed only beyond that is imported inside the function that needs it, and the import says
when; what no guard loads is imported at the top. A module that has to be added here makes every
start of the client slower: measure it (`make bench`).
"""

import os
import re
import sys

import pytest

from support.clients.logins import chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host, run
from tipstaff_policy import guard

EVERY_START = """
assessment assessment.compliance assessment.inspection assessment.removal_plan clients
clients.codex clients.codex.adapter clients.codex.compliance
clients.codex.compliance.administrators clients.codex.compliance.stores_not_asked
clients.codex.compliance.violations clients.codex.config clients.codex.config.documents
clients.codex.config.layer_content clients.codex.config.layer_stack
clients.codex.config.sign_in_keys clients.codex.credentials
clients.codex.credentials.auth_document clients.codex.credentials.slots
clients.codex.credentials.stored clients.codex.credentials.stored_credentials
clients.codex.credentials.strict_json clients.codex.credentials.tokens
clients.codex.credentials.workload clients.codex.home_folder clients.codex.knowledge
clients.codex.locations clients.codex.platforms clients.codex.reading clients.codex.reading.host_state
clients.codex.versions clients.interface clients.interface.adapter
clients.interface.installations clients.interface.slots clients.own_files enforcement
enforcement.all_clients enforcement.enforce errors finder guard_command late_patterns launch model
model.layers model.request model.state model.steps model.wording organisation organisation.paths
parsing parsing.masks parsing.toml_text record system system.files system.streams
"""
WITH_A_POLICY = """
assessment.policy_contradictions assessment.policy_loading model.secret organisation.field_types
organisation.fields organisation.in_force organisation.model
organisation.parsing organisation.rollout_stage organisation.violations organisation.waivers
organisation.waivers.of_user system.host_identity system.owners system.owners.loose_places
system.owners.path_walk system.owners.posix system.state_folder
"""
WITH_A_COMMAND = "clients.codex.command_line clients.codex.command_lines"
POLICY = 'schema = 1\nid = "example"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
STARTS = {
    "without a policy": (None, (), EVERY_START),
    "with a policy": (POLICY, (), EVERY_START + WITH_A_POLICY),
    "in front of a command": (None, ("--", "codex"), f"{EVERY_START} {WITH_A_COMMAND}"),
}


def loaded_by(root, command):
    """Return the modules of Tipstaff that a guard loads, without the name of the package."""
    program = root / "usr/bin/codex"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    done = run(
        [sys.executable, "-I", "-S", "-X", "importtime", guard.__file__,
         "--client", "codex", "--client-version", "0.169.0", "--system-root", str(root), *command],
        env={"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": "/nonexistent"},
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    return set(re.findall(r"\| +tipstaff_policy\.(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize(("policy", "command", "may_load"), STARTS.values(), ids=STARTS)
def test_a_start_that_complies_loads_no_other_module(policy, command, may_load, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), managed=FORCED_CHATGPT)
    if policy:
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(policy)

    assert set() == loaded_by(root, command) - set(may_load.split())
