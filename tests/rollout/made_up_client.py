"""A client that nothing outside of this file knows: one JSON file, without comments.

Its stamp is a member of the document; its macOS preferences are the members themselves.
"""

import hashlib
import json
import re

from tipstaff_policy.clients.codex.adapter import ADAPTER as CODEX
from tipstaff_policy.clients.interface.deployment import (
    Authoring,
    BadStamp,
    ClientFile,
    DeployedFile,
    Documents,
    FormField,
    Preferences,
    Stamp,
    Stamps,
)
from tipstaff_policy.clients.interface.lint import (
    ClientFile as LintedFile,
)
from tipstaff_policy.clients.interface.lint import (
    ClientLint,
    LintRule,
    each_file,
    within,
)
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import Layer, Origin, ReadLayer
from tipstaff_policy.organisation.client_keys import leaves_of, plain, sorted_keys
from tipstaff_policy.organisation.model import LAYER, NO_POLICY

CLIENT = "made_up"
NAME = "made_up_settings"
FILE = "made-up-settings.json"
PLACES = {
    "linux": "/etc/made-up/settings.json",
    "macos": "/Library/Application Support/MadeUp/settings.json",
    "windows": r"%ProgramData%\MadeUp\settings.json",
}
WHOLE = re.compile(rf'\{{"tipstaff": "{NAME} sha256:([0-9a-f]{{64}})",\n(.*)\n', re.DOTALL)
MERGED = b'{"tipstaff": "merged'


def members(keys):
    found = {}
    for key in keys:
        place = found
        for name in key.path[:-1]:
            place = place.setdefault(name, {})
        place[key.path[-1]] = plain(key)
    return found


def text_of(keys):
    return json.dumps(members(keys), sort_keys=True)


def files_of(policy):
    keys = [key for key in policy.client_keys if key.client == CLIENT]
    return (ClientFile(NAME, text_of(keys)),) if keys else ()


def start(name):
    return f'{{"tipstaff": "{name} sha256:'.encode()


def stamped(name, document):
    rest = json.dumps(document, sort_keys=True)
    digest = hashlib.sha256(rest.encode()).hexdigest()
    return start(name) + f'{digest}",\n{rest[1:]}\n'.encode()


def write_stamp(name, stamp, text):
    return stamped(name, {"policy": list(stamp), **json.loads(text)})


def read_stamp(_name, data):
    found = WHOLE.fullmatch(data.decode("utf-8", "replace"))
    rest = "{" + found[2] if found else ""
    if not found or hashlib.sha256(rest.encode()).hexdigest() != found[1]:
        return BadStamp("has no stamp, or was edited", "a member `tipstaff` with a digest")
    return Stamp(*json.loads(rest)["policy"])


def document_in(text):
    document = json.loads(text)
    if not isinstance(document, dict):
        raise TypeError(text)
    return {name: document[name] for name in document if name not in ("tipstaff", "policy")}


def restrictions_in(files):
    origins = (Origin(LAYER, FILE, None),)
    return NO_POLICY._replace(
        client_keys=sorted_keys(
            ClientKey(CLIENT, "settings", path, value, origins)
            for text in files.values()
            for path, value in leaves_of(document_in(text))
        )
    )


def lines_in(text):
    found = {}
    for path, _ in leaves_of(document_in(text)):
        before = text.partition(f'"{path[-1]}":')[0]
        found[path] = before.count("\n") + 1
    return found


def merge(stamp, kept, keys):
    head = {"tipstaff": f"merged with {kept}", "policy": list(stamp)}
    return json.dumps({**head, **members(keys)}).encode()


def values_of(files):
    return json.loads(files[NAME]) if NAME in files else {}


def files_in(values):
    if not str(values.get("tipstaff", "")).startswith(NAME):
        return {}
    return {NAME: stamped(NAME, {name: values[name] for name in values if name != "tipstaff"})}


DEPLOYMENT = CODEX.deployment()._replace(
    files_of=files_of,
    obstacles=lambda _policy, _version, _files: (),
    restrictions_in=restrictions_in,
    places={platform: {NAME: place} for platform, place in PLACES.items()},
    preferences=Preferences(
        "com.example.made-up",
        "Made-up",
        (NAME,),
        values_of,
        files_in,
        lambda key, value: FormField(key, "A member of the settings.", type(value).__name__),
    ),
    file_of={"settings": NAME},
    contradicting=lambda _policy: (),
    words=lambda: (),
    files=(DeployedFile(NAME, FILE, "made-up", "settings of the made-up client"),),
    stamps=Stamps(start, write_stamp, read_stamp),
    documents=Documents(
        "JSON", lambda text: dict(leaves_of(document_in(text))), lines_in, text_of, MERGED, merge
    ),
    authoring=Authoring((), "none.", ("file",), "none.", "Made-up", "1.0.0", "None."),
)


def read(given, _newer_toml):
    document = document_in(given.data)
    layer = Layer(NAME, 0, given.path, True, "config", ReadLayer(()))
    lines = lines_in(given.data.decode())
    return LintedFile(CLIENT, given.path, given.kind, layer, document, lines)


def shouting(file):
    """Find a member in capitals."""
    for name in file.document:
        if name.isupper():
            yield within(file, file.lines[(name,)], f"{name} shouts", "write it small")


LINT = ClientLint(
    newest="2.0.0",
    kinds={FILE: NAME},
    groups={
        "Manners": (LintRule("shouting", "warning", "a member in capitals", each_file(shouting)),)
    },
    read=read,
    refused=lambda _file: None,
    carried=lambda _profile: iter(()),
)

ADAPTER = CODEX._replace(name=CLIENT, deployment=lambda: DEPLOYMENT, lint=lambda: LINT)
