"""A campaign: random hosts through the real client and through Tipstaff, side by side.

    python -m conformance.campaign --cases 3000 --seed 1 --record FILE.jsonl.gz

Every disagreement is made as small as possible and printed; one is enough for exit code 1. A host
that Tipstaff does not judge is one too: a campaign that judges little must not look like success.
"""

import argparse
import collections
import concurrent.futures
import gzip
import json
import random
import sys
import time
from pathlib import Path

from conformance import generator
from conformance.client import ENCRYPTED, VERSION, Namespace, find_client, judge

HERE = Path(__file__).parent
ENGINE = [sys.executable, str(HERE / "engine.py")]
RECORDED = ("etc", "home", "cwd", "env", "flags", "entry_point")
SHRINKING_LIMIT = 60
"""Tries a disagreement."""


def compare(namespace, client, case):
    """Return the client's verdict and Tipstaff's, each with what is removed."""
    real = judge(namespace, client, case)
    found = namespace.run([*ENGINE, VERSION, case.entry_point, *case.flags], case)
    if found["code"]:
        return (real.verdict, sorted(real.removes)), (f"failed: {found['err'][-300:]}", [])
    decision = json.loads(found["out"])["decision"]
    return (real.verdict, sorted(real.removes)), (decision["verdict"], sorted(decision["removes"]))


def disagree(real, ours):
    """Return whether two judgements differ; not to judge is a difference too."""
    return real != ours


def shrink(namespace, client, case):
    """Return a smaller case on which the two still disagree."""
    tries = 0
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in smaller(case):
            tries += 1
            if tries > SHRINKING_LIMIT:
                return case
            try:
                still = disagree(*compare(namespace, client, candidate))
            except AssertionError:
                continue  # the client ended in a way that is no verdict
            if still:
                case, is_smaller = candidate, True
                break
    return case


def smaller(case):
    """Yield hosts that are a little smaller."""
    for name in ("etc", "home", "cwd", "env"):
        files = getattr(case, name)
        for key in files:
            yield case._replace(**{name: {k: v for k, v in files.items() if k != key}})
    if case.flags:
        yield case._replace(flags=())
    if case.keyring:
        yield from _smaller_keyrings(case)
    for name in ("etc", "home", "cwd"):
        files = getattr(case, name)
        for key, text in files.items():
            lines = text.splitlines(keepends=True) if isinstance(text, str) else []
            for number in range(len(lines) if key.endswith(".toml") and len(lines) > 1 else 0):
                rest = "".join(lines[:number] + lines[number + 1 :])
                yield case._replace(**{name: {**files, key: rest}})


def _smaller_keyrings(case):
    yield case._replace(keyring=None)
    items = case.keyring["items"]
    for number in range(len(items)):
        rest = items[:number] + items[number + 1 :]
        yield case._replace(keyring={**case.keyring, "items": rest})


def run(number, cases, client, record):
    """Judge some cases in one namespace; return counts and the disagreements."""
    namespace = Namespace()
    counts, found = collections.Counter(), []
    for index, case in enumerate(cases):
        real, ours = compare(namespace, client, case)
        counts[f"{case.entry_point:<11} {real[0]}"] += 1
        counts["not judged by Tipstaff"] += ours[0] == "unknown"
        record(case, real, ours)
        if disagree(real, ours):
            small = shrink(namespace, client, case)
            found.append((small, *compare(namespace, client, small)))
            print("DISAGREEMENT", *found[-1][1:], generator.as_text(small), flush=True)
        if sys.stderr.isatty() or index % 100 == 99:
            print(f"\r{number}: {index + 1} of {len(cases)}", end="", file=sys.stderr, flush=True)
    namespace.close()
    return counts, found


def _replays(case):
    """Return whether a host can be replayed as an image, without the client and its keyring."""
    hidden = case.keyring is not None or ENCRYPTED in case.home
    return not hidden and case.entry_point != "interactive"


def report(options, results, seconds):
    """Print what came of a campaign; return the disagreements."""
    counts = sum((tallied for tallied, _ in results), collections.Counter())
    found = [disagreement for _, some in results for disagreement in some]
    print(f"\nclient {VERSION}, seed {options.seed}: {options.cases} cases in {seconds:.0f} s")
    for name, count in sorted(counts.items()):
        print(f"  {count:6} {name}")
    print(f"disagreements: {len(found)}")
    return found


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--record", type=Path, help="write the cases for test_corpus.py (.jsonl.gz)"
    )
    return parser.parse_args()


def main():
    options = parse_options()
    client = find_client()
    if client is None:
        sys.exit(f"error: client {VERSION} is not installed; run `make campaign`")
    source = random.Random(options.seed)
    cases = [generator.case(source) for _ in range(options.cases)]
    lines = []

    def record(case, real, ours):
        if _replays(case) and not disagree(real, ours):
            kept = {name: getattr(case, name) for name in RECORDED}
            line = {"case": kept, "verdict": real[0], "removes": real[1]}
            lines.append(json.dumps(line, sort_keys=True))

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        parts = [cases[number :: options.jobs] for number in range(options.jobs)]
        runs = [pool.submit(run, n, part, client, record) for n, part in enumerate(parts)]
        results = [future.result() for future in runs]
    found = report(options, results, time.monotonic() - begun)
    if options.record:
        options.record.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
