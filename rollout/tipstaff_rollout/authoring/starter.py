"""A first policy: a few answers as a commented document that lint has nothing to say about."""

import json
from pathlib import Path
from typing import NamedTuple

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_rollout.model import File
from tipstaff_rollout.storing import write_artefact

OLDEST_CLIENT = "0.147.0"
"""The first that goes by its requirements on signing in."""


class Answers(NamedTuple):
    """What has to be known of an organisation."""

    id: str
    methods: tuple[str, ...] = ("chatgpt",)
    workspaces: tuple[tuple[str, str], ...] = ()
    """Pairs of id and name; the name may be empty."""
    stores: tuple[str, ...] = ()
    """None restricts nothing."""
    contact: str = ""
    owner: str = ""


def starter(answers: Answers) -> str:
    """Return the document; the same answers give the same text."""
    return "\n".join(
        (
            "# Who may sign in to the AI coding client, how, and where the login may lie.",
            "# What is not said here is not restricted.",
            "schema = 1",
            f"id = {_text(answers.id)}",
            'version = "1"  # raise it with every change: it stands in every report',
            _stated("owner", answers.owner, "identity@example.com"),
            "",
            "# Whom a person asks who is logged out, and what is said to them.",
            _stated("contact", answers.contact, "help desk, phone 17"),
            '# message = "Sign in with your work account."',
            "",
            '# The allowed ways to sign in: "chatgpt", "api". A key belongs to no workspace.',
            f"login_methods = {_list(answers.methods)}",
            "",
            '# Where the client may keep the login: "file", "keyring", "auto", "ephemeral".',
            "# Hosts without a desktop session have no keyring.",
            f"stores = {_list(answers.stores)}" if answers.stores else '# stores = ["file"]',
            "",
            f"# Clients before {OLDEST_CLIENT} pass over their requirements without a word.",
            f"oldest_client = {_text(OLDEST_CLIENT)}",
            "",
            "# Start softly: say nothing, then warn, then log out on a share of the hosts.",
            "# warn_from = 2030-01-01",
            "# enforce_from = 2030-02-01",
            '# cohort = "5%"',
            "",
            *_workspaces(answers.workspaces),
        )
    )


def write_new(text: str, out: Path, *, force: bool) -> None:
    """Write a document whole or not at all, and never over one that is there unless told to.

    Raises:
        UsageError: Something lies there already.
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
            f"{out} is there already", expected="a new file", remedy="--force writes over it"
        ) from error
    except OSError as error:
        raise AccessDeniedError(f"cannot be written: {error.strerror}", where=str(out)) from error


def _workspaces(given: tuple[tuple[str, str], ...]) -> list[str]:
    said = "# The allowed workspaces of ChatGPT: the id counts, the name is for people."
    if not given:
        return [said, "# [[workspaces]]", '# id = "…"', '# name = "…"', ""]
    rows = [said]
    for workspace, name in given:
        rows += ["[[workspaces]]", f"id = {_text(workspace)}"]
        rows += [f"name = {_text(name)}"] if name else []
        rows.append("")
    return rows


def _stated(field: str, value: str, example: str) -> str:
    return f"{field} = {_text(value)}" if value else f'# {field} = "{example}"'


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
