"""A policy in the words of its document, for reports and for people; no secret among them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tipstaff_policy.model.wording import add_names
from tipstaff_policy.organisation.model import Allowed, Scope
from tipstaff_policy.organisation.violations import write_length
from tipstaff_policy.parsing.masks import mask_text, mask_words

MOMENTS = ("valid_from", "valid_until", "warn_from", "enforce_from")
NOT_SHOWN = "(set, not shown)"


def owners_as_written(rule: Allowed, names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return whose a login may be, as people read it, with their names."""
    return add_names(
        map(mask_text, rule.values), ((mask_text(owner), name) for owner, name in names)
    )


def value_of(field: str, value: Any) -> str:
    """Return one value as the document writes it."""
    if field == "fleet_key":
        return NOT_SHOWN
    if field in MOMENTS:
        return moment(value)
    if field == "longest_age_s":
        return write_length(value)
    if field == "cohort":
        return f"{value / 100:g}%"
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else mask_words(str(value))


def moment(seconds: int) -> str:
    """Return a point in time as RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _scope(scope: Scope) -> list[str]:
    fields = ("on_violation", "warn_from", "enforce_from", "cohort")
    stated = [(name, getattr(scope, name)) for name in fields]
    return [
        f"hosts {' '.join(scope.hosts)}",
        *(f"{name} {value_of(name, value)}" for name, value in stated if value is not None),
    ]
