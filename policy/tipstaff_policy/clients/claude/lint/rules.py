"""Every rule of lint for the client's own files.

Source: docs/clients/claude.md, "Keys" and "Where the client is weak" (client 2.1.332).
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePath

from tipstaff_policy.clients.claude.config.documents import (
    NoDocumentError,
    decode,
    parse_document,
    parse_managed,
)
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    KNOWN_PROVIDERS,
    LOGIN_METHODS,
    METHOD,
    ORGANISATIONS,
    SIGN_IN,
)
from tipstaff_policy.clients.claude.config.lines import line_numbers
from tipstaff_policy.clients.claude.config.managed_files import FILE_LAYERS
from tipstaff_policy.clients.claude.deployment.stamps import CLIENT, DROP_IN, FILE, NAME, start
from tipstaff_policy.clients.claude.facts.weak_rules import additions_in
from tipstaff_policy.clients.claude.lint.policy_rules import RULES
from tipstaff_policy.clients.claude.locations import DROP_IN_FOLDER
from tipstaff_policy.clients.claude.versions import NEWEST
from tipstaff_policy.clients.interface.lint import (
    ClientFile,
    ClientLint,
    Given,
    Hit,
    LintFinding,
    LintRule,
    Profile,
    Setting,
    all_files,
    each_file,
    invalid,
    within,
)
from tipstaff_policy.model.request import Reader
from tipstaff_policy.model.state import FaultyLayer, ReadLayer


def _read(given: Given, _newer: Reader | None) -> ClientFile:
    name = FILE_LAYERS[given.kind == DROP_IN]
    layer = parse_managed(name, given.path, given.data, "lines").layer
    try:
        document = parse_document(given.data)
    except NoDocumentError:
        return ClientFile(CLIENT, given.path, given.kind, layer, {}, {})
    lines = line_numbers(decode(given.data))
    rendered = given.data.startswith((start(NAME), start(DROP_IN)))
    return ClientFile(CLIENT, given.path, given.kind, layer, document, lines, rendered=rendered)


def _explain_refused(file: ClientFile) -> LintFinding | None:
    content = file.layer.content
    return invalid(content.fault) if isinstance(content, FaultyLayer) else None


def _idle(file: ClientFile) -> Iterator[Hit]:
    """Find keys and values that the client passes over without a word."""
    content = file.layer.content
    for stray in content.strays if isinstance(content, ReadLayer) else ():
        yield within(file, stray.origin.line, f"{stray.key} {stray.reason}", stray.likely)


def _nobody(file: ClientFile) -> Iterator[Hit]:
    """Find values by which no one can start the client."""
    for key, expected, is_wrong in (
        (ORGANISATIONS, "write the ids of organisations", _is_no_list_of_texts),
        (SIGN_IN, "write true or false, without quotes", _is_no_boolean),
        (ALLOWED_PROVIDERS, f"write a list of {', '.join(KNOWN_PROVIDERS)}", _names_no_provider),
    ):
        if key in file.document and is_wrong(file.document[key]):
            what = f"with this value of {key} no one can start the client"
            yield within(file, file.lines.get((key,)), what, expected)


def _is_no_list_of_texts(value: object) -> bool:
    if isinstance(value, list):
        return not value or not all(isinstance(element, str) for element in value)
    return not isinstance(value, str)


def _is_no_boolean(value: object) -> bool:
    return not isinstance(value, bool)


def _names_no_provider(value: object) -> bool:
    return not isinstance(value, list) or not any(element in KNOWN_PROVIDERS for element in value)


def _gaps(file: ClientFile) -> Iterator[Hit]:
    """Find pins past which keys, headers and cloud providers go, because nothing closes that."""
    stated = {
        ORGANISATIONS: ORGANISATIONS in file.document,
        METHOD: file.document.get(METHOD) in LOGIN_METHODS,
    }
    pinned = next((key for key, is_pin in stated.items() if is_pin), None)
    if pinned and SIGN_IN not in file.document:
        what = (
            f"{pinned} does not bind a stored Console key, custom headers, a cloud provider or a "
            "profile"
        )
        yield within(
            file, file.lines.get((pinned,)), what, f"add `{SIGN_IN}`: true (client 2.1.330)"
        )


def _find_widened(files: tuple[ClientFile, ...]) -> Iterator[Hit]:
    """Find lists to which another file of the same folder adds."""
    placed = [file for file in files if file.kind == DROP_IN or file.path.endswith(FILE)]
    for _, group in groupby(sorted(placed, key=_order), key=lambda file: _order(file)[0]):
        together = list(group)
        ranked = (file.layer._replace(rank=rank) for rank, file in enumerate(together))
        for found in additions_in(ranked):
            origin, first = found.origins
            (file,) = (one for one in together if one.path == origin.path)
            added = ", ".join(found.added)
            what = f"adds {added} to {found.key} of {first}, because lists are united"
            yield within(file, origin.line, what, "state the list in one of the files alone")
        for number, file in enumerate(together):
            if file.rendered and file.kind == DROP_IN:
                yield from _not_taken_away(file, together[:number])


def _not_taken_away(file: ClientFile, before: list[ClientFile]) -> Iterator[Hit]:
    """Find what a policy's drop-in forbids and a file before it allows."""
    for key in (ORGANISATIONS, ALLOWED_PROVIDERS):
        own = file.document.get(key)
        if not isinstance(own, list):
            continue
        for other in before:
            stated = other.document.get(key)
            allowed = stated if isinstance(stated, list) else []
            words = [str(word) for word in allowed if word not in own]
            if words:
                where = f"{other.path}:{other.lines.get((key,), 1)}"
                what = f"{key} cannot take away {', '.join(words)} of {where}; lists are united"
                yield within(file, file.lines.get((key,)), what, f"delete {key} there")


def _order(file: ClientFile) -> tuple[str, bool, str]:
    """Return the folder of a file and its drop-ins, and its place among them."""
    path = PurePath(file.path)
    is_drop_in = file.kind == DROP_IN
    folder = path.parent.parent if path.parent.name == DROP_IN_FOLDER else path.parent
    return str(folder), is_drop_in, path.name


def _list_carried(_profile: Profile) -> Iterator[tuple[Setting, str, bytes]]:
    """Yield nothing: the values of the domain are keys of their own, and no files."""
    return iter(())


LINT = ClientLint(
    newest=".".join(map(str, NEWEST)),
    kinds={FILE: NAME, f"{DROP_IN_FOLDER}/*.json": DROP_IN},
    groups={
        "Settings of Claude Code": (
            LintRule(
                "claude_idle_key",
                "warning",
                "a key or value that the client passes over without a word",
                each_file(_idle),
            ),
            LintRule(
                "claude_locks_out",
                "error",
                "a value by which no one can start the client",
                each_file(_nobody),
            ),
            LintRule(
                "claude_open_pin",
                "note",
                "a pin past which keys and cloud providers go",
                each_file(_gaps),
            ),
            LintRule(
                "claude_widened_list",
                "warning",
                "a drop-in that adds to a list of the files before it",
                all_files(_find_widened),
            ),
            *RULES,
        )
    },
    read=_read,
    refused=_explain_refused,
    carried=_list_carried,
)
