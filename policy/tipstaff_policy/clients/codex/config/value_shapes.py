"""What kinds of values stand where in the client's documents, without the values themselves.

Keys that have nothing to do with signing in may hold secrets. Of a text only a word or an address
of the client's own is kept, a plain word where the key takes nothing else, the name of a permission
profile, or which sort of text it is; of a number only the bound below it, of a boolean which it is.
"""

from collections.abc import Iterable
from math import isfinite
from re import compile as pattern
from typing import TYPE_CHECKING, Any

from tipstaff_policy.clients.codex.config.accepted import Shown
from tipstaff_policy.model.request import Document
from tipstaff_policy.model.state import Fault, Grammar, Layer, Origin, ReadLayer, Shape
from tipstaff_policy.parsing.toml_text import toml_type
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.clients.codex.config.accepted.spots import Spot

NAMED_LEVELS = 3
"""The depth to which names of ignored keys are kept; checks read no deeper."""
BOUNDS = (
    -(2**63), -(2**31) - 1, -(2**31), -1, 0, 1, 2, 101, 256, 2**16, 2**31, 2**32,
)  # fmt: skip
"""Where the client was seen to draw the line for numbers: each is the least of its class."""

ADDRESS = "an https address"
_ADDRESS = pattern(r"(?i:https)://[^\s/?#@\\]+(/[^?#@\\]*)?(\?[^#]*)?")
"""Neither user nor fragment, which the client does not take."""
CONFIG_SERVER = "config_server"
KEY_BINDING = "a key binding"
ABSOLUTE = "an absolute path"
NAME = "a name"
SORTS = (KEY_BINDING, ABSOLUTE, NAME)
"""What is kept of a text in its place."""
PROFILE_NAMES = ("default_permissions", "extends")
"""Keys whose text names a permission profile."""
_PLAIN_WORD = pattern(r"[a-z][a-z_-]{1,23}")
"""What a choice among words is shown as; a secret is longer, or has digits."""
_PROFILE_NAME = pattern(r":?[A-Za-z][A-Za-z0-9_. -]{0,39}")
_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KEY_BINDING = pattern(
    r"(ctrl-)?(alt-)?(shift-)?([a-z0-9]|f[1-9]|enter|tab|esc|space|up|down|left|right|home|end)"
)


DEPTH_OF_NAMES = {
    "array": "an array",
    "blank": "a blank text",
    "date": "a date",
    "float": "a float",
    "integer": "an integer",
    "table": "a table",
}


class Node(Record):
    """A value of the merged documents, with its members."""

    type: str
    text: str
    origin: Origin
    members: dict[str, "Node"]
    """Of a table by name, of an array by number."""


def shapes_of(document: Document, shown: Shown, known: "Spot | None" = None) -> tuple[Shape, ...]:
    """Return the shape of a document, tables and arrays before their content.

    Args:
        known: The outermost place of the client's tables: of keys that the client ignores, only the
        names are kept, however deep they are. None keeps everything.
    """
    found: list[Shape] = []
    for key, raw in document.items():
        _add(found, (key,), raw, _At(shown, known.member(key) if known else None, known is None))
    return tuple(found)


class _At(Record):
    """The words for a value."""

    shown: Shown
    spot: "Spot | None"
    whole: bool

    def inside(self, name: str) -> "_At":
        return self if self.spot is None else self._replace(spot=self.spot.member(name))


def _add(found: list[Shape], path: tuple[str, ...], raw: Any, at: _At) -> None:
    if not isinstance(raw, dict | list):
        found.append(leaf(path, raw, at.shown))
        return
    found.append(Shape(path, "table" if isinstance(raw, dict) else "array"))
    if at.spot is None and not at.whole and len(path) > NAMED_LEVELS:
        return
    if isinstance(raw, dict):
        for key, member in raw.items():
            _add(found, (*path, key), member, at.inside(key))
    else:
        _add_items(found, path, raw, at.inside("[]"))


