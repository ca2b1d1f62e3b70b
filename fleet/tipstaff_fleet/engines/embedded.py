"""DuckDB in this process: what needs no set-up.

Its settings and their reasons: ADR 0060. A question that needs more memory than the limit spills to
the disk; some cannot, and these are an error that says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from tipstaff_fleet.errors import BadStoreError, MemoryLimitError

MEMORY = "300MB"
"""With more, some questions need over 400 MB; with 256 MB some fail that spill with less."""


@contextmanager
def open_embedded(
    scratch: str, *, memory: str = MEMORY, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database that holds nothing and ends with the block.

    Args:
        scratch: A folder for what does not fit into memory.
        memory: The limit, such as `300MB`.
        threads: How many to use; as many as there are processors, unless said otherwise.

    Raises:
        MemoryLimitError: What runs in the block needs more memory.
        BadStoreError: A file cannot be read or written.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": scratch,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    if threads is not None:
        settings["threads"] = threads
    try:
        with duckdb.connect(config=settings) as database:
            database.execute("SET enable_progress_bar = false")
            yield database
    except duckdb.OutOfMemoryException as error:
        raise MemoryLimitError(
            f"the question needs more memory than {memory}",
            remedy="give another limit with --memory, such as 1GB; a smaller one can work too, "
            "because more is then kept on the disk",
        ) from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise BadStoreError(_first_line(error), remedy="see that the disk is not full") from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]
