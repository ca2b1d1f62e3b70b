"""A policy in words: each field has a sentence, and silence has a meaning too."""

import pytest

from rollout.lint.samples import HEAD, NOW, POLICY, scope
from support.artefacts.policies import waiver
from tipstaff_policy.clients.interface.lint import Given
from tipstaff_rollout.authoring.in_words import describe_policy
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.questions import list_questions

ROWS = {
    "any method": ("", "who", "Any login method is allowed."),
    "no method": ("login_methods = []\n", "who", "No user may sign in."),
    "a method": ('login_methods = ["api"]\n', "who", "People may sign in with an API key only."),
    "a workspace": (
        'workspaces = [{ id = "a", name = "A" }, { id = "b" }]\n',
        "who",
        "Of ChatGPT only a (A) or b may be used.",
    ),
    "no workspace": ("workspaces = []\n", "who", "No workspace of ChatGPT is allowed."),
    "no variable": ('environment_credentials = "forbid"\n', "how", "A credential from a variable is forbidden."),
    "a version": ("", "how", "The client must be 0.147.0 or newer."),
    "an age": ('longest_age = "12h"\n', "how", "A login must have been refreshed within 12h."),
    "keys": ('trusted_keys = "/k"\n', "how", "Tokens must be signed by one of the keys in /k."),
    "a store": ('stores = ["file"]\n', "where", "The login may be kept in file only."),
    "any store": ("", "where", "The login may be kept in any store."),
    "homes": ('homes = ["/srv"]\n', "where", "Homes below /srv are searched too."),
    "at once": ("", "from when", "At once, on every host."),
    "a start": ("enforce_from = 2030-01-01\n", "from when", "Before 2030-01-01T00:00:00Z a violation causes only a warning."),
    "a share": ('enforce_from = 2030-01-01\ncohort = "5%"\n', "from when", "From then on 5% of the hosts log out, the others warn."),
    "all of them": ('enforce_from = 2030-01-01\ncohort = "100%"\n', "from when", "From then on every host logs out."),
    "methods of another client": ("[clients.claude]\nlogin_methods = ['claudeai']\n", "who", "People may sign in to claude with a claude.ai account only."),
    "silent of the first client": ("[clients.claude]\nlogin_methods = ['claudeai']\n", "who", "Any login method of codex is allowed."),
    "an organisation": ("[clients.claude]\norganisations = ['org-a']\n", "who", "A login to claude must belong to the organisation org-a."),
    "a question": (
        "[clients.claude]\norganisations = ['org-a']\n",
        "what happens",
        "Only https://api.anthropic.com knows the organisation of a claude.ai login: Tipstaff asks it before claude starts. Where the policy is enforced, claude does not start without an answer (exit 4).",
    ),
    "a question in vain": (
        "on_error = 'open'\n[clients.claude]\norganisations = ['org-a']\n",
        "what happens",
        "Only https://api.anthropic.com knows the organisation of a claude.ai login: Tipstaff asks it before claude starts. Without an answer claude starts all the same.",
    ),
    "no organisation": ("[clients.claude]\norganisations = []\n", "who", "No organisation of claude is allowed."),
    "every host": ("", "for whom", "For every host alike."),
    "a scope": (
        scope("ci", ["ci-*", "x"], 'enforce_from = 2030-01-01\ncohort = "0%"\n'),
        "for whom",
        "On hosts ci-* or x (ci): enforce_from is 2030-01-01T00:00:00Z, cohort is 0%.",
    ),
    "a bare scope": (scope("ci", ["x"]), "for whom", "On hosts x (ci): as everywhere."),
    "reported": ('on_violation = "report"\n', "what happens", "A violation is reported, nothing is removed."),
    "logged out": ("", "what happens", "A violation is logged out."),
    "open": ('on_error = "open"\n', "what happens", "If Tipstaff cannot judge, the guard starts the client anyway."),
    "a severity": ('[severity]\nTIP203 = "low"\n', "what happens", "TIP203 is low."),
    "a waiver": (
        waiver(expires="2024-10-09", host='"h"', client='"codex"'),
        "waived",
        "TIP102 may fail for host h and client codex until 2024-10-10T00:00:00Z (ends in 6 days): r (T-1, owner o, approved by a).",
    ),
    "a waiver for all": (
        waiver(expires="2024-10-01"),
        "waived",
        "TIP102 may fail for all users until 2024-10-02T00:00:00Z (ended 2 days ago): r (T-1, owner o, approved by a).",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_field_is_told_in_a_sentence(name):
    text, about, says = ROWS[name]
    read = read_files((Given(POLICY, (HEAD + text).encode(), "policy"),))

    assert () == read.faults
    found = {
        (statement.about, statement.says)
        for statement in describe_policy(read.files.policies[0], NOW)
    }
    assert (about, says) in found


def test_every_statement_of_a_file_names_its_line():
    text = HEAD + 'login_methods = ["api"]\n' + waiver(expires="2030-01-01")
    read = read_files((Given(POLICY, text.encode(), "policy"),))

    lines = {
        statement.about: [str(x) for x in statement.origins]
        for statement in describe_policy(read.files.policies[0], 0)
    }

    assert ["policy.toml:5"] == lines["how"]
    assert ["policy.toml:7"] == lines["waived"]


SILENT = {
    "no organisation is named": "[clients.claude]\nlogin_methods = ['claudeai']\n",
    "no such login is allowed": "[clients.claude]\nlogin_methods = ['console']\norganisations = ['a']\n",
    "the login says it itself": "workspaces = [{ id = 'a' }]\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_nothing_is_said_of_a_service_that_is_not_asked(text):
    read = read_files((Given(POLICY, (HEAD + text).encode(), "policy"),))

    assert () == tuple(list_questions(read.files.policies[0].policy))
