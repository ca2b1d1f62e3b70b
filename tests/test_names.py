"""A function's name says what it does: none of the product begins with a participle (ADR 0075)."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("policy", "schemas", "reports", "rollout", "fleet", "cli", "endpoint")

IRREGULAR = re.compile(
    r"beaten|begun|bound|broken|brought|built|caught|chosen|done|drawn|driven|felt|forbidden"
    r"|forgotten|found|frozen|given|gone|heard|held|hidden|hung|kept|known|laid|led|left"
    r"|lent|lost|made|meant|met|overridden|overwritten|paid|proven|rewritten|said|seen|sent"
    r"|shown|sold|spent|spoken|spun|stolen|stood|struck|stuck|sworn|swept|taken|taught"
    r"|thought|thrown|told|torn|unbound|understood|undone|unheld|unknown|unproven|unread"
    r"|unseen|unsent|unshown|untold|unwritten|withdrawn|withheld|won|worn|wound|woven"
    r"|written"
)
"""Past participles that no ending shows. `cut`, `put`, `read`, `set` are verbs as they stand."""
VERBS_AND_NOUNS = re.compile(
    r"bring|embed|ending|exceed|feed|finding|heading|keyring|listing|mapping|meaning|need|nothing"
    r"|proceed|seed|setting|something|speed|standing|string|succeed"
)
"""Words with such an ending that are verbs or nouns."""

EXCEPTIONS = {
    "cli/tipstaff_cli/commands/fleet/rejected.py: rejected": "the name of the command",
    "schemas/tipstaff_schemas/values.py: named_tuple_schema": "the name that pydantic calls",
}
"""Each function whose name another program dictates, and which one."""


def is_participle(name):
    """Return whether the first word of a name is a participle, present or past."""
    word = name.strip("_").partition("_")[0]
    if VERBS_AND_NOUNS.fullmatch(word):
        return False
    return bool(IRREGULAR.fullmatch(word)) or word.endswith(("ed", "ing"))


def is_property(function):
    return any("property" in ast.unparse(decorator) for decorator in function.decorator_list)


@cache
def functions():
    """Return every function and method of the product that is no property, behind its file."""
    return {
        f"{path.relative_to(ROOT).as_posix()}: {node.name}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and not is_property(node)
    }


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("_opened", True),
        ("carried_keys", True),
        ("held_by", True),
        ("judging_each", True),
        ("_open_folder", False),
        ("read_file", False),
        ("needs_shell", False),
        ("finding_row", False),
        ("__init__", False),
        ("find_kept", False),
    ],
)
def test_a_participle_is_recognised(name, is_one):
    assert is_participle(name) is is_one


def test_no_function_is_named_by_a_participle():
    named = {found for found in functions() if is_participle(found.partition(": ")[2])}

    assert sorted(named - {*EXCEPTIONS}) == [], "say what they do: docs/adr/0075"


def test_every_exception_is_still_there():
    assert sorted({*EXCEPTIONS} - functions()) == [], "delete these lines from EXCEPTIONS"
