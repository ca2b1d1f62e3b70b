"""``tipstaff policy verify``: read an artefact back to its policy, and compare both."""

import hashlib
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tipstaff_cli.commands.policy.author import lint_entry
from tipstaff_cli.commands.policy.drafts import draft_in
from tipstaff_cli.commands.policy.render import AtOnce
from tipstaff_cli.commands.policy.shipping import At, read_moment
from tipstaff_cli.shared.options import Format, Keys
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy import __version__
from tipstaff_policy.assessment.policy_wording import list_fields
from tipstaff_policy.clients.interface.lint import POLICY, Aim, Given, LintFinding
from tipstaff_policy.errors import FINDINGS_EXIT, BadSignatureError, TipstaffError
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report
from tipstaff_reports.texts import policy_files as text
from tipstaff_rollout.artefacts.compiling import Draft, policy_of
from tipstaff_rollout.lint import lint, oldest_version
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.payloads import client_payloads, file_names
from tipstaff_rollout.proving import Proof, prove
from tipstaff_rollout.proving_sets import (
    SAME,
    compare_with,
    list_parts,
    require_one_set,
    split_page,
)
from tipstaff_rollout.storing import read_signed
from tipstaff_schemas.report import PolicyRule, Tool
from tipstaff_schemas.rollout import ArtefactVerified, Carried, Signed


def verify(  # noqa: PLR0913 - one argument an option
    artefact: Annotated[Path, typer.Argument(metavar="ARTEFACT", help="File or folder.")],
    *,
    against: Annotated[
        Path | None, typer.Option(metavar="POLICY", help="Policy that it must be rendered from.")
    ] = None,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="OpenSSH public keys or PEM certificates; one of them must have signed.",
        ),
    ] = None,
    not_before_counter: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Smallest allowed counter.")
    ] = None,
    keys: Keys = None,
    at_once: AtOnce = False,
    at: At = None,
    output: Format = "text",
) -> None:
    """Read an artefact back to its policy, and verify that every byte comes from that policy.

    It also prints lint findings; they do not change the exit code.

    Examples: `tipstaff policy verify policy.mobileconfig` ·
    `tipstaff policy verify artefacts/jamf --against policy.toml` ·
    `tipstaff policy verify artefacts --against policy.toml` ·
    `tipstaff policy verify policy.toml --trusted-key policy.pub --not-before-counter 41`

    Of a folder that `render --to all` wrote, each artefact is verified.

    Exit codes: 0 intact (and from that policy), 1 from another policy, or rendered for another day,
    3 no policy, edited or truncated, 4 not readable, 6 a signature is missing or invalid, or the
    policy is too old.
    """
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415 - heavy

    asked = _Asked(
        tuple(read_trusted_keys(trusted_key or ())),
        None if against is None else draft_in(against, keys),
        not_before_counter,
        read_moment(at),
        at_once,
    )
    parts = list_parts(artefact)
    if parts:
        raise typer.Exit(_verify_set(artefact, parts, asked, output))
    document, _ = _verify_one(artefact, asked)
    write_out(text.render_verified(document) if output == "text" else json_report.render(document))
    raise typer.Exit(FINDINGS_EXIT if document.differences else 0)


class _Asked(NamedTuple):
    """What artefacts are held to."""

    trusted: tuple[bytes, ...]
    against: Draft | None
    not_before_counter: int | None
    now: int
    at_once: bool


def _verify_set(artefact: Path, parts: tuple[Path, ...], asked: _Asked, output: Format) -> int:
    """Verify each artefact of a folder, and its index; return the worst exit code."""
    codes, proofs = [0], []
    for part in parts:
        try:
            document, proof = _verify_one(part, asked)
        except TipstaffError as error:
            say(str(error))
            codes.append(error.exit_code)
            continue
        proofs.append(proof)
        write_out(
            text.render_verified(document) if output == "text" else json_report.line(document)
        )
        codes.append(FINDINGS_EXIT if document.differences else 0)
    if len(proofs) == len(parts):
        require_one_set(artefact, proofs)
    return max(codes)


def _verify_one(artefact: Path, asked: _Asked) -> tuple[ArtefactVerified, Proof]:
    """Return what an artefact says, and how it compares.

    Raises:
        ArtefactError: Tipstaff did not render it, or it was edited or cut off.
        BadSignatureError: Its signature is invalid or missing.
    """
    from tipstaff_rollout.signing import verify_artefact  # noqa: PLC0415 - as above

    try:
        files, page = split_page(read_signed(artefact))
        whole = verify_artefact(files, asked.trusted, int(time.time()))
        proof = prove((*whole.files, *page))
    except (ArtefactError, BadSignatureError) as error:
        error.where = _within(artefact, error.where)
        raise
    earlier = asked.against
    _require_not_older(proof, asked.not_before_counter, earlier)
    compared = compare_with(proof, earlier, asked.now, at_once=asked.at_once) if earlier else SAME
    document = ArtefactVerified(
        tool=Tool(version=__version__),
        artefact=str(artefact),
        channel=proof.channel,
        id=proof.compiled.id,
        version=proof.compiled.version,
        fingerprint=proof.compiled.fingerprint,
        carries=[
            Carried(name=payload.name, sha256=hashlib.sha256(payload.data).hexdigest())
            for payload in proof.compiled.payloads
        ],
        says=[
            PolicyRule(field=field, value=value, origins=list(origins))
            for field, value, origins in list_fields(proof.policy)
        ],
        signed_scripts=list(proof.signed),
        signature=Signed(**whole.signature._asdict()) if whole.signature else None,
        against=None if earlier is None else earlier.path,
        differences=list(compared.differences),
        rendered_for=compared.rendered_for,
        lint=[lint_entry(finding) for finding in _lint(proof)],
    )
    return document, proof


def _lint(proof: Proof) -> tuple[LintFinding, ...]:
    """Return the lint findings of the files that an artefact carries."""
    names = file_names()
    given = tuple(
        Given(names[name], data, name)
        for name in (POLICY, *client_payloads())
        if (data := proof.compiled.data(name)) is not None
    )
    read = read_files(given, keys=proof.compiled.data("keys"), newer_toml=read_toml_1_1)
    return (*read.faults, *lint(read.files, Aim(oldest_version(read.files), int(time.time()))))


def _require_not_older(proof: Proof, least: int | None, against: Draft | None) -> None:
    """Refuse a policy whose counter is below the option, or below that of an earlier policy.

    Raises:
        RolledBackError: It is.
    """
    from tipstaff_rollout.signing import require_not_older  # noqa: PLC0415 - heavy

    counter = proof.policy.counter.value if proof.policy.counter else None
    if least is not None:
        require_not_older(counter, least, "--not-before-counter")
    earlier = policy_of(against).counter if against else None
    if against and earlier and proof.compiled.data("policy") is not None:
        require_not_older(counter, earlier.value, f"that of {against.path}")


def _within(artefact: Path, where: str) -> str:
    """Return a place in an artefact as a path for people."""
    if not where:
        return str(artefact)
    if artefact.is_dir():
        return str(artefact / where)
    return (
        f"{artefact}{where.removeprefix(artefact.name)}"
        if where.startswith(artefact.name)
        else f"{artefact}: {where}"
    )
