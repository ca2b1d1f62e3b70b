"""The client's settings documents: what it accepts as one, and how an unusable one is recognised.

Source: docs/clients/claude.md, "Layers", the table of odd files (client 2.1.332).
"""

import json
from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.claude.config.keys import (
    ENV,
    GATEWAY_URL,
    KEYS,
    PERSONAL_KINDS,
    RULES,
    STATE_VARIABLES,
    env_key,
    is_of_other_kind,
    likely_key,
    state_of_variable,
    states_anything,
    value_of,
    why_idle,
    why_refused,
)
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import Detail
from tipstaff_policy.model.state import (
    AbsentLayer,
    Fault,
    FaultyLayer,
    IgnoredLayer,
    Layer,
    Origin,
    ReadLayer,
    Setting,
    Shape,
    Stray,
)
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import END_SHORTAGE, is_shortage, read_bounded

MANAGED_LIMIT = 2 << 20
"""Bytes of a managed document that the client still reads."""
EARLIER_LIMIT = 64 << 20
"""The same for versions that have no limit; what is larger yet is not read here."""
PERSONAL_LIMIT = 16 << 20
OWN_MEMBERS = ("tipstaff", "tipstaffPolicy")
"""The member by which a rendered file carries its stamp, which the client ignores."""
BROKEN = (
    "Managed settings document could not be parsed as a JSON object; none of its settings are in "
    "effect. Fix or remove it."
)
NOT_LOADED = "cannot be loaded, so that the client does not start without another managed source"
MAY_NOT_READ = "may not be read by this user, for whom the client starts without its rules"
UNCERTAIN = "cannot be read"
MEMBERS = "members"
"""The shape of a document that states anything: it stands in the way of weaker sources."""
OTHER_KIND = "another kind"
"""The shape of a member for which earlier clients take the whole document for none."""
ONLY_OTHER_KINDS = "nothing but other kinds"
"""The shape of a document all of whose members are such."""
OF_KINDS = (ENV, "permissions", "model")
"""Such members besides the rules."""


class LayerFile(Record):
    """A layer, and the document that it was read from, which may hold secrets."""

    layer: Layer
    document: dict[str, Any]

    def __repr__(self) -> str:
        return f"LayerFile({self.layer!r}, …)"


def parse_document(data: bytes) -> dict[str, Any]:
    """Return the members of a document as the client reads it; a blank one has none.

    Raises:
        ShapeError: It is none; its ``line`` counts from 1.
    """
    text = decode(data)
    if not text.strip():
        return {}
    try:
        document = json.loads(text, parse_constant=_refuse, parse_int=float)
    except json.JSONDecodeError as error:
        raise NoDocumentError(error.lineno) from None
    except (ValueError, RecursionError):
        raise NoDocumentError(1) from None
    if not isinstance(document, dict):
        raise NoDocumentError(_first_line(text))
    return {name: value for name, value in document.items() if name not in OWN_MEMBERS}


class NoDocumentError(ShapeError):
    """A text is no JSON object."""

    def __init__(self, line: int) -> None:
        super().__init__(f"is no JSON object (line {line})")
        self.line = line


