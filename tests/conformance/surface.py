"""What a client shows of itself, as data: commands and options, features, variables and schema."""

import hashlib
import json
import os
import re
import tempfile
import time
from pathlib import Path

from conformance import measure_command_lines
from conformance.oracle import program_words

FOLDER = Path(__file__).with_name("surfaces")
"""One file a proven version."""
VARIABLE = re.compile(r"(CODEX|OPENAI)_[A-Z0-9_]*[A-Z0-9]")
SCHEMA = "codex_app_server_protocol.schemas.json"


class TimedClient(measure_command_lines.Client):
    """The program, and how long it ran."""

    seconds = 0.0

    def run(self, *words):
        begun = time.monotonic()
        try:
            return super().run(*words)
        finally:
            TimedClient.seconds += time.monotonic() - begun


def read_surface(program):
    """Return what a program shows of itself by section, and how long it ran for that."""
    TimedClient.seconds = 0.0
    with tempfile.TemporaryDirectory() as home:
        client = TimedClient(program, home)
        found = {
            "commands": measure_command_lines.measure(program, TimedClient),
            "features": features(client),
            "variables": dict.fromkeys(variables(program), "named in the program"),
            "schema": schema(client, home),
        }
    return found, TimedClient.seconds


def features(client):
    """Return the stage of each feature, and whether it is on by default."""
    lines = client.run("features", "list").stdout.splitlines()
    rows = (re.split(r"\s{2,}", line.strip()) for line in lines if line.strip())
    return {row[0]: " ".join(row[1:]) for row in rows}


def variables(program):
    """Return the variables of the environment that the program names."""
    return sorted(word for word in program_words(program) if VARIABLE.fullmatch(word))


def schema(client, home):
    """Return a digest of each definition of the protocol's schema."""
    folder = os.path.join(home, "schema")
    client.run("app-server", "generate-json-schema", "--out", folder)
    document = json.loads(Path(folder, SCHEMA).read_text("utf-8"))
    return dict(sorted(_digests(document["definitions"])))


def _digests(definitions):
    for name, definition in definitions.items():
        if {"type", "$ref", "oneOf", "anyOf", "allOf", "enum"} & {*definition}:
            text = json.dumps(definition, sort_keys=True)
            yield name, hashlib.sha256(text.encode()).hexdigest()[:12]
        else:  # the definitions of one version of the protocol
            for inner, digest in _digests(definition):
                yield f"{name}.{inner}", digest


def kept_surface(version):
    """Return what an earlier proof kept of a version; None where it kept nothing."""
    path = FOLDER / f"{version}.json"
    commands = measure_command_lines.DATA / f"{version}.json"
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if commands.exists():
        kept["commands"] = json.loads(commands.read_text("utf-8"))
    return kept or None


def write_surface(version, surface):
    """Keep what a version shows; its commands are kept as what Tipstaff reads them by."""
    FOLDER.mkdir(exist_ok=True)
    commands = measure_command_lines.DATA / f"{version}.json"
    commands.write_text(measure_command_lines.as_text(surface["commands"]), "utf-8")
    rest = {name: part for name, part in surface.items() if name != "commands"}
    path = FOLDER / f"{version}.json"
    path.write_text(json.dumps(rest, indent=1, sort_keys=True) + "\n", "utf-8")
    return [commands, path]
