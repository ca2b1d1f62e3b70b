"""What the Codex client brings to its proof; see `proving/parts.py` for what each part means."""

import functools
import json
import random
import subprocess
import tempfile
import time

from conformance import (
    campaign,
    generator,
    kinds,
    replaying,
    surface,
    test_agreement,
    test_cloud_policy,
    writing,
)
from conformance.client import ROOT, Judgement, Namespace, find_client, judge
from conformance.kinds import in_words as kinds_in_words
from conformance.kinds import neighbour_of
from conformance.surface import kept_surface
from proving import faults, records, rows
from proving.hosts import AGREED, DISAGREED, NOT_JUDGED, Answer
from proving.parts import ProofError
from tipstaff_policy.clients.codex.versions import (
    BEHAVIOURS,
    PROVEN,
    behaviour_of,
    version_number,
)

__all__ = ["kept_surface", "kinds_in_words", "neighbour_of"]
NAME, PACKAGE = "codex", "@openai/codex"
CLOUD = "cloud policy: "
OUT_LIMIT = 2000
INSTALL_LIMIT_S = 900
FEW = 40
"""Hosts that are judged by other values of the row where they are, and not as images."""


def proven():
    return [".".join(map(str, version)) for version in PROVEN]


def newest():
    return proven()[-1]


def install(version):
    """Install a release from npm, and return the words that start it."""
    done = subprocess.run(
        ["make", "-s", f".client/{version}/.stamp"], cwd=ROOT, check=False, capture_output=True,
        text=True, timeout=INSTALL_LIMIT_S,
    )  # fmt: skip
    program = find_client(version)
    if program is None:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ProofError(f"{PACKAGE}@{version} could not be installed: {' '.join(said)}")
    return [program]


