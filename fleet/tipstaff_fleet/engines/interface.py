"""What a question needs of an engine.

Every engine holds the same tables and reads the same texts, which use a subset of SQL that needs no
translation (docs/fleet-sql.md). Values come back as whole numbers and texts alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from tipstaff_fleet.tables import Table

Value = int | str
Row = tuple[Value, ...]


class Engine(Protocol):
    """Answers questions over the tables of a store."""

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order.

        Raises:
            BadStoreError: The engine cannot answer.
            MemoryLimitError: It needs more memory than the limit.
        """

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them.

        Raises:
            As `ask`.
        """

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name, for those that follow in this session."""

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table of this session, such as the hosts that are expected."""
