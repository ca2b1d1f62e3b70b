"""The row of behaviour of a version: which other values it may have, and values from a command."""

import typing


def alternatives(behaviour, known, without):
    """Return by field the other values that a row may have there.

    Args:
        behaviour: The row, a record.
        known: The rows of other versions.
        without: The field that names the row.
    """
    hints = typing.get_type_hints(type(behaviour))
    found = {}
    for field, value in behaviour._asdict().items():
        if field != without:
            words = typing.get_args(hints[field]) if isinstance(value, str) else ()
            seen = [*words, *(getattr(row, field) for row in known)]
            values = [not value] if isinstance(value, bool) else seen
            found[field] = [other for other in dict.fromkeys(values) if other != value]
    return found


def parse_row(text, behaviour, without):
    """Return values of a row from the words of a command line, such as ``federation=spiffe``.

    Raises:
        ValueError: A field or value that no row has.
    """
    row, hints, found = behaviour._asdict(), typing.get_type_hints(type(behaviour)), {}
    for word in text.split():
        field, is_given, value = word.partition("=")
        if field not in row or field == without or not is_given:
            known = ", ".join(name for name in row if name != without)
            raise ValueError(f"{word!r} is no value of a field; the fields are {known}")
        found[field] = _value(row[field], value, typing.get_args(hints[field]))
    return found


def _value(before, text, words):
    if isinstance(before, bool):
        words = ("True", "False")
    elif isinstance(before, tuple):
        return tuple(text.split(",")) if text not in ("", "()") else ()
    elif isinstance(before, int):
        return int(text)
    if text not in words:
        raise ValueError(f"{text!r} is none of {', '.join(map(repr, words))}")
    return text == "True" if isinstance(before, bool) else text
