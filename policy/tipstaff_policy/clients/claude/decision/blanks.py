"""Variables of blanks alone, as each version of the client takes them.

Source: tests/conformance_claude, the hosts "blanks: …" of `cases_personal.py`, recorded on each
version of PROVEN; the change itself was seen between 2.1.211 and 2.1.212.
"""

from tipstaff_policy.clients.claude.credentials.members import BLANK
from tipstaff_policy.clients.claude.methods import Role, role_of
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.state import Credential, HeldCredential, UnreadableCredential

KIND = "blanks"
"""A credential that no one can name the owner of."""
METHODS: dict[Role, str] = {"bearer": "token", "key": "console", "token": "claudeai"}
"""What each of these variables is a sign-in by."""


def is_blank(credential: Credential) -> bool:
    """Return whether a variable holds blanks alone."""
    content = credential.content
    if isinstance(content, HeldCredential):
        return content.kind == KIND
    return isinstance(content, UnreadableCredential) and content.reason == BLANK


def as_taken(credential: Credential, behaviour: Behaviour) -> tuple[Role | None, Credential]:
    """Return a credential as a version takes it, and its place in the client's order.

    Where only a bearer of blanks is still sent, it goes along as a header of one's own does.
    """
    role = role_of(credential)
    if role not in METHODS or not is_blank(credential) or behaviour.blank_variables == "unset":
        return role, credential
    taken = credential._replace(content=HeldCredential(KIND, METHODS[role], identity=()))
    if behaviour.blank_variables == "set":
        return role, taken
    return ("headers", taken) if role == "bearer" else (role, credential)
