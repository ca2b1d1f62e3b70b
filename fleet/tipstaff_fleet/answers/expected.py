"""The hosts that are expected to report, as a file names them."""

import csv
import io
from typing import NamedTuple

from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.questions import EXPECTED as RELATIONS
from tipstaff_fleet.questions import define_relations
from tipstaff_fleet.tables import EXPECTED, GIVEN
from tipstaff_policy.errors import UsageError

HEADS = {"host", "hostname", "host_name", "name", "id", "host_id"}


class ExpectedHost(NamedTuple):
    """A host, and the part of the organisation that it belongs to."""

    entry: str
    """Its name or id, in small letters."""
    unit: str


def parse_expected(data: bytes, where: str) -> tuple[ExpectedHost, ...]:
    """Return the hosts of a file: `host` or `host,unit` a line, with or without a header.

    Lines that are empty or begin with # are passed over.

    Raises:
        UsageError: It is no text, a line has no host, or one host has two units.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8", expected="lines such as host,unit") from None
    units: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _parse_line(line, f"{where}:{number}", first=not units)
        if found is None:
            continue
        known = units.setdefault(found.entry, found.unit)
        if known != found.unit:
            raise UsageError(
                f"{where}:{number}: {found.entry} stands in two units",
                expected="each host once, or with the same unit",
            )
    if not units:
        raise UsageError(f"{where} names no host", expected="lines such as host,unit")
    return tuple(ExpectedHost(entry, unit) for entry, unit in sorted(units.items()))


def _parse_line(line: str, where: str, *, first: bool) -> ExpectedHost | None:
    if not line.strip() or line.lstrip().startswith("#"):
        return None
    cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line)))]
    host, unit = cells[0].casefold(), cells[1] if len(cells) > 1 else ""
    if first and host in HEADS:
        return None
    if not host or "\0" in line:
        raise UsageError(f"{where}: names no host", expected="a name or an id, such as host,unit")
    return ExpectedHost(host, unit)


def define_expected(
    engine: Engine, hosts: tuple[ExpectedHost, ...], numbers: dict[str, int]
) -> None:
    """Define which hosts are meant; none where none are given."""
    if hosts:
        engine.load(GIVEN, hosts)
        define_relations(engine, numbers, RELATIONS)
    else:
        engine.load(EXPECTED, ())
