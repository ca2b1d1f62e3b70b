"""Rows of a batch are judged by class, and end as if each were judged by itself."""

import json
import pickle

import pytest

from support.fleet.fleets import DAY, HOSTS, METHODS, POLICIES, SEEN, Life, kept, report, shipment
from tipstaff_fleet.ingest.documents import Reader
from tipstaff_fleet.ingest.template import fill, read_marks
from tipstaff_fleet.simulation.batches import Simulator
from tipstaff_fleet.simulation.classes import Classes
from tipstaff_fleet.simulation.on_spark import judge_rows
from tipstaff_policy.assessment.simulation import Simulated

AGED = POLICIES["an age"]
MANY = [
    (name, Life(home=f"/home/u{n}", user=f"u{n}", host=f"lap-{n}", host_id=f"{n:064}",
                refreshed=SEEN - n * 9 * DAY))
    for name in HOSTS
    for n in range(5)
]  # fmt: skip


def row(stored):
    person = stored.person
    state = (person.state_id, stored.template, person.marks)
    return (1, *state, person.host_id, person.host_name, person.user, person.client, "", "", 0, "")


def simulate_rows(simulator, rows):
    return list(judge_rows(simulator, None, rows))


@pytest.fixture(scope="module")
def people():
    return [kept(report(name, life)) for name, life in MANY]


def alone(text, stored):
    judge = Simulator({"codex": shipment(text)}).judge
    result = judge.judge(judge.read(stored.template, stored.person, stored.marks), stored.person)
    assert isinstance(result, Simulated)
    return stored.person.host_id, result.outcome, result.is_new, result.method or ""


def found(simulator, people):
    rows = simulate_rows(simulator, [row(person) for person in people])
    return [
        (batch_row.host_id, batch_row.outcome, bool(batch_row.is_new), batch_row.method)
        for batch_row in rows
    ]


@pytest.mark.parametrize("text", [METHODS, AGED], ids=["methods", "an age"])
def test_each_row_ends_as_it_does_alone(text, people):
    simulator = Simulator({"codex": shipment(text)})

    assert [alone(text, person) for person in people] == found(simulator, people)


def test_a_class_is_judged_twice_however_many_are_of_it(people):
    simulator = Simulator({"codex": shipment(METHODS)})

    for _ in range(3):
        found(simulator, people)

    assert simulator.judgements == 2 * simulator.classes


def test_a_class_whose_second_user_ends_otherwise_is_judged_one_by_one(people, monkeypatch):
    monkeypatch.setattr(Classes, "key", lambda *_: ("all",))
    simulator = Simulator({"codex": shipment(AGED)})

    assert [alone(AGED, person) for person in people] == found(simulator, people)
    assert (1, 1) == (simulator.classes, simulator.differing)


def test_a_worker_gets_the_shipments_pickled(people):
    shipments = pickle.loads(pickle.dumps({"codex": shipment(AGED)}))

    assert found(Simulator({"codex": shipment(AGED)}), people) == found(
        Simulator(shipments), people
    )


def test_a_row_of_another_client_is_unknown(people):
    odd = people[0]._replace(person=people[0].person._replace(client="other"))

    (outcome,) = simulate_rows(Simulator({"codex": shipment(METHODS)}), [row(odd)])

    assert ("unknown", "is of other; simulated is codex") == (outcome.outcome, outcome.why)


BROKEN = {
    "marks of another release": {"marks": '["/home/ada", "", []]'},
    "no marks": {"marks": "none"},
    "marks of another template": {"marks": '["/home/ada","",[["1"],[],[],[],[],[],[],[]],[]]'},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_a_state_that_cannot_be_read_is_unknown(changed, people):
    stored = people[0]
    odd = stored._replace(person=stored.person._replace(**changed))

    (outcome,) = simulate_rows(Simulator({"codex": shipment(METHODS)}), [row(odd)])

    assert "unknown" == outcome.outcome
    assert outcome.why.startswith("the marks of the state are")


def test_a_reason_holds_nothing_of_one_user(people):
    simulator = Simulator({"codex": shipment(AGED)})
    rows = simulate_rows(simulator, [row(person) for person in people])

    assert not [batch_row.why for batch_row in rows if "/home/u" in batch_row.why]


@pytest.mark.parametrize("name", HOSTS)
def test_a_template_and_its_marks_give_the_text_back(name):
    life = Life(home="/home/Zoë x", fingerprint="ab" * 32)
    (accepted,) = Reader(SEEN).read(report(name, life))
    (other,) = Reader(SEEN).read(report(name, life._replace(home="/root", uid=0)))

    text = fill(accepted.template, accepted.row.state_marks).decode()

    assert "/home/Zoë x/.codex" in text
    assert accepted.row.state_id == other.row.state_id
    assert "/home/Zoë x" == read_marks(accepted.row.state_marks).person


def test_a_report_with_white_space_shares_the_template(people):
    spaced = json.dumps(json.loads(report(*MANY[0])), indent=2, ensure_ascii=False).encode()

    assert people[0].person.state_id == kept(spaced).person.state_id
