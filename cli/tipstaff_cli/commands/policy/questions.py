"""Read an author's answers, from options or a terminal, with the policy's own parser."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from tipstaff_policy.clients import CLIENTS, load_client, policy_fields_of
from tipstaff_policy.errors import UsageError
from tipstaff_policy.organisation.field_types import BadItemsError
from tipstaff_policy.organisation.fields import FIELDS, TABLES
from tipstaff_rollout.authoring.starter import Answers

WORKSPACE = TABLES["workspaces"].fields


def ask_author(clients: Sequence[str]) -> tuple[Answers, ...]:
    """Ask for the answers; a blank one leaves the field out of the policy."""
    policy_id = _ask("Name of the policy", FIELDS["id"].kind.read)
    answers = [_ask_of_client(Answers(policy_id, client=client)) for client in clients]
    contact = _ask("Contact for users who are logged out (blank: none)", _or_blank("contact"), "")
    owner = _ask("Owner of the policy (blank: none)", _or_blank("owner"), "")
    return tuple(given._replace(contact=contact, owner=owner) for given in answers)


def _ask_of_client(answers: Answers) -> Answers:
    """Ask for what holds for one client."""
    client = answers.client
    fields = policy_fields_of(client) or {}
    methods, stores = fields["login_methods"].kind.read, fields["stores"].kind.read
    authoring = load_client(client).deployment().authoring
    known = " ".join(method.name for method in load_client(client).methods)
    answers = answers._replace(
        methods=_ask(
            f"Login methods of {client}, {known}",
            lambda text: methods(text.split()),
            " ".join(authoring.methods),
        )
    )
    if "workspaces" in fields:
        asked = _ask("Allowed workspace, ID=NAME (blank: any)", _one_workspace, "")
        answers = answers._replace(workspaces=asked)
    if "organisations" in fields:
        read = fields["organisations"].kind.read
        question = f"Allowed organisations of {client}, by id (blank: any)"
        asked = _ask(question, lambda text: read(text.split()) if text else (), "")
        answers = answers._replace(organisations=asked)
    question = f"Stores of {client}, {' '.join(authoring.stores)} (blank: any)"
    asked = _ask(question, lambda text: stores(text.split()) if text else (), "")
    return answers._replace(stores=asked)


def answers_of(
    common: Answers, clients: Sequence[str], given: Mapping[str, Sequence[str]]
) -> tuple[Answers, ...]:
    """Return the answers for each client, from options that may be of any of them.

    Args:
        given: The values of each option, by the field that it sets.
    Raises:
        UsageError: No client that is named can have a value.
    """
    found = [common._replace(client=client) for client in clients]
    for name, values in given.items():
        option, answer = OF_A_CLIENT[name]
        wanted = [value for value in values if not any(_take(name, c, [value]) for c in clients)]
        if wanted:
            raise _make_unknown_error(option, name, wanted[0], clients)
        for number, answers in enumerate(found):
            taken: dict[str, Any] = {answer: _take(name, answers.client, values)}
            found[number] = answers._replace(**taken)
    return tuple(found)


OF_A_CLIENT = {
    "login_methods": ("--method", "methods"),
    "organisations": ("--organisation", "organisations"),
    "stores": ("--store", "stores"),
}
"""What holds for one client: its option, and the answer that it is."""


def _take(name: str, client: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return those of some values that a field of a client can have, in the field's own order."""
    field = (policy_fields_of(client) or {}).get(name)
    read = field.kind.read if field else None
    taken = [value for value in dict.fromkeys(values) if read and _is_read(read, [value])]
    return tuple(read(taken)) if read and taken else ()


def _is_read(read: Callable[[Any], Any], value: list[str]) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _make_unknown_error(option: str, name: str, value: str, clients: Sequence[str]) -> UsageError:
    """Return why a value of an option is not used."""
    fields = [policy_fields_of(client) or {} for client in clients]
    if not any(name in known for known in fields):
        return means_nothing(option, name, clients)
    expected = []
    for client, known in zip(clients, fields, strict=True):
        of = f"of {client}: " if len(clients) > 1 else ""
        try:
            known[name].kind.read([value])
        except KeyError:
            continue
        except BadItemsError as error:
            expected.append(f"{of}{error.items[0].expected}")
    return UsageError(f"{option} {value!r} is not usable", expected="; ".join(expected))


def means_nothing(option: str, name: str, clients: Sequence[str]) -> UsageError:
    """Return why an option cannot be used: none of the clients has what it is about."""
    having = [client for client in CLIENTS if name in (policy_fields_of(client) or {})]
    return UsageError(
        f"{option} means nothing to {' and '.join(clients)}",
        expected=f"--client with {' or '.join(having)}" if having else "",
        remedy=f"leave it out, or name the client that has {name}",
    )


def _one_workspace(text: str) -> tuple[tuple[str, str], ...]:
    return (_pair(text),) if text else ()


def _or_blank(field: str) -> Callable[[str], str]:
    return lambda text: text and FIELDS[field].kind.read(text)


def _ask(question: str, read: Callable[[str], Any], default: str | None = None) -> Any:
    def take_answer(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise typer.BadParameter(f"expected {error}") from None

    return typer.prompt(
        question, default=default, show_default=bool(default), value_proc=take_answer, err=True
    )


def workspace_of(text: str) -> tuple[str, str]:
    """Return the id and the name of an allowed workspace.

    Raises:
        UsageError: There is no id.
    """
    return valid("--workspace", _pair, text)  # type: ignore[no-any-return]


def _pair(text: str) -> tuple[str, str]:
    workspace, _, name = text.partition("=")
    read: str = WORKSPACE["id"].kind.read(workspace)
    return read, WORKSPACE["name"].kind.read(name) if name else ""


def valid(option: str, read: Callable[[Any], Any], value: Any) -> Any:
    """Return the value of an option, read by the policy's own parser.

    Raises:
        UsageError: The parser refuses it.
    """
    try:
        return read(value)
    except ValueError as error:
        shown = value if isinstance(value, str) else " ".join(value)
        raise UsageError(f"{option} {shown!r} is not usable", expected=str(error)) from None
