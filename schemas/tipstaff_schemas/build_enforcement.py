"""From what an enforcement did to its document."""

from tipstaff_policy import __version__
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.logins.revocation import Revocation
from tipstaff_schemas.build import Circumstances, build_run
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.report import Tool


def build_enforcement(
    result: Enforcement,
    around: Circumstances,
    *,
    revocations: tuple[Revocation, ...] = (),
    dry_run: bool,
) -> EnforcementReport:
    """Return the report of an enforcement."""
    return EnforcementReport(
        tool=Tool.model_construct(version=__version__),
        run=build_run(result.state, around, None, None),
        client=result.state.client,
        sign_in=result.sign_in,
        decision=result.decision,
        steps=list(result.steps),
        revocations=list(revocations),
        sign_in_after=result.sign_in_after,
        note=result.note,
        dry_run=dry_run,
        exit_code=result.exit_code,
    )