def decode(data: bytes) -> str:
    """Return a document as text: UTF-16 behind its mark, else UTF-8 with faults replaced."""
    if data.startswith(b"\xff\xfe"):
        return data[2:].decode("utf-16-le", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _first_line(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n") + 1


def read_managed(
    name: str, path: str, place: str, detail: Detail, *, limit: int = MANAGED_LIMIT
) -> LayerFile:
    """Return a managed document of the file system.

    Args:
        path: As reports show it.
        place: Its real place on this machine.
        limit: The bytes above which it cannot be loaded.
    """
    try:
        data = read_bounded(place, limit)
    except OSError as error:
        return make_managed_layer(name, path, make_unread_content(path, error), {})
    return parse_managed(name, path, data, detail)


def parse_managed(name: str, path: str, data: bytes, detail: Detail) -> LayerFile:
    """Return the layer of the bytes of a managed document."""
    try:
        document = parse_document(data)
    except NoDocumentError as error:
        return make_managed_layer(name, path, FaultyLayer(explain_broken(path, error.line)), {})
    return make_managed_layer(name, path, content_of(name, path, document, data, detail), document)


def make_managed_layer(
    name: str, path: str, content: AbsentLayer | ReadLayer | FaultyLayer, document: dict[str, Any]
) -> LayerFile:
    """Return a layer of the administrators'; its rank is given to it later."""
    layer = Layer(name, 0, path, administrators=True, grammar="config", content=content)
    return LayerFile(layer, document)


def make_unread_content(path: str, error: OSError) -> AbsentLayer | FaultyLayer:
    """Return what becomes of a managed file that was not read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return AbsentLayer()
    if isinstance(error, PermissionError):
        fault = Fault(
            MAY_NOT_READ,
            path,
            "unknown",
            "a file that every user can read",
            f"make {path} readable (mode 0644), so that its rules count",
        )
    elif is_shortage(error):
        fault = Fault(f"{UNCERTAIN}: {error.strerror}", path, "unknown", remedy=END_SHORTAGE)
    else:
        what = error.strerror or "cannot be read"
        remedy = f"put a file of settings in its place, where now this is found: {what}"
        fault = Fault(NOT_LOADED, path, "refuse", "a JSON object of at most 2 MiB", remedy)
    return FaultyLayer(fault)


def explain_broken(path: str, line: int | None) -> Fault:
    """Return why a managed document stops every command."""
    where = path if line is None else f"{path}:{line}"
    return Fault(
        BROKEN,
        where,
        "refuse",
        "a JSON object, without comments and without a comma behind the last member",
        f"correct {where}; nothing was removed",
    )


def content_of(
    name: str, path: str, document: dict[str, Any], data: bytes, detail: Detail
) -> ReadLayer:
    """Return what a document says, free of secrets."""
    lines: dict[tuple[str, ...], int] = {}
    digest = None
    if detail != "none":
        from tipstaff_policy.clients.claude.config.lines import (  # noqa: PLC0415 - reports only
            line_numbers,
        )
        from tipstaff_policy.parsing.sha256 import sha256  # noqa: PLC0415 - reports only

        lines, digest = line_numbers(decode(data)), sha256(data).hexdigest()
    settings: list[Setting] = []
    strays: list[Stray] = []
    for key, value in document.items():
        origin = Origin(name, path, lines.get((key,)))
        if key in KEYS:
            settings.append(Setting(key, value_of(key, value), origin))
            strays += _idle(settings[-1])
        elif likely := likely_key(key):
            strays.append(Stray(key, origin, "is no key of the client", f"write {likely}"))
    settings += _variables(name, path, document, lines)
    strays += _find_nested_rules(document, name, path, lines)
    shapes = tuple(_shapes(document, settings))
    return ReadLayer(tuple(settings), tuple(strays), digest, shapes)


def _shapes(document: dict[str, Any], settings: list[Setting]) -> Iterator[Shape]:
    """Yield whether a document states anything, and which members are of another kind."""
    kinds = [key for key in OF_KINDS if key in document and not PERSONAL_KINDS[key](document[key])]
    rules = [setting for setting in settings if is_of_other_kind(setting.key, setting.value)]
    dropped = [
        *kinds,
        *(setting.key for setting in settings if why_idle(setting.key, setting.value)),
    ]
    left = {key: value for key, value in document.items() if key not in dropped}
    if states_anything(left):
        yield Shape((), MEMBERS)
    elif document and not left and any(key != GATEWAY_URL for key in dropped):
        # The versions that go by it do not know that key.
        yield Shape((), ONLY_OTHER_KINDS)
    for key in (*kinds, *(rule.key for rule in rules)):
        yield Shape((key,), OTHER_KIND)


def _idle(setting: Setting) -> Iterator[Stray]:
    why = why_idle(setting.key, setting.value)
    if why:
        yield Stray(setting.key, setting.origin, *why)


def _variables(
    name: str, path: str, document: dict[str, Any], lines: dict[tuple[str, ...], int]
) -> list[Setting]:
    return [
        Setting(
            env_key(variable),
            state_of_variable(variable, value),
            Origin(name, path, lines.get((ENV, variable)) or lines.get((ENV,))),
        )
        for variable, value in variables_in(document).items()
        if variable in STATE_VARIABLES
    ]


def variables_in(document: dict[str, Any]) -> dict[str, str]:
    """Return the variables that a document sets; numbers and booleans count as their texts."""
    stated = document.get(ENV)
    if not isinstance(stated, dict):
        return {}
    texts = {name: _text(value) for name, value in stated.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else None


def _find_nested_rules(
    document: dict[str, Any], name: str, path: str, lines: dict[tuple[str, ...], int]
) -> Iterator[Stray]:
    """Find rules one level down, where they are no rules."""
    for around, members in document.items():
        if not isinstance(members, dict) or around == ENV:
            continue
        for key in members:
            if key in RULES:
                origin = Origin(name, path, lines.get((around, key)) or lines.get((around,)))
                reason = f"stands inside of {around}, where it is no rule"
                yield Stray(key, origin, reason, "move it to the top of the file")


def personal_document(name: str, path: str, data: bytes, detail: Detail) -> LayerFile:
    """Return the layer of a person's own settings; a broken one is none."""
    try:
        document = parse_document(data)
    except NoDocumentError:
        return make_ignored_layer(
            name, path, "is no JSON object, so that the client goes on without it"
        )
    if why := why_refused(document):
        return make_ignored_layer(
            name, path, f"{why}, so that the client goes on without the whole file"
        )
    content = content_of(name, path, document, data, detail)
    layer = Layer(name, 0, path, administrators=False, grammar="config", content=content)
    return LayerFile(layer, document)


def make_ignored_layer(
    name: str, path: str, reason: str, likely: str = "correct or delete it"
) -> LayerFile:
    """Return a person's file that has no effect."""
    content = IgnoredLayer(reason, likely)
    return LayerFile(
        Layer(name, 0, path, administrators=False, grammar="config", content=content), {}
    )


def absent(name: str, path: str, *, administrators: bool = False) -> LayerFile:
    """Return a file that does not exist."""
    return LayerFile(Layer(name, 0, path, administrators, "config", AbsentLayer()), {})


def read_personal(name: str, path: str, place: str, detail: Detail) -> LayerFile:
    """Return a person's own settings file."""
    try:
        data = read_bounded(place, PERSONAL_LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return absent(name, path)
    except OSError as error:
        return make_ignored_layer(name, path, f"{UNCERTAIN}: {error.strerror}")
    return personal_document(name, path, data, detail)


def whole(value: Any) -> Any:
    """Return a value as the policy document can carry it.

    Whole numbers of JSON are whole there too, and JSON's null has no place.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: whole(member) for name, member in value.items() if member is not None}
    return [whole(element) for element in value] if isinstance(value, list) else value
