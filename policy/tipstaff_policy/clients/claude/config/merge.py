"""The client's merge of drop-ins: single values are replaced, two lists are united.

A value remembers whether it cut off what stood before it, so that the order of merging does not
matter: a list behind a text begins again, whichever two of three files are merged first.

Source: docs/clients/claude.md, "Layers" (client 2.1.332).
"""

from collections.abc import Iterable, Mapping

from tipstaff_policy.model.state import Odd, Origin, Setting, Value
from tipstaff_policy.record import Record


class Stated(Record):
    """A value of one or several files, and what it beat."""

    value: Value
    origins: tuple[Origin, ...]
    """Every place that has a part in it, the last one first."""
    beaten: tuple[Setting, ...] = ()
    """What was replaced, the strongest first."""
    cuts: bool = False
    """Whether nothing that stands before has a part in it, also not a list in a list."""


def state(setting: Setting) -> Stated:
    """Return the value of one file."""
    return Stated(setting.value, (setting.origin,), (), cuts=not is_list(setting.value))


def is_list(value: Value) -> bool:
    """Return whether a value is a list, of whatever."""
    return isinstance(value, tuple) and not isinstance(value, Odd)


def join(before: Stated, after: Stated, key: str) -> Stated:
    """Return what two parts state together, of which the second is the later."""
    if after.cuts or not is_list(before.value):
        replaced = tuple(Setting(key, before.value, origin) for origin in before.origins[:1])
        beaten = (*after.beaten, *replaced, *before.beaten)
        return Stated(after.value, after.origins, beaten, cuts=True)
    united = dict.fromkeys((*_items(before.value), *_items(after.value)))
    origins = tuple(dict.fromkeys((*after.origins, *before.origins)))
    return Stated(tuple(united), origins, before.beaten, before.cuts)


def intersect(stated: Stated, other: Stated) -> Stated:
    """Return what two lists both name."""
    values = tuple(entry for entry in _items(stated.value) if entry in _items(other.value))
    origins = tuple(dict.fromkeys((*stated.origins, *other.origins)))
    return Stated(values, origins, (*stated.beaten, *other.beaten))


def _items(value: Value) -> tuple[str | Odd, ...]:
    return value if isinstance(value, tuple) and not isinstance(value, Odd) else ()


Document = Mapping[str, Stated]


def document_of(settings: Iterable[Setting]) -> Document:
    """Return the values of one file."""
    return {setting.key: state(setting) for setting in settings}


def merge_documents(before: Document, after: Document) -> Document:
    """Return what two parts in their order state together."""
    merged = dict(before)
    for key, stated in after.items():
        merged[key] = join(before[key], stated, key) if key in before else stated
    return merged
