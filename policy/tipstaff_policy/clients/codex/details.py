"""What only a report or an error needs of a document: lines, stray keys, a digest."""

from typing import Any

from tipstaff_policy.clients.codex.documents import Source, content_of
from tipstaff_policy.clients.codex.keys import CONFIG_KEYS, REQUIREMENT_KEYS
from tipstaff_policy.clients.model import Detail
from tipstaff_policy.toml_lines import locate_keys
from tipstaff_policy.toml_text import Document
from tipstaff_policy.values import Origin, ReadLayer, Stray

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

Path = tuple[str, ...]
Lines = dict[Path, int]


def annotate(source: Source, data: bytes, document: Document, detail: Detail) -> ReadLayer:
    """Return the layer's content with the line of each setting, and whatever else is wanted."""
    lines = locate_keys(data.decode("utf-8").removeprefix("\ufeff"))
    content = content_of(source, document)
    content = content._replace(
        settings=tuple(
            each._replace(origin=each.origin._replace(line=_line(lines, each.key)))
            for each in content.settings
        ),
        shapes=tuple(
            each._replace(line=_line_of_path(lines, each.path)) for each in content.shapes
        ),
    )
    if detail == "lines":
        return content
    import hashlib  # noqa: PLC0415 - costs start-up

    strays = _strays(source, document, lines)
    return content._replace(strays=strays, sha256=hashlib.sha256(data).hexdigest())


def _line_of_path(lines: Lines, path: Path) -> int | None:
    """Return the line of a value, or of the nearest table around it."""
    around = (path[: len(path) - n] for n in range(len(path)))
    return next((lines[each] for each in around if each in lines), None)


def _line(lines: Lines, key: str) -> int | None:
    head, _, name = key.partition(".")
    paths: tuple[Path, ...] = ((key,), (head, name), (head,))
    return next((lines[path] for path in paths if path in lines), None)


def _strays(source: Source, document: Document, lines: Lines) -> tuple[Stray, ...]:
    here, elsewhere = CONFIG_KEYS, REQUIREMENT_KEYS
    if source.grammar == "requirements":
        here, elsewhere = elsewhere, here
    found = []
    for path in _paths(document):
        judged = _judge(path, here, elsewhere)
        if judged:
            origin = Origin(source.name, source.path, lines.get(path))
            found.append(Stray(".".join(path), origin, *judged))
    return tuple(found)


def _paths(document: Document) -> list[Path]:
    pending: list[tuple[Path, Any]] = [((), document)]
    found: list[Path] = []
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [((*path, name), each) for name, each in value.items()]
        elif isinstance(value, list):
            pending += [((*path, str(n)), each) for n, each in enumerate(value)]
        found += [path] if path and not path[-1].isdigit() else []
    return sorted(found)


def _judge(path: Path, here: tuple[str, ...], elsewhere: tuple[str, ...]) -> Path | None:
    """Return why a key has no effect and what was likely meant, or None."""
    name, inside = path[-1], len(path) > 1
    if name in NEIGHBOURS or (name in here and not inside):
        return None
    likely = _likely(name, here + elsewhere)
    if likely is None:
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
    from difflib import get_close_matches  # noqa: PLC0415 - costs start-up, and few keys come here

    return next(iter(get_close_matches(plain, known, 1, LIKENESS)), None)


def _home_of(key: str) -> str:
    return "requirements.toml" if key in REQUIREMENT_KEYS else "config.toml or managed_config.toml"
