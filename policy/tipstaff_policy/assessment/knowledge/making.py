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
    signed_form,
)

NEEDS_FROM, NEEDS_BELOW = "0.1.0", "1.0.0"
"""The releases that read what this one writes; the first grows when a behaviour gets a field."""


def make_content(
    counter: int, now: int, *, needs_from: str = NEEDS_FROM, needs_below: str = NEEDS_BELOW
) -> dict[str, Any]:
    """Return what a document says, without a signature.

    Args:
        now: Seconds since 1970.
    """
    return {
        "schema": SCHEMA,
        "counter": counter,
        "made_at": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "needs_tipstaff": {"from": needs_from, "below": needs_below},
        "clients": {name: part.read_own() for name, part in knowledge_of_clients().items()},
    }


def write_document(content: dict[str, Any], sign: Callable[[bytes], bytes] | None) -> bytes:
    """Return a document as a file has it, with a signature where something signs."""
    signature = {SIGNATURE: sign(signed_form(content)).decode()} if sign else {}
    return (json.dumps({**content, **signature}, separators=(",", ":")) + "\n").encode()
