"""A report as whole tables, for a sheet or another program: no list is cut."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from tipstaff_fleet.answers.report import moment, severity_of
from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.engines.interface import Engine, Row, Value
from tipstaff_fleet.questions import fill_in, read_text
from tipstaff_fleet.store.rows import quote
from tipstaff_fleet.tables import TYPES, Column, Kind
from tipstaff_policy.errors import AccessDeniedError
from tipstaff_reports.formats.table import cell
from tipstaff_schemas.fleet import (
    CheckCounts,
    DayCounts,
    FleetReport,
    UnitCheckCounts,
    UnitCounts,
    VersionCounts,
    WaiverCounts,
)
from tipstaff_schemas.report import Part

ALL = (1 << 53) - 1
"""Rows of a list that is not cut."""
SUFFIXES = {"csv": ".csv", "parquet": ".parquet"}


class DataTable(NamedTuple):
    """A table of the report."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Value, ...]]


def list_tables(engine: Engine, document: FleetReport, numbers: dict[str, int]) -> list[DataTable]:
    """Return the tables of a report; the engine must have made it in this session.

    Args:
        engine: Streams the tables that have a row for each host.
        document: The report.
        numbers: The parameters of its moment.
    """
    numbers = numbers | {"limit": ALL}
    frameworks = [
        (framework.id, control)
        for framework in document.frameworks
        for control in framework.controls
    ]
    expected = [_stream(engine, "missing", "missing", numbers, _MISSING, _render_last_seen)]
    return [
        *(expected if document.expected else ()),
        _stream(engine, "hosts", "host_table", numbers, _HOSTS, _host),
        _stream(engine, "failures", "failing_since", numbers, _FAILURES, _failure),
        _stream(engine, "silent", "silent", numbers, _SILENT, _moment_last),
        _stream(engine, "cannot_tell", "cannot_tell", numbers, _UNTOLD, _moment_before_last),
        _stream(engine, "gone", "gone", numbers, _GONE, tuple),
        _stream(engine, "action_logs", "log_rollbacks", numbers, _LOGS, _log),
        _list_entries("units", UnitCounts, document.units, "unit"),
        _list_entries("checks", CheckCounts, document.checks, "check"),
        _list_entries("units_by_check", UnitCheckCounts, document.units_by_check, "unit"),
        _list_entries("clients", VersionCounts, document.clients, "name"),
        _list_entries("policies", VersionCounts, document.policies, "name"),
        _list_entries("releases", VersionCounts, document.releases, "name"),
        _list_entries("waivers", WaiverCounts, document.waivers, "check"),
        _list_entries("trend", DayCounts, document.trend, "at"),
        DataTable(
            "controls",
            (_text("framework"), _text("control"), _text("title"), *map(_number, _CONTROL)),
            [
                (name, control.id, control.title, *(getattr(control, count) for count in _CONTROL))
                for name, control in frameworks
            ],
        ),
    ]


def write_tables(form: str, folder: str, tables: Iterable[DataTable]) -> None:
    """Write each table as a file of a folder; a file gets its name when it is whole.

    Args:
        form: `csv` or `parquet`.
        folder: Is made where it is not there.
        tables: What to write.

    Raises:
        AccessDeniedError: A file cannot be written.
    """
    write = {"csv": _write_csv, "parquet": _write_parquet}[form]
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as scratch:
            for table in tables:
                name = table.name + SUFFIXES[form]
                write(os.path.join(scratch, name), table)
                os.rename(os.path.join(scratch, name), os.path.join(folder, name))
    except OSError as error:
        raise AccessDeniedError(
            f"the report could not be written: {error.strerror}",
            where=str(error.filename or folder),
        ) from error


