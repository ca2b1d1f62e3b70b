"""``tipstaff policy show`` and ``explain``: what is in force and why; and ``tipstaff why``."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel

from tipstaff_cli.commands.policy.author import show_file, statement_entry
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import add_state_options, call_for_each_client
from tipstaff_cli.shared.targets import Target, run_for_each
from tipstaff_policy import __version__
from tipstaff_policy.action_log.chain import LastAction, last_log_out
from tipstaff_policy.action_log.log import read_log
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.explanation import explain_key, ineffective_settings
from tipstaff_policy.assessment.explanation import why as why_of
from tipstaff_policy.assessment.inspection import Inspection, inspect_and_ask, inspect_host
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.lint import Policy
from tipstaff_policy.errors import INVALID_EXIT, UNEVALUATED_EXIT, UsageError
from tipstaff_policy.logins.sign_in.flow import commands_to_sign_in
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.provider_words import in_words
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import FaultyLayer, HostState, IgnoredLayer, Layer
from tipstaff_reports import json_report
from tipstaff_reports.texts import explanation as text
from tipstaff_rollout.authoring.in_words import describe_policy
from tipstaff_schemas.provenance import (
    KeyExplained,
    LayerEntry,
    OrganisationShown,
    PolicyShown,
    Subject,
    WhyAnswered,
)
from tipstaff_schemas.report import Tool

app = typer.Typer(
    no_args_is_help=True, help="Show the policy in force; write, check, sign and ship policies."
)
Answer = TypeVar("Answer", bound=BaseModel)
TOOL = Tool(version=__version__)


@app.command()
@add_state_options
def show(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Print this policy document in words."),
    ] = None,
    *,
    output: Format = "text",
    targets: tuple[Target, ...],
) -> None:
    """Print the organisation's policy and the client's settings in force, each with its origin.

    With FILE, print that policy in words.

    Examples: `tipstaff policy show` · `tipstaff policy show policy.toml` ·
    `tipstaff policy show --process 4711` ·
    `tipstaff policy show --system-root /mnt/image --format json`

    Exit codes: 0 shown, 3 the policy is invalid, or a file stops the client (each is shown).
    """
    if file is not None:
        show_file(file, output)
        return
    here = tuple(drop_absent_clients(targets))
    first = None
    if output == "text":  # once, for all clients
        first = inspect_host(*here[0])
        write_out(text.render_organisation(_organisation(first, here[0].request.now)) + "\n")
    run_for_each(
        here,
        lambda target: _show(target, output, first if target is here[0] else None),
        as_text=output == "text",
    )


def _show(target: Target, output: str, seen: Inspection | None) -> None:
    adapter, request = target
    sight = seen or inspect_host(adapter, request)
    state = sight.state
    document = PolicyShown(
        tool=TOOL,
        subject=_subject(state, request),
        settings=list(adapter.effective(state).settings),
        ineffective=list(ineffective_settings(adapter, state)),
        layers=[_entry(layer) for layer in state.layers],
        provider=in_words(adapter.provider(state)),
        organisation=_organisation(sight, request.now),
    )
    _write(document, output, text.render_policy)
    raise typer.Exit(INVALID_EXIT if sight.faults else _exit_code(state))


def _organisation(sight: Inspection, now: int) -> OrganisationShown | None:
    """Return the organisation's policy in words, without what only its author can do."""
    if sight.faults:
        return OrganisationShown(
            id=None,
            version=None,
            files=[],
            mode=None,
            why="",
            newer=[],
            statements=[],
            faults=list(sight.faults),
        )
    if sight.organisation is None or sight.orders is None:
        return None
    files = [file.path for file in sight.organisation.files]
    policy = sight.organisation.policy
    return OrganisationShown(
        id=policy.id.value if policy.id else None,
        version=policy.version.value if policy.version else None,
        files=files,
        mode=sight.orders.stage.mode,
        why=sight.orders.stage.why,
        newer=[str(origin) for origin in sight.organisation.newer],
        statements=[
            statement_entry(statement)
            for statement in describe_policy(Policy(files[0], policy), now)
            if statement.about != "what ships"
        ],
        faults=[],
    )


