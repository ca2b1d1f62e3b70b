"""The hosts that an organisation expects to report, from a list of its own.

A CSV file with a header: `host` is a name or an id, `unit` the part of the organisation.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from tipstaff_policy.errors import UsageError

HOST_NAMES = ("host", "host_name", "host_id", "name")
UNIT_NAMES = ("unit",)


def read_expected(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of `expected`: host id, host name, unit.

    Raises:
        UsageError: The file cannot be read, or has no column of hosts.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            columns = {name.strip().casefold(): name for name in rows.fieldnames or ()}
            host = next((columns[name] for name in HOST_NAMES if name in columns), None)
            unit = next((columns[name] for name in UNIT_NAMES if name in columns), None)
            if host is None:
                raise UsageError(
                    f"{path} has no column of hosts", expected="a header with `host` and `unit`"
                )
            for row in rows:
                name = (row[host] or "").strip().casefold()
                if name:
                    yield name, name, (row[unit] or "").strip() if unit else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
