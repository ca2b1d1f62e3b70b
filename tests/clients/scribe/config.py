"""The client's settings: JSON documents, their layers, and the one merge of them.

Lists of the administrators' files unite, a single value is that of the strongest file. What a
person writes restricts nothing: rules count in the administrators' files alone.
"""

import hashlib
import json
import os
import re
from typing import Any

from scribe.places import DROP_INS, ON_DISK, SETTINGS, on_disk
from tipstaff_policy.model.advice import KeyText
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting, PassedOver
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    AbsentLayer,
    Fault,
    FaultyLayer,
    Layer,
    Odd,
    Origin,
    ReadLayer,
    Setting,
    Stray,
    Value,
)
from tipstaff_policy.system.files import read_bounded

METHODS_KEY, ORGANISATIONS_KEY, STORE_KEY, HELPER_KEY = (
    "allowedMethods",
    "allowedOrganisations",
    "store",
    "keyHelper",
)
STORES = ("state", "vault")
LISTS = (METHODS_KEY, ORGANISATIONS_KEY)
KEYS = (*LISTS, STORE_KEY, HELPER_KEY)
SIZE_LIMIT = 4 << 20
OWN_MEMBERS = ("tipstaff", "policy")
"""Members by which a rendered file carries its stamp."""
KEY_TEXTS = {
    METHODS_KEY: KeyText(
        "Only logins by these methods are used; with another one the client does not start.",
        "the administrators' scribe-settings.json",
        "every method",
    ),
    ORGANISATIONS_KEY: KeyText(
        "Only logins of these organisations are used; the client asks its service.",
        "the administrators' scribe-settings.json",
        "any organisation",
    ),
    STORE_KEY: KeyText(
        "Where a login is kept: in state.json, or in a file of its own.",
        "every settings file",
        "state",
    ),
    HELPER_KEY: KeyText("A program that prints an API key.", "every settings file", "none"),
}


def read_layers(request: Request, home: str) -> tuple[Layer, ...]:
    """Return every settings file, the weakest first."""
    managed = ON_DISK[request.platform]
    folder = f"{os.path.dirname(managed)}/{DROP_INS}"
    try:
        names = sorted(os.listdir(on_disk(folder, request)))
    except OSError:
        names = []
    drop_ins = [f"{folder}/{name}" for name in names if name.endswith(".json")]
    places = [
        ("user", f"{home}/{SETTINGS}", f"{home}/{SETTINGS}", False),
        ("managed", managed, on_disk(managed, request), True),
        *(("drop-in", path, on_disk(path, request), True) for path in drop_ins),
    ]
    wanted = [place for place in places if place[3] or not request.options.lean]
    return tuple(
        Layer(name, rank, path, administrators, "config", _content(name, path, place, request))
        for rank, (name, path, place, administrators) in enumerate(wanted)
    )


def _content(name: str, path: str, place: str, request: Request):
    try:
        data = read_bounded(place, SIZE_LIMIT)
    except FileNotFoundError:
        return AbsentLayer()
    except OSError as error:
        fault = Fault(f"cannot be read: {error.strerror}", path, "refuse", "a settings file")
        return FaultyLayer(fault)
    return content_of(name, path, data, lines=request.options.detail != "none")


def content_of(name: str, path: str, data: bytes, *, lines: bool):
    """Return what a settings file says, or why it cannot be used."""
    try:
        document = parse(data)
    except ValueError as error:
        return FaultyLayer(_fault(path, error))
    known = line_numbers(data.decode()) if lines else {}
    settings, strays = [], []
    for key, value in document.items():
        origin = Origin(name, path, known.get((key,)))
        if key in KEYS:
            settings.append(Setting(key, _value(value), origin))
        elif likely := _likely(key):
            strays.append(Stray(key, origin, "is no key of this client", likely))
    digest = hashlib.sha256(data).hexdigest() if lines else None
    return ReadLayer(tuple(settings), tuple(strays), digest)


def parse(data: bytes) -> dict[str, Any]:
    """Return the members of a document; raises ValueError where it is none."""
    text = data.decode("utf-8-sig") or "{}"
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("is no object")  # noqa: TRY004 - as the parser says it
    return {name: value for name, value in document.items() if name not in OWN_MEMBERS}


def line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each member, by its path; of two with one name, that of the first."""
    found: dict[tuple[str, ...], int] = {}
    around: list[str] = []
    last = ""
    for token in re.finditer(r'"((?:[^"\\]|\\.)*)"\s*(:)?|[{}]', text):
        if token[2]:
            last = token[1]
            found.setdefault((*around, last), text.count("\n", 0, token.start()) + 1)
        elif token[0] == "{":
            around.append(last)
        elif token[0] == "}" and around:
            around.pop()
    return {path[1:]: line for path, line in found.items()}


def _fault(path: str, error: ValueError) -> Fault:
    line = getattr(error, "lineno", 1)
    where = f"{path}:{line}"
    return Fault(
        "is no JSON object",
        where,
        "refuse",
        "a JSON object without comments",
        f"correct {where}; nothing was removed",
    )


def _value(value: Any) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple(element if isinstance(element, str) else _odd(element) for element in value)
    return _odd(value)


def _odd(value: Any) -> Odd:
    return Odd("odd", type(value).__name__, json.dumps(value)[:40])


def _likely(key: str) -> str:
    folded = re.sub(r"[^a-z]", "", key.casefold())
    return next((known for known in KEYS if known.casefold() == folded), "")


def effective(layers: tuple[Layer, ...]) -> EffectivePolicy:
    """Return the settings in force; the only merge of the client's layers."""
    found: dict[str, list[Setting]] = {}
    passed = []
    for layer in sorted(layers, key=lambda layer: layer.rank, reverse=True):
        for setting in layer.content.settings if isinstance(layer.content, ReadLayer) else ():
            if why := why_passed_over(layer, setting):
                passed.append(PassedOver(setting, *why))
            else:
                found.setdefault(setting.key, []).append(setting)
    settings = tuple(_merged(key, stated) for key, stated in sorted(found.items()))
    own = {layer.path for layer in layers if layer.administrators}
    firm = tuple(setting.key for setting in settings if setting.origin.path in own)
    return EffectivePolicy(settings, firm, tuple(passed))


def why_passed_over(layer: Layer, setting: Setting) -> tuple[str, str] | None:
    """Return why a setting has no effect and what to do about it; None where it has one."""
    if setting.key in LISTS and not layer.administrators:
        why = "a rule in a person's own settings restricts nothing"
        return why, f"state it in {ON_DISK['linux']}"
    if setting.key == STORE_KEY and setting.value not in STORES:
        return "the client knows no such store", f"one of {', '.join(STORES)}"
    return None


def _merged(key: str, stated: list[Setting]) -> EffectiveSetting:
    first, *rest = stated
    if key not in LISTS:
        return EffectiveSetting(key, first.value, first.origin, tuple(rest))
    values = (value for setting in reversed(stated) for value in words_of(setting.value))
    return EffectiveSetting(key, tuple(dict.fromkeys(values)), first.origin, ())


def words_of(value: Value) -> tuple[str, ...]:
    """Return the words of a list; anything else in its place allows nothing."""
    if not isinstance(value, tuple) or isinstance(value, Odd):
        return ()
    return tuple(word for word in value if isinstance(word, str))
