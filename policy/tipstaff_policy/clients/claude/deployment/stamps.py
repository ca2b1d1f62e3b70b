"""How the client's file carries the stamp of the policy that it is of: as a member of its own.

The client ignores a member that it does not know. As a text of the registry the file is one line,
and has no percent sign, which Group Policy takes for a variable's; JSON can write it otherwise.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tipstaff_policy.clients.interface.deployment import BadStamp, Stamp, Stamps
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.organisation.client_keys import plain

CLIENT = "claude"
NAME = "claude_managed_settings"
FILE = "managed-settings.json"
DROP_IN = "claude_drop_in"
DROP_IN_FILE = "50-tipstaff.json"
MEMBER = "tipstaff"
WHOLE = re.compile(
    rf'\{{"{MEMBER}": \["(\w+) sha256:([0-9a-f]{{64}})", (\[[^\n]*\])\],\n(.*)\n', re.DOTALL
)
PERCENT = "\\u0025"
MERGED = f'{{"{MEMBER}": "merged'.encode()
FIELDS = 4


def members(keys: Iterable[ClientKey]) -> dict[str, Any]:
    """Return keys as a document."""
    found: dict[str, Any] = {}
    for key in keys:
        place = found
        for name in key.path[:-1]:
            place = place.setdefault(name, {})
        place[key.path[-1]] = plain(key)
    return found


def unwritable(key: ClientKey) -> str:
    """Return what about a value JSON has no way to write."""
    return next(_without_json(plain(key)), "")


def _without_json(value: Any) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield "a number that JSON does not have"
    elif isinstance(value, list | dict):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _without_json(member)
    elif not isinstance(value, str | int | float):
        yield "a date or a time, which JSON does not have"


def text_of(keys: Iterable[ClientKey]) -> str:
    """Return keys as the text of a document."""
    return json.dumps(members(keys), sort_keys=True)


def start(name: str) -> bytes:
    """Return how a rendered file begins."""
    return f'{{"{MEMBER}": ["{name} sha256:'.encode()


def write(name: str, stamp: Stamp, text: str) -> bytes:
    """Return a whole file: the stamp with the digest of all that follows, then the text."""
    return _put_stamp(name, list(stamp), json.loads(text))


def _put_stamp(name: str, stamp: list[str], document: dict[str, Any]) -> bytes:
    rest = json.dumps(document, sort_keys=True)[1:]
    head = json.dumps(stamp)
    digest = hashlib.sha256(f"{head}\n{rest}".encode()).hexdigest()
    return start(name) + f'{digest}", {head}],\n{rest}\n'.encode()


def read(name: str, data: bytes) -> Stamp | BadStamp:
    """Return the stamp of a file that is as it was written."""
    bad = BadStamp("has no stamp, or was edited", f"a member `{MEMBER}` with a digest")
    found = WHOLE.fullmatch(data.decode("utf-8", "replace"))
    if not found or found[1] != name:
        return bad
    if hashlib.sha256(f"{found[3]}\n{found[4]}".encode()).hexdigest() != found[2]:
        return bad
    try:
        stamp = json.loads(found[3])
    except ValueError:
        return bad
    return Stamp(*map(str, stamp)) if len(stamp) == FIELDS else bad


def merge(stamp: Stamp, kept: str, keys: Iterable[ClientKey]) -> bytes:
    """Return a file that holds the keys of another administrator's too."""
    head = {MEMBER: f"merged with {kept}", "tipstaffPolicy": list(stamp)}
    return json.dumps({**head, **members(keys)}).encode()


def preference_files(values: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the file that the values of the domain stand for, byte for byte.

    Raises:
        ValueError: The stamp among them is none.
    """
    mark = values.get(MEMBER)
    if not isinstance(mark, list) or not mark or not str(mark[0]).startswith(f"{NAME} "):
        return {}  # of another client, or none of ours
    if len(mark) != 2 or not isinstance(mark[1], list):
        raise ValueError(f"{MEMBER} is no stamp of {FILE}")
    document = {name: value for name, value in values.items() if name != MEMBER}
    return {NAME: _put_stamp(NAME, [str(line) for line in mark[1]], document)}


def registry_text(data: bytes) -> str:
    """Return a rendered file as a text of the registry."""
    return data.decode().strip().replace("\n", " ").replace("%", PERCENT)


def registry_data(text: str) -> bytes:
    """Return the file that a text of the registry stands for, byte for byte.

    Raises:
        ValueError: It is no such text.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 - of a text, not of an argument
    files = preference_files(values)
    if NAME not in files:
        raise ValueError(f"has no member `{MEMBER}` with a stamp of {FILE}")
    return files[NAME]


STAMPS = Stamps(start, write, read)
