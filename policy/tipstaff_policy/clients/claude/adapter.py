"""Claude Code, as the engine asks for it."""

from tipstaff_policy import load_part
from tipstaff_policy.clients.claude import ENTRY_POINTS
from tipstaff_policy.clients.claude.compliance import by_administrators
from tipstaff_policy.clients.claude.locations import FOLDER, PROGRAM, SERVER_CACHE
from tipstaff_policy.clients.claude.methods import METHODS
from tipstaff_policy.clients.claude.reading import read_state
from tipstaff_policy.clients.claude.versions import PROVEN, version_number
from tipstaff_policy.clients.interface.adapter import (
    Adapter,
    StartOption,
    Versions,
    function_at,
    value_at,
)

HERE = __name__.rpartition(".")[0]
FUNCTIONS = {
    "hold": "locks:hold",
    "decide": "decision.uncertain:decide",
    "effective": "decision.in_force:settings_in_force",
    "observe": "facts:observe",
    "follows": "facts.following:derive_facts",
    "programs": "programs:programs",
    "find_installations": "installations:find_installations",
    "read_invocation": "command_line:read_invocation",
    "uses_no_credential": "command_line:uses_no_credential",
    "identify": "service:identify",
    "running": "facts.running:find_running",
    "check_start": "start:check_start",
    "installed_since": "facts:find_install_time",
}
"""Each function of the adapter that not every start needs: its module, loaded by its first call."""
VALUES = {
    "advice": "advice:ADVICE",
    "key_advice": "config.key_advice:KEY_ADVICE",
    "login": "logins.sign_in:SIGN_IN",
    "issuer": "logins.revocation:ISSUER",
    "custody": "logins.credential_stores:CREDENTIAL_STORES",
    "deployment": "deployment.rendering:DEPLOYMENT",
    "lint": "lint.rules:LINT",
    "rehearsal": "start:REHEARSAL",
    "knowledge": "version_knowledge:KNOWLEDGE",
}
"""Each part of the adapter that is a value, likewise."""
SIGN_IN = {
    "claudeai": "{} auth login --claudeai",
    "console": "{} auth login --console",
    "token": "export ANTHROPIC_AUTH_TOKEN",
    "helper": "name the program by `apiKeyHelper` in the settings",
    "profile": "ant auth login",
    "gateway": "claude, then /login",
    "bedrock": "export CLAUDE_CODE_USE_BEDROCK=1",
    "foundry": "export CLAUDE_CODE_USE_FOUNDRY=1",
    "anthropicAws": "export CLAUDE_CODE_USE_ANTHROPIC_AWS=1",
    "anthropicGoogleCloud": "export CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD=1",
    "mantle": "export CLAUDE_CODE_USE_MANTLE=1",
    "vertex": "export CLAUDE_CODE_USE_VERTEX=1",
}

ADAPTER = Adapter(
    name="claude",
    methods=METHODS,
    sign_in=SIGN_IN,
    sign_in_here={
        "claudeai": "tipstaff login",
        "console": "tipstaff login --by console",
    },
    folder=FOLDER,
    slots=load_part(f"{HERE}.slots:SLOTS"),
    further_files=(SERVER_CACHE,),
    read_state=read_state,
    program=PROGRAM,
    by_administrators=by_administrators,
    together=(),
    removal_verb="claude auth logout",
    live_evidence=("running",),
    entry_points=ENTRY_POINTS,
    start_options=(
        StartOption("--settings", "overrides", "FILE-OR-JSON"),
        StartOption("--bare", "ignore_user_config"),
    ),
    versions=Versions(tuple(".".join(map(str, version)) for version in PROVEN), version_number),
    libraries={},
    **{part: function_at(f"{HERE}.{place}") for part, place in FUNCTIONS.items()},
    **{part: value_at(f"{HERE}.{place}") for part, place in VALUES.items()},
)
