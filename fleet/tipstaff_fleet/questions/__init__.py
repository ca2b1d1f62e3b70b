"""Questions: one file of SQL each, the same for every engine.

A text holds `:name` where a number stands that is known only when it is asked; nothing else is put
into it. Questions read the tables of the store and the relations, which are texts as well and are
defined once for all questions that follow.
"""

import re
from importlib import resources

from tipstaff_fleet.engines.interface import Engine, Row

PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
RUNS = ("sets", "live_runs", "builds")
"""The runs that count, until the moment asked about; an earlier one needs no others."""
CHOSEN = ("last_runs", "chosen_runs", "newest_runs", "hosts")
"""How hosts stand at a moment."""
EXPECTED = ("known_hosts", "expected_hosts", "expected")
"""Which hosts are meant by those that are given as expected."""
FOUND = ("host_sets", "set_faults", "open_faults")
"""What the hosts of `CHOSEN` found."""
RELATIONS = (*RUNS, *CHOSEN)
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


def define_relations(
    engine: Engine, numbers: dict[str, int], names: tuple[str, ...] = RELATIONS
) -> None:
    """Define what the questions read apart from the tables."""
    for name in names:
        engine.define(name, fill_in(read_text(name), numbers))


def ask(engine: Engine, name: str, numbers: dict[str, int]) -> list[Row]:
    """Return the rows of a question."""
    return engine.ask(fill_in(read_text(name), numbers))
