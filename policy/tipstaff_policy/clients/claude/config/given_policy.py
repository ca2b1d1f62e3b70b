"""The policy that a program which starts the client gives it, by an option of the command line.

Only what restricts counts of it, and only where the machine has no other policy. A person can leave
it out, so it is foretold, and part of no compliance.

Source: docs/clients/claude.md, "Layers" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.documents import (
    MEMBERS,
    OTHER_KIND,
    LayerFile,
    NoDocumentError,
    absent,
    content_of,
    make_ignored_layer,
    parse_document,
)
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    ORGANISATIONS,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Layer, Shape

GIVEN = "given"
GIVEN_OPTION = "--managed-settings="
"""How the option stands among the overrides."""
NAME = GIVEN_OPTION.rstrip("=")
RESTRICTING = (ORGANISATIONS, ALLOWED_PROVIDERS)


def read_given_policy(request: Request) -> LayerFile:
    """Return what the last such option gives; absent where there is none."""
    values = [override for override in request.overrides if override.startswith(GIVEN_OPTION)]
    if not values:
        return absent(GIVEN, NAME)
    data = values[-1].removeprefix(GIVEN_OPTION).encode("utf-8", "surrogateescape")
    try:
        document = parse_document(data)
    except NoDocumentError:
        return make_ignored_layer(
            GIVEN, NAME, "is no JSON object, so that the client goes on without it"
        )
    counted = {key: value for key, value in document.items() if key in RESTRICTING}
    whole = content_of(GIVEN, NAME, document, data, "none")
    content = content_of(GIVEN, NAME, counted, data, "none")._replace(
        # Earlier versions take the whole for none where one value is of another kind.
        shapes=(
            *(shape for shape in whole.shapes if shape.type == OTHER_KIND),
            *((Shape((), MEMBERS),) if counted else ()),
        )
    )
    layer = Layer(GIVEN, 0, NAME, administrators=False, grammar="config", content=content)
    return LayerFile(layer, counted)
