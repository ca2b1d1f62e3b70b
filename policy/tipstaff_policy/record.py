"""Named tuples whose classes cost little to make, for a program that lives for milliseconds.

A class of ``typing.NamedTuple`` compiles a constructor and four methods of its own; a process that
makes sixty classes to use a few of them spends more on that than on its work. A `Record` is the
same to a type checker and to its user (tests/policy/test_record.py holds both to the same laws),
but its methods are shared, and so is the code of its constructor with every other record of as
many fields (ADR 0047).
"""

from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Generic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple as Record
    from typing import Self

__all__ = ["Record"]

try:
    # What `collections.namedtuple` uses.
    from _collections import _tuplegetter as _field  # type: ignore[import-not-found]
except ImportError:  # another implementation of Python

    def _field(index: int, doc: str) -> Any:
        from operator import itemgetter  # noqa: PLC0415 - only where the quicker way is missing

        return property(itemgetter(index), doc=doc)


_new = tuple.__new__
_CONSTRUCTORS: dict[int, CodeType] = {
    made.__code__.co_argcount - 1: made.__code__
    for made in (
        lambda _cls: _new(_cls, ()),
        lambda _cls, a: _new(_cls, (a,)),
        lambda _cls, a, b: _new(_cls, (a, b)),
        lambda _cls, a, b, c: _new(_cls, (a, b, c)),
        lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
        lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
        lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
        lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
        lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
        lambda _cls, a, b, c, d, e, f, g, h, i: _new(_cls, (a, b, c, d, e, f, g, h, i)),
        lambda _cls, a, b, c, d, e, f, g, h, i, j: _new(_cls, (a, b, c, d, e, f, g, h, i, j)),
    )
}
"""The code of a constructor by its number of fields."""
_WIDE = (lambda _cls: _new(_cls, [*_locals().values()][1:])).__code__  # type: ignore[name-defined]  # noqa: F821
"""The code of a constructor of any number of fields, which takes a little longer."""
_GLOBALS = {"_new": _new, "_locals": locals, "__builtins__": {}}
_RESERVED = frozenset(
    {
        "__new__", "__init__", "__slots__", "__getnewargs__", "_fields", "_field_defaults",
        "_make", "_replace", "_asdict",
    }
)  # fmt: skip


class _Values(tuple):  # type: ignore[type-arg]  # a base with arguments would be inherited by name
    """What all records have in common; no base of theirs, because a class costs by its bases."""

    __slots__ = ()
    _fields: tuple[str, ...]

    @classmethod
    def _make(cls, values: "Iterable[Any]") -> "Self":
        made = _new(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes: Any) -> "Self":
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"Got unexpected field names: {list(changes)!r}")
        return made

    __replace__ = _replace

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        fields = zip(self._fields, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in fields)})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


_SHARED = {
    name: vars(_Values)[name]
    for name in ("_make", "_replace", "__replace__", "_asdict", "__repr__", "__getnewargs__")
}
_GETTERS = [_field(0, "Field 0.")]
"""One for each place, whatever a record calls it; as many as the widest record has."""


class _RecordMeta(type):
    """Makes a tuple of each class whose base is `Record`.

    What it makes is no class of its own kind, so that a class below a record is an ordinary one.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
        if not bases:
            return type.__new__(cls, name, bases, namespace)
        if not _RESERVED.isdisjoint(namespace):
            taken = _RESERVED & namespace.keys()
            raise AttributeError(f"Cannot overwrite record attribute {', '.join(sorted(taken))}")
        own = tuple([tuple if isinstance(base, cls) else base for base in bases])
        if Generic in bases:  # else a tuple's own, which knows no variables, would come first
            namespace["__class_getitem__"] = classmethod(_of_generic)
        # Before the class is made, because each change to a class costs more than all of this.
        _give_fields(name, namespace)
        return type.__new__(type, name, own, {**_SHARED, **namespace})


def _of_generic(cls: Any, parameters: Any) -> Any:
    return super(tuple, cls).__class_getitem__(parameters)


def _give_fields(name: str, namespace: dict[str, Any]) -> None:
    annotations = namespace.get("__annotations__")
    if annotations is None:  # there are none, or this Python works them out when they are asked for
        annotate = namespace.get("__annotate_func__")
        annotations = annotate(1) if annotate else {}
    fields = tuple(annotations)
    optional = tuple(filter(namespace.__contains__, fields))
    if optional != fields[len(fields) - len(optional) :]:
        raise TypeError(f"{name}: a field without a default follows one with a default")
    defaults = tuple(map(namespace.__getitem__, optional))
    count = len(fields) + 1
    code = _CONSTRUCTORS.get(len(fields), _WIDE).replace(
        co_argcount=count, co_nlocals=count, co_varnames=("_cls", *fields),
        co_name="__new__", co_qualname=f"{name}.__new__",
    )  # fmt: skip
    constructor = FunctionType(code, _GLOBALS, "__new__", defaults)
    constructor.__annotations__ = annotations
    while len(_GETTERS) < count:
        _GETTERS.append(_field(len(_GETTERS), f"Field {len(_GETTERS)}."))
    namespace.update(zip(fields, _GETTERS))  # noqa: B905 - there are getters to spare
    namespace["__slots__"] = ()
    namespace["__new__"] = constructor
    namespace["__match_args__"] = namespace["_fields"] = fields
    namespace["_field_defaults"] = dict(zip(optional, defaults)) if optional else {}  # noqa: B905


if not TYPE_CHECKING:

    class Record(metaclass=_RecordMeta):
        """The base of a class whose annotations are the fields of a tuple, in their order."""
