"""``tipstaff policy render`` and ``verify``: a policy as artefacts, and artefacts read back."""

import hashlib
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.options import Format
from tipstaff_cli.output import write_out
from tipstaff_policy import __version__
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.errors import FINDINGS_EXIT, AccessDeniedError, BadSignatureError, UsageError
from tipstaff_policy.files import read_bounded
from tipstaff_policy.organisation.kinds import release
from tipstaff_policy.organisation.reading import SIZE_LIMIT
from tipstaff_policy.organisation.written import written
from tipstaff_reports.text import clean
from tipstaff_rollout.channels import MODULES, channel
from tipstaff_rollout.compiling import Draft, compiled, later_starts, policy_of
from tipstaff_rollout.model import ArtefactError, Channel, Compiled
from tipstaff_rollout.proving import Proof, differences, left_out, obstacles, proved, rendered
from tipstaff_rollout.storing import read_signed, write_artefact
from tipstaff_rollout.targets import obstacle
from tipstaff_schemas.report import PolicyRule, Tool
from tipstaff_schemas.rollout import ArtefactVerified, Carried, Signed

ALL, LIST = "all", "list"
Keys = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE", help="Your copy of the public keys that the policy names."
    ),
]
AtOnce = Annotated[
    bool,
    typer.Option(
        "--at-once",
        help="Write the client's own files although the policy begins later or not everywhere.",
    ),
]


def render(  # noqa: PLR0913 - one argument an option
    policy: Annotated[Path | None, typer.Argument(metavar="POLICY")] = None,
    *,
    to: Annotated[str, typer.Option("--to", metavar="CHANNEL", help="One, `all`, or `list`.")],
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Where it is to lie.")] = None,
    keys: Keys = None,
    at_once: AtOnce = False,
    client_version: Annotated[
        str,
        typer.Option(
            metavar="V", help="The oldest client it is for; default: the policy's, else newest."
        ),
    ] = "",
    tipstaff_version: Annotated[
        str, typer.Option("--tipstaff", metavar="V", help="The oldest Tipstaff that it is for.")
    ] = "",
) -> None:
    """Write a policy as the artefact of a channel; the same policy gives the same bytes.

    Each artefact carries the policy's id, version and fingerprint. What a channel cannot carry is
    said on standard error.

    Examples: `tipstaff policy render --to list` ·
    `tipstaff policy render policy.toml --to mobileconfig --out codex.mobileconfig` ·
    `tipstaff policy render policy.toml --to all --out artefacts`

    Exit codes: 0 written, 1 `all` left a channel out that cannot carry it, 2 wrong usage, 3 no
    policy, or one that a target could not read or enforce, 4 not readable or not writable.
    """
    if to == LIST:
        write_out("".join(f"{name:<16} {channel(name).title}\n" for name in MODULES))
        return
    if to != ALL and to not in MODULES:
        raise UsageError(f"no channel is called {to!r}", expected=", ".join((*MODULES, ALL, LIST)))
    if policy is None or out is None:
        raise UsageError("a policy and --out are needed", expected="POLICY --to CHANNEL --out PATH")
    draft = read_draft(policy, keys)
    made = compiled(draft, at_once=at_once)
    say_start(draft, at_once=at_once)
    chosen = [channel(name) for name in (MODULES if to == ALL else (to,))]
    if to == ALL:  # what only carries what this policy does not say is no artefact of it
        chosen = [each for each in chosen if {*each.carries} & {p.name for p in made.payloads}]
    for each in chosen:
        _require_readable(draft, made, each, client_version, tipstaff_version)
    if to == ALL:
        raise typer.Exit(_write_all(made, chosen, out))
    (one,) = chosen
    write_out(f"{write_artefact(rendered(made, one), out)}\n")
    missing = left_out(made, one)
    if missing:
        sys.stderr.write(f"tipstaff: {one.name} does not carry {', '.join(missing)}\n")


def _write_all(made: Compiled, chosen: list[Channel], out: Path) -> int:
    """Write the artefact of each channel; return 1 where the policy cannot go by one of them."""
    code = 0
    for each in chosen:
        try:
            files = rendered(made, each)
        except ArtefactError as error:
            sys.stderr.write(f"tipstaff: {each.name} is left out: {error.where}: {error.what}\n")
            code = FINDINGS_EXIT
            continue
        place = out / each.name / files[0].path if len(files) == 1 else out / each.name
        write_out(f"{write_artefact(files, place)}\n")
    return code


