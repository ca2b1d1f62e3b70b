"""A host judged in this process: everything that a report says of its one client."""

from datetime import UTC, datetime

from tipstaff_cli.shared.run_context import observe
from tipstaff_policy.assessment.audit import judge_all
from tipstaff_policy.checks import MODULES
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_schemas.build import Judgement, build_report

CODEX = load_client("codex")
NOW = 1_800_000_000


def judged(root, version=None, entry_point=None, platform="linux", adapter=CODEX):
    """Return the request about a host, and what is found for its one client."""
    named = ".".join(map(str, version)) if version else adapter.versions.newest
    request = Request(
        {}, str(root), NOW, named, str(root), platform=platform,
        entry_point=entry_point or adapter.entry_points[0], options=ReadOptions(detail="all"),
    )  # fmt: skip
    ((_, found),) = judge_all(adapter, request, tuple(sorted(MODULES)))
    return request, found


def report_of(root, fail_on="medium", **options):
    """Return the report of a host."""
    request, found = judged(root, **options)
    judgement = Judgement(
        found, ((found.sight.state.client, found.decision.verdict),), None, fail_on
    )
    return build_report(judgement, observe(request, datetime.fromtimestamp(NOW, UTC), None))
