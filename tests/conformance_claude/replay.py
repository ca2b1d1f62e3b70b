"""What the real client did on recorded hosts, held against Tipstaff on copies, without the client."""

import os
from typing import NamedTuple

from conformance_claude import cases, judge
from conformance_claude.copies import lay_out

HIDDEN = "root reads what the host's user cannot"


class Replayed(NamedTuple):
    """One recorded outcome, and what came of it."""

    name: str
    difference: str
    """How Tipstaff differs from the client; empty where it agrees, or is not judged."""
    not_judged: str
    """Why nothing can be said."""


def replay(corpus, root, version):
    """Give what comes of each recorded outcome, on copies of the hosts below a folder."""
    for name, (host, outcome) in corpus.items():
        is_log_out = cases.is_log_out(name)
        why = (
            judge.why_no_log_out(outcome) if is_log_out else judge.why_not_comparable(host, outcome)
        )
        if os.geteuid() == 0 and judge.hides_files(host):
            why = HIDDEN
        if why:
            yield Replayed(name, "", why)
            continue
        lay_out(root, host)
        with judge.managed_files_at(root / "managed"):
            difference = (
                _log_out(host, outcome, root, version)
                if is_log_out
                else _start(host, outcome, root, version)
            )
        yield Replayed(name, difference, "")


def _start(host, outcome, root, version):
    return judge.difference(judge.foretell(host, str(root), version), outcome)


def _log_out(host, outcome, root, version):
    return judge.difference_left(judge.log_out_on_copy(host, root, version), outcome, host)
