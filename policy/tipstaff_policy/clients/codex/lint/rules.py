"""What lint knows of this client: its files by their names, and the rules that read them."""

from tipstaff_policy.clients.codex.lint import (
    heeded,
    naming,
    other_keys,
    profile_rules,
    sign_in,
    stores,
)
from tipstaff_policy.clients.codex.lint.client_files import explain_refused_file, read_client_file
from tipstaff_policy.clients.codex.lint.profiles import read_carried
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.clients.interface.lint import ClientLint

LINT = ClientLint(
    newest=".".join(map(str, NEWEST)),
    kinds={
        "requirements.toml": "requirements",
        "managed_config.toml": "managed_config",
        "config.toml": "config",
    },
    groups={
        "Who may sign in": sign_in.RULES,
        "Whether the client applies it": heeded.RULES,
        "Workspaces and scopes": naming.RULES,
        "Where files are stored": stores.RULES,
        "Other keys of the client": other_keys.RULES,
        "Profiles": profile_rules.RULES,
    },
    read=read_client_file,
    refused=explain_refused_file,
    carried=read_carried,
)
