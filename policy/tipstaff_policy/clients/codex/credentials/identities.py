"""Ask the service, and nothing else, whose a credential is, as the client does.

The client lets its user's variables move the question, and trusts authorities that they name; a
user who does that answers it himself. So it goes to the vendor's own address, by the authorities
that the system's administrators trust.

Source: tests/conformance/test_identities.py (clients 0.169.0 and 0.171.0).
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.credentials.stored_credentials import (
    TOKEN_VARIABLE,
    read_file_store,
)
from tipstaff_policy.clients.codex.credentials.strict_json import parse_json
from tipstaff_policy.clients.codex.credentials.workload import FILE, RULE, SOURCE
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.errors import EvaluationError, ShapeError, TipstaffError, reason_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.model.state import HeldCredential, HostState, ServiceAnswer
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.https import (
    Get,
    StatusError,
    UnreachableError,
    administrators_context,
    get,
)

SERVICE = "https://auth.openai.com"
WHOAMI = f"{SERVICE}/api/accounts/v1/user-auth-credential/whoami"
EXCHANGE = f"{SERVICE}/oauth/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CONTEXT = "OPENAI_WORKLOAD_IDENTITY_CONTEXT"
FIELD = "chatgpt_account_id"
TIME_LIMIT_S = 5.0
"""For one question, from the connection to the end of the answer."""
ANSWER_LIMIT = 1 << 20
TOKEN_LIMIT = 1 << 20
REFUSALS = (400, 401, 403)
"""What a service answers that knows the credential, or does not, and lets no one in by it."""
KEYS_SERVICE = "https://chatgpt.com"
KEYS = f"{KEYS_SERVICE}/backend-api/wham/agent-identities/jwks"
"""By which the identities of agents are verified."""


class NoQuestionError(EvaluationError):
    """There is nothing to ask the service."""


class NeedsLibraryError(EvaluationError):
    """The full program could ask."""


class Question(Record):
    """What is asked, and where."""

    url: str
    bearer: Secret[str] | None = None
    form: Secret[bytes] | None = None
    signed: Secret[str] | None = None
    """A token that names the workspace; the answer is the keys that verify it."""


class Asking(Record):
    """Whose credential it is that is asked about, and how long that may take."""

    request: Request
    home: str
    source: str
    deadline: float
    """By the monotonic clock, from the first step to the end of the answer."""


def identities(
    request: Request, state: HostState, sources: tuple[str, ...]
) -> tuple[ServiceAnswer, ...]:
    """Return what the service says of the credentials of some sources, or why it says nothing."""
    held = {credential.source: credential.content for credential in state.everywhere()}
    return tuple(_identity(request, state.home, source, held[source]) for source in sources)


def _identity(request: Request, home: str, source: str, content: Any) -> ServiceAnswer:
    ask = content.ask if isinstance(content, HeldCredential) else None
    service = KEYS_SERVICE if ask == "jwks" else SERVICE
    asking = Asking(request, home, source, time.monotonic() + TIME_LIMIT_S)
    try:
        question = _QUESTIONS[str(ask)](asking)
        return ServiceAnswer(source, mask_text(_answer(question, asking)), service)
    except Exception as error:  # noqa: BLE001 - whatever it is, the credential is not judged
        return _explain_unnamed(source, service, error)


def _explain_unnamed(source: str, service: str, error: Exception) -> ServiceAnswer:
    """Return why no workspace is known, and what asking again would need."""
    from tipstaff_policy.clients.codex.credentials import (  # noqa: PLC0415 - where no answer came
        agent_token,
        svid,
    )

    match error:
        case NeedsLibraryError():
            return ServiceAnswer(source, None, "", error.what, needs_library=True)
        case svid.MissingExtraError():
            return ServiceAnswer(source, None, "", error.what, missing=svid.EXTRA)
        case svid.SocketError():
            return ServiceAnswer(source, None, mask_text(error.endpoint), error.what)
        case NoQuestionError() | agent_token.UnverifiedError() | svid.RefusedSvidError():
            return ServiceAnswer(source, None, "", error.what)
        case StatusError() if error.status in REFUSALS:
            what = f"The service refuses the credential ({error.status})"
            return ServiceAnswer(source, None, "", what)
        case _:
            return ServiceAnswer(source, None, service, _why(error))


def _of_token(asking: Asking) -> Question:
    """Ask for whom a personal access token stands."""
    return Question(WHOAMI, _token(asking, "personal_access_token"))


def _of_agent(asking: Asking) -> Question:
    """Ask for the keys that verify the identity of an agent."""
    from tipstaff_policy.clients.codex.credentials.agent_token import (  # noqa: PLC0415 - rare
        can_verify,
    )

    if not can_verify():
        raise NeedsLibraryError("Verifying the identity of an agent needs the full program")
    return Question(KEYS, signed=_token(asking, "agent_identity"))


def _token(asking: Asking, field: str) -> Secret[str]:
    if asking.source == TOKEN_VARIABLE:
        token = text_of(settle(asking.request).variables, TOKEN_VARIABLE) or ""
        return Secret(token.strip(WHITE_SPACE))
    document = parse_json(_document(asking))
    stored = document.get(field) if isinstance(document, dict) else None
    if not isinstance(stored, str) or not stored:
        raise NoQuestionError("The token was replaced while this ran")
    return Secret(stored)


def _document(asking: Asking) -> str:
    request, home = asking.request, asking.home
    if asking.source == "file":
        return read_file_store(request, home).decode()
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed

    settled = settle(request).request
    return keyring.read_document(settled, home, asking.source, unlocks=False) or ""


def _of_workload(asking: Asking) -> Question:
    """Ask for a login by the identity of this machine, as every start of the client does."""
    env = settle(asking.request).variables
    form = {
        "grant_type": GRANT,
        "assertion": _assertion(env, asking).reveal().strip(WHITE_SPACE),
        "federation_rule_id": str(text_of(env, RULE)).strip(WHITE_SPACE),
    }
    if context := text_of(env, CONTEXT):
        form["workload_identity_context"] = context
    return Question(EXCHANGE, form=Secret(urlencode(form).encode()))


def _assertion(env: Mapping[str, str], asking: Asking) -> Secret[str]:
    if env.get(SOURCE, "file") == "file":
        return Secret(read_bounded(str(text_of(env, FILE)), TOKEN_LIMIT).decode())
    if asking.request.options.hands_over:
        raise NeedsLibraryError("Fetching an identity from SPIFFE needs the full program")
    from tipstaff_policy.clients.codex.credentials.svid import (  # noqa: PLC0415 - rare
        fetch_svid,
        workload_of,
    )

    workload = workload_of(env)
    if workload not in _fetched:
        _fetched[workload] = fetch_svid(workload, asking.deadline)
    return _fetched[workload]


_QUESTIONS: dict[str, Callable[[Asking], Question]] = {
    "whoami": _of_token,
    "jwks": _of_agent,
    "workload": _of_workload,
}


_remembered: dict[Question, str] = {}
"""What was answered in this process, which looks at a host more than once."""
_fetched: dict[Record, Secret[str]] = {}
"""What SPIFFE gave out in this process, by what was asked."""


def _answer(question: Question, asking: Asking) -> str:
    """Return the workspace that the service names.

    Raises:
        UnreachableError, EvaluationError: It names none.
    """
    if question in _remembered:
        return _remembered[question]
    source = Get(
        question.url,
        asking.request.env,
        administrators_context(),
        TIME_LIMIT_S,
        asking.deadline,
        question.bearer,
        question.form,
    )
    said = b""
    for part in get(source):
        said += part
        if len(said) > ANSWER_LIMIT:
            raise EvaluationError("its answer is too long")
    workspace = _workspace_in(said, question, asking.request.now)
    _remembered[question] = workspace
    return workspace


def _workspace_in(said: bytes, question: Question, now: int) -> str:
    if question.signed is not None:
        from tipstaff_policy.clients.codex.credentials.agent_token import (  # noqa: PLC0415 - rare
            account_of_token,
        )

        return account_of_token(question.signed, said, now)
    document = json.loads(said)
    workspace = document.get(FIELD) if isinstance(document, dict) else None
    if not isinstance(workspace, str) or not workspace:
        raise EvaluationError("its answer names no workspace")
    return workspace


def _why(error: Exception) -> str:
    """Return why something failed; no text that could quote a secret or an answer."""
    match error:
        case StatusError():
            return f"it answered with status {error.status}"
        case UnreachableError() | TipstaffError():
            return error.what
        case ShapeError():
            return "the credential is no document that the client reads"
        case OSError():
            return reason_of(error)
        case _:
            return f"its answer cannot be read ({type(error).__name__})"
