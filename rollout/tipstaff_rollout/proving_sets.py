"""Comparing artefacts with a policy: for the day that is meant or another, and many at once."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tipstaff_rollout.artefacts.compiling import Draft, compile_policy, policy_of
from tipstaff_rollout.artefacts.pages import UPLOAD, upload_index
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.model import ArtefactError, Compiled, File
from tipstaff_rollout.payloads import has_drop_in
from tipstaff_rollout.proving import Proof, differences
from tipstaff_rollout.stages import DAY, list_stages
from tipstaff_rollout.storing import SIGNATURE

AT_ONCE = "--at-once"


class Compared(NamedTuple):
    """How an artefact compares with a policy."""

    differences: tuple[str, ...]
    rendered_for: str | None = None
    """How the same policy renders to it, where it does not so for the day of the comparison:
    `--at DAY` or `--at-once`."""


SAME = Compared(())


def compare_with(proof: Proof, wanted: Draft, now: int, *, at_once: bool) -> Compared:
    """Compare an artefact with a policy in the same form, with drop-ins or without.

    Args:
        now: The day for which the policy is rendered.
        at_once: Whether it is rendered without its start.
    """
    found = differences(proof, _compile(proof, wanted, now, at_once=at_once))
    if not found:
        return SAME
    for option, moment in _list_other_days(wanted):
        made = _compile(proof, wanted, moment, at_once=option == AT_ONCE)
        if not differences(proof, made):
            return Compared(found, option)
    return Compared(found)


def _compile(proof: Proof, wanted: Draft, now: int, *, at_once: bool) -> Compiled:
    drop_ins = has_drop_in(proof.compiled.payloads)
    # No policy says which knowledge goes with it; that a key of this one signed it is verified.
    wanted = wanted._replace(knowledge=proof.compiled.data("knowledge"))
    return compile_policy(wanted, at_once=at_once, drop_ins=drop_ins, now=now)


def _list_other_days(wanted: Draft) -> Iterator[tuple[str, int]]:
    """Yield a day of each stage, and last a start that is left out."""
    for stage in list_stages(policy_of(wanted)):
        moment = stage.since if stage.since is not None else (stage.then or DAY) - DAY
        yield f"--at {time.strftime('%Y-%m-%d', time.gmtime(moment))}", moment
    yield AT_ONCE, 0


def list_parts(folder: Path) -> tuple[Path, ...]:
    """Return the artefacts of a folder that holds one for each channel; none of any other."""
    if not (folder / UPLOAD).is_file():
        return ()
    parts = sorted(place for place in folder.iterdir() if place.name != UPLOAD)
    known = channel_names()
    if not all(place.is_dir() and place.name in known for place in parts):
        return ()
    return tuple(parts)


def split_page(files: tuple[File, ...]) -> tuple[tuple[File, ...], tuple[File, ...]]:
    """Return the files that a signature covers, and the page next to a single signed file.

    The page is written before the file is signed, and belongs to no signature.
    """
    rest = tuple(file for file in files if file.path != UPLOAD)
    names = {file.path for file in rest}
    if any({name, name + SIGNATURE} == names for name in names):
        return rest, tuple(file for file in files if file.path == UPLOAD)
    return files, ()


def require_one_set(folder: Path, proofs: Sequence[Proof]) -> None:
    """Require that all artefacts are of one policy, and that the index names it.

    Raises:
        ArtefactError: They are not, or the index was edited.
    """
    first = proofs[0].compiled
    for proof in proofs:
        if proof.compiled.fingerprint != first.fingerprint:
            raise ArtefactError(
                "holds artefacts of several policies",
                where=str(folder / proof.channel),
                expected=f"{first.id} {first.version}, {first.fingerprint}",
                remedy="render all of them again",
            )
    channels = tuple(channel(name) for name in channel_names() if (folder / name).is_dir())
    # The channels stand in the order in which their author named them.
    found, made = (folder / UPLOAD).read_bytes(), upload_index(first, channels).data
    if sorted(found.split(b"\n")) != sorted(made.split(b"\n")):
        raise ArtefactError(
            "was edited or cut off after it was rendered",
            where=str(folder / UPLOAD),
            expected="the index of the artefacts next to it",
            remedy="render all of them again",
        )
