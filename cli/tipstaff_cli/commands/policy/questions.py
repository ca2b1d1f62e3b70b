"""Read an author's answers, from options or a terminal, with the policy's own parser."""

from collections.abc import Callable
from typing import Any

import typer

from tipstaff_policy.clients import load_client, policy_fields_of
from tipstaff_policy.errors import UsageError
from tipstaff_policy.organisation.fields import FIELDS, TABLES
from tipstaff_rollout.authoring.starter import Answers

WORKSPACE = TABLES["workspaces"].fields


def ask_author(client: str) -> Answers:
    """Ask for the answers; a blank one leaves the field out of the policy."""
    fields = policy_fields_of(client) or {}
    methods = fields["login_methods"].kind.read
    known = tuple(method.name for method in load_client(client).methods)
    has_workspaces = "workspaces" in fields
    return Answers(
        client=client,
        id=_ask("Name of the policy", FIELDS["id"].kind.read),
        methods=_ask(
            f"Login methods, {' '.join(known)}", lambda text: methods(text.split()), known[0]
        ),
        workspaces=_ask("Allowed workspace, ID=NAME (blank: any)", _one_workspace, "")
        if has_workspaces
        else (),
        stores=_ask(
            f"Stores, {' '.join(load_client(client).deployment().authoring.stores)} (blank: any)",
            lambda text: fields["stores"].kind.read(text.split()) if text else (),
            "",
        ),
        contact=_ask(
            "Contact for users who are logged out (blank: none)", _or_blank("contact"), ""
        ),
        owner=_ask("Owner of the policy (blank: none)", _or_blank("owner"), ""),
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


def each_of(option: str, read: Callable[[Any], Any], given: list[str] | None) -> Any:
    """Return the value of a repeatable option, read as in `valid`; empty if it is not given."""
    return valid(option, read, given) if given else ()


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
