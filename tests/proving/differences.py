"""What to say where the client ends otherwise than Tipstaff foretold.

Which hosts, in words; which field of the row of behaviour decides, found by trying every other
value of every field until the hosts agree; and the smallest host on which it shows.
"""

import itertools
from typing import NamedTuple

from proving import hosts

MOST_TRIED = 12
"""Hosts on which a field is tried before it is tried on all of them."""
MOST_NAMED = 12
"""Hosts of one kind of difference that are named."""
MOST_CHANGED = 2
"""Fields that are tried together."""
SHRINKING_LIMIT = 60
"""Starts of the client for the smallest host."""


class Change(NamedTuple):
    """Values of a row with which hosts agree that did not."""

    row: dict
    agree: int
    of: int
    broken: tuple[str, ...]
    """Hosts that agreed before, and would not."""

    @property
    def is_whole(self):
        """Whether it explains every host, and breaks none."""
        return self.agree == self.of and not self.broken


def in_words(answers):
    """Return a line for each kind of difference, and below it the hosts."""
    kinds = {}
    for name, answer in sorted(hosts.wrong_of(answers).items()):
        kinds.setdefault(kind_of(answer), []).append(name)
    lines = []
    for kind, names in sorted(kinds.items()):
        more = len(names) - MOST_NAMED
        lines += [f"  {kind} ({len(names)})", *(f"    {name}" for name in names[:MOST_NAMED])]
        lines += [f"    and {more} more"] if more > 0 else []
    return lines


def kind_of(answer):
    """Return in words how one host ends otherwise."""
    if answer.how == hosts.DISAGREED and not answer.why:
        return f"the client: {ending(answer.real)}; Tipstaff foretells: {ending(answer.ours)}"
    return f"{answer.how}: {answer.why}" if answer.why else answer.how


def ending(end):
    """Return how a host ends, as one text."""
    if isinstance(end, str) or end is None:
        return str(end)
    verdict, removes = end[0], end[1]
    return " and ".join([verdict, *([f"removes {', '.join(sorted(removes))}"] if removes else [])])


def find_deciding(run, cases, answers):
    """Return the changes of the row that have the most hosts agree, the best first.

    Args:
        cases: The hosts by name.
        answers: What came of them.
    """
    wrong = {name: answer for name, answer in answers.items() if answer.how == hosts.DISAGREED}
    if not wrong:
        return []
    few = dict(itertools.islice(_spread(wrong), MOST_TRIED))
    good = {name: answer for name, answer in answers.items() if answer.how == hosts.AGREED}
    alternatives = run.part.alternatives(run.version)
    single = [{field: value} for field, values in alternatives.items() for value in values]
    ranked = _ranked(run, single, few, cases)
    if ranked and ranked[0][0] < len(few):
        helpful = [row for agree, row in ranked if agree]
        pairs = [
            {**one, **other}
            for one, other in itertools.combinations(helpful[:6], MOST_CHANGED)
            if not {*one} & {*other}
        ]
        ranked = sorted(ranked + _ranked(run, pairs, few, cases), key=_by_rank)
    found, alone = [], None
    for agree, row in ranked[:3]:
        if agree:
            all_agree = _agreeing(run, row, wrong, cases)
            # Without the client a host may not be the same one: what agrees as it is counts.
            alone = alone or {*_agreeing(run, {}, good, cases)}
            broken = alone - {*_agreeing(run, row, good, cases)}
            found.append(Change(row, len(all_agree), len(wrong), tuple(sorted(broken))))
    return sorted(found, key=lambda change: (-change.agree, len(change.broken), len(change.row)))


def _spread(wrong):
    """Return hosts so that each kind of difference comes early."""
    kinds = {}
    for name, answer in wrong.items():
        kinds.setdefault(kind_of(answer), []).append((name, answer))
    rounds = itertools.zip_longest(*kinds.values())
    return (pair for some in rounds for pair in some if pair is not None)


def _by_rank(pair):
    return (-pair[0], len(pair[1]))


def _ranked(run, rows, answers, cases):
    counted = [(len(_agreeing(run, row, answers, cases)), row) for row in rows]
    return sorted(counted, key=_by_rank)


def _agreeing(run, row, answers, cases):
    """Return the hosts on which Tipstaff, with other values in the row, ends as the client did."""
    asked = [(name, cases[name], answers[name].real) for name in answers]
    return [name for name, agrees in run.part.judge_as(run.version, row, asked).items() if agrees]


def shrink(run, name, host):
    """Return a host as small as can be on which the two still differ, and what came of it."""
    side = run.part.Side(run.program, run.version)
    tries, found, is_smaller = 0, None, True
    try:
        while is_smaller:
            is_smaller = False
            for candidate in run.part.smaller(host):
                tries += 1
                if tries > SHRINKING_LIMIT:
                    return host, found
                answer = hosts.ask(side, name, candidate)
                run.clock.add(answer.client_s)
                if answer.how == hosts.DISAGREED:
                    host, found, is_smaller = candidate, answer, True
                    break
    finally:
        side.close()
    return host, found


def explain(run, cases, answers):
    """Return, line by line, all that a person has to know of a difference."""
    lines = ["These hosts do not end as Tipstaff foretells:", *in_words(answers)]
    changes = find_deciding(run, cases, answers)
    whole = [change for change in changes if change.is_whole]
    if whole:
        lines += ["What decides, in the row of behaviour:"]
        lines += [f"  {row_in_words(run, change.row)}" for change in whole[:1]]
        lines += [f"To go on with it: {run.command(whole[0].row)}"]
    elif changes:
        lines += ["No field of the row explains every host. The nearest:"]
        lines += [f"  {row_in_words(run, change.row)}: {_in_part(change)}" for change in changes]
    elif any(answer.how == hosts.DISAGREED for answer in answers.values()):
        lines += ["No field of the row has any of these hosts agree: the client does what is new."]
    differing = [name for name, answer in answers.items() if answer.how == hosts.DISAGREED]
    if differing:
        # The host with the least in it is the nearest to the smallest one.
        first = min(differing, key=lambda name: len(str(run.part.as_plain(cases[name]))))
        small, _ = shrink(run, first, cases[first])
        lines += [f"The smallest host ({first}):", f"  {run.part.in_words(small)}"]
    return lines


def row_in_words(run, row):
    """Return a change of the row as text, each field with the value that it has."""
    before = run.part.row_of(run.version)
    return ", ".join(f"`{field}`: {before[field]!r} -> {value!r}" for field, value in row.items())


def _in_part(change):
    text = f"{change.agree} of {change.of} hosts agree"
    if not change.broken:
        return text
    return f"{text}, and {len(change.broken)} that agreed do not, as {change.broken[0]!r}"
