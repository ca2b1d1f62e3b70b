"""Which of its modules the guard may load at a start that complies (ADR 0058).

What is needed only beyond that is imported inside the function that needs it, and the import says
when; what no guard loads is imported at the top. A module that has to be added here makes every
start of the client slower: measure it (`make bench`).
"""

import ast
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from example_hosts import HERE

from support.clients.logins import chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host, run
from tipstaff_policy import guard

PACKAGE = Path(guard.__file__).parent
OF_THE_ENGINE = """
assessment assessment.compliance assessment.inspection assessment.removal_plan clients
clients.interface clients.interface.adapter clients.interface.slots enforcement
enforcement.all_clients enforcement.enforce errors finder guard_command late_patterns launch model
model.layers model.request model.state model.wording organisation organisation.paths record system
system.files system.streams
"""
OF_CODEX = """
clients.codex clients.codex.adapter clients.codex.compliance
clients.codex.compliance.administrators clients.codex.compliance.stores_not_asked
clients.codex.compliance.violations clients.codex.config clients.codex.config.documents
clients.codex.config.layer_content clients.codex.config.layer_stack
clients.codex.config.sign_in_keys clients.codex.credentials
clients.codex.credentials.auth_document clients.codex.credentials.slots
clients.codex.credentials.stored clients.codex.credentials.stored_credentials
clients.codex.credentials.strict_json clients.codex.credentials.tokens
clients.codex.credentials.workload clients.codex.home_folder clients.codex.knowledge
clients.codex.locations clients.codex.platforms clients.codex.reading
clients.codex.reading.host_state clients.codex.versions clients.interface.installations
clients.own_files model.steps parsing parsing.masks parsing.toml_text
"""
OF_CLAUDE = """
clients.claude clients.claude.adapter clients.claude.compliance clients.claude.config
clients.claude.config.device_management clients.claude.config.documents
clients.claude.config.effective clients.claude.config.given_policy clients.claude.config.keys
clients.claude.config.layer_stack clients.claude.config.managed_files clients.claude.config.merge
clients.claude.config.personal clients.claude.config.rules clients.claude.config.server_policy
clients.claude.config.sources clients.claude.credentials clients.claude.credentials.keychain
clients.claude.credentials.members clients.claude.credentials.places
clients.claude.credentials.profiles clients.claude.credentials.reading
clients.claude.credentials.stored clients.claude.credentials.texts
clients.claude.credentials.unstored clients.claude.knowledge clients.claude.locations
clients.claude.methods clients.claude.platforms clients.claude.reading clients.claude.slots
clients.claude.versions model.secret
"""
WITH_A_POLICY = """
assessment.policy_contradictions assessment.policy_loading model.secret organisation.field_types
organisation.fields organisation.in_force organisation.model organisation.parsing
organisation.rollout_stage organisation.violations parsing parsing.masks system.host_identity
system.owners system.owners.loose_places system.owners.path_walk system.owners.posix
"""
POLICY_OF_CODEX = "organisation.waivers organisation.waivers.of_user system.state_folder"
POLICY_OF_CLAUDE = "clients.claude.policy_table organisation.client_rules organisation.merging"
"""Its rules stand in a table of their own, beside the keys at the top."""
COMMAND_OF_CODEX = "clients.codex.command_line clients.codex.command_lines"
COMMAND_OF_CLAUDE = "clients.claude.command_line clients.claude.command_line_table"
POLICY = 'schema = 1\nid = "example"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
TABLE = '[clients.claude]\nlogin_methods = ["claudeai"]\n'
CODEX, CLAUDE = f"{OF_THE_ENGINE} {OF_CODEX}", f"{OF_THE_ENGINE} {OF_CLAUDE}"
STARTS = {
    "codex, without a policy": ("codex", None, (), CODEX),
    "codex, with a policy": ("codex", POLICY, (), f"{CODEX} {WITH_A_POLICY} {POLICY_OF_CODEX}"),
    "codex, in front of a command": ("codex", None, ("--", "codex"), f"{CODEX} {COMMAND_OF_CODEX}"),
    "claude, without a policy": ("claude", None, (), CLAUDE),
    "claude, with a policy": (
        "claude", POLICY + TABLE, (), f"{CLAUDE} {WITH_A_POLICY} {POLICY_OF_CLAUDE}"
    ),
    "claude, in front of a command": (
        "claude", None, ("--", "claude", "-p", "hi"), f"{CLAUDE} {COMMAND_OF_CLAUDE}"
    ),
}  # fmt: skip
VERSIONS = {"codex": "0.169.0", "claude": "2.1.332"}


def make_complying(root, client, policy):
    """Lay out a host on which the login of a client complies."""
    if client == "codex":
        make_host(root, auth=chatgpt(), managed=FORCED_CHATGPT)
    else:
        shutil.copytree(HERE / "hosts/claude-compliant", root)
    if policy:
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(policy)
    return root


def loaded_by(root, client, command=()):
    """Return the modules of Tipstaff that a guard loads, without the name of the package."""
    program = root / "usr/bin" / client
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    words = ["--client", client, "--client-version", VERSIONS[client], "--system-root", str(root)]
    done = run(
        [sys.executable, "-I", "-S", "-X", "importtime", guard.__file__, *words, *command],
        env={"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": "/nonexistent"},
    )
    assert 0 == done.returncode, done.stderr
    return set(re.findall(r"\| +tipstaff_policy\.(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize(("client", "policy", "command", "may_load"), STARTS.values(), ids=STARTS)
def test_a_start_that_complies_loads_no_other_module(client, policy, command, may_load, tmp_path):
    root = make_complying(tmp_path / "host", client, policy)

    assert set() == loaded_by(root, client, command) - set(may_load.split())


OTHERS = {"codex": "claude", "claude": "codex"}


@pytest.mark.parametrize(("client", "other"), OTHERS.items())
def test_a_start_of_one_client_loads_nothing_of_another(client, other, tmp_path):
    root = make_complying(tmp_path / "host", client, POLICY)

    loaded = loaded_by(root, client, ("--", client, "--help"))

    assert [] == [module for module in loaded if module.startswith(f"clients.{other}")]


def late_imports(path):
    """Yield each module of Tipstaff that a function imports, with the line."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for found in ast.walk(function):
            if isinstance(found, ast.ImportFrom):
                names = (f"{found.module}.{imported.name}" for imported in found.names)
                for name in (found.module, *names):
                    yield name.removeprefix("tipstaff_policy."), found.lineno


def test_what_every_start_of_claude_loads_is_imported_at_the_top(tmp_path):
    loaded = loaded_by(make_complying(tmp_path / "host", "claude", None), "claude")
    paths = {module: PACKAGE / (module.replace(".", "/") + ".py") for module in OF_CLAUDE.split()}
    adapter = [path for path in paths.values() if path.is_file() and "claude" in path.parts]

    late = [
        f"{path.name}:{line}: {module}"
        for path in adapter
        for module, line in late_imports(path)
        if module in loaded - {"clients.claude", "clients.claude.credentials"}
    ]

    assert [] == late


def test_an_import_inside_a_function_of_claude_says_why():
    lines = [
        (path.name, line)
        for path in (PACKAGE / "clients/claude").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "PLC0415" in line
    ]

    assert lines
    assert [] == [(name, line) for name, line in lines if not re.search(r"PLC0415 - \w+", line)]
