"""What an administrator tries on one real host first, and `doctor` tries too.

The pages are docs/try-one-first.md and docs/try-one-first-windows.md. Of Linux
nothing is here: its tests run on it.
"""

from collections.abc import Callable, Iterator

from tipstaff_policy import load_part
from tipstaff_policy.doctor.diagnosis import Diagnosis
from tipstaff_policy.model.state import Platform
from tipstaff_policy.record import Record

TRIALS: dict[Platform, str] = {
    "macos": "tipstaff_policy.installation.trials.macos:TRIALS",
    "windows": "tipstaff_policy.installation.trials.windows:TRIALS",
}
"""The table of each platform on which no test runs."""


class Trial(Record):
    """One thing that only a real host of the platform shows."""

    name: str
    command: str
    """What an administrator types for it, as the page says it."""
    look: Callable[[], Diagnosis | Iterator[Diagnosis]]


def run_trials(platform: Platform) -> tuple[Diagnosis, ...]:
    """Return what came of each trial on this host; nothing of a platform that tests run on."""
    place = TRIALS.get(platform)
    trials: tuple[Trial, ...] = load_part(place) if place else ()
    return tuple(found for trial in trials for found in _look(trial))


def _look(trial: Trial) -> tuple[Diagnosis, ...]:
    found = trial.look()
    return (found,) if isinstance(found, Diagnosis) else tuple(found)
