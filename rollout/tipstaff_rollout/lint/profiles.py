"""Configuration profiles and bare preferences: what they set, of which domain, and how.

Source: Apple's device management documentation (payload keys).
"""

import plistlib
import re
from collections.abc import Iterator
from typing import Any
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.interface.lint import ANYWHERE, FORCED, Profile, Setting
from tipstaff_policy.model.state import Fault

PREFERENCES = "com.apple.ManagedClient.preferences"
"""The payload type that holds the preferences of any domain."""
NO_PROPERTY_LIST = (
    ValueError, TypeError, KeyError, IndexError, OverflowError, ExpatError, RecursionError,
)  # fmt: skip
"""What `plistlib` raises of bytes that are none."""


def read_profile(path: str, data: bytes, faults: list[Fault]) -> Profile | None:
    """Return what a profile sets; None, and why, where it is no property list."""
    text = _strip_signature(data)
    try:
        document = plistlib.loads(text)
    except NO_PROPERTY_LIST as error:
        line = getattr(error, "lineno", None)
        faults.append(
            Fault(
                "is no property list",
                path if line is None else f"{path}:{line}",
                "refuse",
                "a property list, XML or binary",
            )
        )
        return None
    if not isinstance(document, dict):
        faults.append(Fault("holds no dictionary", path, "refuse", "a dictionary of keys"))
        return None
    keys = _Lines(text)
    if document.get("PayloadType") != "Configuration":
        settings = tuple(Setting(ANYWHERE, *row) for row in _of(document, FORCED, keys))
        return Profile(path, bare=True, payloads=(), settings=settings)
    content = document.get("PayloadContent")
    inner = (
        [payload for payload in content if isinstance(payload, dict)]
        if isinstance(content, list)
        else []
    )
    return Profile(
        path,
        bare=False,
        payloads=tuple(
            (payload, keys.value(payload.get("PayloadIdentifier")))
            for payload in (document, *inner)
        ),
        settings=tuple(setting for payload in inner for setting in _settings(payload, keys)),
    )


class _Lines:
    """Where keys and values stand in the text of a property list; a binary one has no lines."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.taken: dict[bytes, int] = {}

    def key(self, name: str) -> int | None:
        """Return the line of the next key of a name, in the order of the document."""
        return self._next(b"<key>" + name.encode() + b"</key>")

    def value(self, value: Any) -> int | None:
        """Return the line of the next text that is a value."""
        return (
            self._next(b"<string>" + value.encode() + b"</string>")
            if isinstance(value, str)
            else None
        )

    def _next(self, words: bytes) -> int | None:
        found = self.text.find(words, self.taken.get(words, 0))
        if found < 0:
            return None
        self.taken[words] = found + 1
        return self.text.count(b"\n", 0, found) + 1


def _settings(payload: dict[str, Any], keys: _Lines) -> Iterator[Setting]:
    kind = str(payload.get("PayloadType"))
    if kind != PREFERENCES:
        for row in _of(payload, FORCED, keys):
            yield Setting(kind, *row)
        return
    domains = payload.get("PayloadContent")
    for domain, ways in domains.items() if isinstance(domains, dict) else ():
        for how, rows in ways.items() if isinstance(ways, dict) else ():
            for row in rows if isinstance(rows, list) else ():
                values = row.get("mcx_preference_settings") if isinstance(row, dict) else None
                for setting in _of(values if isinstance(values, dict) else {}, str(how), keys):
                    yield Setting(str(domain), *setting)


def _of(
    values: dict[Any, Any], how: str, keys: _Lines
) -> Iterator[tuple[str, Any, str, int | None]]:
    for key, value in values.items():
        if isinstance(key, str) and not key.startswith("Payload"):
            yield key, value, how, keys.key(key)


def _strip_signature(data: bytes) -> bytes:
    """Return the property list inside a signed profile, whose signature is not judged here."""
    signed = data.startswith(b"\x30")
    found = re.search(rb"<\?xml.*</plist>\s*", data, re.DOTALL) if signed else None
    return found[0] if found else data
