"""Proves one version of a client, stage by stage, and writes what is known of it.

What was read and measured of the version is written before its hosts are run, and that it is
proven only after every one of them has agreed. A stage that is done is not run again; a run that
was killed goes on in the middle of its stage.
"""

import shlex
from typing import NamedTuple

from proving import differences, hosts, reports
from proving.clock import BAR, Clock
from proving.parts import ProofError
from proving.progress import in_words
from proving.state import State, fingerprint

MOST_OUTSIDE = 0.1
"""Share of the random hosts, and of their log-outs, that files alone do not decide."""


class Options(NamedTuple):
    """What is asked for."""

    client: str
    version: str
    jobs: int = 2
    cases: int = 400
    seed: int = 0
    row: dict = {}
    """Values for the row of behaviour, where a difference was found before."""
    writes: bool = True
    """Whether what was found is written into the project."""


class Run:
    """One proof: its client, what it has found, and where it keeps that."""

    def __init__(self, options, part, folder):
        self.options, self.part = options, part
        self.version, self.jobs = options.version, options.jobs
        self.state = State(folder)
        self.clock = Clock(self.state, options.jobs)
        self.code = fingerprint()
        self.program, self.found = None, {}

    def command(self, row=()):
        """Return the command that goes on with this proof."""
        words = ["make", "prove", f"CLIENT={self.options.client}", f"VERSION={self.version}"]
        given = {**self.options.row, **dict(row)}
        text = " ".join(f"{field}={_value_as_text(value)}" for field, value in given.items())
        return shlex.join([*words, *([f"ROW={text}"] if given else [])])

    def say(self, *lines):
        print(*lines, sep="\n", flush=True)


def _value_as_text(value):
    """Return a value of a row as it is given on the command line."""
    if isinstance(value, tuple | list):
        return ",".join(map(str, value)) or "()"
    return str(value)


class NotProvenError(Exception):
    """What was found is no proof, and why, line by line."""

    def __init__(self, lines):
        super().__init__("\n".join(lines))
        self.lines = lines


def install(run):
    """Install the release, and have its program state the version that it was asked for."""
    run.program = run.part.install(run.version)
    stated, seconds = run.part.stated_version(run.program)
    run.clock.add(seconds)
    if stated != run.version:
        raise NotProvenError(
            [f"{run.program[0]} states version {stated or 'none'}, expected {run.version}"]
        )
    run.say(f"installed: {run.part.NAME} {stated}")


def surface(run):
    """Read what the client shows of itself, and say what is new since the neighbour version."""
    kept = run.state.read("surface")
    if kept is None:
        kept, seconds = run.part.read_surface(run.program)
        run.clock.add(seconds)
        run.state.write("surface", kept)
    run.found["surface"] = kept
    neighbour = run.part.neighbour_of(run.version)
    before = run.part.kept_surface(neighbour) if neighbour else None
    run.say(f"read: {', '.join(f'{len(names)} {section}' for section, names in kept.items())}")
    if before is None:
        run.say(f"  compared with no version: nothing was kept of {neighbour or 'any other'}")
        return
    for section in kept:
        run.say(*_news(section, before.get(section), kept[section], neighbour))


def _news(section, before, now, neighbour):
    """Return in words how a section differs from the one of the neighbour version."""
    if before is None:
        return [f"  {section}: not kept of {neighbour}"]
    parts = {
        "new": sorted({*now} - {*before}),
        "gone": sorted({*before} - {*now}),
        "changed": sorted(name for name in {*now} & {*before} if now[name] != before[name]),
    }
    lines = [
        f"  {section}, {word} since {neighbour}: "
        f"{', '.join(name or '(the client itself)' for name in names[:20])}{_more(names)}"
        for word, names in parts.items()
        if names
    ]
    return lines or [f"  {section}: as in {neighbour}"]


def _more(names):
    return f" and {len(names) - 20} more" if len(names) > 20 else ""


def kinds(run):
    """Measure what the client takes for its keys, again only where it differs from its neighbour."""
    kept = run.state.read("kinds")
    if kept is None:
        kept = run.part.measure(run)
        if kept is None:
            return
        run.state.write("kinds", kept)
    run.found["kinds"] = kept
    run.say(*run.part.kinds_in_words(kept))


