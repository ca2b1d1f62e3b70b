"""What a proof of Claude Code writes: data, the tables of the documentation, its record, its change."""

import datetime as dt
import re
from pathlib import Path

from conformance_claude import surface
from conformance_claude.install import ROOT
from conformance_claude.oracle import Outcome
from conformance_claude.record import corpus_of, read_corpus, write_corpus
from proving.hosts import AGREED, OUTSIDE
from proving.parts import ProofError
from proving.records import (
    add_change,
    add_proven,
    number,
    write_modules,
    write_texts,
)
from tipstaff_policy.clients.claude.versions import PROVEN

KNOWLEDGE = ROOT / "policy/tipstaff_policy/clients/claude/knowledge/versions.json"
PAGE = ROOT / "docs/clients/claude.md"
README = ROOT / "README.md"
HEAD = re.compile(r"^\| client \| seeds \|.*\n\| --- .*\n", re.MULTILINE)
LOG_OUT, AGAIN = "log-out: ", "again: "


def write_measured(run, neighbour):
    """Write what was read of a version."""
    written = surface.write_surface(run.version, run.found["surface"], neighbour)
    return [*written, *write_modules(KNOWLEDGE)]


def write(run):
    """Write all that says that a version is proven."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    is_new = number(run.version) not in PROVEN
    add_proven(KNOWLEDGE, run.version, today)
    written = [KNOWLEDGE, *write_modules(KNOWLEDGE), *write_corpora(run), write_page(run, today)]
    if is_new:
        written += [write_readme(), write_change(run)]
    written += write_texts()
    return sorted({str(Path(path).relative_to(ROOT)) for path in written})


def write_corpora(run):
    """Add how the hosts of the tables and the random ones ended to what is recorded."""
    paths = corpus_of(run.version), Path(__file__).with_name(f"random-{run.version}.jsonl.gz")
    for stage, path in zip(("table", "campaign"), paths, strict=True):
        cases, answers = run.found[stage]
        ends = {
            name: (cases[name], Outcome(**answer.real))
            for name, answer in answers.items()
            if answer.real and not name.startswith(AGAIN)
        }
        write_corpus(path, read_corpus(path) | ends)
    return paths


def write_page(run, today):
    """Write the version's row of the table of proofs."""
    text = PAGE.read_text("utf-8")
    head = HEAD.search(text)
    if head is None:
        raise ProofError(f"{PAGE} has no table of the campaigns that were run")
    end = text.index("\n\n", head.end())
    lines = text[head.end() : end].splitlines()
    row = page_row(run, today)
    seeds = f"| {run.version} | {run.options.seed} |"
    kept = [line for line in lines if not line.startswith(seeds)]
    ordered = sorted([row, *kept], key=lambda line: number(line.split("|")[1].strip()))[::-1]
    PAGE.write_text(text[: head.end()] + "\n".join(ordered) + text[end:], "utf-8")
    return PAGE


def page_row(run, today):
    """Return the row: starts and log-outs that agreed, and those that files do not decide."""
    _, answers = run.found["campaign"]
    starts = [a.how for name, a in answers.items() if not name.startswith((LOG_OUT, AGAIN))]
    outs = [a.how for name, a in answers.items() if name.startswith(LOG_OUT)]
    cells = [run.version, run.options.seed, f"{len(starts):,}"]
    for hows in (starts, outs):
        cells += [f"{hows.count(AGREED):,}", hows.count(OUTSIDE)]
    return f"| {' | '.join(map(str, [*cells, 0, today]))} |"


def write_readme():
    """Write the proven versions into the overview of the clients."""
    text = README.read_text("utf-8")
    *others, last = read_proven()
    made, count = re.subn(
        r"(\| Anthropic Claude Code \| proven )[0-9., and]+(; a newer)",
        rf"\g<1>{', '.join(others)} and {last}\g<2>",
        text,
    )
    if count != 1:
        raise ProofError(f"{README} names the proven versions in {count} places, not in one")
    README.write_text(made, "utf-8")
    return README


def read_proven():
    """Return the proven versions as they are now written."""
    from proving.records import read_known

    return list(read_known(KNOWLEDGE)["proven"])


def write_change(run):
    """Add the line of the change."""
    row = "" if not run.options.row else f"; `{', '.join(run.options.row)}` changed"
    return add_change(
        ROOT / "CHANGELOG.md",
        f"- **Claude Code {run.version} is proven**: {len(run.found['table'][1])} hosts and "
        f"{run.options.cases} random ones end as foretold{row}.",
    )
