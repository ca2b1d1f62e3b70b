"""``tipstaff policy init`` and ``lint``, and ``show`` of a file: a policy before it ships."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tipstaff_cli.commands.policy.questions import (
    answers_of,
    ask_author,
    means_nothing,
    valid,
    workspace_of,
)
from tipstaff_cli.shared.options import (
    ClientOfVersion,
    Format,
    Keys,
    OldestVersion,
    complete_client,
)
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy import __version__
from tipstaff_policy.assessment.policy_loading import SIZE_LIMIT
from tipstaff_policy.clients import (
    client_of_short_form,
    load_client,
    load_clients,
    policy_fields_of,
)
from tipstaff_policy.clients.interface.lint import INVALID, Aim, Given, LintFinding, Policy
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INVALID_EXIT,
    PolicyError,
    UsageError,
)
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.field_types import moment, release
from tipstaff_policy.organisation.fields import FIELDS
from tipstaff_reports import json_report
from tipstaff_reports.texts import policy_files as text
from tipstaff_rollout.authoring.in_words import Statement, describe_policy
from tipstaff_rollout.authoring.starter import Answers, starter, write_new
from tipstaff_rollout.lint import lint as findings_of
from tipstaff_rollout.lint import oldest_version
from tipstaff_rollout.lint.client_rules import client_of_version, clients_in
from tipstaff_rollout.lint.collecting import collect, list_kinds
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.storing import content_of
from tipstaff_schemas.authoring import LintEntry, PolicyInWords, PolicyLinted, StatementEntry
from tipstaff_schemas.report import Tool

TOOL = Tool(version=__version__)
SEVERITIES_THAT_FAIL = ("error", "warning")
if TYPE_CHECKING:
    FileKind = str
else:  # the choices of the option are those of the clients
    FileKind = Literal[list_kinds()]


def _complete_method(incomplete: str) -> list[str]:
    names = (method.name for client in load_clients() for method in client.methods)
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _complete_store(incomplete: str) -> list[str]:
    names = (store for client in load_clients() for store in client.deployment().authoring.stores)
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def init(  # noqa: PLR0913 - one argument an option
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File to create; default: policy.toml."),
    ] = None,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The same as FILE.")] = None,
    policy_id: Annotated[
        str, typer.Option("--id", metavar="NAME", help="Name of the policy; it never changes.")
    ] = "",
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METHOD",
            help="Allowed login method, by the client's own name (repeatable).",
            autocompletion=_complete_method,
        ),
    ] = None,
    workspace: Annotated[
        list[str] | None, typer.Option(metavar="ID=NAME", help="Allowed workspace (repeatable).")
    ] = None,
    organisation: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Allowed organisation, by its id (repeatable)."),
    ] = None,
    client: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Client that the policy is for (repeatable).",
            autocompletion=complete_client,
        ),
    ] = None,
    store: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STORE",
            help="Allowed credential store, by the client's own name (repeatable).",
            autocompletion=_complete_store,
        ),
    ] = None,
    contact: Annotated[
        str, typer.Option(metavar="TEXT", help="Whom users ask when they are logged out.")
    ] = "",
    owner: Annotated[str, typer.Option(metavar="TEXT", help="Who owns the policy.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Create a commented starter policy that passes lint.

    On a terminal without --id, it asks. It overwrites a file only with --force. With several
    clients, a method and a store count for each client that has them.

    Examples: `tipstaff policy init` ·
    `tipstaff policy init policy.toml --id example --workspace ws-1=Example --contact "help desk"` ·
    `tipstaff policy init --id example --client claude --organisation ORGANISATION-ID`

    Exit codes: 0 written, 2 wrong usage or the file exists, 4 not writable.
    """
    if file is not None and out not in (None, file):
        raise UsageError(f"{file} and {out} are two files", expected="FILE, or --out FILE")
    place = file or out or Path("policy.toml")
    clients = [load_client(name).name for name in client or [client_of_short_form()]]
    if workspace and not any("workspaces" in (policy_fields_of(name) or {}) for name in clients):
        raise means_nothing("--workspace", "workspaces", clients)
    if policy_id:
        common = Answers(
            id=valid("--id", FIELDS["id"].kind.read, policy_id),
            workspaces=tuple(workspace_of(workspace_id) for workspace_id in workspace or ()),
            contact=contact and valid("--contact", FIELDS["contact"].kind.read, contact),
            owner=owner and valid("--owner", FIELDS["owner"].kind.read, owner),
        )
        given = {
            "login_methods": method or (),
            "organisations": organisation or (),
            "stores": store or (),
        }
        answers = answers_of(common, tuple(dict.fromkeys(clients)), given)
    elif sys.stdin.isatty():
        answers = ask_author(tuple(dict.fromkeys(clients)))
    else:
        raise UsageError(
            "not a terminal: questions cannot be asked",
            expected="--id NAME and the other answers as options",
        )
    document = starter(*answers)
    _require_clean(document, place)
    write_new(document, place, force=force)
    write_out(
        f"wrote {place}\n"
        "next:\n"
        f"  tipstaff policy show {place}\n"
        f"  tipstaff policy lint {place}\n"
        f"  tipstaff policy render {place} --to all --out artefacts\n"
    )


