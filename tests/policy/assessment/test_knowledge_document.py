"""A document of knowledge: what is wrong in one is refused, and named."""

import copy
import json

import pytest

from support.artefacts.knowledge import NEWER, NOW, content_with_newer
from tipstaff_policy.assessment.knowledge.document import check, learn_from, render_signed_form
from tipstaff_policy.assessment.knowledge.making import make_content
from tipstaff_policy.clients import learned
from tipstaff_policy.clients.claude.versions import behaviours_of
from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.codex.config.accepted import find_measured_around
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.errors import PolicyError
from tipstaff_schemas.export import faults

RELEASE = "0.1.0"


def codex(content):
    return content["clients"]["codex"]


def claude(content):
    return content["clients"]["claude"]


def reversed_proven(content):
    section = codex(content)
    section["proven"] = dict(reversed(section["proven"].items()))


def second_row(content):
    codex(content)["spans"][-1]["rows"].append("0.130.0")


WRONG = {
    "an unknown member": (lambda c: c.update(more=1), "more is unknown"),
    "no counter": (lambda c: c.pop("counter"), "counter is missing"),
    "a counter of 0": (lambda c: c.update(counter=0), "counter is no whole number"),
    "a counter that is true": (lambda c: c.update(counter=True), "counter is no whole number"),
    "a day for a moment": (lambda c: c.update(made_at="2026-11-30"), "made_at is no moment"),
    "no client": (lambda c: c.update(clients={}), "clients is no object"),
    "an unknown client": (lambda c: c["clients"].update(other={}), "clients.other is no client"),
    "an unknown part": (lambda c: codex(c).update(code="x"), "codex.code is unknown"),
    "a part too few": (lambda c: codex(c).pop("accepted"), "codex.accepted is missing"),
    "an unknown field": (
        lambda c: codex(c)["rows"]["0.171.0"].update(logs_in=True),
        "rows.0.171.0.logs_in is unknown",
    ),
    "a field of a wrong type": (
        lambda c: codex(c)["rows"]["0.171.0"].update(hides=1),
        "rows.0.171.0.hides is no true or false",
    ),
    "a word that is none": (
        lambda c: codex(c)["rows"]["0.171.0"].update(federation="all"),
        "rows.0.171.0.federation is no one of",
    ),
    "a list of other things": (
        lambda c: codex(c)["rows"]["0.171.0"].update(unknown_fields=[1]),
        "rows.0.171.0.unknown_fields is no array of text",
    ),
    "a field too few": (
        lambda c: codex(c)["rows"]["0.130.0"].pop("hides"),
        "rows.0.130.0.hides is missing",
    ),
    "a day that is none": (
        lambda c: codex(c)["proven"].update({"0.171.0": "soon"}),
        "proven.0.171.0 is no day",
    ),
    "a version that is none": (
        lambda c: codex(c)["proven"].update({"latest": None}),
        "proven.latest is no version",
    ),
    "no span": (lambda c: codex(c).update(spans=[]), "spans is empty"),
}
WRONG_IN_ORDER = {
    "versions that do not ascend": (reversed_proven, "not have its versions in ascending order"),
    "spans that do not ascend": (
        lambda c: codex(c)["spans"].reverse(),
        "since does not come after the span before it",
    ),
    "a row like one that comes later": (
        lambda c: codex(c)["rows"]["0.135.0"].update(like="0.171.0"),
        "rows.0.135.0.like names no row before it",
    ),
    "a span of a row that is not there": (
        lambda c: codex(c)["spans"][-1].update(rows=["1.2.3"]),
        "rows names a row that is not there",
    ),
    "a proven version without a row": (
        lambda c: codex(c)["spans"].pop(0),
        "proven.0.130.0 has no row of behaviour",
    ),
    "a proven version in doubt": (second_row, "proven.0.171.0 has several rows"),
    "a proven version without a command line": (
        lambda c: codex(c)["command_lines"].pop("0.171.0"),
        "command_lines.0.171.0 is missing",
    ),
    "a proven version whose keys were not measured": (
        lambda c: codex(c)["accepted"].pop("0.169.0"),
        "accepted.0.169.0 is missing",
    ),
    "the newest of a client without a command line": (
        lambda c: claude(c).update(command_lines={}),
        "claude.command_lines.2.1.332 is missing",
    ),
    "data of a version that is not proven": (
        lambda c: codex(c)["proven"].pop("0.146.0"),
        "command_lines.0.146.0 is of a version that is not proven",
    ),
    "an option with other values": (
        lambda c: codex(c)["command_lines"]["0.171.0"]["*"].update(one="--help"),
        "gives --help of '*' another number of values",
    ),
    "an option of another client with other values": (
        lambda c: claude(c)["command_lines"]["2.1.332"].update(none="--model"),
        "gives --model another number of values",
    ),
    "a kind of value that is none": (
        lambda c: codex(c)["accepted"]["0.171.0"]["config"]["keys"][""].update({"integer:x": "a"}),
        "has a kind of value",
    ),
}


