"""A line a person, in the person's own words, without judging every person."""

import msgspec

from tipstaff_fleet.ingest.template import FOLDER as CWD
from tipstaff_fleet.ingest.template import ID_MARKS, PERSON, Marks, in_json
from tipstaff_fleet.simulation.batches import Judged
from tipstaff_fleet.simulation.classes import LINE, times_of
from tipstaff_fleet.simulation.judging import Judge, says_days
from tipstaff_fleet.simulation.tally import Place
from tipstaff_policy.assessment.simulation import Simulated
from tipstaff_policy.assessment.simulation_summary import Example
from tipstaff_reports import json_report
from tipstaff_schemas.build_simulation import build_person
from tipstaff_schemas.undecodable import writable

_RESULT = b',"result":'
_ENCODE = msgspec.json.encode
WORDS_KEPT = 1000
"""Wordings that are remembered."""


class Lines:
    """Makes the line of each person; persons who end alike differ in a few words."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._words: dict[object, bytes] = {}

    def line(self, judged: Judged, place: Place, template: str) -> bytes | None:
        """Return the line of a person; None where nothing could be simulated."""
        result, marks = judged.result, judged.marks
        if not isinstance(result, Simulated) or marks is None:
            return None
        # A wording holds lines of files, and may hold an age in days.
        times = times_of(marks) if says_days(judged.group.result) else ()
        key = (judged.group, marks.values[LINE], times)
        words = self._words.get(key)
        if words is None:
            own = self._own(judged, marks, template)
            if own is None:
                return None
            words = _in_marks(_result(place, own), marks)
            if len(self._words) >= WORDS_KEPT:
                self._words.clear()
            self._words[key] = words
        text = _begin(place) + _RESULT + _fill_in(words, marks) + b"\n"
        return json_report.make_harmless(text.decode()).encode()

    def _own(self, judged: Judged, marks: Marks, template: str) -> Simulated | None:
        """Return what becomes of a person in the person's own words."""
        if judged.is_own:
            own = judged.result
        else:
            subject = self._judge.read(template, judged.person, marks)
            own = self._judge.judge(subject, judged.person)
        return own if isinstance(own, Simulated) else None


def _begin(place: Place) -> bytes:
    who = {
        "source": place.home,
        "host": place.host,
        "host_id": place.known_id,
        "user": place.user,
    }
    return _ENCODE(who)[:-1]


def _result(place: Place, own: Simulated) -> bytes:
    person = build_person(Example(place.home, place.host, place.known_id, place.user, own))
    text = writable(person).model_dump_json(by_alias=True).encode()
    return text[text.index(_RESULT) + len(_RESULT) :]


def _in_marks(text: bytes, marks: Marks) -> bytes:
    """Return a wording with marks in place of what is the person's own."""
    for identity, mark in zip(marks.ids, ID_MARKS, strict=False):
        text = text.replace(identity.encode(), mark)
    if len(marks.cwd) > 1 and marks.cwd != marks.person:
        text = text.replace(b'"' + in_json(marks.cwd) + b'"', b'"' + CWD + b'"')
    return text.replace(in_json(marks.person), PERSON)


def _fill_in(words: bytes, marks: Marks) -> bytes:
    for identity, mark in zip(marks.ids, ID_MARKS, strict=False):
        words = words.replace(mark, identity.encode())
    return words.replace(PERSON, in_json(marks.person)).replace(CWD, in_json(marks.cwd))
