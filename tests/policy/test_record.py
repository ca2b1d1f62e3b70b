"""A record is a named tuple: the same source with either base obeys the same laws."""

import copy
import inspect
import pickle
import subprocess
import sys
import types
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tipstaff_policy.model.secret import Secret
from tipstaff_policy.record import Record

SOURCE = '''
import typing

T = typing.TypeVar("T")
LIMIT = 3

class Point(Base):
    """A place."""

    x: int
    y: int = 2
    label: str | None = None

    axes = ("x", "y")

    @property
    def sum(self) -> int:
        return self.x + self.y

    def moved(self, by: int) -> "Point":
        return self._replace(x=self.x + by)

    @classmethod
    def origin(cls) -> "Point":
        return cls(0, 0)

class Shown(Base):
    name: str

    def __repr__(self) -> str:
        return "Shown(hidden)"

    def __str__(self) -> str:
        return self.name

class Empty(Base):
    """Nothing."""

class Box(Base, typing.Generic[T]):
    value: T
    origins: tuple[str, ...] = ()

class Later(Base):
    other: "Point"

class Wide(Base):
    """More fields than the shared constructors have."""
''' + "".join(f"    field_{number}: int = {number}\n" for number in range(40))


def made_with(base):
    module = types.ModuleType("classes_of_a_test")
    module.Base = base
    sys.modules[module.__name__] = module
    exec(SOURCE, vars(module))
    return module


