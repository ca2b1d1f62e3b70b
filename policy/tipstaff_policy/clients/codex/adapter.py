"""The Codex CLI, as the engine asks for it."""

from tipstaff_policy.clients.codex import ENTRY_POINTS
from tipstaff_policy.clients.codex.compliance.administrators import by_administrators
from tipstaff_policy.clients.codex.config.sign_in_keys import METHODS
from tipstaff_policy.clients.codex.credentials.slots import SLOTS
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    DOTENV,
    FOLDER,
    PROGRAM,
)
from tipstaff_policy.clients.codex.reading.host_state import read_state
from tipstaff_policy.clients.codex.versions import PROVEN, version_number
from tipstaff_policy.clients.interface.adapter import (
    Adapter,
    StartOption,
    Versions,
    function_at,
    value_at,
)

HERE = __name__.rpartition(".")[0]
FUNCTIONS = {
    "hold": "home_locks:hold_locks",
    "decide": "decision.uncertain_version:decide",
    "effective": "decision.effective_settings:settings_in_force",
    "observe": "facts:observe",
    "follows": "facts.following:derive_facts",
    "programs": "facts.programs:programs",
    "find_installations": "installations:find_installations",
    "read_invocation": "command_line:read_invocation",
    "uses_no_credential": "command_line:uses_no_credential",
    "identify": "credentials.identities:identities",
    "running": "facts.running:find_running",
    "check_start": "start:check_start",
    "installed_since": "facts.release:find_install_time",
    "provider": "facts.provider:provider_of",
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

ADAPTER = Adapter(
    name="codex",
    methods=METHODS,
    sign_in={
        "chatgpt": "{} login",
        "api": "printenv OPENAI_API_KEY | {} login --with-api-key",
    },
    folder=FOLDER,
    slots=SLOTS,
    further_files=(CLOUD_CACHE, DOTENV),
    read_state=read_state,
    program=PROGRAM,
    by_administrators=by_administrators,
    together=WORKLOAD_VARIABLES,
    sign_in_here={},
    removal_verb="codex logout",
    live_evidence=("callback_ports", "running"),
    entry_points=ENTRY_POINTS,
    start_options=(
        StartOption("-c", "overrides", "KEY=VALUE"),
        StartOption("--profile", "profile", "NAME"),
        StartOption("--ignore-user-config", "ignore_user_config"),
    ),
    versions=Versions(tuple(".".join(map(str, version)) for version in PROVEN), version_number),
    libraries={"jeepney": "the keyring of Linux", "pyrage": "the client's encrypted file"},
    **{part: function_at(f"{HERE}.{place}") for part, place in FUNCTIONS.items()},
    **{part: value_at(f"{HERE}.{place}") for part, place in VALUES.items()},
)
