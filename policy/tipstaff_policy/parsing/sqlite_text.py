"""The text in a SQLite database, read from its bytes alone: no file is opened, nothing is written.

Source: the SQLite file format; tests/policy/parsing/test_database_text.py.
"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

MAGIC = b"SQLite format 3\x00"
VERSIONS = slice(18, 20)
"""Where the header says whether changes are in a second file, which is not read."""
ROLLBACK = b"\x01\x01"
SECONDS = 5.0
STEPS = 10_000
VALUE_LIMIT = 100_000


def texts_in(data: bytes) -> Iterator[bytes]:
    """Give every text and blob in the tables of a database; nothing of one that is malformed.

    Nothing either where this Python was built without the library.
    """
    try:
        import sqlite3  # noqa: PLC0415 - some systems keep it in a package of its own
    except ImportError:
        return
    database = sqlite3.connect(":memory:", isolation_level=None)
    until = time.monotonic() + SECONDS
    database.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        head = data[: VERSIONS.start] + ROLLBACK + data[VERSIONS.stop :]
        database.deserialize(head)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.text_factory = bytes
        yield from _values(database)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError):
        return
    finally:
        database.close()


def _values(database: "sqlite3.Connection") -> Iterator[bytes]:
    # A virtual table or a view would run what the database says.
    wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    names = [name for (name,) in database.execute(wanted) if isinstance(name, bytes)]
    left = VALUE_LIMIT
    for name in names:
        quoted = name.decode("utf-8").replace('"', '""')
        for row in database.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 - quoted above
            for value in row:
                left -= 1
                if left < 0:
                    return
                if isinstance(value, bytes):
                    yield value
