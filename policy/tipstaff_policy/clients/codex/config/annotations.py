"""What only a report or an error needs of a document: lines, stray keys, a digest."""

from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.codex.config.sign_in_keys import CONFIG_KEYS, REQUIREMENT_KEYS
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.model.request import Detail, Document
from tipstaff_policy.model.state import Origin, ReadLayer, Shape, Stray
from tipstaff_policy.parsing.toml_lines import locate_keys

LIKENESS = 0.8
"""Least share of common letters for a key to count as a misspelling of a sign-in key."""
NEIGHBOURS = (
    "allowed_approval_policies",
    "allowed_approvals_reviewers",
    "allowed_permission_profiles",
    "allowed_sandbox_modes",
    "allowed_web_search_modes",
)
"""Keys of the client that are spelt like the sign-in keys and mean something else."""

SHORTEST = min(map(len, (*CONFIG_KEYS, *REQUIREMENT_KEYS)))
LETTERS = "".join((*CONFIG_KEYS, *REQUIREMENT_KEYS))
"""Of all sign-in keys."""

Path = tuple[str, ...]
Lines = dict[Path, int]
_Place = tuple[Any, str]
"""A name and the place around it; a whole path for each key would cost as much as it is deep."""


def annotate(
    source: Source, data: bytes, document: Document, content: ReadLayer, detail: Detail
) -> ReadLayer:
    """Return the layer's content with the line of each setting, and whatever else is wanted."""
    strays = _strays(source, document) if detail == "all" else ()
    wanted: set[Path] = {path for setting in content.settings for path in _places_of(setting.key)}
    lines = _lines(data, wanted.union(path for path, _ in strays))
    content = content._replace(
        settings=tuple(
            setting._replace(origin=setting.origin._replace(line=_line(lines, setting.key)))
            for setting in content.settings
        )
    )
    if detail == "lines":
        return content
    import hashlib  # noqa: PLC0415 - costs start-up

    return content._replace(
        strays=tuple(
            Stray(".".join(path), Origin(source.name, source.path, lines.get(path)), *judged)
            for path, judged in strays
        ),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def locate_shapes(data: bytes, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Return the kinds of value of a document, each with its line."""
    wanted = {shape.path[: n + 1] for shape in shapes for n in range(len(shape.path))}
    lines = _lines(data, wanted)
    return tuple(shape._replace(line=_line_of_path(lines, shape.path)) for shape in shapes)


def _lines(data: bytes, wanted: set[Path]) -> Lines:
    if not wanted:
        return {}
    return locate_keys(data.decode("utf-8").removeprefix("\ufeff"), wanted)


def _line_of_path(lines: Lines, path: Path) -> int | None:
    """Return the line of a value, or of the nearest table around it."""
    around = (path[: len(path) - n] for n in range(len(path)))
    return next((lines[start] for start in around if start in lines), None)


def _line(lines: Lines, key: str) -> int | None:
    return next((lines[path] for path in _places_of(key) if path in lines), None)


def _places_of(key: str) -> tuple[Path, ...]:
    head, _, name = key.partition(".")
    return ((key,), (head, name), (head,)) if name else ((key,),)


def _strays(source: Source, document: Document) -> list[tuple[Path, Path]]:
    """Return the keys without effect, in their order, and why they have none."""
    here, elsewhere = CONFIG_KEYS, REQUIREMENT_KEYS
    if source.grammar == "requirements":
        here, elsewhere = elsewhere, here
    likely: dict[str, str | None] = {}
    found = []
    pending: list[tuple[_Place | None, Any]] = [(None, document)]
    while pending:
        above, value = pending.pop()
        named = value.items() if isinstance(value, dict) else _number_elements(value)
        for name, member in named:
            if name not in likely:
                likely[name] = None if name.isdigit() else _likely(name, here + elsewhere)
            if likely[name] is not None:
                judged = _judge(name, above is not None, here, str(likely[name]))
                found += [(_path_of((above, name)), judged)] if judged else []
            if isinstance(member, dict | list):
                pending.append(((above, name), member))
    return sorted(found)


def _number_elements(items: list[Any]) -> Iterator[tuple[str, Any]]:
    return (
        (str(n), element) for n, element in enumerate(items) if isinstance(element, dict | list)
    )


def _path_of(place: "_Place | None") -> Path:
    path: list[str] = []
    while place is not None:
        place, name = place
        path.append(name)
    return tuple(reversed(path))


def _judge(name: str, inside: bool, here: tuple[str, ...], likely: str) -> Path | None:  # noqa: FBT001 - a fact
    """Return why a key has no effect and what was likely meant, or None."""
    if name in NEIGHBOURS or (name in here and not inside):
        return None
    place = "in this file" if likely in here else f"in {_home_of(likely)}"
    if name != likely:
        folded = name.casefold().replace("-", "_") == likely
        return ("wrong case or dashes" if folded else "misspelt", f"`{likely}` {place}")
    if inside and likely in here:
        # A table header above it swallows the key.
        return ("inside a table", f"`{likely}` above the first table of this file")
    return ("wrong kind of file", f"`{likely}` {place}")


def _likely(name: str, known: tuple[str, ...]) -> str | None:
    plain = name.casefold().replace("-", "_")
    if plain in known:
        return plain
    if not _could_be(plain, LETTERS, SHORTEST):
        return None
    near = [candidate for candidate in known if _could_be(plain, candidate, len(candidate))]
    if not near:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - costs start-up, and few keys come here

    return next(iter(get_close_matches(plain, near, 1, LIKENESS)), None)


def _could_be(name: str, letters: str, length: int) -> bool:
    """Return whether a name has enough letters of one of a length; most have not."""
    needed = LIKENESS / 2 * (len(name) + length)
    if min(len(name), len(letters)) < needed:
        return False
    others = name.encode("utf-8", "surrogatepass").translate(None, letters.encode())
    return len(name) - len(others) >= needed or not name.isascii()


def _home_of(key: str) -> str:
    return "requirements.toml" if key in REQUIREMENT_KEYS else "config.toml or managed_config.toml"
