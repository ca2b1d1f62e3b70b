"""Names with ``*``, as scopes and waivers give them."""

WILD = ("*", "?", "[")


def fits(pattern: str, name: str) -> bool:
    """Return whether a pattern is for a name; upper and lower case are one.

    Most patterns are recognised by their start: the rest costs many times as much.
    """
    pattern, name = pattern.casefold(), name.casefold()
    literal = min(
        found if (found := pattern.find(wildcard)) >= 0 else len(pattern) for wildcard in WILD
    )
    if literal == len(pattern) or not name.startswith(pattern[:literal]):
        return pattern == name
    from fnmatch import fnmatchcase  # noqa: PLC0415 - costs start-up

    return fnmatchcase(name, pattern)


def is_plain(pattern: str) -> bool:
    """Return whether a pattern is for one name alone."""
    return not any(wildcard in pattern for wildcard in WILD)
