"""The waivers of a host as text."""

from collections.abc import Sequence

from tipstaff_policy.organisation.waivers.standing import Waived


def render_waivers(waivers: Sequence[Waived]) -> str:
    """Return a line for each waiver, and whether it is valid."""
    return "".join(f"{_line(waived)}\n" for waived in waivers) or "no waiver\n"


def _line(waived: Waived) -> str:
    waiver = waived.waiver
    source = f"signed {waiver.signed_by}" if waiver.signed_by else str(waiver.origin)
    return (
        f"{waiver.check}  {waived.standing:<12}  {waived.ends:<24}  {waiver.user or '*'} on "
        f"{waiver.host or waiver.group or '*'}  {waiver.ticket}: {waiver.reason}  [{source}]"
    )
