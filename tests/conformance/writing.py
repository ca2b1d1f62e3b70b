"""What a proof writes: a version's data, the tables of the documentation, its record, its change."""

import datetime as dt
import gzip
import json
import re
from pathlib import Path

from conformance import kinds, releases, surface, verdicts
from conformance.client import ROOT
from conformance.replaying import is_image
from proving.hosts import AGREED, OUTSIDE
from proving.parts import ProofError
from proving.records import add_change, add_proven, write_modules, write_texts
from tipstaff_policy.clients.codex.versions import PROVEN, version_number

HERE = Path(__file__).parent
TOP = Path(ROOT)
KNOWLEDGE = TOP / "policy/tipstaff_policy/clients/codex/knowledge/versions.json"
PAGE = TOP / "docs/clients/codex.md"
README = TOP / "README.md"
CAMPAIGNS = HERE / "README.md"
HEAD = re.compile(r"^\| version \| hosts run \|.*\n\| --- .*\n", re.MULTILINE)
RECORDED = ("etc", "home", "cwd", "env", "flags", "entry_point")


def write_measured(run):
    """Write what was read and measured of a version."""
    written = surface.write_surface(run.version, run.found["surface"])
    written += kinds.write_kinds(run.version, run.found["kinds"])
    return [*written, *write_modules(KNOWLEDGE)]


def write(run):
    """Write all that says that a version is proven."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    is_newest = version_number(run.version) >= PROVEN[-1]
    add_proven(KNOWLEDGE, run.version, today)
    written = [KNOWLEDGE, *write_modules(KNOWLEDGE), write_corpus(run)]
    # The page compares with the endings of before, which the table of verdicts then no longer has.
    written += [write_page(run, today), write_campaigns(run)]
    if is_newest:
        written += [write_verdicts(run), write_readme(run.version), *releases.write_page(run)]
    written += [*write_change(run), *write_texts()]
    return sorted({str(Path(path).relative_to(TOP)) for path in written})


def write_corpus(run):
    """Write the random hosts that a replay without the client can take, and how they ended."""
    cases, answers = run.found["campaign"]
    lines = [
        json.dumps(
            {
                "case": {name: getattr(cases[host], name) for name in RECORDED},
                "verdict": answer.real[0],
                "removes": answer.real[1],
            },
            sort_keys=True,
        )
        for host, answer in answers.items()
        if answer.how == AGREED and is_image(cases[host])
    ]
    path = HERE / f"corpus-{run.version}.jsonl.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    return path


def endings(run):
    """Return how every host of the table ended, as verdicts.json has it."""
    _, answers = run.found["table"]
    return {
        name: verdicts.ending(answer.real[0], answer.real[1]) for name, answer in answers.items()
    }


def write_verdicts(run):
    """Write how every host of the table ends with the version that is now the newest."""
    text = json.dumps(endings(run), indent=0, sort_keys=True, ensure_ascii=False)
    verdicts.PATH.write_text(text + "\n", "utf-8")
    return verdicts.PATH


def write_page(run, today):
    """Write the version's row of the table of proofs."""
    text = PAGE.read_text("utf-8")
    head = HEAD.search(text)
    if head is None:
        raise ProofError(f"{PAGE} has no table of the versions that were run")
    end = text.index("\n\n", head.end())
    rows = dict(_row(line) for line in text[head.end() : end].splitlines())
    rows[run.version] = page_row(run, today)
    ordered = sorted(rows, key=version_number, reverse=True)
    table = "\n".join(rows[version] for version in ordered)
    PAGE.write_text(text[: head.end()] + table + text[end:], "utf-8")
    return PAGE


def _row(line):
    return line.split("|")[1].strip(), line


def page_row(run, today):
    """Return the version's row: hosts, random hosts, and how many end otherwise than on 0.169.0."""
    _, random_answers = run.found["campaign"]
    seen, before = endings(run), verdicts.recorded()
    otherwise = sum(before.get(name) not in (None, ending) for name, ending in seen.items())
    left_out = sum(answer.how == OUTSIDE for answer in random_answers.values())
    left_out += run.found["suite"]["not applicable"]
    cells = (run.version, len(seen), 0, len(random_answers), 0, otherwise, left_out, today)
    return f"| {' | '.join(map(str, cells))} |"


def write_readme(version):
    """Write the range of the proven versions into the overview of the clients."""
    text = README.read_text("utf-8")
    oldest = ".".join(map(str, PROVEN[0]))
    made, count = re.subn(
        rf"proven {re.escape(oldest)} to [0-9.]+[0-9]", f"proven {oldest} to {version}", text
    )
    if count != 1:
        raise ProofError(f"{README} names the proven versions in {count} places, not in one")
    README.write_text(made, "utf-8")
    return README


def write_campaigns(run):
    """Add the campaign to those that were run."""
    text = CAMPAIGNS.read_text("utf-8").rstrip("\n")
    row = f"| {run.version} | {run.options.seed} | {len(run.found['campaign'][0]):,} | 0 |"
    if row not in text:
        CAMPAIGNS.write_text(f"{text}\n{row}\n", "utf-8")
    return CAMPAIGNS


def write_change(run):
    """Add the line of the change; a version that was proven before is none."""
    if version_number(run.version) in PROVEN:
        return []
    _, table_answers = run.found["table"]
    row = "" if not run.options.row else f"; `{', '.join(run.options.row)}` changed"
    return [
        add_change(
            TOP / "CHANGELOG.md",
            f"- **Codex {run.version} is proven**: {len(table_answers)} hosts and "
            f"{len(run.found['campaign'][0])} random ones end as foretold{row}.",
        )
    ]
