"""Where the client's files let it keep a credential."""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.config.sign_in_keys import REQUIREMENT_KEYS
from tipstaff_policy.clients.interface.lint import (
    Aim,
    ClientFile,
    Hit,
    LintRule,
    each_file_for,
    explain_lockout,
    hosts_without_keyring,
    within,
)

STORE = REQUIREMENT_KEYS[2]


def keyring_missing(file: ClientFile, aim: Aim) -> Iterator[Hit]:
    """Find a keyring that is asked of hosts which have none.

    Source: tests/conformance/cases_stores.py (client 0.169.0): without a keyring it cannot sign in.
    """
    hosts = hosts_without_keyring(aim)
    if hosts and file.kind != "config" and file.document.get(STORE) == "keyring":
        yield within(
            file,
            file.lines.get((STORE,)),
            explain_lockout(hosts),
            'leave it out there, or use "auto", which falls back to a plain file',
        )


RULES = (
    LintRule(
        "keyring-missing",
        "warning",
        "a keyring required on hosts that have none",
        each_file_for(keyring_missing),
    ),
)