def stated_version(program):
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as home:  # the client makes a folder there
        done = subprocess.run(
            [*program, "--version"], check=False, capture_output=True, text=True, timeout=60,
            env={"HOME": home, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    return done.stdout.strip().removeprefix("codex-cli "), time.monotonic() - begun


def read_surface(program):
    return surface.read_surface(program[0])


def measure(run):
    return kinds.measure(run, run.program[0])


def table_hosts(_version):
    """Return the hosts of the tables of cases, by the names that verdicts.json has them under."""
    cloud = {f"{CLOUD}{name}": case for name, case in test_cloud_policy.CASES.items()}
    return {**test_agreement.CASES, **test_agreement.KEPT, **cloud}


def random_hosts(_version, seed, count):
    source = random.Random(seed)
    return {f"random: seed {seed}, host {n}": generator.case(source) for n in range(count)}


def as_plain(case):
    """Return a host as JSON gives it back, what is empty left out."""
    kept = {field: value for field, value in case._asdict().items() if value or value is None}
    return json.loads(json.dumps(kept))


def in_words(case):
    return json.dumps(as_plain(case), sort_keys=True, ensure_ascii=False)


smaller = campaign.smaller


class Side:
    """The client and Tipstaff in one namespace.

    What the guard does on these hosts goes by the report and not by the client, whatever its
    version: `make conformance` holds it against each of them.
    """

    def __init__(self, program, version):
        self.program, self.version, self.namespace = program[0], version, Namespace()

    def ask(self, name, case, real=None):
        """Compare how a host ends; see `proving/hosts.py`."""
        before = self.namespace.client_s
        if name.startswith(CLOUD):
            answer = self._cloud(case)
        else:
            seen = Judgement(*real) if real else judge(self.namespace, self.program, case)
            answer = self._compared(name, case, seen)
        return answer._replace(client_s=self.namespace.client_s - before)

    def _cloud(self, case):
        real, ours = test_cloud_policy.ends_on(self.namespace, self.program, case)
        ends = [real, []], [ours, []]
        return Answer(AGREED if real == ours else DISAGREED, *ends)

    def _compared(self, name, case, seen):
        report, code = self._audit(case)
        decision = report["decision"]
        real = [seen.verdict, sorted(seen.removes), list(seen.left), seen.out[:OUT_LIMIT]]
        ours = [decision["verdict"], sorted(decision["removes"])]
        if decision["verdict"] == "unknown":
            return Answer(NOT_JUDGED, real, ours, "Tipstaff says unknown")
        if real[:2] != ours:
            return Answer(DISAGREED, real, ours)
        if name in test_agreement.CASES:
            try:
                test_agreement.assert_report_fits(case, seen, report, code)
            except AssertionError:
                why = f"the audit ends with {code}, sign-in {report['sign_in']['verdict']}"
                return Answer(DISAGREED, real, ours, why)
        return Answer(AGREED, real, ours)

    def _audit(self, case):
        """Return the report of an audit; the suite holds its form against the schema."""
        if case.without_capabilities:  # which only a new process is
            return test_agreement.audit(self.namespace, case)
        words = ["--entry-point", case.entry_point, *test_agreement.tipstaff_flags(case)]
        found = self.namespace.run([*test_agreement.WORDS, *words], case, audit=True)
        assert found["err"] == "", found
        return json.loads(found["out"]), found["code"]

    def close(self):
        self.namespace.close()


def row_of(version):
    return behaviour_of(version)._asdict()


def alternatives(version):
    return rows.alternatives(behaviour_of(version), BEHAVIOURS, "since")


def parse_row(text, version):
    return rows.parse_row(text, behaviour_of(version), "since")


def judge_as(version, row, hosts):
    """Return by name whether Tipstaff, by other values of the row, ends as the client did."""
    if len(hosts) > FEW:
        images = [(name, case, real) for name, case, real in hosts if replaying.is_image(case)]
        return dict.fromkeys((name for name, *_ in hosts), True) | replaying.judge_as(
            version, row, images
        )
    namespace, found = Namespace(), {}
    for name, case, real in hosts:
        engine = [*campaign.ENGINE, json.dumps(row), version, case.entry_point, *case.flags]
        answer = namespace.run(engine, case)
        decision = json.loads(answer["out"])["decision"] if answer["code"] == 0 else None
        found[name] = decision is not None and real[:2] == [
            decision["verdict"], sorted(decision["removes"]),
        ]  # fmt: skip
    namespace.close()
    return found


def take_row(version, row):
    """Write values of a row as the behaviour of a version, before it is judged by them."""
    return records.take_row(writing.KNOWLEDGE, version, row)


def data_faults(version, found, measured):
    """Return where the data that the project has of a version is not what was found, in lines."""
    kept = kept_surface(version) or {}
    lines = [
        line
        for section, part in found.items()
        for line in faults.differences(section, kept.get(section), part)
    ]
    for grammar, part in (measured or {"grammars": {}})["grammars"].items():
        path = kinds.DATA / f"{version}-{grammar}.json"
        before = json.loads(path.read_text("utf-8")) if path.exists() else {}
        for name, value in part["data"].items():
            sides = [_by_name(side) for side in (before.get(name), value)]
            lines += faults.differences(f"{grammar}, {name}", *sides)
    return lines


def _by_name(part):
    return dict.fromkeys(part, "brought along") if isinstance(part, list) else part


def write_measured(run):
    """Write what was read and measured; nothing of it says that the version is proven."""
    return writing.write_measured(run)


def run_suite(run):
    """Run the tests of the suite that ask the client, and that are not hosts of the table."""
    from proving import suite

    # A command line is read by the tables of proven versions, also where the tests read one.
    write_modules = functools.partial(records.write_modules, writing.KNOWLEDGE)
    with records.taken_as_proven(writing.KNOWLEDGE, run.version, write_modules):
        return suite.run_tests(
            run, "tests/conformance", _is_asked, lambda why: is_explained(run, why)
        )


LEFT_OUT = {
    "test_releases.py": "it compares two releases for a page, which is written at the end",
    "test_corpus.py::test_a_fresh_sample_agrees": "the campaign is larger",
    "test_campaign.py": "it tests the campaign itself",
    "test_shipped.py": "it tests what is shipped to endpoints",
}
"""Tests that say nothing of a version of the client."""
TABLE = (
    "test_agreement.py::test_verdict_exit_and_remains_are_those_of_the_client",
    "test_agreement.py::test_a_variable_never_costs_a_stored_login",
    "test_cloud_policy.py::test_the_second_step_is_the_clients",
)
"""The hosts of these are run by the stage of the table."""


def _is_asked(test):
    place = test.partition("tests/conformance/")[2]
    return not place.startswith((*LEFT_OUT, *TABLE))


NOT_APPLICABLE = {
    "older clients know no SPIFFE": "federation",
    "the question is the newest client's": "federation",
    "older clients know no workload identity": "federation",
    "older clients know no agent's token": "unknown_fields",
    "it knows no such key": "unknown_fields",
    "it knows no encrypted file": "encrypts",
    "it keeps no policy of the service": "reads_bundle",
}
"""Reasons of tests that a version does not have to pass, each with the field that says so: the
hosts of the table show it, and they have all agreed before the suite is run."""
OF_THE_NEWEST = (
    "the stand-in speaks with the newest client",
    "the page shows the words of the newest proven client",
    "the rows are the newest proven client's",
    "its library may call itself otherwise",
    "older clients load less for these commands",
)
"""Reasons of tests that state something of the newest client alone."""
WITHOUT_KEY = {"not tried on this version": "config_server"}
WITHOUT_OPTION = {"it has no such option": "--remote"}
"""Reasons that what was measured, and read of the command line, has to bear out."""


def is_explained(run, why):
    """Return whether a test was left out for a reason that shows in what was found."""
    if any(reason in why for reason in NOT_APPLICABLE):
        return True
    if any(reason in why for reason in OF_THE_NEWEST):
        return version_number(run.version) < PROVEN[-1]
    top = run.found["kinds"]["grammars"]["requirements"]["data"]["keys"][""]
    keys = {name for names in top.values() for name in names.split()}
    options = run.found["surface"]["commands"].get("exec", {}).get("one", "").split()
    return any(reason in why and key not in keys for reason, key in WITHOUT_KEY.items()) or any(
        reason in why and option not in options for reason, option in WITHOUT_OPTION.items()
    )


def replay_recorded(jobs):
    """Hold Tipstaff against all recorded hosts, without the client."""
    return replaying.replay_all(jobs)


def write(run):
    """Write data, tables, record and change."""
    return writing.write(run)
