"""Every recorded host of every client held against Tipstaff, without the clients.

python -m proving.replay          (make replay)
"""

import argparse
import resource
import sys

from proving.parts import PARTS, load_part

BAR_S = 60
"""For all of it, on two cores."""


def processor_s():
    """Return the processor time of this process and of those that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    jobs = parser.parse_args().jobs
    differing, whole_s, begun = [], 0.0, processor_s()
    for name in PARTS:
        wrong, count, seconds = load_part(name).replay_recorded(jobs)
        print(
            f"{name}: {count} recorded hosts in {seconds:.0f} s, {len(wrong)} differ",
            *wrong,
            sep="\n  ",
        )
        differing += wrong
        whole_s += seconds
    used = processor_s() - begun
    print(f"{whole_s:.0f} s for all of them (bar {BAR_S}), {used:.0f} s of processor time")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
