"""A layer of a container image."""

import re
from hashlib import sha256

from tipstaff_rollout.artefacts.linux_host import entries_of, payloads_of
from tipstaff_rollout.artefacts.shell_text import start_pattern
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.packages import tar
from tipstaff_rollout.packages.model import check_entries
from tipstaff_rollout.packages.pieces import make_damage_error
from tipstaff_rollout.payloads import every_payload, files_of

LAYER, RECIPE = "layer.tar", "Containerfile"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the layer, and the lines that put it onto an image."""
    entries = entries_of(compiled)
    check_entries(entries)
    layer = tar.pack(entries)
    labels = {
        "policy": compiled.id,
        "version": compiled.version,
        "owner": compiled.owner,
        "fingerprint": compiled.fingerprint,
        "layer": f"sha256:{sha256(layer).hexdigest()}",
    }
    layer_lines = (
        f"ADD {LAYER} /",
        *(f"LABEL tipstaff.{name}={_quote(text)}" for name, text in labels.items() if text),
    )
    known = {kind.place("linux"): kind for kind in files_of(compiled, "linux")}
    places: dict[str, list[str]] = {}
    for entry in entries:
        if entry.path in known:
            pattern = start_pattern(known[entry.path], "${path##*/}")
            places.setdefault(pattern, []).append(entry.path)
    check = "; \\\n    ".join(_check(paths, pattern) for pattern, paths in places.items())
    checked = (f"FROM $BASE\nRUN {check}", *layer_lines) if places else ()
    lines = (
        "ARG BASE=scratch",
        "# `--target unchecked` is for a base that has no shell.",
        "FROM $BASE AS unchecked",
        *layer_lines,
        *checked,
        "",
    )
    return File(RECIPE, "\n".join(lines).encode()), File(LAYER, layer)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the layer holds."""
    named = {file.path: file.data for file in files}
    if RECIPE not in named and LAYER not in named:
        return None
    if LAYER not in named:
        raise make_damage_error("is missing", LAYER)
    return payloads_of(tar.unpack(named[LAYER], LAYER), LAYER)


def _check(places: list[str], pattern: str) -> str:
    """Return shell that ends with 3 where the base has a file of another administrator's."""
    return (
        f"for path in {' '.join(places)}; do \\\n"
        '    test -e "$path" || continue; \\\n'
        '    first=; IFS= read -r first <"$path" || :; \\\n'
        f"    case $first in {pattern}) ;; \\\n"
        '    *) echo "not Tipstaff\'s own, and would be lost: $path" >&2; exit 3 ;; esac; \\\n'
        "    done"
    )


def _quote(text: str) -> str:
    """Return a text between quotes; a backslash takes the meaning from what has one in them."""
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def steps(_: Compiled) -> Steps:
    """Return how the layer gets onto an image."""
    return Steps(
        (
            (
                f"`{RECIPE}` and `{LAYER}`: `docker build --build-arg BASE=IMAGE -t NEW .` here, "
                f"or `ADD {LAYER} /` in a recipe of your own, after every other step."
            ),
        ),
        (
            (
                "`docker inspect NEW` shows the labels `tipstaff.version` and "
                "`tipstaff.fingerprint`."
            ),
            "`tipstaff audit --system-root DIR` of the unpacked image shows this policy.",
        ),
        ("Build again with the layer of the version before, or without one.",),
    )


CHANNEL = Channel(
    "container",
    "a layer for container images, with a Containerfile",
    "linux",
    every_payload,
    render,
    read,
    steps,
)