def _write_csv(path: str, table: DataTable) -> None:
    with open(path, "x", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\r\n")
        writer.writerow(column.name for column in table.columns)
        for row in table.rows:
            writer.writerow(cell(value) if isinstance(value, str) else value for value in row)


def _write_parquet(path: str, table: DataTable) -> None:
    """Write rows by way of lines of JSON, so that no engine has to know the format."""
    encode = msgspec.json.Encoder().encode
    lines = f"{path}.ndjson"
    names = [column.name for column in table.columns]
    with open(lines, "xb") as opened:
        opened.writelines(encode(dict(zip(names, row, strict=True))) + b"\n" for row in table.rows)
    kinds = ", ".join(
        f"{quote(column.name)}: {quote(TYPES[column.kind])}" for column in table.columns
    )
    read = f"read_json({quote(lines)}, format = 'newline_delimited', columns = {{{kinds}}})"
    with open_embedded(os.path.dirname(path), threads=1) as database:
        database.execute("SET preserve_insertion_order = true")
        database.execute(
            f"COPY (SELECT * FROM {read}) TO {quote(path)} (FORMAT parquet, COMPRESSION zstd)"
        )
    os.unlink(lines)


def _text(name: str) -> Column:
    return Column(name, "text", "")


def _number(name: str) -> Column:
    return Column(name, "number", "")


_HOSTS = tuple(
    map(_text, ("host", "host_id", "unit", "standing", "seen_at", "before", "move"))
) + tuple(map(_text, ("severity", "since")))
_FAILURES = (
    *map(_text, ("host", "host_id", "unit", "user", "client", "home", "check", "subject")),
    _text("severity"),
    _number("waived"),
    _text("since"),
)
_SILENT = tuple(map(_text, ("host", "host_id", "unit", "user", "client", "seen_at")))
_UNTOLD = (*_SILENT, _text("why"))
_GONE = tuple(map(_text, ("host", "host_id", "before")))
_MISSING = tuple(map(_text, ("host", "unit", "seen_at")))
_LOGS = (
    *map(_text, ("host", "host_id", "user", "home", "seen_at")),
    _number("records"),
    _text("before_at"),
    _number("records_before"),
)
_CONTROL = ("passed", "failed", "waived", "not_evidenced")


def _host(row: Row) -> tuple[Value, ...]:
    *named, seen_s, before, move, rank, since_s = row
    severity = severity_of(int(rank)) if rank else ""
    since = moment(int(since_s)) if since_s else ""
    return (*named, moment(int(seen_s)), before, move, severity, since)


def _failure(row: Row) -> tuple[Value, ...]:
    *named, rank, waived, since_s = row
    return (*named, severity_of(int(rank)), waived, moment(int(since_s)))


def _moment_last(row: Row) -> tuple[Value, ...]:
    return (*row[:-1], moment(int(row[-1])))


def _render_last_seen(row: Row) -> tuple[Value, ...]:
    seen_s = int(row[-1])
    return (*row[:-1], moment(seen_s) if seen_s else "")


def _log(row: Row) -> tuple[Value, ...]:
    *named, seen_s, records, old_s, records_before = row
    return (*named, moment(int(seen_s)), records, moment(int(old_s)), records_before)


def _moment_before_last(row: Row) -> tuple[Value, ...]:
    return (*row[:-2], moment(int(row[-2])), row[-1])


def _stream(  # noqa: PLR0913, PLR0917 - what is asked, and how it is shown
    engine: Engine,
    name: str,
    question: str,
    numbers: dict[str, int],
    columns: tuple[Column, ...],
    shown: Callable[[Row], tuple[Value, ...]],
) -> DataTable:
    def rows() -> Iterator[tuple[Value, ...]]:
        for row in engine.stream(fill_in(read_text(question), numbers)):
            yield shown(row)

    return DataTable(name, columns, rows())


def _list_entries(name: str, model: type[Part], entries: Iterable[Part], first: str) -> DataTable:
    """Return entries as a table; what is not known is empty.

    Args:
        name: Of the table.
        model: Of the entries.
        entries: Any number of them.
        first: The column that comes first, as a text.
    """
    fields = model.model_fields
    names = [first, *(field for field in fields if field != first)]
    columns = tuple(Column(field, _kind(fields[field].annotation), "") for field in names)
    rows = [tuple(_value(getattr(entry, field)) for field in names) for entry in entries]
    return DataTable(name, columns, rows)


def _kind(annotation: Any) -> Kind:
    return "number" if annotation in (int, bool) else "text"


def _value(found: Any) -> Value:
    return "" if found is None else int(found) if isinstance(found, bool) else found