def refused(make):
    try:
        make()
    except (AttributeError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("was not refused")


def again(value):
    """Return a value written and read, where its class is found by name."""
    return [
        pickle.loads(pickle.dumps(value, number))
        for number in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ]


def matched(value):
    match value:
        case (int(), 2, str()):
            return "three"
    return "nothing"


def by_position(m, value):
    match value:
        case m.Point(x, 2, label=str(label)):
            return x, label
    return None


def class_of(base, body):
    """Return what refuses a class, if anything does."""
    return refused(lambda: exec(f"class Point(Base):\n    {body}", {"Base": base}))


LAWS = {
    "fields": lambda m: [c._fields for c in (m.Point, m.Shown, m.Empty, m.Box, m.Later, m.Wide)],
    "defaults": lambda m: [c._field_defaults for c in (m.Point, m.Shown, m.Empty, m.Wide)],
    "match arguments": lambda m: [c.__match_args__ for c in (m.Point, m.Empty)],
    "signature": lambda m: [str(inspect.signature(c)) for c in (m.Point, m.Shown, m.Empty, m.Box, m.Wide)],
    "types of the fields": lambda m: typing.get_type_hints(m.Point),
    "types named by text": lambda m: typing.get_type_hints(m.Later)["other"] is m.Point,
    "docstring": lambda m: m.Point.__doc__,
    "name": lambda m: (m.Point.__name__, m.Point.__qualname__, m.Point.__module__),
    "kind of class": lambda m: (type(m.Point), issubclass(m.Point, tuple)),
    "by position": lambda m: tuple(m.Point(1, 5, "a")),
    "by keyword": lambda m: tuple(m.Point(label="a", x=1)),
    "many fields": lambda m: tuple(m.Wide(field_3=0)),
    "no field": lambda m: tuple(m.Empty()),
    "attributes": lambda m: (m.Point(1).x, m.Point(1).y, m.Point(1).label, m.Wide().field_39),
    "unpacking": lambda m: [*m.Point(1)],
    "equality": lambda m: (m.Point(1) == m.Point(1, 2), m.Point(1) == (1, 2, None), m.Point(1) == m.Point(2)),
    "hash": lambda m: hash(m.Point(1)) == hash((1, 2, None)),
    "order": lambda m: sorted([m.Point(3), m.Point(1), m.Point(2)]) == [(i, 2, None) for i in (1, 2, 3)],
    "repr": lambda m: [repr(record) for record in (m.Point(1), m.Empty(), m.Box("a"), m.Later(m.Point(1)))],
    "repr of its own": lambda m: (repr(m.Shown("x")), str(m.Shown("x")), f"{m.Shown('x')}"),
    "str": lambda m: str(m.Point(1, label="a")),
    "replace": lambda m: m.Point(1)._replace(y=7, label="b"),
    "replace keeps the class": lambda m: type(m.Point(1)._replace(y=7)) is m.Point,
    "copy.replace": lambda m: copy.replace(m.Point(1), y=7) if sys.version_info >= (3, 13) else None,
    "asdict": lambda m: m.Point(1)._asdict(),
    "make": lambda m: m.Point._make([1, 2, "c"]),
    "make of an iterator": lambda m: m.Point._make(iter([1, 2, "c"])),
    "copies": lambda m: [f(m.Point(1)) for f in (copy.copy, copy.deepcopy)],
    "copies keep the class": lambda m: [type(f(m.Point(1))) is m.Point for f in (copy.copy, copy.deepcopy)],
    "pickle": lambda m: again(m.Point(1, label="a")),
    "pickle keeps the class": lambda m: {type(copied) is m.Point for copied in again(m.Point(1))},
    "pattern of a sequence": lambda m: (matched(m.Point(1, 2, "a")), matched(m.Point(1, 3, "a"))),
    "pattern of a class": lambda m: (by_position(m, m.Point(4, 2, "a")), by_position(m, m.Point(4, 3))),
    "method": lambda m: m.Point(1).moved(2),
    "class method": lambda m: m.Point.origin(),
    "property": lambda m: m.Point(1).sum,
    "attribute of the class": lambda m: (m.Point.axes, m.Point(1).axes),
    "no dictionary": lambda m: hasattr(m.Point(1), "__dict__"),
    "frozen": lambda m: refused(lambda: setattr(m.Point(1), "x", 3)).split(":")[0],
    "nothing is added": lambda m: refused(lambda: setattr(m.Point(1), "z", 3)).split(":")[0],
    "generic": lambda m: (m.Box.__parameters__ == (m.T,), str(m.Box[int]), m.Box[int](1), typing.get_args(m.Box[int])),
    "of a class below": lambda m: type("Below", (m.Point,), {})(1, label="a")._replace(x=2),
    "repr of a class below": lambda m: repr(type("Below", (m.Point,), {})(1)),
    "missing argument": lambda m: refused(m.Point),
    "unknown argument": lambda m: refused(lambda: m.Point(1, z=2)),
    "doubled argument": lambda m: refused(lambda: m.Point(1, x=2)),
    "too many arguments": lambda m: refused(lambda: m.Point(1, 2, "a", 4)),
    "too many for many": lambda m: refused(lambda: m.Wide(*range(41))),
    "make of too few": lambda m: refused(lambda: m.Point._make([1])),
    "replace of an unknown field": lambda m: refused(lambda: m.Point(1)._replace(z=1)).partition(":")[2],
    "no default after a default": lambda m: class_of(m.Base, "x: int = 1; y: int").split(":")[0],
    "no constructor of its own": lambda m: class_of(m.Base, "def __new__(cls): pass").split(":")[0],
    "no fields of its own": lambda m: class_of(m.Base, "_fields = ()").split(":")[0],
    "read by pydantic": lambda m: tuple(TypeAdapter(m.Point).validate_python({"x": "4", "label": "a"})),
    "class read by pydantic": lambda m: type(TypeAdapter(m.Later).validate_json("[[1]]").other) is m.Point,
    "refused by pydantic": lambda m: refused(lambda: TypeAdapter(m.Point).validate_python({"z": 1})),
    "schema of pydantic": lambda m: [TypeAdapter(c).json_schema() for c in (m.Point, m.Box[int], m.Wide)],
    "written by pydantic": lambda m: TypeAdapter(m.Point).dump_json(m.Point(1)),
    "built by hypothesis": lambda m: built(m.Point),
}  # fmt: skip


def built(kind):
    seen = []

    @settings(max_examples=5, database=None)
    @given(st.builds(kind, x=st.just(1)), st.from_type(kind))
    def gather(by_hand, by_type):
        seen.append((by_hand, type(by_hand) is kind and type(by_type) is kind))

    gather()
    return {(value.x, right) for value, right in seen}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_record_does_as_a_named_tuple_does(law, monkeypatch):
    monkeypatch.setitem(sys.modules, "classes_of_a_test", None)
    expected = law(made_with(typing.NamedTuple))

    assert expected == law(made_with(Record))


def test_an_unknown_field_is_an_error_of_types():
    with pytest.raises(TypeError, match=r"^Got unexpected field names: \['z'\]$"):
        made_with(Record).Point(1)._replace(z=1)


class Held(Record):
    """What is in a store."""

    kind: str
    secret: Secret[str]


CANARY = "canary-41f0"
WRONG = {
    "missing": lambda: Held(CANARY),
    "unknown": lambda: Held("file", Secret(CANARY), other=CANARY),
    "doubled": lambda: Held(CANARY, kind=CANARY, secret=Secret(CANARY)),
    "too many": lambda: Held("file", Secret(CANARY), CANARY),
    "unknown to replace": lambda: Held("file", Secret(CANARY))._replace(other=CANARY),
    "too few to make": lambda: Held._make([CANARY]),
    "too many to make": lambda: Held._make([CANARY, CANARY, CANARY]),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_no_value_stands_in_an_error(make):
    with pytest.raises(TypeError) as caught:
        make()

    assert CANARY not in str(caught.value)


def test_a_secret_stays_hidden_in_the_text_of_a_record():
    assert CANARY not in repr(Held("file", Secret(CANARY)))


def test_the_getters_work_where_python_has_none_of_its_own():
    script = """
import _collections, sys
getter = _collections._tuplegetter
import collections, typing
del _collections._tuplegetter
from tipstaff_policy.record import Record
class Point(Record):
    x: int
    y: int = 2
print(Point(1).x, Point(1).y, type(Point.x) is not getter)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "1 2 True\n" == done.stdout
