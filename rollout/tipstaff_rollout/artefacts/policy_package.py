"""A policy as a package of a Linux distribution."""

import re
import shlex
from typing import NamedTuple, Protocol

from tipstaff_rollout.artefacts.linux_host import entries_of, payloads_of
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.shell_text import keys_function, read_part, start_pattern
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.packages.model import Entry, Package, Scripts
from tipstaff_rollout.payloads import every_payload, files_of

PREFIX = "tipstaff-policy-"
VERSION_LIMIT = 64
"""So that the name of a file has room for it."""
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
NO_ADDRESS = "policy@tipstaff.invalid"


class Commands(NamedTuple):
    """What administrators type for a kind of package."""

    install: str
    show: str
    verify: str
    downgrade: str
    remove: str


COMMANDS = {
    "deb": Commands(
        "apt install",
        "dpkg -s",
        "dpkg --verify",
        "apt install --allow-downgrades ./FILE",
        "apt remove",
    ),
    "rpm": Commands("dnf install", "rpm -qi", "rpm -V", "dnf downgrade ./FILE", "dnf remove"),
}


class Format(Protocol):
    """A package's format: one module in `packages/` each."""

    MAGIC: bytes

    def file_name(self, package: Package) -> str:
        """Return what the file is called."""

    def build(self, package: Package) -> bytes:
        """Return the file."""

    def read(self, data: bytes, where: str) -> tuple[Entry, ...]:
        """Return what the package installs; raises ArtefactError."""


def channel_of(name: str, title: str, form: Format) -> Channel:
    """Return the channel that hands a policy out as a package of a format."""

    def render(compiled: Compiled) -> tuple[File, ...]:
        package = package_of(compiled)
        return (File(form.file_name(package), form.build(package)),)

    def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
        if len(files) != 1 or not files[0].data.startswith(form.MAGIC):
            return None
        file = files[0]
        return payloads_of(form.read(file.data, file.path), file.path)

    def steps(compiled: Compiled) -> Steps:
        package = package_of(compiled)
        file, words = form.file_name(package), COMMANDS[name]
        return Steps(
            (
                (
                    f"`{file}`: the package repository of your hosts, or to one host by hand: "
                    f"`{words.install} ./{file}`; first on one host."
                ),
            ),
            (
                (
                    f"`{words.show} {package.name}` shows the policy's version and fingerprint; "
                    f"`{words.verify} {package.name}` prints nothing."
                ),
                "`tipstaff audit` on a host shows this policy's id, version and fingerprint.",
            ),
            (
                f"Install the version before: `{words.downgrade}`.",
                f"To remove it: `{words.remove} {package.name}`, which restores earlier files.",
            ),
        )

    return Channel(name, title, "linux", every_payload, render, read, steps)


def scripts_of(compiled: Compiled) -> Scripts:
    """Return what keeps a file that no package owns; neither dpkg nor rpm does (ADR 0042)."""
    kinds = files_of(compiled, "linux")
    places = " ".join(sorted(kind.place("linux") for kind in kinds))
    patterns = dict.fromkeys(start_pattern(kind, "${1##*/}") for kind in kinds)
    packaged = read_part("packaged")
    packaged = packaged.replace("Files=''", f"Files={shlex.quote(places)}")
    placed = [place for place in place_payloads(compiled, "linux") if place.path in places.split()]
    shipped = " ".join(sorted(place.path for place in placed))
    packaged = packaged.replace("Shipped=''", f"Shipped={shlex.quote(shipped)}")
    packaged = packaged.replace("'no stamp'", " | ".join(patterns))

    def script(*names: str) -> str:
        return "set -e\n" + "\n".join([packaged, *map(read_part, names)])

    return Scripts(
        before_install="\n".join(
            (*keys_function(compiled, placed), script("naming", "package_before_install"))
        ),
        after_install=script() + "give_back\n",
        before_remove=script("package_before_remove"),
        after_remove=script("package_after_remove"),
    )


def package_of(compiled: Compiled) -> Package:
    """Return the package that installs a policy.

    Raises:
        ArtefactError: Its keys cannot be at the path that it names.
    """
    address = ADDRESS.search(compiled.owner)
    lines = (
        f" policy {compiled.id}",
        f" version {compiled.version}",
        *([f" owner {compiled.owner}"] if compiled.owner else []),
        f" {compiled.fingerprint}",
    )
    return Package(
        name=PREFIX + compiled.id.lower().replace("_", "-"),
        version=version_of(compiled.version),
        summary="AI coding clients: who may sign in",
        description="\n".join(
            (
                "Files of one organisation's policy for Tipstaff and for the client itself.",
                "An upgrade overwrites what was edited on a host.",
                "",
                *lines,
            )
        ),
        maintainer=f"{compiled.id} <{address[0] if address else NO_ADDRESS}>",
        licence="LicenseRef-Internal",
        copyright=f"Copyright: {compiled.owner or compiled.id}",
        architecture="all",
        changes=f"Policy {compiled.id}, version {compiled.version}",
        entries=entries_of(compiled),
        scripts=scripts_of(compiled),
    )


def version_of(text: str) -> str:
    """Return a version that dpkg and rpm take, and sort alike.

    Of a policy's version numbers and words remain: `2026-11 (draft)` becomes ``2026.11draft``.
    Both tools compare numbers as such; a word is less than a further number, and more than nothing.
    """
    found = re.findall("[0-9]+|[A-Za-z]+", re.sub("^[vV](?=[0-9])", "", text))
    version = re.sub("(?<=[0-9]) (?=[0-9])", ".", " ".join(found)).replace(" ", "")
    whole = version if re.match("[0-9]", version) else f"0{version}"
    return whole[:VERSION_LIMIT].rstrip(".")
