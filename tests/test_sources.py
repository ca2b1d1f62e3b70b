"""A rule cites where it is shown; what it cites is a file of this repository."""

import re
from pathlib import Path

import pytest

from tipstaff_policy.checks import MODULES, load_check

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("policy", "schemas", "reports", "rollout", "fleet", "cli")
CITED = re.compile(r"\b(?:tests|docs|examples)/[\w./-]*\w\.(?:py|md|toml|json|sql)\b")


def cited():
    """Return every file that the code cites, with the files that cite it."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for name in CITED.findall(path.read_text("utf-8")):
                found.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    return found


CITATIONS = cited()


@pytest.mark.parametrize("name", CITATIONS)
def test_what_is_cited_exists(name):
    assert (ROOT / name).is_file(), CITATIONS[name]


@pytest.mark.parametrize("check_id", MODULES)
def test_the_source_of_a_check_exists(check_id):
    name, _, rest = load_check(check_id)[0].source.partition(", ")
    path, _, test = name.partition("::")
    text = (ROOT / path).read_text("utf-8")

    assert (
        f"def {test}(" in text
        if test
        else not rest or re.search(f"^#+ {rest}$", text, re.MULTILINE)
    )
