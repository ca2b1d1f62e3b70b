"""``tipstaff client knowledge …``: what is known of clients' versions, apart from the program."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tipstaff_cli.shared.options import (
    Format,
    PassphraseFile,
    SignCmd,
    SigningKey,
    SignTimeout,
    SystemRoot,
    root_of,
)
from tipstaff_cli.shared.output import write_out
from tipstaff_policy import __version__
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.organisation.paths import place_of_knowledge
from tipstaff_reports import json_report
from tipstaff_reports.texts import knowledge as text
from tipstaff_schemas.knowledge import (
    ClientAdded,
    ClientKnown,
    KnowledgeShown,
    KnowledgeVerified,
    VersionKnown,
)
from tipstaff_schemas.report import Tool

if TYPE_CHECKING:
    from tipstaff_rollout.knowledge import VerifiedKnowledge

app = typer.Typer(
    no_args_is_help=True, help="Show, verify, export and install knowledge of client versions."
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="Knowledge document.")]
SIGN_TIMEOUT_S = 60.0


@app.command()
def show(*, system_root: SystemRoot = None, output: Format = "text") -> None:
    """Show which client versions are proven here, and by what: Tipstaff or installed knowledge.

    Example: `tipstaff client knowledge show --format json`

    Exit codes: 0 shown, 2 wrong usage.
    """
    from tipstaff_policy.assessment.knowledge.document import knowledge_of_clients  # noqa: PLC0415
    from tipstaff_policy.clients.interface.knowledge import as_text  # noqa: PLC0415
    from tipstaff_policy.clients.learned import learn, of_client  # noqa: PLC0415

    found = learn(root_of(system_root), this_platform(), int(time.time()))
    clients = []
    for name, part in knowledge_of_clients().items():
        own = [
            VersionKnown(version=version, proven_on=day, known_by="tipstaff")
            for version, day in part.read_own()["proven"].items()
        ]
        learned = of_client(name)
        newer = [
            VersionKnown(version=as_text(number), proven_on=day, known_by="installed")
            for number, day in (learned.days.items() if learned else ())
        ]
        clients.append(ClientKnown(client=name, proven=[*own, *newer]))
    document = KnowledgeShown(
        tool=Tool(version=__version__),
        installed=found.path if found else None,
        counter=found.counter if found else None,
        unusable=found.unusable if found else None,
        clients=clients,
    )
    write_out(text.render_shown(document) if output == "text" else json_report.render(document))


@app.command()
def verify(
    file: File,
    *,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="OpenSSH public key that may have signed (repeatable); default: the keys in "
            "`knowledge_keys` of this host's policy.",
        ),
    ] = None,
    system_root: SystemRoot = None,
    output: Format = "text",
) -> None:
    """Verify the signature and every part of a document, and show what it adds to this Tipstaff.

    Examples: `tipstaff client knowledge verify knowledge.json` ·
    `tipstaff client knowledge verify knowledge.json --trusted-key maintainer.pub`

    Exit codes: 0 it can be used, 2 wrong usage, 3 it is for another Tipstaff or not valid, 4 not
    readable, 6 it is not signed by a trusted key, or was edited.
    """
    from tipstaff_policy.assessment.knowledge.installed import require_keys  # noqa: PLC0415
    from tipstaff_rollout.knowledge import verify_knowledge  # noqa: PLC0415 - heavy

    keys = (
        _keys_in(trusted_key)
        if trusted_key
        else require_keys(root_of(system_root), this_platform())
    )
    _write(_describe_verified(verify_knowledge(_read(file), keys, str(file)), file), output)


@app.command()
def install(file: File, *, system_root: SystemRoot = None, output: Format = "text") -> None:
    """Install a document, so that Tipstaff knows client versions that are newer than itself.

    A key in `knowledge_keys` of this host's policy must have signed it. It adds versions; rules of
    the policy and versions that Tipstaff knows by itself stay as they are.

    Example: `sudo tipstaff client knowledge install knowledge.json`

    Exit codes: 0 installed, 2 wrong usage, 3 it is for another Tipstaff or not valid, 4 not
    readable or not writable, 6 it is not signed by a key of the policy, was edited, or is older
    than the installed one.
    """
    from tipstaff_rollout.knowledge import Target, install  # noqa: PLC0415 - heavy

    target = Target(root_of(system_root), this_platform())
    found, before = install(target, _read(file), str(file))
    document = _describe_verified(found, file)
    path = place_of_knowledge(target.platform)
    _write(document.model_copy(update={"installed": path, "counter_before": before}), output)


@app.command()
def export(  # noqa: PLR0913 - one argument an option
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Output file.")],
    *,
    counter: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Counter; default: one more than that of FILE, else 1."
        ),
    ] = None,
    newest: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Only the newest N proven versions of each client; smaller."
        ),
    ] = None,
    needs_from: Annotated[
        str | None, typer.Option(metavar="V", help="Oldest Tipstaff that may read it.")
    ] = None,
    needs_below: Annotated[
        str | None, typer.Option(metavar="V", help="First Tipstaff that may not read it.")
    ] = None,
    key: SigningKey = None,
    passphrase_file: PassphraseFile = None,
    sign_cmd: SignCmd = None,
    sign_timeout: SignTimeout = SIGN_TIMEOUT_S,
) -> None:
    """Write what this Tipstaff knows of client versions as a signed document for older ones.

    Examples: `tipstaff client knowledge export knowledge.json --key ~/.ssh/policy` ·
    `tipstaff client knowledge export knowledge.json --counter 12
    --sign-cmd "ssh-keygen -Y sign -n tipstaff-knowledge -f hsm.pub"`

    Exit codes: 0 written, 2 wrong arguments or key, 4 the signer failed or a file cannot be used,
    6 the signer returned no valid signature.
    """
    from tipstaff_cli.shared.passphrase import ask_passphrase  # noqa: PLC0415
    from tipstaff_policy.assessment.knowledge import making  # noqa: PLC0415
    from tipstaff_policy.assessment.knowledge.document import PURPOSE  # noqa: PLC0415
    from tipstaff_rollout.knowledge import verify_knowledge  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing.signers import Key, choose_signer  # noqa: PLC0415
    from tipstaff_rollout.storing import PLAIN, write_whole  # noqa: PLC0415

    number = counter if counter is not None else _next_counter(file)
    content = making.make_content(
        number,
        int(time.time()),
        needs=(
            _release(needs_from or making.NEEDS_FROM),
            _release(needs_below or making.NEEDS_BELOW),
        ),
        newest=newest,
    )
    if key is None and sign_cmd is None:
        write_whole(file, making.write_document(content, None), PLAIN)
        sys.stderr.write("tipstaff: the document is not signed, so that no host takes it\n")
    else:
        given = Key(key, None, passphrase_file, sign_cmd, sign_timeout, ask_passphrase)
        signer, own = choose_signer(given, purpose=PURPOSE)
        data = making.write_document(content, signer)
        signed_by = tuple(line.decode() for line in own) or (_signer_in(data),)
        verify_knowledge(data, signed_by, str(file))
        write_whole(file, data, PLAIN)
    write_out(f"{file}: counter {number}\n")


def _signer_in(data: bytes) -> str:
    """Return the key that a program has signed with; its signature is verified afterwards."""
    from tipstaff_policy.assessment.knowledge.document import read_content  # noqa: PLC0415
    from tipstaff_rollout.signing import ssh  # noqa: PLC0415 - heavy

    return ssh.parse(read_content(data)["signature"].encode()).line()


def _next_counter(file: Path) -> int:
    from tipstaff_policy.assessment.knowledge.document import read_content  # noqa: PLC0415

    if not file.exists():
        return 1
    counter = read_content(_read(file)).get("counter")
    if type(counter) is not int:
        raise UsageError(
            "has no counter", where=str(file), expected="--counter N, or a knowledge document"
        )
    return counter + 1


def _release(version: str) -> str:
    from tipstaff_policy.assessment.knowledge.document import RELEASE  # noqa: PLC0415

    if not RELEASE.fullmatch(version):
        raise UsageError(f"{version!r} is no release", expected="a number such as 0.1.0")
    return version


def _describe_verified(found: "VerifiedKnowledge", file: Path) -> KnowledgeVerified:
    document = found.document
    return KnowledgeVerified(
        tool=Tool(version=__version__),
        document=str(file),
        counter=document.counter,
        made_at=document.made_at,
        needs_from=document.needs_from,
        needs_below=document.needs_below,
        signer=found.signer,
        adds=[
            ClientAdded(client=name, versions=list(versions))
            for name, versions in found.adds().items()
        ],
        differs=list(found.differs()),
    )


def _write(document: KnowledgeVerified, output: str) -> None:
    write_out(text.render_verified(document) if output == "text" else json_report.render(document))


def _read(file: Path) -> bytes:
    from tipstaff_policy.assessment.knowledge.document import SIZE_LIMIT  # noqa: PLC0415
    from tipstaff_rollout.storing import content_of  # noqa: PLC0415

    return content_of(file, SIZE_LIMIT, expected="a knowledge document")


def _keys_in(files: list[Path]) -> tuple[str, ...]:
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415 - heavy
    from tipstaff_rollout.signing.keys import parse_trusted  # noqa: PLC0415

    return tuple(parse_trusted(read_trusted_keys(files)).lines)
