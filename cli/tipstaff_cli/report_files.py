"""Reports as files: opened before there is anything to write, and named when all is well."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from tipstaff_policy.errors import UsageError
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import Audited
from tipstaff_rollout.storing import SIGNATURE, reserved

FormatName = Literal[
    "text",
    "json",
    "ndjson",
    "html",
]  # fmt: skip
"""The keys of `tipstaff_reports.formats.MODULES`; a test holds the two together."""
ReportFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--report", metavar="FORMAT:PATH", help="Write it to a file too; repeatable, any format."
    ),
]
READABLE = 0o644
Signer = Callable[[bytes], bytes]
Put = Callable[[bytes], None]


class ReportFile(NamedTuple):
    """A report that is to be written."""

    form: str
    path: Path


def parse_report_files(given: Sequence[str] | None) -> tuple[ReportFile, ...]:
    """Return what `--report` names.

    Raises:
        UsageError: A format is unknown, a path is missing, or two reports go to one place.
    """
    found = tuple(_parsed(each) for each in given or ())
    taken: dict[Path, str] = {}
    for form, path in found:
        place = path.absolute()
        if place in taken:
            raise UsageError(f"{taken[place]} and {form} would both be written to {path}")
        taken[place] = form
    return found


def _parsed(given: str) -> ReportFile:
    form, colon, path = given.partition(":")
    if form not in MODULES or not colon:
        raise UsageError(
            f"--report {given!r} names no format",
            expected=f"FORMAT:PATH, with one of {', '.join(MODULES)}",
        )
    if path in ("", "-"):
        raise UsageError(
            f"--report {given!r} names no file", remedy="write to standard output by --format"
        )
    return ReportFile(form, Path(path))


@contextmanager
def report_files(
    wanted: Sequence[ReportFile], signer: Signer | None = None
) -> Iterator[Callable[[Audited], None]]:
    """Open the files of reports, and yield what writes them.

    They get their names when the block ends well, all of them; otherwise none of them is left.

    Args:
        signer: Makes the signature that is to lie beside each.

    Raises:
        AccessDeniedError: One cannot be written; before the block where that can be known.
    """
    with ExitStack() as stack:
        opened = [
            (each.form, _opened(stack, each.path), _signature(stack, each.path, signer))
            for each in wanted
        ]

        def write(audit: Audited) -> None:
            for form, put, put_signature in opened:
                data = load_format(form).render(audit).encode()
                put(data)
                if put_signature is not None and signer is not None:
                    put_signature(signer(data))

        yield write


def _opened(stack: ExitStack, path: Path) -> Put:
    return stack.enter_context(reserved(path, READABLE))


def _signature(stack: ExitStack, path: Path, signer: Signer | None) -> Put | None:
    return _opened(stack, path.with_name(path.name + SIGNATURE)) if signer else None
