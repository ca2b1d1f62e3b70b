"""TIP306: a device-management value is present but not forced."""

from tipstaff_policy.checks.model import (
    Check,
    Evidence,
    Host,
    Outcome,
    not_applicable,
    pass_or_fail,
)

CHECK = Check(
    id="TIP306",
    title="Device-management value not forced",
    severity="high",
    since="0.1.0",
    fails_when="a device-management value is present, and neither it nor another of its key is "
    "forced",
    rationale="The client takes forced values only, so that what looks like a policy restricts "
    "nothing.",
    remedy="Deliver the value by a configuration profile of the client's own domain, which "
    "forces it.",
    source="docs/clients/codex.md",
    fails_on="examples/hosts/macos-not-forced",
    passes_on="examples/hosts/macos-forced",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each value that device management has for the client."""
    values = host.surroundings.device_values
    if not values:
        why = "this platform has no device management" if values is None else "no value is set"
        return not_applicable(why, "device management")
    return tuple(
        Outcome(
            pass_or_fail(value.forced),
            value.path,
            "forced" if value.forced else "set, and not forced",
            "a forced value",
            (Evidence(value.path),),
        )
        for value in values
    )
