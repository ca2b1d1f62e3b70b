"""The lines on which the members of a JSON document stand."""

import re

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]', re.DOTALL)


def line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each member by its path, two levels deep; of two alike that of the last.

    Lines count from 1. A text that is no document gives the members up to its fault.
    """
    found: dict[tuple[str, ...], int] = {}
    around: list[str] = []
    name, line, at = "", 1, 0
    for token in TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        mark = token[0]
        if token[2]:
            name = token[1]
            if len(around) <= 2:
                found[(*around[1:], name)] = line
        elif mark in "{[":
            around.append(name)
        elif mark in "}]" and around:
            around.pop()
    return found
