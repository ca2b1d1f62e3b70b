"""Values of a report as they are shown: set apart, so that no writing direction leaks out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from tipstaff_policy.checks.model import Evidence, Severity
from tipstaff_policy.model.state import OWNERS, Origin, Violation
from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.parts import listing

GRAVEST_FIRST: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
SECONDS_A_DAY = 24 * 60 * 60
START = datetime(1970, 1, 1, tzinfo=UTC)


def prose(text: str | None, otherwise: str = "none") -> Markup:
    """Return words that a person or a check wrote; `otherwise` where there are none."""
    return element("bdi", text) if text else nothing(otherwise)


def code(text: str | None, otherwise: str = "none") -> Markup:
    """Return a path, a key or a digest, character by character; `otherwise` where there is none."""
    return element("code", text, dir="ltr") if text else nothing(otherwise)


def nothing(word: str = "none") -> Markup:
    """Return that there is no value, so that the word is not taken for one."""
    return element("span", word, class_="nothing")


def codes(texts: Iterable[str], otherwise: str = "none") -> Content:
    """Return several of them, a line each."""
    return list_in_words([code(text) for text in texts], otherwise)


def names_for(violation: Violation, names: Mapping[str, str]) -> Mapping[str, str]:
    """Return what people call the values of a violation: none but owners have names."""
    return names if violation.attribute in OWNERS else {}


def owner_called(owner: str | None, names: Mapping[str, str], otherwise: str = "none") -> Content:
    """Return a workspace, organisation or account by its id, with what people call it."""
    shown = code(owner, otherwise)
    name = names.get(owner or "")
    return shown if name is None else (shown, " (", prose(name), ")")


def owners_called(
    owners: Iterable[str], names: Mapping[str, str], otherwise: str = "none"
) -> Content:
    """Return several of them, a line each."""
    return list_in_words(
        [element("span", owner_called(owner, names)) for owner in owners]
        if names
        else [code(owner) for owner in owners],
        otherwise,
    )


def places(found: Iterable[Evidence | Origin], otherwise: str = "none") -> Content:
    """Return where something stands, file by file, with the line."""
    return codes((place(origin) for origin in found), otherwise)


def place(found: Evidence | Origin) -> str:
    """Return a file with the line."""
    return found.path if found.line is None else f"{found.path}:{found.line}"


def moment(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC; as they are where no calendar has them."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"{seconds} seconds since 1970"


def days_left(ends_at: int, now: str) -> int:
    """Return how many whole days remain at a moment of a report."""
    passed = datetime.fromisoformat(now) - START
    return (ends_at - int(passed.total_seconds())) // SECONDS_A_DAY


def count_in_words(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def join_in_words(items: Sequence[Content]) -> Content:
    """Return several in one line."""
    return [((", " if number else ""), content) for number, content in enumerate(items)]


def list_in_words(items: list[Markup], otherwise: str = "none") -> Content:
    """Return several values, a line each; one by itself."""
    match items:
        case []:
            return nothing(otherwise)
        case [one]:
            return one
        case _:
            return listing(items, "lines")
