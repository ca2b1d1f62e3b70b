"""What the newest proven client did with every host, and how another version differs from it."""

import itertools
import json
import operator
from pathlib import Path

from conformance.client import VERSION
from tipstaff_policy.clients.codex.versions import NEWEST

PATH = Path(__file__).with_name("verdicts.json")
NEWEST_NAME = ".".join(map(str, NEWEST))


def ending(verdict, removes=()):
    """Return how a host ends, as one text."""
    return " and ".join([verdict, *([f"removes {', '.join(sorted(removes))}"] if removes else [])])


def recorded():
    """Return how each host ends with the newest proven client, by its name."""
    return json.loads(PATH.read_text("utf-8")) if PATH.exists() else {}


def record(seen):
    """Put what was seen of the newest proven client into the table."""
    text = json.dumps(recorded() | seen, indent=0, sort_keys=True, ensure_ascii=False)
    PATH.write_text(text + "\n", "utf-8")


def summary(seen, unfit, version=VERSION):
    """Return in words what a version does otherwise than the newest, a line a host.

    Args:
        seen: How each host ended that was run, by its name.
        unfit: Why a host does not apply to this version, by its name.
    """
    before = recorded()
    changed = [
        (f"{before.get(name, 'not recorded')} -> {now}", name)
        for name, now in sorted(seen.items())
        if now != before.get(name)
    ]
    counts = f"{len(changed)} of {len(seen)} hosts end differently, {len(unfit)} do not apply"
    left_out = [(f"does not apply: {why}", name) for name, why in unfit.items()]
    return [f"{version} against {NEWEST_NAME}: {counts}", *_grouped(changed), *_grouped(left_out)]


def _grouped(pairs):
    lines = []
    for title, group in itertools.groupby(sorted(pairs), key=operator.itemgetter(0)):
        names = [name for _, name in group]
        lines += [f"  {title} ({len(names)})", *(f"    {name}" for name in names)]
    return lines
