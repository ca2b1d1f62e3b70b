"""Questions: one file of SQL each, the same for every engine.

A text holds `:name` where a number stands that is known only when it is asked; nothing else is put
into it. Questions read the tables of the store and the relations, which are texts as well and are
defined once for all questions that follow.
"""

import re
from importlib import resources

from tipstaff_fleet.engines.interface import Engine, Row

PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
RELATIONS = ("numbered_runs", "newest_runs", "hosts")
"""In the order in which they are defined: each reads the ones before."""


def read_text(name: str) -> str:
    """Return the text of a question, without its comments."""
    text = (resources.files(__name__) / f"{name}.sql").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return "\n".join(lines).strip()


def fill_in(text: str, numbers: dict[str, int]) -> str:
    """Return a text with its parameters filled in.

    Raises:
        KeyError: One of them is not given.
    """
    return PARAMETER.sub(lambda found: str(int(numbers[found[1]])), text)


def define_relations(engine: Engine, numbers: dict[str, int]) -> None:
    """Define what the questions read beside the tables."""
    for name in RELATIONS:
        engine.define(name, fill_in(read_text(name), numbers))


def ask(engine: Engine, name: str, numbers: dict[str, int]) -> list[Row]:
    """Return the rows of a question."""
    return engine.ask(fill_in(read_text(name), numbers))
