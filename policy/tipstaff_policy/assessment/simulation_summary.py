"""What many simulations amount to: counts, the first examples of each, and what people lose.

It grows with the kinds of outcome, not with the number of hosts.
"""

import re
from collections import Counter
from typing import Literal

from tipstaff_policy.assessment.simulation import OUTCOMES, Outcome, Simulated
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    NOTHING_CHECKED_EXIT,
    UNEVALUATED_EXIT,
    UsageError,
)
from tipstaff_policy.record import Record

LIMIT = re.compile(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,3})?)%")
FailOn = Literal["log_out", "certain"]
COUNTED: dict[FailOn, tuple[Outcome, ...]] = {
    "log_out": ("log_out", "refused", "unknown"),
    "certain": ("log_out", "refused"),
}
"""The outcomes that count against a limit."""
NAMES_LIMIT = 1000
"""Workspaces that are counted by name; a fleet has more than a person can read."""


class Example(Record):
    """A person on a host, and what becomes of the person."""

    source: str
    """The host's folder, or the report's file and line."""
    host: str
    host_id: str | None
    user: str
    result: Simulated


class Unread(Record):
    """Something other than a host or report, and why it could not be simulated."""

    source: str
    why: str


class Limit(Record):
    """How many logins may be lost before a pipeline is to stop."""

    number: float
    is_share: bool
    """Whether it is per cent of all that was simulated."""

    def is_exceeded(self, count: int, of: int) -> bool:
        """Return whether a count is beyond the limit."""
        return count * 100 > self.number * of if self.is_share else count > self.number


def parse_limit(text: str, option: str = "--at-most") -> Limit:
    """Return a limit as it is written: a number, or a share.

    Args:
        text: What was given.
        option: What it was given by.

    Raises:
        UsageError: It is neither.
    """
    found = LIMIT.fullmatch(text)
    if found is None or (found[2] and float(found[2]) > 100):
        raise UsageError(f"{option} {text!r} is no limit", expected="a number, or a share: 2%")
    return Limit(float(found[1] or found[2]), is_share=found[2] is not None)


class SimulationSummary:
    """Counts simulations as they come."""

    def __init__(self, examples: int) -> None:
        self.examples_limit = examples
        self.outcomes: Counter[Outcome] = Counter()
        self.new: Counter[Outcome] = Counter()
        self.examples: dict[Outcome, list[Example]] = {outcome: [] for outcome in OUTCOMES}
        self.methods: Counter[str] = Counter()
        self.workspaces: Counter[str | None] = Counter()
        self.workspaces_unnamed = 0
        self.without_environment = 0
        self.unread = 0
        self.unread_examples: list[Unread] = []

    def add(self, example: Example, *, sees_environment: bool, has_workspace: bool) -> None:
        """Count what becomes of a person; among the examples what is new comes first.

        Args:
            sees_environment: Whether the variables of the person are known.
            has_workspace: Whether a login by the method that is lost belongs to a workspace.
        """
        result = example.result
        self.outcomes[result.outcome] += 1
        self.new[result.outcome] += result.is_new
        self.without_environment += not sees_environment
        self._show(example)
        if result.method is not None:
            self.methods[result.method] += 1
            if has_workspace:
                self._count_workspace(result)

    def _show(self, example: Example) -> None:
        shown = self.examples[example.result.outcome]
        if len(shown) >= self.examples_limit and not example.result.is_new:
            return
        new = sum(user.result.is_new for user in shown)
        shown.insert(new if example.result.is_new else len(shown), example)
        del shown[self.examples_limit :]

    def _count_workspace(self, result: Simulated) -> None:
        if result.workspace in self.workspaces or len(self.workspaces) < NAMES_LIMIT:
            self.workspaces[result.workspace] += 1
        else:
            self.workspaces_unnamed += 1

    def add_unread(self, unread: Unread) -> None:
        """Count what could not be read."""
        self.unread += 1
        if len(self.unread_examples) < self.examples_limit:
            self.unread_examples.append(unread)

    @property
    def simulated(self) -> int:
        """How many were simulated."""
        return self.outcomes.total()

    def count(self, fail_on: FailOn) -> int:
        """Return how many count against a limit."""
        return sum(self.outcomes[outcome] for outcome in COUNTED[fail_on])

    def exit_code(self, *, exceeded: bool) -> int:
        """Return the exit code of a simulation: what was not read comes before a limit."""
        if self.unread:
            return UNEVALUATED_EXIT
        if not self.simulated:
            return NOTHING_CHECKED_EXIT
        return FINDINGS_EXIT if exceeded else 0
