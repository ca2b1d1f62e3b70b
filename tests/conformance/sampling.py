"""Which hosts of the client's table a run takes: a sample of each kind, the rest, or every one.

`make test` takes the sample, so that it ends in minutes; `make test-table` takes the rest, and
`.ci/run` runs both.
"""

import os
from collections import defaultdict

SAMPLE = 110
ONCE_A_HOST = "test_verdict_exit_and_remains_are_those_of_the_client"


def wanted():
    """Return what is asked for: ``sample``, ``rest`` or ``all``."""
    asked = os.environ.get("TIPSTAFF_HOSTS", "sample")
    if asked not in ("sample", "rest", "all"):
        raise ValueError(f"TIPSTAFF_HOSTS is {asked!r}; expected sample, rest or all")
    return asked


def sampled(names, size=SAMPLE):
    """Return the names of a sample: of each kind its share, spread evenly, and one at least.

    The kind of a host stands before the colon of its name.
    """
    kinds = defaultdict(list)
    for name in names:
        kinds[name.partition(":")[0]].append(name)
    chosen = set()
    for of_kind in kinds.values():
        count = max(1, round(size * len(of_kind) / len(names)))
        step = len(of_kind) / count
        chosen |= {of_kind[int(step * number)] for number in range(count)}
    return chosen


def split(items, asked):
    """Return the tests to run and those to leave to the other run."""
    of_table = [item for item in items if getattr(item, "originalname", "") == ONCE_A_HOST]
    names = sampled([item.callspec.params["name"] for item in of_table]) if of_table else set()
    first = {id(item) for item in of_table if item.callspec.params["name"] in names}
    rest = {id(item) for item in of_table} - first
    run = [item for item in items if (id(item) in rest) == (asked == "rest")]
    kept = {id(item) for item in run}
    return run, [item for item in items if id(item) not in kept]
