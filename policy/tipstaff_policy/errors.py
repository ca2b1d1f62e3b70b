"""What can go wrong, as types; each knows the exit code that it ends in (ADR 0004)."""

import typing

FINDINGS_EXIT = 1
USAGE_EXIT = 2
INVALID_EXIT = 3
UNEVALUATED_EXIT = 4
NOTHING_CHECKED_EXIT = 5
INTEGRITY_EXIT = 6
LOGGED_OUT_EXIT = 10
INCOMPLETE_EXIT = 11
INTERNAL_EXIT = 70
INTERRUPTED_EXIT = 130
CLOSED_PIPE_EXIT = 141
AUDITED_WORST_FIRST = (
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    NOTHING_CHECKED_EXIT,
    FINDINGS_EXIT,
    0,
)
"""Of audits: the first that applies; a failure of the program itself comes before all of them."""
ENFORCED_WORST_FIRST = (
    INTERNAL_EXIT,
    INCOMPLETE_EXIT,
    UNEVALUATED_EXIT,
    INVALID_EXIT,
    LOGGED_OUT_EXIT,
    FINDINGS_EXIT,
    0,
)
"""Of several users' enforcements: the log-out of one never hides that another was not judged."""
ENFORCED_FOR_ONE_WORST_FIRST = (
    INCOMPLETE_EXIT,
    LOGGED_OUT_EXIT,
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    FINDINGS_EXIT,
    0,
)
"""Of the folders and clients of one user: once something was to be removed, it is 10 or 11."""
LOG_OUT_EXITS = (LOGGED_OUT_EXIT, INCOMPLETE_EXIT)
"""Of an enforcement that found something to remove."""
STANDING_EXITS = {
    "complies": 0,
    "warned": FINDINGS_EXIT,
    "refused": INVALID_EXIT,
    "unevaluated": UNEVALUATED_EXIT,
}
"""Of a plan that removes nothing, by how the host stands."""


def worst_exit(codes: typing.Iterable[int]) -> int:
    """Return the exit code that stands for several enforcements; 0 for none.

    One that no enforcement has, such as that of wrong usage, comes before all.
    """
    order = ENFORCED_WORST_FIRST
    return min(codes, key=lambda code: order.index(code) if code in order else -1, default=0)


class ShapeError(Exception):
    """A document is not what the client can read; the message never quotes it."""


class TipstaffError(Exception):
    """Any failure that Tipstaff reports to a person; never holds the value of a credential."""

    exit_code: typing.ClassVar[int] = INTERNAL_EXIT

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        expected: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        return error_text(self.what, where=self.where, expected=self.expected, remedy=self.remedy)


class UsageError(TipstaffError):
    """The command line asks for something that does not exist or contradicts itself."""

    exit_code = USAGE_EXIT


class PolicyError(TipstaffError):
    """A policy or the client's configuration is invalid or unreadable; nothing was removed."""

    exit_code = INVALID_EXIT


class BadWaiverError(PolicyError):
    """A waiver is incomplete, too wide, too long, or not signed by a trusted key."""


class EvaluationError(TipstaffError):
    """The host could not be judged; nothing was removed."""

    exit_code = UNEVALUATED_EXIT


class StoreLockedError(EvaluationError):
    """Another process held the client's lock past the time limit."""


class AccessDeniedError(EvaluationError):
    """The operating system refused to read, list or remove something."""


class IntegrityError(TipstaffError):
    """A signature or a chain does not hold."""

    exit_code = INTEGRITY_EXIT


class BadSignatureError(IntegrityError):
    """No trusted key signed it."""


def reason_of(error: OSError | MemoryError) -> str:
    """Return an error of the system in words; its type where the system has none for it."""
    return getattr(error, "strerror", None) or type(error).__name__


def error_text(what: str, *, where: str = "", expected: str = "", remedy: str = "") -> str:
    """Return the lines a person reads: what and where, then what was expected and what to do."""
    lines = [f"error: {where}: {what}" if where else f"error: {what}"]
    if expected:
        lines.append(f"  expected: {expected}")
    if remedy:
        lines.append(f"  to do:    {remedy}")
    return "\n".join(lines)