@app.command()
@add_state_options
def explain(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Sign-in setting of the client.")],
    *,
    output: Format = "text",
    targets: tuple[Target, ...],
) -> None:
    """Explain a setting: why it has its value, who can change it, and what it does.

    Example: `tipstaff policy explain KEY`, with a key that `tipstaff policy show` prints.

    Exit codes: 0 explained, 2 unknown key, 3 a file stops the client (it is shown).
    """
    knowing = tuple(target for target in targets if key in target.adapter.key_advice())
    if not knowing:
        known = [name for target in targets for name in target.adapter.key_advice()]
        near = get_close_matches(key, known, 1)
        raise UsageError(
            f"{key!r} is no sign-in key",
            expected=", ".join(known),
            remedy=f"did you mean `tipstaff policy explain {near[0]}`?" if near else "",
        )
    run_for_each(knowing, lambda target: _explain(target, key, output), as_text=output == "text")


def _explain(target: Target, key: str, output: str) -> None:
    adapter, request = target
    state = adapter.read_state(request)
    document = KeyExplained(
        tool=TOOL,
        subject=_subject(state, request),
        explanation=explain_key(adapter, state, key),
    )
    _write(document, output, text.render_explanation)
    raise typer.Exit(_exit_code(state))


@call_for_each_client
def why(*, output: Format = "text", adapter: Adapter, request: Request) -> None:
    """Explain what happens to your sign-in on this host, what to do, and whom to ask.

    Where only the service knows whose a login is, it is asked, as before a start.

    Examples: `tipstaff why` · `tipstaff why --entry-point app-server`

    Exit codes: 0 explained, 3 an administrators' file is invalid or the client does not start, 4
    not evaluated.
    """
    sight = inspect_and_ask(adapter, request.read_with(asks=True))
    state = sight.state
    decision = adapter.decide(state)
    sign_in = comply(state, adapter.by_administrators)
    contact = sight.organisation.policy.contact if sight.organisation else None
    document = WhyAnswered(
        tool=TOOL,
        subject=_subject(state, request),
        why=why_of(
            state,
            sign_in,
            decision,
            commands_to_sign_in(adapter, state),
            contact.value if contact else "",
        ),
        sign_in=sign_in,
        decision=decision,
        last_log_out=_last_log_out(request, state.home),
        provider=in_words(adapter.provider(state)),
    )
    _write(document, output, text.render_why)
    refused = decision.verdict == "refuse" or any(
        fault.effect == "refuse" for fault in sign_in.faults
    )
    unknown = "unknown" if sign_in.verdict == "cannot_tell" else decision.verdict
    codes = {"unknown": UNEVALUATED_EXIT}
    raise typer.Exit(INVALID_EXIT if refused else codes.get(unknown, 0))


def _last_log_out(request: Request, home: str) -> LastAction | None:
    files, _ = ((), "") if request.system_root else read_log(request.env, home)
    return last_log_out(files, home)


def _write(document: Answer, output: str, render: Callable[[Answer], str]) -> None:
    write_out(render(document) if output == "text" else json_report.render(document))


def _exit_code(state: HostState) -> int:
    return INVALID_EXIT if faulty(state.layers) or state.faults else 0


def _subject(state: HostState, request: Request) -> Subject:
    return Subject(
        client=state.client,
        platform=state.platform,
        home=state.home,
        home_from=state.home_from,
        cwd=state.cwd,
        profile=request.profile,
        overrides=list(request.overrides),
    )


def _entry(layer: Layer) -> LayerEntry:
    content, note = layer.content, ""
    if isinstance(content, FaultyLayer):
        note = f"{content.fault.what} ({content.fault.where})"
    if isinstance(content, IgnoredLayer):
        note = content.reason
    return LayerEntry(
        rank=layer.rank,
        name=layer.name,
        path=layer.path,
        administrators=layer.administrators,
        state=content.state,
        note=note,
    )