def measured(run):
    """Write what was read and measured; a test of the suite reads it, and nothing counts by it.

    Where the project had other data of a proven version, that was wrong, and is no proof.
    """
    found = run.found["surface"], run.found.get("kinds")
    is_proven = run.version in run.part.proven()
    faults = run.part.data_faults(run.version, *found) if is_proven else []
    if run.options.writes:
        run.part.write_measured(run)
    if faults:
        what = "is corrected now: run this again" if run.options.writes else "differs"
        raise NotProvenError([f"The data of {run.version} was wrong, and {what}:", *faults])


def table(run):
    """Run the client and Tipstaff on every host of the table of cases."""
    cases = run.part.table_hosts(run.version)
    _compare(run, "table", cases)


def campaign(run):
    """Run both on random hosts, until as many as asked for were judged."""
    cases = run.part.random_hosts(run.version, run.options.seed, run.options.cases)
    answers = _compare(run, "campaign", cases)
    outside = sum(answer.how == hosts.OUTSIDE for answer in answers.values())
    if outside > MOST_OUTSIDE * len(cases):
        raise NotProvenError([f"files alone do not decide {outside} of {len(cases)} random hosts"])


def _compare(run, stage, cases):
    answers = hosts.ask_all(run, stage, cases)
    run.found[stage] = (cases, answers)
    run.say(f"{stage}: {hosts.counted(answers)}")
    return answers


def verdict(run):
    """Stop where a host is no agreement; say in words what differs, and what decides."""
    cases, answers = {}, {}
    for stage in ("table", "campaign"):
        some_cases, some = run.found[stage]
        cases |= some_cases
        answers |= some
    wrong = hosts.wrong_of(answers)
    if not answers:
        raise NotProvenError(["no host was run"])
    if wrong:
        raise NotProvenError(differences.explain(run, cases, answers))


def suite(run):
    """Run what else of the client's suite asks the client; a case that was left out is no proof."""
    if run.part.run_suite is None:
        return
    wrong, summary = run.part.run_suite(run)
    run.found["suite"] = summary
    run.say(f"suite: {', '.join(f'{count} {how}' for how, count in summary.items())}")
    if wrong:
        raise NotProvenError(["These tests of the suite are no agreement:", *wrong])


def replay(run):
    """Hold Tipstaff against every recorded host of every version, without a client."""
    wrong, count, seconds = run.part.replay_recorded(run.jobs)
    run.say(f"replay: {count} recorded hosts in {seconds:.0f} s")
    if wrong:
        raise NotProvenError(["These recorded hosts are not agreed with any longer:", *wrong])


def write(run):
    """Write the version's data, tables, record and change into the project."""
    if not run.options.writes:
        run.say("nothing was written, as asked")
        return
    paths = run.part.write(run)
    run.say("written:", *(f"  {path}" for path in paths))


STAGES = (install, surface, kinds, measured, table, campaign, verdict, suite, replay, write)


def prove(run):
    """Run every stage, and write what came of it as documents; return whether it is proven."""
    name = f"{run.part.NAME} {run.version}"
    run.say(f"proof of {name}; the newest proven version is {run.part.newest()}")
    lines = []
    for stage in STAGES:
        try:
            stage(run)
        except NotProvenError as failure:
            lines = failure.lines
        except ProofError as failure:
            lines = [str(failure)]
        run.clock.mark(stage.__name__)
        if lines:
            break
    run.say("", *lines, *([""] if lines else []), f"{'NOT ' if lines else ''}PROVEN: {name}")
    run.say(*times(run))
    paths = reports.write(run, lines, is_proven=not lines)
    run.say(f"reports: {', '.join(str(path) for path in paths)}")
    return not lines


def times(run):
    """Return in words how long it took, and how much of that the client's own starts are."""
    clock = run.clock
    stages = (
        f"  {name:<9} {in_words(whole):>12}, the client's starts {in_words(alone / clock.jobs):>12}"
        for name, (whole, alone) in clock.stages.items()
    )
    return [
        f"time: {in_words(clock.whole_s)}",
        *stages,
        f"the client's own starts: {in_words(clock.client_s)}, {clock.jobs} at once",
        f"whole time / starts = {clock.ratio:.2f} (bar {BAR})",
    ]
