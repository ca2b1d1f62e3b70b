"""A first policy: a few answers as a commented document that lint has nothing to say about."""

import json
from pathlib import Path
from typing import NamedTuple

from tipstaff_policy.clients import policy_fields_of
from tipstaff_policy.clients.interface.deployment import Authoring
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.organisation.fields import SHORT_FORM_OF
from tipstaff_rollout.model import File
from tipstaff_rollout.payloads import deployment_of
from tipstaff_rollout.storing import write_artefact


class Answers(NamedTuple):
    """What has to be known of an organisation."""

    id: str
    methods: tuple[str, ...] = ()
    """None stands for those of the client's first policy."""
    workspaces: tuple[tuple[str, str], ...] = ()
    """Pairs of id and name; the name may be empty."""
    stores: tuple[str, ...] = ()
    """None restricts nothing."""
    contact: str = ""
    owner: str = ""
    client: str = SHORT_FORM_OF
    organisations: tuple[str, ...] = ()
    """Their ids."""


def starter(answers: Answers, *further: Answers) -> str:
    """Return the document; the same answers give the same text.

    Args:
        further: What holds for further clients; all else is that of the first.
    """
    every = [(given, deployment_of(given.client).authoring) for given in (answers, *further)]
    at_top = [(given, client) for given, client in every if given.client == SHORT_FORM_OF]
    own = [line for given, client in at_top for line in _top(given, client)]
    tables = [
        line
        for given, client in at_top
        for line in _workspaces(given.workspaces, client.workspaces_of)
    ]
    for given, client in every:
        tables += () if given.client == SHORT_FORM_OF else _table(given, client)
    return "\n".join(
        (
            "# Who may sign in to the AI coding client, how, and where the login is stored.",
            "# What this policy does not mention is not restricted.",
            "schema = 1",
            f"id = {_text(answers.id)}",
            'version = "1"  # raise it with every change; every report contains it',
            _state_line("owner", answers.owner, "identity@example.com"),
            "",
            "# Whom users ask when they are logged out, and the message to them.",
            _state_line("contact", answers.contact, "help desk, phone 17"),
            '# message = "Sign in with your work account."',
            "",
            *own,
            "# Start softly: first silent, then warnings, then log-outs on a share of the hosts.",
            "# warn_from = 2030-01-01",
            "# enforce_from = 2030-02-01",
            '# cohort = "5%"',
            "",
            *tables,
        )
    )


def _top(answers: Answers, client: Authoring) -> tuple[str, ...]:
    """Return the keys at the top, which stand for one client."""
    oldest = f"oldest_client = {_text(client.oldest_client)}"
    return (*_methods_and_stores(answers, client), f"# {client.oldest_client_comment}", oldest, "")


def _table(answers: Answers, client: Authoring) -> tuple[str, ...]:
    """Return the table of another client."""
    fields = policy_fields_of(answers.client) or {}
    owners = [name for name in ("workspaces", "organisations", "accounts") if name in fields]
    oldest = (
        f"# {client.oldest_client_comment}",
        f"oldest_version = {_text(client.oldest_client)}",
    )
    return (
        f"[clients.{answers.client}]",
        *_methods_and_stores(answers, client),
        *((*oldest, "") if client.oldest_client else ()),
        *(
            line
            for owner in owners
            for line in (
                f"# The allowed {owner} of {client.workspaces_of}, by id.",
                _owners(owner, answers),
                "",
            )
        ),
        *_names(answers if "workspaces" in owners else answers._replace(workspaces=())),
    )


def _names(answers: Answers) -> tuple[str, ...]:
    """Return what people call those whose a login may be."""
    named = [f"{_text(owner)} = {_text(name)}" for owner, name in answers.workspaces if name]
    stated = f"names = {{ {', '.join(named)} }}" if named else '# names = { "…" = "…" }'
    return ("# What people call them; the id counts.", stated, "")


def _owners(name: str, answers: Answers) -> str:
    given = {
        "workspaces": tuple(workspace for workspace, _ in answers.workspaces),
        "organisations": answers.organisations,
    }.get(name, ())
    return f"{name} = {_list(given)}" if given else f'# {name} = ["…"]'


def _methods_and_stores(answers: Answers, client: Authoring) -> tuple[str, ...]:
    return (
        f"# The allowed ways to sign in: {client.methods_comment}",
        f"login_methods = {_list(answers.methods or client.methods)}",
        "",
        f"# Where the client may keep the login: {client.stores_comment}",
        f"stores = {_list(answers.stores)}"
        if answers.stores
        else f"# stores = {_list(client.stores[:1])}",
        "",
    )


def write_new(text: str, out: Path, *, force: bool) -> None:
    """Write a document whole or not at all; replace an existing file only on request.

    Raises:
        UsageError: The file exists already.
        AccessDeniedError: It cannot be written.
    """
    if force:
        write_artefact((File(out.name, text.encode()),), out)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = write_artefact((File(out.name, text.encode()),), out.with_name(f".{out.name}.new"))
        try:
            out.hardlink_to(aside)  # in one step, and only where nothing is
        finally:
            aside.unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(
            f"{out} exists already", expected="a new file", remedy="--force overwrites it"
        ) from error
    except OSError as error:
        raise AccessDeniedError(
            f"cannot be written: {error.strerror}", where=str(out), remedy="choose another place"
        ) from error


def _workspaces(given: tuple[tuple[str, str], ...], service: str) -> list[str]:
    said = f"# The allowed workspaces of {service}: the id counts, the name is for people."
    if not given:
        return [said, "# [[workspaces]]", '# id = "…"', '# name = "…"', ""]
    rows = [said]
    for workspace, name in given:
        rows += ["[[workspaces]]", f"id = {_text(workspace)}"]
        rows += [f"name = {_text(name)}"] if name else []
        rows.append("")
    return rows


def _state_line(field: str, value: str, example: str) -> str:
    return f"{field} = {_text(value)}" if value else f'# {field} = "{example}"'


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
