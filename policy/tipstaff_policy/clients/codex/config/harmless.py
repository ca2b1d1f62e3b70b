"""Keys of a document at which no measured version of the client stops, so they can be left out.

Judged on the document itself, table by table: a file of thousands of tables mostly holds what is
harmless, and its shapes are never made.
"""

from collections.abc import Collection
from typing import Any

from tipstaff_policy.clients.codex.config import key_relations
from tipstaff_policy.clients.codex.config.accepted import (
    Shown,
)
from tipstaff_policy.clients.codex.config.accepted.spots import Spot, root_of
from tipstaff_policy.clients.codex.config.layer_content import FILES
from tipstaff_policy.clients.codex.config.other_keys import ALWAYS_KEPT, PROVIDER_KEYS, is_taken
from tipstaff_policy.clients.codex.config.value_shapes import leaf
from tipstaff_policy.model.request import Document
from tipstaff_policy.model.state import Grammar

RELATED = frozenset(
    (
        *ALWAYS_KEPT,
        *PROVIDER_KEYS,
        *FILES,
        *key_relations.RELATED,
    )
)
"""What is read together with other keys, by checks, or by the decision alone."""
DEEPEST = 40
"""No table of the client's is as deep."""
WRONG, PLAIN, PATH = 0, 1, 2


def what_matters(
    document: Document, grammar: Grammar, shared: Collection[str] | None, shown: Shown
) -> Document:
    """Return the part of a document that could stop a version, alone or together with others.

    Args:
        shared: The keys that other documents of the kind have too; None if unknown.
    """
    root = root_of(grammar)
    kept: Document = {}
    paths: Document = {}
    for key, raw in document.items():
        spot = root.member(key)
        if key in RELATED or (spot and (shared is None or key in shared)):
            kept[key] = raw
        elif spot:
            _sort(key, raw, spot, shown, (kept, paths))
    # A relative path stays one in a layer that is wrong somewhere else.
    return _unite(document, kept, paths) if kept else {}


def _sort(key: str, raw: Any, spot: Spot, shown: Shown, parts: tuple[Document, Document]) -> None:
    kept, paths = parts
    if isinstance(raw, dict) and spot.is_open:
        for name, member in raw.items():
            found = _judge(member, spot.member(name), shown)
            if found != PLAIN:
                (paths if found == PATH else kept).setdefault(key, {})[name] = member
        return
    found = _judge(raw, spot, shown)
    if found != PLAIN:
        (paths if found == PATH else kept)[key] = raw


def _unite(document: Document, kept: Document, paths: Document) -> Document:
    """Return both parts together, in the document's order."""
    whole: Document = {}
    for key, raw in document.items():
        parts = [nodes[key] for nodes in (kept, paths) if key in nodes]
        if len(parts) == 1:
            whole[key] = parts[0]
        elif parts:
            whole[key] = {name: raw[name] for name in raw if any(name in part for part in parts)}
    return whole


def _judge(raw: Any, spot: Spot | None, shown: Shown, depth: int = 0) -> int:
    """Return whether a value is wrong, or could be, or holds a path, or is neither."""
    if spot is None:
        return PLAIN
    if depth > DEEPEST:
        return WRONG
    if isinstance(raw, dict):
        return _table(raw, spot, shown, depth + 1)
    if isinstance(raw, list):
        return _array(raw, spot, shown, depth + 1)
    return _judge_alone(raw, spot, shown)


def _judge_alone(raw: Any, spot: Spot, shown: Shown) -> int:
    """Judge what holds no others; most of it without making its shape."""
    if isinstance(raw, str):
        is_plain = raw in spot.words or (spot.is_text and not spot.is_path)
    elif isinstance(raw, bool):
        is_plain = spot.is_boolean
    else:
        is_plain = isinstance(raw, int) and spot.is_integer
    if is_plain:
        return PLAIN
    shape = leaf((), raw, shown)
    for _, _, takes in spot.known:
        if not is_taken(shape, takes):
            return WRONG
    return PATH if spot.is_path and shape.type in ("text", "date") else PLAIN


def _table(raw: dict[str, Any], spot: Spot, shown: Shown, depth: int) -> int:
    if not spot.is_table or not spot.completes(raw):
        return WRONG
    member, worst = spot.member, PLAIN
    for name, inner in raw.items():
        found = _judge(inner, member(name), shown, depth)
        if found != PLAIN:
            if found == WRONG:
                return WRONG
            worst = found
    return worst


def _array(raw: list[Any], spot: Spot, shown: Shown, depth: int) -> int:
    if not spot.is_array or not (raw or spot.may_be_empty):
        return WRONG
    item, worst = spot.member("[]"), PLAIN
    for element in raw if item else ():
        found = _judge(element, item, shown, depth)
        if found == WRONG:
            return WRONG
        worst = max(worst, found)
    return worst
