"""Variables without a text, as each version of the client takes them: blanks alone, and empty.

Source: tests/conformance_claude, the hosts "blanks: …" of `cases_personal.py`, recorded on each
version of PROVEN; that blanks are none was seen to begin between 2.1.211 and 2.1.212.
"""

from tipstaff_policy.clients.claude.credentials.members import BLANK, EMPTY
from tipstaff_policy.clients.claude.methods import Role, role_of
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.state import Credential, HeldCredential, UnreadableCredential

KIND = "blanks"
"""A credential that no one can name the owner of."""
METHODS: dict[Role, str] = {"bearer": "token", "key": "console", "token": "claudeai"}
"""What each of these variables is a sign-in by."""


def is_blank(credential: Credential) -> bool:
    """Return whether a credential is a variable of blanks that a version takes for one."""
    return isinstance(credential.content, HeldCredential) and credential.content.kind == KIND


def as_taken(credential: Credential, behaviour: Behaviour) -> tuple[Role | None, Credential]:
    """Return a credential as a version takes it, and its place in the client's order.

    A bearer that is sent and is no login goes along as a header of one's own does.
    """
    role, content = role_of(credential), credential.content
    if role not in METHODS or not isinstance(content, UnreadableCredential):
        return role, credential
    taken = credential._replace(content=HeldCredential(KIND, METHODS[role], identity=()))
    if content.reason == BLANK and behaviour.blank_variables == "set":
        return role, taken
    is_sent = (content.reason == BLANK and behaviour.blank_variables == "sent") or (
        content.reason == EMPTY and behaviour.sends_empty_bearer
    )
    return ("headers", taken) if is_sent and role == "bearer" else (role, credential)
