"""A document of all that this release knows, to be signed and given to older ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tipstaff_policy.assessment.knowledge.document import (
    SCHEMA,
    SIGNATURE,
    knowledge_of_clients,
    render_signed_form,
)
from tipstaff_policy.clients.interface.knowledge import PARTS, as_number, whole_rows

NEEDS_FROM, NEEDS_BELOW = "0.1.0", "1.0.0"
"""The releases that read what this one writes; the first grows when a behaviour gets a field."""


def make_content(
    counter: int,
    now: int,
    *,
    needs: tuple[str, str] = (NEEDS_FROM, NEEDS_BELOW),
    newest: int | None = None,
) -> dict[str, Any]:
    """Return what a document says, without a signature.

    Args:
        now: Seconds since 1970.
        needs: The oldest release that may read it, and the first that may not.
        newest: How many proven versions of each client it has; None for all.
    """
    return {
        "schema": SCHEMA,
        "counter": counter,
        "made_at": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "needs_tipstaff": dict(zip(("from", "below"), needs, strict=True)),
        "clients": {
            name: _newest_of(part.read_own(), newest)
            for name, part in knowledge_of_clients().items()
        },
    }


def _newest_of(section: dict[str, Any], count: int | None) -> dict[str, Any]:
    """Return the part of a section that is about the newest proven versions."""
    if count is None:
        return section
    kept = [*section["proven"]][-count:]
    first = as_number(kept[0])
    before = [span for span in section["spans"] if as_number(span["since"]) <= first]
    after = [span for span in section["spans"] if as_number(span["since"]) > first]
    spans = [*before[-1:], *after]
    used = {name for span in spans for name in span["rows"]}
    rows = whole_rows(section["rows"])
    data = {
        name: {version: content for version, content in section[name].items() if version in kept}
        for name in section
        if name not in PARTS
    }
    return {
        "proven": {version: section["proven"][version] for version in kept},
        "rows": {name: row for name, row in rows.items() if name in used},
        "spans": spans,
        **data,
    }


def write_document(content: dict[str, Any], sign: Callable[[bytes], bytes] | None) -> bytes:
    """Return a document as a file has it, with a signature where something signs."""
    signature = {SIGNATURE: sign(render_signed_form(content)).decode()} if sign else {}
    return (json.dumps({**content, **signature}, separators=(",", ":")) + "\n").encode()
