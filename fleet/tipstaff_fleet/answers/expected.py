"""The hosts that are expected to report, as a file names them."""

import csv
import io
from collections.abc import Collection, Iterator
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


class ExpectedHosts(Collection[ExpectedHost]):
    """Many hosts in little memory: a million take 25 MB, and as tuples they would take 300."""

    def __init__(self, units: dict[str, str]) -> None:
        """Take hosts and their units."""
        self._count = len(units)
        self._text = "\n".join(f"{entry}\0{units[entry]}" for entry in sorted(units)).encode()

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __iter__(self) -> Iterator[ExpectedHost]:
        """Yield them, sorted by what they are called."""
        for line in io.BytesIO(self._text):
            yield ExpectedHost(*line.decode().rstrip("\n").split("\0"))

    def __contains__(self, host: object) -> bool:
        """Return whether a host is one of them."""
        return any(expected == host for expected in self)


def parse_expected(data: bytes, where: str) -> ExpectedHosts:
    """Return the hosts of a file: `host` or `host,unit` a line, with or without a header.

    Lines that are empty or begin with # are passed over.

    Raises:
        UsageError: It is no text, a line has no host, or one host has two units.
    """
    units: dict[str, str] = {}
    names: dict[str, str] = {}  # each unit once in memory
    try:
        for number, line in enumerate(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig"), 1):
            found = _parse_line(line.rstrip("\n"), where, number, first=not units)
            if found is None:
                continue
            unit = names.setdefault(found.unit, found.unit)
            if units.setdefault(found.entry, unit) != unit:
                raise UsageError(
                    f"{where}:{number}: {found.entry} stands in two units",
                    expected="each host once, or with the same unit",
                )
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8", expected="lines such as host,unit") from None
    if not units:
        raise UsageError(f"{where} names no host", expected="lines such as host,unit")
    return ExpectedHosts(units)


def _parse_line(line: str, where: str, number: int, *, first: bool) -> ExpectedHost | None:
    if not line.strip() or line.lstrip().startswith("#"):
        return None
    cells = next(csv.reader((line,))) if '"' in line else line.split(",")
    host, unit = cells[0].strip().casefold(), cells[1].strip() if len(cells) > 1 else ""
    if first and host in HEADS:
        return None
    if not host or "\0" in line:
        raise UsageError(
            f"{where}:{number}: names no host", expected="a name or an id, such as host,unit"
        )
    return ExpectedHost(host, unit)


def define_expected(
    engine: Engine, hosts: Collection[ExpectedHost], numbers: dict[str, int]
) -> None:
    """Define which hosts are meant; none where none are given."""
    if hosts:
        engine.load(GIVEN, hosts)
        define_relations(engine, numbers, RELATIONS)
    else:
        engine.load(EXPECTED, ())