@pytest.mark.parametrize(
    ("spoil", "words"), [*WRONG.values(), *WRONG_IN_ORDER.values()], ids=[*WRONG, *WRONG_IN_ORDER]
)
def test_what_is_wrong_is_refused_and_named(spoil, words):
    content = make_content(1, NOW)
    spoil(content)

    with pytest.raises(PolicyError) as refused:
        check(content, RELEASE)
    assert words in refused.value.what


@pytest.mark.parametrize("spoil", [spoil for spoil, _ in WRONG.values()], ids=WRONG)
def test_the_schema_for_editors_refuses_it_too(spoil):
    content = json.loads(json.dumps(make_content(1, NOW)))
    spoil(content)

    assert faults("knowledge", content)


def test_what_this_release_knows_fits_its_own_reader_and_schema():
    content = make_content(1, NOW)

    assert (1, []) == (check(content, RELEASE).counter, faults("knowledge", content))


def test_what_is_signed_does_not_depend_on_the_order_of_members():
    content = make_content(1, NOW)
    other = dict(reversed(copy.deepcopy(content).items()))

    assert render_signed_form(content) == render_signed_form({**other, "signature": "x"})


@pytest.fixture
def knows_newer(monkeypatch):
    """Go by a document that proves a newer version, in which the client hides nothing."""
    content = content_with_newer(hides=False)
    rows = codex(content)["command_lines"][NEWER]
    rows[""]["one"] += " --new-option"
    found = learned.Found("knowledge.json", 1, learn_from(check(content, RELEASE)))
    monkeypatch.setattr(learned, "_found", found)
    monkeypatch.setattr(learned, "_host", ("this one",))


def test_a_newer_version_behaves_as_the_document_says(knows_newer):
    assert NEWEST_BEHAVIOUR._replace(since=(0, 999, 0), hides=False) == behaviour_of(NEWER)


def test_one_that_is_still_newer_behaves_as_the_newest_of_the_document(knows_newer):
    assert (0, 999, 0) == behaviour_of("1.0.0").since


def test_one_between_is_judged_as_the_newest_of_this_release(knows_newer):
    assert NEWEST_BEHAVIOUR == behaviour_of("0.500.0")


def test_the_keys_of_a_newer_version_are_those_of_the_document(knows_newer):
    assert ((0, 999, 0),) == find_measured_around(NEWER)


def test_a_newer_version_of_a_client_that_the_document_adds_nothing_to_is_the_newest(knows_newer):
    assert behaviours_of("2.1.332") == behaviours_of("9.0.0")


def test_an_option_that_no_release_knows_is_read_by_the_document(knows_newer):
    assert 1 == len(read_invocation(("codex", "--new-option", "exec")))


def test_without_a_document_every_reading_of_such_an_option_is_left_open(monkeypatch):
    monkeypatch.setattr(learned, "_found", None)
    monkeypatch.setattr(learned, "_host", ("this one",))

    assert 2 == len(read_invocation(("codex", "--new-option", "exec")))
