"""What was done to one place of a credential."""

from typing import Literal

from tipstaff_policy.record import Record


class Deed(Record):
    """What was done in one place by a command that does more than to log out."""

    store: str
    path: str | None
    action: Literal["remove", "keep", "terminate", "store", "revoke"]
    outcome: Literal[
        "removed", "kept", "planned", "failed", "terminated", "stored", "revoked", "not_revocable"
    ]
    detail: str


class Step(Record):
    """What was done in one place."""

    store: str
    path: str | None
    action: Literal["remove", "keep", "terminate"]
    outcome: Literal["removed", "kept", "planned", "failed", "terminated"]
    detail: str
