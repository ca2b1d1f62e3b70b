"""What is asked of a store: at which moment, against which, and what counts as silent and gone."""

from typing import NamedTuple

from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.questions import (
    CHOSEN,
    FOUND,
    RELATIONS,
    RUNS,
    define_relations,
)

DAY_S = 86_400


class Moments(NamedTuple):
    """The moments of an answer, in seconds since 1970, and lengths of time, in seconds."""

    at_s: int
    since_s: int
    """An earlier moment, with which hosts are compared."""
    silent_after_s: int = 7 * DAY_S
    gone_after_s: int = 90 * DAY_S

    def numbers(self, at_s: int | None = None) -> dict[str, int]:
        """Return the parameters of questions about a moment; `at_s` unless another is given."""
        moment = self.at_s if at_s is None else at_s
        return {
            "at_s": moment,
            "silent_s": moment - self.silent_after_s,
            "gone_s": moment - self.gone_after_s,
        }


def define_hosts(engine: Engine, moments: Moments) -> None:
    """Define how hosts stand, without comparing them with an earlier moment."""
    define_relations(engine, moments.numbers(), RELATIONS)


def define_moved(engine: Engine, moments: Moments) -> None:
    """Define how hosts stand, what they found, and what became of each since the earlier moment.

    The earlier moment is asked first, and what is compared of it is kept under other names.
    """
    before, now = moments.numbers(moments.since_s), moments.numbers()
    define_relations(engine, now, (*RUNS, "faults"))
    define_relations(engine, before, (*CHOSEN, *FOUND, "hosts_before", "faults_before"))
    define_relations(engine, now, (*CHOSEN, *FOUND))
    define_relations(engine, now, ("host_moves", "group_pairs", "pair_faults", "moved"))
