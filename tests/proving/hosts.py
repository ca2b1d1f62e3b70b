"""One host after another through the client and through Tipstaff, each written down at once.

A side asks about one host, ``side.ask(name, host, real)``, and answers with an `Answer`. With
``real``, which an earlier run saw, the client is not started again; so a correction of Tipstaff
costs no start. Only `AGREED` is an agreement: what is not judged, what was left out, and a client
that came to no end are counted apart, and the proof fails on them.
"""

import concurrent.futures
import threading
import time
from typing import Any, NamedTuple

from proving.progress import Progress

AGREED, DISAGREED, NO_VERDICT, NOT_JUDGED = "agreed", "disagreed", "no verdict", "not judged"
OUTSIDE = "outside"
"""A host whose end files alone do not say, for a reason that the client's facts name."""


class Answer(NamedTuple):
    """What came of one host."""

    how: str
    real: Any = None
    """How the client ended, as the side can take it again."""
    ours: Any = None
    why: str = ""
    client_s: float = 0.0
    """How long the client ran for it."""


def ask_all(run, stage, hosts):
    """Ask about hosts, and return their answers by name; what an earlier run saw is not asked again.

    Args:
        run: The proof, see `driver.Run`.
        hosts: By their names.
    """
    lines = {line["name"]: line for line in run.state.lines(stage)}
    known = {name: line for name, line in lines.items() if _is_of(run, line, hosts)}
    book = Book(run, stage, hosts, known)
    left = [name for name in hosts if name not in book.answers]
    with concurrent.futures.ThreadPoolExecutor(run.jobs) as pool:
        shares = [left[number :: run.jobs] for number in range(run.jobs)]
        for future in [pool.submit(_ask_some, run, share, known, book) for share in shares]:
            future.result()
    book.lines.close()
    return {name: book.answers[name] for name in hosts}


class Book:
    """What came of the hosts of a stage, written down one by one."""

    def __init__(self, run, stage, hosts, known):
        self.run, self.stage, self.hosts, self.turn = run, stage, hosts, threading.Lock()
        self.answers = {
            name: _answer(line) for name, line in known.items() if line["code"] == run.code
        }
        run.state.keep_lines(stage, known.values())
        self.lines = run.state.open_lines(stage)
        self.progress = Progress(stage, len(hosts), len(self.answers))

    def take(self, name, answer):
        with self.turn:
            self.answers[name] = answer
            self.lines.add(_line(self.run, name, self.hosts[name], answer))
            self.run.clock.add(answer.client_s)
            self.run.clock.tick(self.stage)
            self.progress.step()


def _ask_some(run, names, known, book):
    if not names:
        return
    side = run.part.Side(run.program, run.version)
    try:
        for name in names:
            seen = known.get(name)
            book.take(name, ask(side, name, book.hosts[name], seen and seen["real"]))
    finally:
        side.close()


def ask(side, name, host, real=None):
    """Ask about one host; whatever goes wrong is no agreement."""
    try:
        return side.ask(name, host, real)
    except (AssertionError, OSError, KeyError, ValueError) as error:
        return Answer(NO_VERDICT, why=f"{type(error).__name__}: {str(error)[:600]}")


def _is_of(run, line, hosts):
    """Return whether a line is of the host as it is now, and of a client that came to an end."""
    host = hosts.get(line["name"])
    return (
        host is not None and line["host"] == run.part.as_plain(host) and line["how"] != NO_VERDICT
    )


def _line(run, name, host, answer):
    return {
        "name": name,
        "host": run.part.as_plain(host),
        "code": run.code,
        "at": round(time.time()),
        **answer._asdict(),
    }


def _answer(line):
    return Answer(**{field: line[field] for field in Answer._fields})


def wrong_of(answers):
    """Return the answers that are no agreement, by name."""
    return {name: answer for name, answer in answers.items() if answer.how not in (AGREED, OUTSIDE)}


def counted(answers):
    """Return in words what came of hosts."""
    counts = {}
    for answer in answers.values():
        counts[answer.how] = counts.get(answer.how, 0) + 1
    return ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
