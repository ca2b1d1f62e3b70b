"""The policy that a program which starts the client gives it, by an option of the command line.

Only what restricts counts of it, beside no other policy of the machine. A person can leave it out,
so it is foretold, and part of no compliance.

Source: docs/clients/claude.md, "Layers" (client 2.1.332).
"""

from typing import Any

from tipstaff_policy.clients.claude.config.documents import (
    LayerFile,
    NoDocumentError,
    absent,
    ignored,
    parse_document,
    personal_document,
)
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    KNOWN_PROVIDERS,
    ORGANISATIONS,
)
from tipstaff_policy.model.request import Request

GIVEN = "given"
GIVEN_OPTION = "--managed-settings="
"""How the option stands among the overrides."""
NAME = GIVEN_OPTION.rstrip("=")
RESTRICTING = (ORGANISATIONS, ALLOWED_PROVIDERS)


def read_given_policy(request: Request) -> LayerFile:
    """Return what the last such option gives; absent where there is none."""
    values = [each for each in request.overrides if each.startswith(GIVEN_OPTION)]
    if not values:
        return absent(GIVEN, NAME)
    data = values[-1].removeprefix(GIVEN_OPTION).encode("utf-8", "surrogateescape")
    try:
        document = parse_document(data)
    except NoDocumentError:
        return ignored(GIVEN, NAME, "is no JSON object, so that the client goes on without it")
    if not _is_taken(document):
        why = "names what is no provider, so that the client goes on without the whole"
        return ignored(GIVEN, NAME, why)
    return personal_document(GIVEN, NAME, data, "none", only=RESTRICTING)


def _is_taken(document: dict[str, Any]) -> bool:
    named = document.get(ALLOWED_PROVIDERS, [])
    return isinstance(named, list) and all(each in KNOWN_PROVIDERS for each in named)
