"""What was done to one place of a credential."""

from typing import Literal

from tipstaff_policy.record import Record

Action = Literal["remove", "keep", "terminate", "store", "revoke"]
Outcome = Literal[
    "removed", "kept", "planned", "failed", "terminated", "stored", "revoked", "not_revocable"
]


class Step(Record):
    """What a command did in one place; the action log writes it as it is."""

    store: str
    path: str | None
    action: Action
    outcome: Outcome
    detail: str
