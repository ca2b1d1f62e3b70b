"""What a login is asked, what a client's adapter gives to it, and what it returns."""

from typing import Literal

from tipstaff_policy.assessment.inspection import Inspection
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.sign_in import Flow, SignIn, Trouble
from tipstaff_policy.logins.revocation import Revocation
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, ServiceAnswer
from tipstaff_policy.record import Record

Outcome = Literal["signed_in", "refused", "failed", "interrupted"]
Earlier = Literal["none", "kept", "replaced", "unclear"]


class Attempt(Record):
    """One sign-in."""

    adapter: Adapter
    request: Request
    sign_in: SignIn
    flow: Flow
    sight: Inspection
    """The host before."""
    answers: tuple[ServiceAnswer, ...] = ()
    """Whose the new login is, where only the service knows."""


class Judged(Record):
    """What the policy says of a login, or of one that would come."""

    trouble: Trouble | None = None
    warnings: tuple[str, ...] = ()
    remedy: str = ""
    """What is left to do, where the login stays all the same."""


class LogIn(Record):
    """What came of a sign-in."""

    flow: str
    outcome: Outcome
    note: str
    remedy: str
    state: HostState
    """The host afterwards."""
    earlier: Earlier
    """What became of the login that was stored before."""
    exit_code: int
    warnings: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    """The organisation's message to a user whose login it refuses, and whom to ask."""
    revocations: tuple[Revocation, ...] = ()
    """Of the login that was replaced, or of the one that was not kept."""
