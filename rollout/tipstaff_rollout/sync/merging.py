"""Merge the policy's keys into a client's file of another administrator, whose keys stay.

What no sync has put there and what has no stamp of Tipstaff's is another administrator's. It is
kept once, under a name of its own, from which every later run merges again.
"""

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from tipstaff_policy.clients.interface.deployment import Documents, Stamp
from tipstaff_policy.installation.survey import place_of
from tipstaff_policy.model.client_key import ClientKey, KeyText
from tipstaff_policy.model.toml_writing import Path, join_dotted
from tipstaff_policy.organisation.client_keys import EMPTY
from tipstaff_policy.system.files import read_bounded
from tipstaff_rollout.model import BEFORE, ArtefactError, Compiled
from tipstaff_rollout.payloads import client_payloads, is_merged
from tipstaff_rollout.sync.applying import SIZE_LIMIT, FileSet, Host, is_another

OTHERS_MAY_WRITE = 0o022
Files = tuple[tuple[str, bytes], ...]


class Clash(NamedTuple):
    """A key that both files state, and not alike."""

    path: Path
    line: int | None


def with_others(
    host: Host, made: Compiled, files: Files, old: FileSet | None, *, replace: bool
) -> Files:
    """Return the files for a host, with the keys of files that are not ours.

    Args:
        replace: Whether to replace existing files of other administrators; a copy is kept.

    Raises:
        ArtefactError: A file that is there contradicts the policy, or cannot be merged; names
            each key with its line.
        OSError: It cannot be read.
    """
    grammars = {
        kind.place(host.platform): kind.deployment.documents for kind in client_payloads().values()
    }
    known = dict(old.files) if old else {}
    found = []
    for path, data in files:
        grammar = grammars.get(path)
        base = _find_base(host, path, known, replace=replace) if grammar else None
        if grammar is not None and base is not None:
            found.append((path, _merge(made, path, grammar, ours=data, others=base)))
        else:
            found.append((path, data))
    return tuple(found)


def _find_base(host: Host, path: str, known: dict[str, bytes], *, replace: bool) -> bytes | None:
    """Return the file with which a payload is merged; None where it takes the place alone."""
    kept = os.path.lexists(place_of(host.root, path + BEFORE))
    if is_another(host, path, known):
        if kept:
            raise ArtefactError(
                f"is not Tipstaff's own, and a copy of an earlier file is there: {path}{BEFORE}",
                where=path,
                expected="one file whose keys are merged",
                remedy="move one of them away; nothing was changed",
            )
        return None if replace else _read_content(host, path)
    was_merged = is_merged(known.get(path, b""))
    return _read_content(host, path + BEFORE) if was_merged and kept and not replace else None


def _read_content(host: Host, path: str) -> bytes | None:
    """Return the content of an administrators' file; None of one that others could have written."""
    place = place_of(host.root, path)
    facts = os.lstat(place)
    if not stat.S_ISREG(facts.st_mode):
        raise ArtefactError(
            "is not Tipstaff's own, and a link or no regular file",
            where=path,
            expected="a file whose keys can be merged",
            remedy=f"move it away, or use --replace, which keeps it as {path}{BEFORE}",
        )
    if facts.st_uid != os.geteuid() or facts.st_mode & OTHERS_MAY_WRITE:
        return None
    return read_bounded(place, SIZE_LIMIT)


def _merge(made: Compiled, path: str, grammar: Documents, *, ours: bytes, others: bytes) -> bytes:
    try:
        text = others.decode().removeprefix("\ufeff")
        theirs = grammar.leaves(text)
    except ValueError as error:
        raise ArtefactError(
            f"is not Tipstaff's own, and cannot be merged: {error}",
            where=path,
            expected=f"a {grammar.grammar} document",
            remedy=f"correct it, or use --replace, which keeps it as {path}{BEFORE}",
        ) from error
    own = grammar.leaves(ours.decode())
    clashes = _clashes(own, theirs, grammar.lines(text))
    if clashes:
        named = ", ".join(f"{join_dotted(clash.path)} at {path}:{clash.line}" for clash in clashes)
        raise ArtefactError(
            f"is not Tipstaff's own, and contradicts the policy: {named}",
            where=path,
            expected="keys that the policy does not state, or states alike",
            remedy="take them out there or change the policy, or say --replace, which keeps the "
            f"file as {path}{BEFORE}",
        )
    keys = [ClientKey("", "", at, value, ()) for at, value in {**theirs, **own}.items()]
    stamp = Stamp(made.id, made.version, made.owner, made.fingerprint)
    return grammar.merge(stamp, path + BEFORE, keys)


def _clashes(
    own: Mapping[Path, KeyText], theirs: Mapping[Path, KeyText], lines: Mapping[Path, int]
) -> tuple[Clash, ...]:
    """Return the keys of another administrator's file that contradict ours."""
    return tuple(
        Clash(path, lines.get(path))
        for path, value in theirs.items()
        if any(_clash((path, value), key) for key in own.items())
    )


def _clash(one: tuple[Path, KeyText], other: tuple[Path, KeyText]) -> bool:
    if one[0] == other[0]:
        return one[1] != other[1]
    short, long = sorted((one, other), key=lambda key: len(key[0]))
    return long[0][: len(short[0])] == short[0] and short[1].reveal() != EMPTY
