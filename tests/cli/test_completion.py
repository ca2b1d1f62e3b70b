"""A shell offers the values of an option that takes one of a list."""

import pytest

from support.machines.hosts import tipstaff
from tipstaff_reports.formats import MODULES as FORMATS
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_rollout.channels import channel_names

CASES = {
    "audit --format ": [*FORMATS],
    "audit --format js": ["json"],
    "audit --report ": [f"{form}:" for form in FORMATS],
    "audit --report ht": ["html:"],
    "audit --framework ": [*FRAMEWORKS],
    "audit --framework n": ["nist-800-53r5"],
    "report convert audit.json --to ": [*FORMATS],
    "report merge reports --framework s": ["soc2"],
    "policy render policy.toml --to ": [*channel_names(), "all", "list"],
    "policy render --to jam": ["jamf"],
    "credentials migrate --to ": ["file", "keyring"],
    "pol": ["policy"],
    "audit --client ": ["codex", "claude"],
    "policy init --client c": ["codex", "claude"],
    "policy init --client cl": ["claude"],
    "policy init --method cl": ["claudeai"],
    "policy init --store key": ["keyring", "keychain"],
}


def offered(line):
    """Return what bash offers behind a line; a blank at its end begins a new word."""
    words = f"tipstaff {line}"
    env = {
        "_TIPSTAFF_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "PATH": "/usr/bin:/bin",
    }
    return tipstaff(env=env).stdout.split()


@pytest.mark.parametrize("line", CASES)
def test_completion_offers_the_values_of_an_option(line):
    assert sorted(CASES[line]) == sorted(offered(line))