def lint(  # noqa: PLR0913 - one argument an option
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Policies, folders or client files.")
    ],
    *,
    kind: Annotated[
        FileKind | None, typer.Option(help="Kind of the files; default: by their names.")
    ] = None,
    client: ClientOfVersion = None,
    client_version: OldestVersion = "",
    platform: Annotated[Platform | None, typer.Option(help="Platform of the hosts.")] = None,
    without_keyring: Annotated[
        list[str] | None,
        typer.Option(
            "--hosts-without-keyring",
            metavar="HOSTS",
            help='Hosts without a keyring, such as "containers" or "ci-*".',
        ),
    ] = None,
    keys: Keys = None,
    days: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Report waivers that end within this many days."),
    ] = 30,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="Evaluate as of this time (RFC 3339); default: now.")
    ] = "",
    fail_on: Annotated[
        Literal["warning", "error"],
        typer.Option(help="Exit 1 if a finding is at least this severe."),
    ] = "warning",
    output: Format = "text",
) -> None:
    """Find mistakes in a policy; print file, line and suggestion for each.

    It reads policy documents, folders with policy.toml and policy.d, the files of every known
    client by their usual names, and configuration profiles.

    Examples: `tipstaff policy lint policy.toml` ·
    `tipstaff policy lint CLIENT-FILE --client-version 1.2.3` ·
    `tipstaff policy lint profiles/*.mobileconfig --format json`

    Exit codes: 0 nothing at or above --fail-on, 1 warnings or errors, 2 wrong usage, 3 invalid
    policy (all faults of all files are listed), 4 not readable.
    """
    given = collect(files, kind)
    read = read_files(given, keys=_content(keys), newer_toml=read_toml_1_1)
    # Of files that cannot be read, nothing says whose they are; their faults are what counts.
    asked = bool(client_version) and not read.faults
    whose = client_of_version(client, clients_in(read.files), given=asked)
    version = client_version or oldest_version(read.files, whose)
    aim = Aim(
        ".".join(map(str, valid("--client-version", release().read, version))),
        client=whose,
        now=valid("--at", moment().read, at) if at else int(time.time()),
        days=days,
        platform=platform,
        without_keyring=tuple(without_keyring or ()),
    )
    found = (*read.faults, *findings_of(read.files, aim))
    document = _document(given, aim, found, fail_on=fail_on)
    write_out(text.render_linted(document) if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)


def show_file(file: Path, output: str) -> None:
    """Print a policy in words."""
    read = read_files(collect([file], "policy" if file.is_file() else None))
    if read.faults or not read.files.policies:
        lines = (f"\n  {text.lint_line(lint_entry(fault))}" for fault in read.faults)
        raise PolicyError(
            "is no valid policy" + "".join(lines) if read.faults else "holds no policy document",
            where=str(file),
            remedy=f"`tipstaff policy lint {file}` says what to write instead",
        )
    document = _describe(file, read.files.policies[0])
    write_out(text.render_described(document) if output == "text" else json_report.render(document))


def _describe(file: Path, policy: Policy) -> PolicyInWords:
    stated = policy.policy
    return PolicyInWords(
        tool=TOOL,
        file=str(file),
        id=stated.id.value if stated.id else None,
        version=stated.version.value if stated.version else None,
        statements=[
            statement_entry(statement) for statement in describe_policy(policy, int(time.time()))
        ],
    )


def statement_entry(statement: Statement) -> StatementEntry:
    """Return a sentence as an entry of a document."""
    return StatementEntry(
        about=statement.about, says=statement.says, origins=list(statement.origins)
    )


def _document(
    given: tuple[Given, ...], aim: Aim, found: tuple[LintFinding, ...], *, fail_on: str
) -> PolicyLinted:
    severities = {finding.severity for finding in found}
    invalid = any(finding.rule == INVALID for finding in found)
    failing = SEVERITIES_THAT_FAIL if fail_on == "warning" else ("error",)
    code = FINDINGS_EXIT if severities & {*failing} else 0
    return PolicyLinted(
        tool=TOOL,
        files=[file.path for file in given],
        client=aim.client,
        client_version=aim.version,
        findings=[lint_entry(finding) for finding in found],
        exit_code=INVALID_EXIT if invalid else code,
    )


def lint_entry(found: LintFinding) -> LintEntry:
    """Return a finding as an entry of the document."""
    return LintEntry(
        rule=found.rule,
        severity=found.severity,
        file=found.path,
        line=found.line,
        what=found.what,
        suggestion=found.suggestion,
    )


def _require_clean(text: str, out: Path) -> None:
    """Refuse answers that do not pass lint."""
    read = read_files((Given(str(out), text.encode(), "policy"),))
    aim = Aim(oldest_version(read.files), now=int(time.time()))
    for fault in (*read.faults, *findings_of(read.files, aim)):
        if fault.severity in SEVERITIES_THAT_FAIL:
            raise UsageError(
                fault.what, expected="answers that fit together", remedy=fault.suggestion
            )


def _content(keys: Path | None) -> bytes | None:
    return None if keys is None else content_of(keys, SIZE_LIMIT)