def verify(  # noqa: PLR0913 - one argument an option
    artefact: Annotated[Path, typer.Argument(metavar="ARTEFACT")],
    *,
    against: Annotated[
        Path | None, typer.Option(metavar="POLICY", help="What it has to be made from.")
    ] = None,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="OpenSSH public keys or PEM certificates; one of them has signed.",
        ),
    ] = None,
    not_before_counter: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="The smallest counter it may have.")
    ] = None,
    keys: Keys = None,
    at_once: AtOnce = False,
    output: Format = "text",
) -> None:
    """Read an artefact back to its policy, and prove that every byte of it is that policy's.

    Examples: `tipstaff policy verify codex.mobileconfig` ·
    `tipstaff policy verify artefacts/jamf --against policy.toml` ·
    `tipstaff policy verify policy.toml --trusted-key policy.pub --not-before-counter 41`

    Exit codes: 0 it is whole (and that policy's), 1 it is another's, 3 no policy, edited or cut
    off, 4 not readable, 6 a signature is missing or does not hold, or the policy is an older one.
    """
    from tipstaff_cli.private_keys import read_trusted_keys  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing import verified  # noqa: PLC0415 - as above

    trusted = read_trusted_keys(trusted_key or ())
    try:
        whole = verified(read_signed(artefact), trusted, int(time.time()))
        proof = proved(whole.files)
    except (ArtefactError, BadSignatureError) as error:
        error.where = _within(artefact, error.where)
        raise
    _require_not_older(proof, not_before_counter, against, keys)
    other = () if against is None else differences(proof, _expected(against, keys, at_once=at_once))
    document = ArtefactVerified(
        tool=Tool(version=__version__),
        artefact=str(artefact),
        channel=proof.channel,
        id=proof.compiled.id,
        version=proof.compiled.version,
        fingerprint=proof.compiled.fingerprint,
        carries=[
            Carried(name=each.name, sha256=hashlib.sha256(each.data).hexdigest())
            for each in proof.compiled.payloads
        ],
        says=[
            PolicyRule(field=field, value=value, origins=list(origins))
            for field, value, origins in written(proof.policy)
        ],
        signature=Signed(**whole.signature._asdict()) if whole.signature else None,
        against=None if against is None else str(against),
        differences=list(other),
    )
    write_out(_text(document) if output == "text" else document.model_dump_json(indent=2) + "\n")
    raise typer.Exit(FINDINGS_EXIT if other else 0)


def _require_not_older(
    proof: Proof, least: int | None, against: Path | None, keys: Path | None
) -> None:
    """Refuse a policy whose counter went back, by what was asked for or by an earlier policy.

    Raises:
        RolledBackError: It did.
    """
    from tipstaff_rollout.signing import require_not_older  # noqa: PLC0415 - heavy

    counter = proof.policy.counter.value if proof.policy.counter else None
    if least is not None:
        require_not_older(counter, least, "--not-before-counter")
    earlier = None if against is None else policy_of(read_draft(against, keys)).counter
    if earlier and proof.compiled.data("policy") is not None:
        require_not_older(counter, earlier.value, f"that of {against}")


def read_draft(policy: Path, keys: Path | None) -> Draft:
    """Return an author's policy with the keys that it names."""
    return Draft(_read(policy), None if keys is None else _read(keys), str(policy))


def _expected(policy: Path, keys: Path | None, *, at_once: bool) -> Compiled:
    return compiled(read_draft(policy, keys), at_once=at_once)


def _read(path: Path) -> bytes:
    try:
        return read_bounded(str(path), SIZE_LIMIT)
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(path)) from error


def say_start(draft: Draft, *, at_once: bool) -> None:
    """Tell an author that the client's own files would not wait, or that they do not."""
    starts = later_starts(policy_of(draft))
    if not starts:
        return
    where = f"{draft.path}:{starts[0].line}"
    told = (
        "the client's own files are written all the same, and act at once on every host"
        if at_once
        else "the client's own files know no such thing and are left out (--at-once writes them)"
    )
    sys.stderr.write(f"tipstaff: {where}: the policy begins later or not everywhere; {told}\n")


def _require_readable(
    draft: Draft, made: Compiled, to: Channel, client: str, tipstaff: str
) -> None:
    """Refuse what a target could not read or enforce.

    Raises:
        UsageError: A version is none.
        ArtefactError: With every reason.
    """
    policy = policy_of(draft)
    oldest = policy.oldest_client.value if policy.oldest_client else NEWEST
    version = _version(client) if client else oldest
    reasons = [
        f"client {'.'.join(map(str, version))}: {each}"
        for each in obstacles(made, policy, to, version)
    ]
    why = obstacle(_version(tipstaff)) if tipstaff and "policy" in to.carries else ""
    reasons += [f"Tipstaff {tipstaff}: {why}"] if why else []
    if reasons:
        raise ArtefactError(
            f"{to.name} would not do its work: {'; '.join(reasons)}",
            where=draft.path,
            expected="a policy that the oldest target reads and enforces",
            remedy="update those targets first (oldest_client), or change the policy",
        )


def _version(text: str) -> tuple[int, int, int]:
    try:
        found: tuple[int, int, int] = release().read(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no version", expected="a number such as 0.169.0") from error
    return found


def _within(artefact: Path, where: str) -> str:
    """Return a place in an artefact as a person finds it."""
    if not where:
        return str(artefact)
    if artefact.is_dir():
        return str(artefact / where)
    return (
        f"{artefact}{where.removeprefix(artefact.name)}"
        if where.startswith(artefact.name)
        else f"{artefact}: {where}"
    )


def _text(document: ArtefactVerified) -> str:
    lines = [
        f"{document.artefact}: {document.channel}, whole",
        f"  policy       {document.id} {document.version}",
        f"  fingerprint  {document.fingerprint}",
        f"  signature    {_told(document.signature)}",
        *(f"  carries      {each.name}  sha256:{each.sha256}" for each in document.carries),
        *(f"  says         {each.field} = {_shown(each.value)}" for each in document.says),
    ]
    if document.against is not None:
        verdict = "is what it compiles to" if not document.differences else "is another policy"
        lines += [f"  against      {document.against}: {verdict}"]
        lines += [f"    {each}" for each in document.differences]
    return clean("\n".join(lines)) + "\n"


def _shown(value: str | list[str]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _told(signature: Signed | None) -> str:
    if signature is None:
        return "none"
    trusted = "trusted" if signature.trusted else "not compared with a key that you trust"
    return f"{signature.kind}, by {signature.signer}, {trusted}"
