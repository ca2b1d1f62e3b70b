"""Asking the service whose a credential is, as the client asks, and nobody else.

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
from tipstaff_policy.errors import EvaluationError, ShapeError, TipstaffError
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
UNASKED = {
    "jwks": "Of an agent identity that is a token the service tells nothing before it is used",
    "spiffe": "The identity comes from SPIFFE, of which Tipstaff fetches none",
}


class NoQuestionError(EvaluationError):
    """There is nothing to ask the service."""


class Question(Record):
    """What is asked, and where."""

    url: str
    bearer: Secret[str] | None = None
    form: Secret[bytes] | None = None


def identities(
    request: Request, state: HostState, sources: tuple[str, ...]
) -> tuple[ServiceAnswer, ...]:
    """Return what the service says of the credentials of some sources, or why it says nothing."""
    held = {each.source: each.content for each in state.everywhere()}
    return tuple(_identity(request, state.home, source, held[source]) for source in sources)


def _identity(request: Request, home: str, source: str, content: Any) -> ServiceAnswer:
    ask = content.ask if isinstance(content, HeldCredential) else None
    try:
        question = _QUESTIONS.get(str(ask), _of_no_one)(request, home, source)
        return ServiceAnswer(source, mask_text(_answer(question, request.env)), SERVICE)
    except NoQuestionError as error:
        return ServiceAnswer(source, None, "", error.what)
    except Exception as error:  # noqa: BLE001 - whatever it is, the credential is not judged
        if isinstance(error, StatusError) and error.status in REFUSALS:
            return ServiceAnswer(
                source, None, "", f"The service refuses the credential ({error.status})"
            )
        return ServiceAnswer(source, None, SERVICE, _why(error))


def _of_token(request: Request, home: str, source: str) -> Question:
    """Ask for whom a personal access token stands."""
    if source == TOKEN_VARIABLE:
        token = text_of(settle(request).variables, TOKEN_VARIABLE) or ""
        return Question(WHOAMI, Secret(token.strip(WHITE_SPACE)))
    document = parse_json(_document(request, home, source))
    stored = document.get("personal_access_token") if isinstance(document, dict) else None
    if not isinstance(stored, str) or not stored:
        raise NoQuestionError("The token was replaced while this ran")
    return Question(WHOAMI, Secret(stored))


def _document(request: Request, home: str, source: str) -> str:
    if source == "file":
        return read_file_store(request, home).decode()
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed

    return keyring.read_document(settle(request).request, home, source, unlocks=False) or ""


def _of_workload(request: Request, _home: str, _source: str) -> Question:
    """Ask for a login by the identity of this machine, as every start of the client does."""
    env = settle(request).variables
    if env.get(SOURCE, "file") != "file":
        raise NoQuestionError(UNASKED["spiffe"])
    assertion = read_bounded(str(text_of(env, FILE)), TOKEN_LIMIT).decode()
    form = {
        "grant_type": GRANT,
        "assertion": assertion.strip(WHITE_SPACE),
        "federation_rule_id": str(text_of(env, RULE)).strip(WHITE_SPACE),
    }
    if context := text_of(env, CONTEXT):
        form["workload_identity_context"] = context
    return Question(EXCHANGE, form=Secret(urlencode(form).encode()))


def _of_no_one(_request: Request, _home: str, _source: str) -> Question:
    raise NoQuestionError(UNASKED["jwks"])


_QUESTIONS: dict[str, Callable[[Request, str, str], Question]] = {
    "whoami": _of_token,
    "workload": _of_workload,
}


_remembered: dict[Question, str] = {}
"""What was answered in this process, which looks at a host more than once."""


def _answer(question: Question, env: Mapping[str, str]) -> str:
    """Return the workspace that the service names.

    Raises:
        UnreachableError, EvaluationError: It names none.
    """
    if question in _remembered:
        return _remembered[question]
    source = Get(
        question.url,
        env,
        administrators_context(),
        TIME_LIMIT_S,
        time.monotonic() + TIME_LIMIT_S,
        question.bearer,
        question.form,
    )
    said = b""
    for part in get(source):
        said += part
        if len(said) > ANSWER_LIMIT:
            raise EvaluationError("its answer is too long")
    document = json.loads(said)
    workspace = document.get(FIELD) if isinstance(document, dict) else None
    if not isinstance(workspace, str) or not workspace:
        raise EvaluationError("its answer names no workspace")
    _remembered[question] = workspace
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
            return error.strerror or type(error).__name__
        case _:
            return f"its answer cannot be read ({type(error).__name__})"
