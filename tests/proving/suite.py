"""The tests of a client's suite that ask the real client, as a stage of a proof."""

import os
import subprocess
import sys
import time

from proving.progress import Progress
from proving.recorder import PLAN, RECORD
from proving.state import ROOT

LOOK_EVERY_S = 1


def run_tests(run, place, is_asked, is_explained):
    """Run the tests below a folder; return what is no agreement, and how many did what.

    Args:
        is_asked: Whether a test, by its name, says something of the version.
        is_explained: Whether a skipped test, by its reason, says nothing of the version.
    """
    passed = {test: line for test, line in _kept(run).items() if line["outcome"] == "passed"}
    tests = _collected(place)
    if not tests:
        return [f"there are no tests below {place}"], {}
    left_out = sorted({_function(test) for test in tests if not is_asked(test)})
    plan = {"passed": sorted(passed), "left out": left_out, "code": run.code}
    run.state.keep_lines("suite", [{**line, "code": run.code} for line in passed.values()])
    run.state.write("suite-plan", plan)
    record = run.state.folder / "suite-run.jsonl"
    record.unlink(missing_ok=True)
    seen = _run(run, place, record, len(passed))
    for line in seen:
        run.clock.add(line.get("client_s", 0.0))
    outcomes = _outcomes(seen)
    if not any("count" in line for line in seen):
        return ["the tests did not start; see suite-run.txt in the folder of the proof"], {}
    run.state.keep_lines(
        "suite", [{**line, "code": run.code} for line in {**passed, **outcomes}.values()]
    )
    return judged({**passed, **outcomes}, is_explained)


def _kept(run):
    """Return how tests ended in earlier runs, also in one that was killed, by the same Tipstaff."""
    lines = [line for line in run.state.lines("suite") if line["code"] == run.code]
    if run.state.read("suite-plan", {}).get("code") == run.code:
        lines += _outcomes(run.state.lines("suite-run")).values()
    return {line["test"]: line for line in lines}


def _collected(place):
    """Return the names of all tests below a folder."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", place]
    done = subprocess.run(
        words, cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "TIPSTAFF_HOSTS": "all"},
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if "::" in line]


def _function(test):
    """Return a test without its parameters."""
    return test.partition("[")[0]


def _run(run, place, record, done):
    words = [sys.executable, "-m", "pytest", "-p", "proving.recorder", "-p", "no:cacheprovider"]
    words += ["-n", str(run.jobs), "--dist", "loadgroup", place]
    env = {
        **os.environ,
        "TIPSTAFF_HOSTS": "all",
        RECORD: str(record),
        PLAN: str(run.state.folder / "suite-plan.json"),
    }
    progress = None
    with (run.state.folder / "suite-run.txt").open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            while process.poll() is None:
                time.sleep(LOOK_EVERY_S)
                lines = run.state.lines("suite-run")
                count = next((line["count"] for line in lines if "count" in line), None)
                if count is not None:
                    progress = progress or Progress("suite", count + done, done)
                    progress.reach(done + len(_outcomes(lines)))
                run.clock.tick("suite")
        finally:
            process.terminate()
    return run.state.lines("suite-run")


def _outcomes(lines):
    """Return how each test ended; one that failed while it was cleaned up has failed."""
    found = {}
    for line in lines:
        if "outcome" in line and (line["outcome"] != "passed" or line["test"] not in found):
            found[line["test"]] = line
    return found


def judged(ends, is_explained):
    wrong, counts = [], {"passed": 0, "not applicable": 0}
    for test, line in sorted(ends.items()):
        if line["outcome"] == "passed":
            counts["passed"] += 1
        elif line["outcome"] == "skipped" and is_explained(line["why"]):
            counts["not applicable"] += 1
        else:
            wrong.append(f"  {line['outcome']}: {test}: {line['why'][:200]}")
    return wrong, counts
