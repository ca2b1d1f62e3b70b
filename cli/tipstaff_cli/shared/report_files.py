"""Reports as files: opened before the audit, and renamed into place when all succeeded."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from tipstaff_cli.shared.output import render
from tipstaff_cli.shared.passphrase import ask_passphrase
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_reports.model import Audited, Document

FormatName = Literal[
    "text",
    "json",
    "ndjson",
    "sarif",
    "sarif-all",
    "junit",
    "ocsf",
    "ocsf-1.5.0",
    "oscal",
    "csv",
    "prom",
    "md",
    "github",
    "html",
]  # fmt: skip
"""The keys of `tipstaff_reports.formats.MODULES`; a test holds the two together."""


def _formats(incomplete: str) -> list[str]:
    """Return the completions of `--report`; the shell itself completes the path."""
    return [f"{module}:" for module in MODULES if module.startswith(incomplete)]


def _frameworks(incomplete: str) -> list[str]:
    return [framework for framework in FRAMEWORKS if framework.startswith(incomplete)]


ReportFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT:PATH",
        help="Also write the report to PATH (repeatable).",
        autocompletion=_formats,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", help="In text, also list checks that pass or do not apply."),
]
SignKey = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Sign each --report with this SSH key; a public key stands for one in an agent.",
    ),
]
Frameworks = Annotated[
    list[str] | None,
    typer.Option(
        "--framework",
        metavar="ID",
        help=f"Also group by controls: {', '.join(FRAMEWORKS)} (repeatable).",
        autocompletion=_frameworks,
    ),
]
READABLE = 0o644
LARGEST = 1 << 30
"""Bytes of a file of reports; the report of one user has about ten thousand."""
STANDARD_INPUT = Path("-")
Signer = Callable[[bytes], bytes]
Put = Callable[[bytes], None]


class ReportFile(NamedTuple):
    """A report to write."""

    form: str
    path: Path


def parse_frameworks(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the frameworks that `--framework` names.

    Raises:
        UsageError: One is unknown.
    """
    for name in given or ():
        if name not in FRAMEWORKS:
            raise UsageError(f"no framework is called {name!r}", expected=", ".join(FRAMEWORKS))
    return tuple(given or ())


def parse_report_files(given: Sequence[str] | None) -> tuple[ReportFile, ...]:
    """Return what `--report` names.

    Raises:
        UsageError: A format is unknown, a path is missing, or two reports go to one place.
    """
    found = tuple(_parse(word) for word in given or ())
    _require_apart((report_file.form, report_file.path) for report_file in found)
    return found


def _require_apart(written: Iterable[tuple[str, Path]]) -> None:
    """Refuse two files at one place, however it is spelt; a link counts as its own place."""
    taken: dict[Path, str] = {}
    for what, path in written:
        place = path.parent.resolve() / path.name
        if place in taken:
            raise UsageError(f"{taken[place]} and {what} would both be written to {path}")
        taken[place] = what


def _parse(given: str) -> ReportFile:
    form, colon, path = given.partition(":")
    if form not in MODULES or not colon:
        raise UsageError(
            f"--report {given!r} names no format",
            expected=f"FORMAT:PATH, with one of {', '.join(MODULES)}",
        )
    if path == "-" or not Path(path).name:
        raise UsageError(
            f"--report {given!r} names no file", remedy="write to standard output by --format"
        )
    return ReportFile(form, Path(path))


@contextmanager
def report_files(
    wanted: Sequence[ReportFile],
    sign_key: Path | None = None,
    passphrase_file: Path | None = None,
    *,
    forks: bool = False,
    verbose: bool = False,
) -> Iterator[Callable[[Audited], None]]:
    """Open the files of reports, and yield a function that writes them.

    When the block ends well, all files get their names; otherwise none is left.

    Args:
        sign_key: The key that signs each file.
        forks: Whether the block starts processes of users. Their memory must not contain the
            key, so it is read afterwards.
        verbose: As `rendered` takes it.

    Raises:
        AccessDeniedError: One cannot be written, or the key cannot be read; before the block
            where that can be known.
        UsageError: The key is none, or there is nothing to sign.
    """
    with ExitStack() as stack:
        put_all = open_signed(stack, wanted, sign_key, passphrase_file, forks=forks)

        def write(audit: Audited) -> None:
            put_all([render(file.form, audit, verbose=verbose).encode() for file in wanted])

        yield write


def open_signed(
    stack: ExitStack,
    wanted: Sequence[ReportFile],
    sign_key: Path | None,
    passphrase_file: Path | None,
    *,
    forks: bool = False,
) -> Callable[[Sequence[bytes]], None]:
    """Open files and those of their signatures, and return what writes the content of all.

    Raises:
        AccessDeniedError: One cannot be written, or the key cannot be read.
        UsageError: The key is none, or there is nothing to sign.
    """
    if sign_key is not None and not wanted:
        raise UsageError(
            "--sign-key has nothing to sign", remedy="name a file by --report FORMAT:PATH"
        )
    if sign_key is not None:
        signatures = [
            ReportFile(f"the signature of {form}", _signature_of(path)) for form, path in wanted
        ]
        _require_apart([*wanted, *signatures])
    signer = None if forks else _signer(sign_key, passphrase_file)
    opened = [open_report(stack, file.path, file.form) for file in wanted]
    sealed = [open_report(stack, _signature_of(file.path), "") for file in wanted if sign_key]

    def put_all(made: Sequence[bytes]) -> None:
        sign = signer or _signer(sign_key, passphrase_file)
        signatures = [sign(data) for data in made] if sign else []
        for put, data in zip([*opened, *sealed], [*made, *signatures], strict=True):
            put(data)

    return put_all


def open_report(stack: ExitStack, path: Path, form: str) -> Put:
    """Open a file with the rights of the one in its place, or those that new files have.

    What a collector of Prometheus reads belongs to another user, who has to be able to.
    """
    from tipstaff_rollout.storing import reserve  # noqa: PLC0415 - only for a file

    new = READABLE if form == "prom" else 0o666 & ~_umask()
    mode = path.stat().st_mode & 0o777 if path.is_file() else new
    return stack.enter_context(reserve(path, mode))


def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found


def _signature_of(path: Path) -> Path:
    from tipstaff_rollout.storing import SIGNATURE  # noqa: PLC0415 - only for a file

    return path.with_name(path.name + SIGNATURE)


def say_left_out(forms: Sequence[str]) -> None:
    """Print what the formats leave out; nothing if one of them contains everything."""
    formats = [load_format(form) for form in dict.fromkeys(forms) if form != "text"]
    if any(not form.leaves_out for form in formats):
        return
    for form in formats:
        sys.stderr.write(
            f"tipstaff: {form.name} leaves out {form.leaves_out}; json contains everything\n"
        )


def _signer(key: Path | None, passphrase_file: Path | None) -> Signer | None:
    if key is None:
        return None
    from tipstaff_rollout.signing.signers import report_signer  # noqa: PLC0415 - heavy

    return report_signer(key, ask_passphrase, passphrase_file)


def read_report(path: Path) -> Document:
    """Return a saved report; ``-`` stands for standard input.

    Raises:
        BadReportError: It is none.
        AccessDeniedError: It cannot be read.
    """
    from tipstaff_schemas.saved import read_saved  # noqa: PLC0415 - only for a saved report

    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise AccessDeniedError("is closed", where="standard input", expected="a saved report")
        return read_saved(sys.stdin.buffer.read(LARGEST), "standard input")
    from tipstaff_rollout.storing import content_of  # noqa: PLC0415 - only for a file

    return read_saved(content_of(path, LARGEST, expected="a saved report"), str(path))
