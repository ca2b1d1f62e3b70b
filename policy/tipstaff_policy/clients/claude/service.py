"""Ask the service whose a login is, as the client does, and keep its answer for a while.

The question goes to the vendor's own address, by the authorities that the system's administrators
trust: a user who could move it would answer it himself.

Source: tests/clients/claude/test_service.py (client 2.1.332).
"""

import json
import time
from collections.abc import Mapping

from tipstaff_policy.clients.claude import service_answers
from tipstaff_policy.clients.claude.config.layer_stack import merge_used_settings, read_stack
from tipstaff_policy.clients.claude.credentials.members import LOGIN
from tipstaff_policy.clients.claude.credentials.places import places_of
from tipstaff_policy.clients.claude.credentials.stored import (
    DOCUMENT_STORE,
    OTHER_STORE,
    SIZE_LIMIT,
)
from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.clients.claude.credentials.unstored import TOKEN, effective_environment
from tipstaff_policy.clients.claude.locations import in_home
from tipstaff_policy.errors import EvaluationError, TipstaffError, reason_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.model.state import HeldCredential, HostState, ServiceAnswer
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.https import (
    Get,
    StatusError,
    UnreachableError,
    administrators_context,
    get,
)

SERVICE = "https://api.anthropic.com"
PATH = "/api/oauth/validate"
FIELD = "organization_uuid"
TIME_LIMIT_S = 5.0
"""For one question, from the connection to the end of the answer."""
ANSWER_LIMIT = 1 << 20
REFUSALS = (401, 403)
"""What a service answers that lets no one in by a token."""


class NoQuestionError(EvaluationError):
    """There is nothing to ask the service, and asking again would not help."""


def identify(
    request: Request, state: HostState, sources: tuple[str, ...]
) -> tuple[ServiceAnswer, ...]:
    """Return whose the credentials of some sources are, or why that is not known."""
    held = {credential.source: credential.content for credential in state.everywhere()}
    # The variable of a token may stand in a settings file too.
    settings = merge_used_settings(read_stack(request, state.home)) if TOKEN in sources else {}
    return tuple(
        _identity(request, state, source, (held.get(source), settings)) for source in sources
    )


def _identity(
    request: Request,
    state: HostState,
    source: str,
    known: tuple[object, Mapping[str, object]],
) -> ServiceAnswer:
    content, settings = known
    try:
        _require_unexpired(content, request.now)
        path = next(
            (credential.path for credential in state.everywhere() if credential.source == source),
            None,
        )
        token = _token(request, state.home, (source, path), settings)
        return ServiceAnswer(source, mask_text(_organisation(token, request, state)), SERVICE)
    except NoQuestionError as error:
        return ServiceAnswer(source, None, "", error.what)
    except StatusError as error:
        if error.status in REFUSALS:
            what = f"The service refuses the login ({error.status})"
            return ServiceAnswer(source, None, "", what)
        return ServiceAnswer(source, None, SERVICE, f"it answered with status {error.status}")
    except Exception as error:  # noqa: BLE001 - whatever it is, the credential is not judged
        return ServiceAnswer(source, None, SERVICE, _why(error))


def _require_unexpired(content: object, now: int) -> None:
    """Ask nothing about a token that the client replaces before it asks itself.

    Raises:
        NoQuestionError: It has expired, and the next one may be of another organisation.
    """
    expires = content.expires_at if isinstance(content, HeldCredential) else None
    if expires is not None and expires <= now:
        raise NoQuestionError("Its token has expired; the client takes a new one when it starts")


def _token(
    request: Request, home: str, place: tuple[str, str | None], settings: Mapping[str, object]
) -> Secret[str]:
    """Return the token of a source.

    Raises:
        OSError: It cannot be read.
        NoQuestionError: There is none now.
    """
    source, path = place
    if source == TOKEN:
        text = effective_environment(request, settings).get(TOKEN, "").strip()
        if text:
            return Secret(text)
    if source in (DOCUMENT_STORE, OTHER_STORE):
        document = places_of(request, home).document if source == DOCUMENT_STORE else str(path)
        data = read_bounded(in_home(document, request), SIZE_LIMIT)
        login = (parse_object(data) or {}).get(LOGIN)
        token = login.get("accessToken") if isinstance(login, dict) else None
        if token:
            return Secret(str(token))
    raise NoQuestionError("There is no token that could be shown to the service")


_remembered: dict[Secret[str], str] = {}
"""What was answered in this process, which looks at a host more than once."""


def _organisation(token: Secret[str], request: Request, state: HostState) -> str:
    """Return the organisation of a token.

    Raises:
        UnreachableError, EvaluationError: The service names none.
    """
    if token in _remembered:
        return _remembered[token]
    kept = service_answers.find_kept(token, request, state.home)
    organisation = kept or _answer(token, request)
    _remembered[token] = organisation
    if kept is None:
        service_answers.keep(token, organisation, request, state.home)
    return organisation


def _answer(token: Secret[str], request: Request) -> str:
    source = Get(
        f"{SERVICE}{PATH}",
        request.env,
        administrators_context(),
        TIME_LIMIT_S,
        time.monotonic() + TIME_LIMIT_S,
        token,
        Secret(b""),
        "application/json",
    )
    said = b""
    for part in get(source):
        said += part
        if len(said) > ANSWER_LIMIT:
            raise EvaluationError("its answer is too long")
    document = json.loads(said)
    named = document.get(FIELD) if isinstance(document, dict) else None
    if not isinstance(named, str) or not named:
        raise EvaluationError("its answer names no organisation")
    return named


def _why(error: Exception) -> str:
    """Return why something failed; no text that could quote a secret or an answer."""
    match error:
        case UnreachableError() | TipstaffError():
            return error.what
        case OSError():
            return reason_of(error)
        case _:
            return f"its answer cannot be read ({type(error).__name__})"
