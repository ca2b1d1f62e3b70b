"""Options that mean the same in every command that has them; each command names its default."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")]
LockTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for the client's locks.")
]
ListGood = Annotated[
    bool, typer.Option("--verbose", help="List as text what is good too, not only its count.")
]
WouldRemove = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")
]
Revoke = Annotated[
    bool, typer.Option("--revoke", help="Ask the issuer to revoke what was removed, afterwards.")
]
RevokeTimeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for the issuer.")
]
Keys = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE", help="Your copy of the public keys that the policy names."
    ),
]
ReportLog = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Append the report as one line to this log; in a folder of administrators alone.",
    ),
]
ReportJournal = Annotated[
    bool,
    typer.Option("--report-journal", help="Send the report to the system's journal, in a field."),
]
