"""Keys and values as TOML writes them."""

import json
import re

Path = tuple[str, ...]

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(value: str | list[str]) -> str:
    """Return text, or a list of texts, as TOML writes it on one line."""
    # A basic string of TOML is one of JSON, but for one character that JSON does not escape.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key_text(name: str) -> str:
    """Return the name of a key as TOML writes it."""
    return name if BARE.fullmatch(name) else as_toml(name)


def join_dotted(path: Path) -> str:
    """Return a path as one dotted key."""
    return ".".join(map(key_text, path))
