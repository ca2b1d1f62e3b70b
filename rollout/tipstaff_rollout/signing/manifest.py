"""The list of an artefact's files that is signed in their place where there are several.

`sha256sum -c tipstaff-manifest.txt` checks it without Tipstaff; what it says of the policy stands
in comments, which that program passes over and the signature covers.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.model import File

NAME = "tipstaff-manifest.txt"
TITLE = "# Tipstaff manifest 1"
LINE = re.compile(r"([0-9a-f]{64})  ([^\\\n\r]+)")
UNFIT = frozenset("\\\n\r")
"""What `sha256sum` would write in another way."""


class Subject(NamedTuple):
    """Whose files they are."""

    id: str
    version: str
    fingerprint: str
    counter: int | None = None

    def lines(self) -> list[str]:
        """Return it as comments."""
        counter = "none" if self.counter is None else str(self.counter)
        return [
            TITLE,
            f"# policy {self.id}",
            f"# version {self.version}",
            f"# fingerprint {self.fingerprint}",
            f"# counter {counter}",
        ]


def render_manifest(files: Iterable[File], subject: Subject) -> bytes:
    """Return the manifest of files, sorted by their paths.

    Raises:
        UsageError: A name cannot stand in it.
    """
    ordered = sorted(files, key=lambda file: file.path)
    for entry in ordered:
        if UNFIT & set(entry.path):
            raise UsageError(
                f"the file {entry.path!r} cannot be listed",
                expected="a name on one line without \\",
            )
    lines = [f"{hashlib.sha256(entry.data).hexdigest()}  {entry.path}" for entry in ordered]
    return "\n".join([*subject.lines(), *lines, ""]).encode()


def require_listed(manifest: bytes, files: Iterable[File]) -> None:
    """Require that a manifest lists exactly these files.

    Raises:
        BadSignatureError: One is missing, was edited or came to them; names them.
    """
    listed: dict[str, str] = {}
    lines = manifest.decode("utf-8", "replace").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        found = LINE.fullmatch(line)
        if found and found[2] not in listed:
            listed[found[2]] = found[1]
        elif not line.startswith("#"):
            raise _differs(f"{NAME}:{number}", "is no line of a manifest")
    there = {file.path: hashlib.sha256(file.data).hexdigest() for file in files}
    for path in sorted({*listed, *there}):
        if path not in there:
            raise _differs(path, "is listed as signed, and missing")
        if path not in listed:
            raise _differs(path, "was added after the artefact was signed")
        if listed[path] != there[path]:
            raise _differs(path, "was edited after the artefact was signed")


def _differs(where: str, what: str) -> BadSignatureError:
    return BadSignatureError(
        what,
        where=where,
        expected=f"the files of {NAME}, no more and no others",
        remedy="get the artefact again from its author, or sign it again",
    )
