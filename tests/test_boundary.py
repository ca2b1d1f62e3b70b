"""Only the folder of its adapter knows a client: its name, its files, its keys, its commands.

What still does is listed below with the reason; the list is exact, so that it can only shrink.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("policy", "schemas", "reports", "rollout", "cli")
ADAPTER = "policy/tipstaff_policy/clients/codex/"
KNOWLEDGE = re.compile(
    r"codex|openai|chatgpt|auth\.json|(?<![a-z])forced_|requirements\.toml|managed_config",
    re.IGNORECASE,
)
OWN_FILES = re.compile(r"\b(?:examples/hosts|tests)/[\w./-]+|source=\"docs/clients/[^\"]*\"")
"""What a check cites for its rule or as an example, files of this repository, is no knowledge."""

TABLE = "the tables of clients; the one place that names an adapter, or an option of one client"
DOCUMENT = "the policy document: its short form for one client, schema 1"

KNOWS = {
    "policy/tipstaff_policy/clients/__init__.py": TABLE,
    "policy/tipstaff_policy/organisation/fields.py": DOCUMENT,
}
"""Each file outside of the adapter that knows the client, and why it still does."""


def files():
    """Return every source file of the rooms that stands outside of the adapter."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    names = (path.relative_to(ROOT).as_posix() for path in found)
    return sorted(name for name in names if not name.startswith(ADAPTER))


def knowledge(text):
    """Return the lines of a text that know the client, each with its number."""
    lines = enumerate(text.splitlines(), 1)
    return [(number, line.strip()) for number, line in lines if knows(line)]


def knows(line):
    return KNOWLEDGE.search(OWN_FILES.sub("", line)) is not None


@pytest.mark.parametrize(
    ("line", "is_knowledge"),
    [
        ("run `codex logout`", True),
        ('"OPENAI_API_KEY"', True),
        ('setting.key == "forced_login_method"', True),
        ('"warned" if enforced_by else "forced"', False),
        ('fails_on="examples/hosts/compliant-chatgpt"', False),
        ('source="docs/clients/codex.md, Versions"', False),
        ('fails_on="examples/hosts/unmanaged, with CODEX_HOME set"', True),
        ("told = 'docs/clients/codex.md'", True),
        ("the file of the administrators", False),
    ],
)
def test_a_clients_own_words_are_recognised(line, is_knowledge):
    assert knows(line) is is_knowledge


def test_only_the_listed_files_know_a_client():
    found = {name: knowledge((ROOT / name).read_text("utf-8")) for name in files()}

    assert {name: lines for name, lines in found.items() if lines and name not in KNOWS} == {}


def test_every_listed_file_still_knows_it():
    known = {name for name in files() if knowledge((ROOT / name).read_text("utf-8"))}

    assert sorted({*KNOWS} - known) == [], "delete these lines from KNOWS"


def test_only_an_adapter_merges_layers_into_settings():
    merging = re.compile(r"from tipstaff_policy\.model\.layers import [^\n]*\bmerge\b")

    assert [name for name in files() if merging.search((ROOT / name).read_text("utf-8"))] == []


def test_no_check_knows_a_client():
    assert [name for name in KNOWS if name.startswith("policy/tipstaff_policy/checks/")] == []
