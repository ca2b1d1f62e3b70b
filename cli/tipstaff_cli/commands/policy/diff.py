"""``tipstaff policy diff``: what changes for whom between two policies."""

from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.commands.policy.drafts import read_authored
from tipstaff_cli.shared.options import Format, PolicyKeys
from tipstaff_cli.shared.output import write_out
from tipstaff_policy import __version__
from tipstaff_policy.assessment.policy_diff.compare import compare
from tipstaff_policy.errors import FINDINGS_EXIT
from tipstaff_reports import json_report
from tipstaff_reports.texts.policy_diff import render_comparison
from tipstaff_schemas.comparison import PoliciesCompared
from tipstaff_schemas.report import Tool


def diff(
    before: Annotated[
        Path, typer.Argument(metavar="A", help="Policy, its folder, or an artefact.")
    ],
    after: Annotated[Path, typer.Argument(metavar="B", help="The other one.")],
    *,
    keys: PolicyKeys = None,
    output: Format = "text",
) -> None:
    """Compare two policies, and print in words what changes for whom.

    It compares meaning, not text: a new order or layout is no difference.

    Examples: `tipstaff policy diff old/policy.toml policy.toml` ·
    `tipstaff policy diff /etc/tipstaff policy.toml --format json`

    Exit codes: 0 nothing changes, 1 something changes, 3 one of them is no valid policy, 4 not
    readable.
    """
    one, two = (read_authored(side, keys) for side in (before, after))
    changes = compare(one.policy, two.policy)
    document = PoliciesCompared(
        tool=Tool(version=__version__),
        before=one.named,
        after=two.named,
        differs=bool(changes),
        changes=list(changes),
    )
    as_text = output == "text"
    write_out(render_comparison(document) if as_text else json_report.render(document))
    raise typer.Exit(FINDINGS_EXIT if changes else 0)
