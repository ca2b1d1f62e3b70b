"""Each fault that is planted in what is known of a version is found by the comparison of its proof.

Against records of the real client: a comparison that finds nothing could be one that looks at
nothing. `tests/conformance_claude/test_planted_faults.py` does the same for Claude Code's rows.
"""

import copy
import gzip
import itertools
import json
from types import SimpleNamespace

import pytest

from conformance import proof, replaying, surface, verdicts
from conformance.kinds import DATA
from conformance.test_corpus import CORPORA
from proving import differences, hosts, suite
from proving.hosts import AGREED, DISAGREED, NO_VERDICT, NOT_JUDGED, Answer

NEWEST = verdicts.NEWEST_NAME
KINDS = ("rules", "credentials", "layers", "toml", "workload", "entry_points")
OF_EACH = 25
"""Hosts of each kind of the table."""
ROWS = {
    "methods of requirements are not heeded": {"hides": False},
    "an unreadable login stops the client": {"passes_over_unreadable": False},
    "the store of requirements is not heeded": {"reads_required_store": False},
    "a forced workspace may be no list": {"takes_workspace_lists": False},
    "a profile is a table": {"profile_files": False},
    "the managed layer trusts no project": {"trusts_by_managed": False},
    "the app-server keeps flags alone": {"server_keeps_administrators": False},
    "an account id counts without the token": {"confirms_account": False},
    "SPIFFE is not known": {"federation": "file"},
    "a Bedrock key is not known": {"unknown_fields": ["bedrock_api_key"]},
}


def endings(name):
    """Return the verdict and the removals that are recorded of a host."""
    verdict, _, removes = verdicts.recorded()[name].partition(" and removes ")
    return [verdict, removes.split(", ") if removes else []]


@pytest.fixture(scope="module")
def table():
    """A part of the table of hosts, with how the newest client ended on each."""
    recorded = verdicts.recorded()
    every = {name: host for name, host in replaying.table_hosts().items() if name in recorded}
    kept = {}
    for kind in KINDS:
        names = [name for name in every if name.startswith(f"{kind}: ")]
        step = max(1, len(names) // OF_EACH)
        kept |= {name: every[name] for name in names[::step]}
    ends = replaying.judge_as(NEWEST, {}, [(n, host, endings(n)) for n, host in kept.items()])
    return {name: kept[name] for name, agrees in ends.items() if agrees}


@pytest.mark.rest
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_wrong_row_is_found_on_the_recorded_hosts(table, row):
    asked = [(name, host, endings(name)) for name, host in table.items()]

    found = replaying.judge_as(NEWEST, row, asked)

    assert [] != [name for name, agrees in found.items() if not agrees]


class Recorded:
    """A client's part whose data has a wrong row, and whose client is what is recorded."""

    def __init__(self, planted):
        self.planted = planted

    def alternatives(self, _version):
        return {"hides": [False, True], "profile_files": [False], "takes_workspace_lists": [False]}

    def judge_as(self, version, row, asked):
        return replaying.judge_as(version, {**self.planted, **row}, asked)

    def row_of(self, _version):
        return {**proof.row_of(NEWEST), **self.planted}


class RunOf:
    """As much of a proof as a search for the deciding field needs."""

    version = NEWEST

    def __init__(self, part):
        self.part = part


@pytest.mark.rest
def test_the_field_that_was_planted_is_named_as_the_one_that_decides(table):
    few = dict(itertools.islice(table.items(), 40))
    asked = [(name, host, endings(name)) for name, host in few.items()]
    wrong = replaying.judge_as(NEWEST, {"hides": False}, asked)
    answers = {
        name: Answer(AGREED if agrees else DISAGREED, endings(name), ["unknown", []])
        for name, agrees in wrong.items()
    }

    changes = differences.find_deciding(RunOf(Recorded({"hides": False})), few, answers)

    assert {"hides": True} == changes[0].row
    assert changes[0].is_whole


@pytest.fixture
def shown():
    """What the newest client was recorded to show, as its own help was read."""
    return {"commands": copy.deepcopy(surface.kept_surface(NEWEST)["commands"])}


def faults(found, measured=None):
    return proof.data_faults(NEWEST, found, measured)


def test_data_that_is_as_the_client_shows_has_no_fault(shown):
    assert [] == faults(shown)


def test_an_option_of_a_wrong_arity_is_found(shown):
    shown["commands"]["exec"]["none"] += " --model"

    assert "exec" in faults(shown)[0]


def test_a_missing_option_is_found(shown):
    shown["commands"]["login"]["one"] = "--new-option"

    assert "--new-option" in faults(shown)[0]


def test_a_missing_command_is_found(shown):
    shown["commands"]["new-command"] = {}

    assert "new-command: nothing is kept" in faults(shown)[0]


def measured_of(**planted):
    """Return what a measurement found where it is as the data, but for some rows."""
    data = json.loads((DATA / f"{NEWEST}-config.json").read_text())
    for place, row in planted.items():
        data["keys"][place] = row
    return {"grammars": {"config": {"data": data}}}


def test_accepted_kinds_that_are_as_measured_have_no_fault(shown):
    assert [] == faults(shown, measured_of())


def test_a_wrong_accepted_kind_is_found(shown):
    assert "history" in faults(shown, measured_of(history={"integer": "persistence"}))[0]


def test_a_key_that_is_missing_is_found(shown):
    assert "brand_new" in faults(shown, measured_of(brand_new={"text date": "x"}))[0]


def test_a_provider_that_is_missing_is_found(shown):
    measured = measured_of()
    measured["grammars"]["config"]["data"]["providers"].append("new-provider")

    assert "new-provider" in faults(shown, measured)[0]


def test_a_proven_version_without_a_record_is_found():
    (fault,) = replaying.record_faults(corpora={}, proven=((0, 169, 0),))

    assert "0.169.0 is proven, and 0 hosts of it are recorded" in fault


def test_a_proven_version_with_a_record_of_a_few_hosts_is_found(tmp_path):
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"case": {}}\n'))

    (fault,) = replaying.record_faults(corpora={"0.169.0": path}, proven=((0, 169, 0),))

    assert "1 hosts of it are recorded" in fault


