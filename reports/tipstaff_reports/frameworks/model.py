"""What a framework of controls is made of here."""

from typing import NamedTuple


class Evidence(NamedTuple):
    """Checks that show the same part of a control, and which part that is."""

    checks: tuple[str, ...]
    why: str
    """What of the control a pass shows; a sentence."""


class Control(NamedTuple):
    """A control, as its framework numbers it."""

    id: str
    title: str
    evidence: tuple[Evidence, ...]
    """The first is what the control is about: without it, the others alone make no pass."""


class Framework(NamedTuple):
    """The controls of a framework of which a check shows a part; no others."""

    id: str
    title: str
    controls: tuple[Control, ...]

    def of_check(self, check: str) -> tuple[tuple[Control, str], ...]:
        """Return the controls that a check evidences, each with the reason."""
        return tuple(
            (control, evidence.why)
            for control in self.controls
            for evidence in control.evidence
            if check in evidence.checks
        )