def _add_items(found: list[Shape], path: tuple[str, ...], items: list[Any], at: _At) -> None:
    seen = set()
    for number, element in enumerate(items):
        shapes: list[Shape] = []
        _add(shapes, (*path, str(number)), element, at)
        likeness = tuple((shape.path[len(path) + 1 :], *shape[1:]) for shape in shapes)
        if likeness not in seen:  # a hundred arguments are one kind of argument
            seen.add(likeness)
            found += shapes


def leaf(path: tuple[str, ...], raw: Any, shown: Shown) -> Shape:
    """Return the shape of a value that holds no others."""
    if isinstance(raw, str):
        text = raw if _may_be_shown(path, raw, shown) else _sort_of(path, raw)
        return Shape(path, "text" if raw.strip() else "blank", text)
    kind = toml_type(raw)
    if kind in ("integer", "float"):
        return Shape(path, kind, _find_bound_below(raw))
    if kind == "boolean":
        return Shape(path, kind, str(raw).lower())
    return Shape(path, kind)


def _may_be_shown(path: tuple[str, ...], raw: str, shown: Shown) -> bool:
    if raw in shown.words:
        return True
    key = next((part for part in reversed(path) if not part.isdigit()), "")
    if key in PROFILE_NAMES and (path[0] == "permissions" or len(path) == 1):
        return bool(_PROFILE_NAME.fullmatch(raw))
    return key in shown.choices and bool(_PLAIN_WORD.fullmatch(raw))


def _sort_of(path: tuple[str, ...], raw: str) -> str:
    if path[:1] == (CONFIG_SERVER,) and _ADDRESS.fullmatch(raw):
        return "" if "?" in raw and path[-1] == "base_url" else ADDRESS
    if _KEY_BINDING.fullmatch(raw):
        return KEY_BINDING
    if raw.startswith(("/", "~/")):
        return ABSOLUTE
    return NAME if _NAME.fullmatch(raw) else ""


def _find_bound_below(number: float) -> str:
    if not isfinite(number):
        return ""
    return str(max((bound for bound in BOUNDS if bound <= number), default=BOUNDS[0]))


def merge_shapes(layers: Iterable[Layer], grammar: Grammar) -> Node:
    """Return the shape of all documents of a kind: tables merge, all else is replaced whole."""
    root = Node("table", "", Origin("", "", None), {})
    for layer in sorted(layers, key=lambda layer: layer.rank):
        if layer.grammar == grammar and isinstance(layer.content, ReadLayer):
            for shape in layer.content.shapes:
                _put(root, shape, Origin(layer.name, layer.path, shape.line))
    return root


def _put(root: Node, shape: Shape, origin: Origin) -> None:
    *above, name = shape.path
    members = root.members
    for part in above:
        members = members[part].members
    old = members.get(name)
    kept = old.members if old and old.type == shape.type == "table" else {}
    members[name] = Node(shape.type, shape.text, origin, kept)


def wrong(node: Node, key: str, expected: str) -> Fault:
    """Return that a value stops the client."""
    return Fault(
        what=f"{key} is {describe_shape(node)}",
        where=str(node.origin),
        effect="refuse",
        expected=expected,
        remedy=f"correct {node.origin}; the client does not start with it",
    )


def unsure(node: Node, key: str, expected: str) -> Fault:
    """Return that a value could stop the client."""
    return wrong(node, key, expected)._replace(effect="unknown")


def is_kept(text: str) -> bool:
    """Return whether a shape holds a text itself, and not which sort of text it is."""
    return text not in ("", *SORTS)


def describe_shape(node: Node) -> str:
    """Return a value for people, as far as it may be shown."""
    items = list(node.members.values())
    if node.type == "text":
        return f'"{node.text}"' if is_kept(node.text) else "a text that is not shown"
    if node.type == "boolean":
        return node.text
    if node.type == "array" and items and all(is_kept(item.text) for item in items):
        return f"[{', '.join(map(describe_shape, items))}]"
    if node.type == "array" and not items:
        return "an empty array"
    return DEPTH_OF_NAMES[node.type]