def test_a_wrong_verdict_in_a_record_is_found():
    lines = replaying.read_corpus(CORPORA[NEWEST])[:3]
    lines[1]["verdict"] = "log_out" if lines[1]["verdict"] != "log_out" else "allow"

    _, _, wrong = replaying.replay(("corpus", NEWEST, lines))

    assert 1 == len(wrong)


def test_a_host_that_is_recorded_otherwise_than_it_ends_is_found():
    name, host = next(iter(replaying.table_hosts().items()))
    line = {"name": name, "case": host._asdict(), "ending": "refuse"}

    _, _, (fault,) = replaying.replay(("table", NEWEST, [line]))

    assert name in fault


@pytest.mark.parametrize("how", [NOT_JUDGED, NO_VERDICT, DISAGREED])
def test_what_was_not_judged_or_came_to_no_end_is_no_agreement(how):
    assert ["x"] == list(hosts.wrong_of({"x": Answer(how), "y": Answer(AGREED)}))


class Failing:
    """A side whose client ends in a way that is no verdict."""

    def ask(self, _name, _host, _real):
        raise AssertionError("the client ended with 101")


def test_a_client_that_does_not_start_is_no_agreement():
    answer = hosts.ask(Failing(), "x", None)

    assert NO_VERDICT == answer.how
    assert "101" in answer.why


def ends(outcome, why=""):
    return {"tests/x.py::test": {"outcome": outcome, "why": why}}


def explained(why, version=NEWEST, keys="", options=""):
    """Return whether a skipped test counts as explained by what a proof has found."""
    found = {
        "kinds": {"grammars": {"requirements": {"data": {"keys": {"": {"closed": keys}}}}}},
        "surface": {"commands": {"exec": {"one": options}}},
    }
    return proof.is_explained(SimpleNamespace(version=version, found=found), why)


def test_a_skipped_test_is_no_agreement():
    wrong, counts = suite.judged(ends("skipped", "no keyring is installed"), explained)

    assert 1 == len(wrong)
    assert 0 == counts["passed"]


def test_a_failed_test_is_no_agreement():
    assert 1 == len(suite.judged(ends("failed", "older clients know no SPIFFE"), explained)[0])


def test_a_test_is_left_out_where_a_field_of_the_row_says_so():
    wrong, counts = suite.judged(
        ends("skipped", "Skipped: older clients know no SPIFFE"), explained
    )

    assert [] == wrong
    assert {"passed": 0, "not applicable": 1} == counts


def test_what_is_stated_of_the_newest_client_has_to_hold_for_a_later_one():
    why = "the rows are the newest proven client's"

    assert explained(why, "0.130.0")
    assert not explained(why, "99.0.0")


def test_a_key_or_an_option_that_the_client_has_leaves_out_no_test():
    assert explained("not tried on this version")
    assert not explained("not tried on this version", keys="config_server")
    assert explained("it has no such option")
    assert not explained("it has no such option", options="--model --remote")


WITNESSED = sorted({*proof.NOT_APPLICABLE.values()} - {"encrypts", "reads_bundle"})
"""The other two show on hosts that are no images: of a keyring, and of the service."""


@pytest.mark.parametrize("field", WITNESSED)
def test_a_field_that_leaves_out_tests_shows_on_a_host_of_the_table(field, table):
    (other, *_) = proof.alternatives(NEWEST)[field]
    asked = [
        (name, host, endings(name))
        for name, host in table.items()
        if name.startswith(("rules", "work"))
    ]

    assert not all(replaying.judge_as(NEWEST, {field: other}, asked).values())
