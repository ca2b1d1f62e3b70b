"""Group Policy: Preferences that copy files and set values, and a template that locks them.

Source: [MS-GPPREF] for `Files.xml` and `Registry.xml`, [MS-GPSB] for the template; no console has
judged them here.
"""

import hashlib
import uuid
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from tipstaff_policy.clients.interface.deployment import RegistryText
from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.places import Registered, place_payloads, place_texts
from tipstaff_rollout.artefacts.powershell_text import relative
from tipstaff_rollout.artefacts.registry_text import HIVE, SECURITY, describe_registry, read_text
from tipstaff_rollout.model import (
    NAMES,
    PRIVATE,
    ArtefactError,
    Channel,
    Compiled,
    Deployed,
    File,
    Payload,
    Steps,
)
from tipstaff_rollout.payloads import (
    ClientPayload,
    client_payloads,
    either,
    file_names,
    files_of,
    with_places,
)

ITEMS, VALUES, TEMPLATE = "Files.xml", "Registry.xml", "GptTmpl.inf"
NAMESPACE = uuid.UUID("5c6f0f5e-6f0c-5b0e-9a5c-3e1f0a4d7b61")
"""Under which an item's identifier is made from its content, so that builds repeat."""
CHANGED = "2000-01-01 00:00:00"
"""Only shown in consoles; the same for every build."""
FOLDER = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
FILES = 'Files clsid="{215B2E53-57CE-475c-80FE-9EEC14635851}"'
REGISTRY = 'RegistrySettings clsid="{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}"'
MARKER = ".of-tipstaff"
"""The ending of the name of a marker next to a client's file."""
MARK = "Tipstaff's: Group Policy delivers the file next to this one, and may overwrite it.\n"
REPLACE = 2
"""How a template applies a folder's access list: to all in it."""


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the preference items, the files that they copy, and the template."""
    places = place_payloads(compiled, "windows")
    # A client's file of another administrator is not overwritten. A marker, which is copied only if
    # no such file exists, distinguishes the copied file from an existing one.
    known, names = client_payloads(), file_names()
    ordered = sorted(places, key=lambda place: place.payload.name not in known)
    items = [item for place in ordered for item in _items(place)]
    texts = place_texts(compiled)
    files = [
        File(README, _readme(compiled).encode()),
        File(ITEMS, _document(compiled, FILES, items).encode()),
        File(TEMPLATE, _template([relative(place) for place in places], texts)),
    ]
    if texts:
        values = [_value(text) for text in texts]
        files.append(File(VALUES, _document(compiled, REGISTRY, values).encode()))
    files += [File(f"files/{names[place.payload.name]}", place.payload.data) for place in places]
    files += [
        File(f"files/{names[place.payload.name]}{MARKER}", MARK.encode())
        for place in places
        if place.payload.name in known
    ]
    return tuple(files)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return the files that the preferences copy, and those that their values stand for."""
    named = {file.path: file.data for file in files}
    if not {README, ITEMS, TEMPLATE} <= set(named):
        return None
    found = [
        Payload(payload, named[f"files/{name}"])
        for payload, name in file_names().items()
        if f"files/{name}" in named
    ]
    if VALUES in named:
        found += _read_values(named[VALUES])
    if not found:
        raise ArtefactError("holds no policy", where="files", remedy="render it again")
    return tuple(found)


def _items(place: Deployed) -> tuple[str, ...]:
    name, target, data = place.payload.name, relative(place), place.payload.data
    file_name = file_names()[name]
    if name not in client_payloads():
        return (_item(file_name, target, data),)
    marker = f"{file_name}{MARKER}"
    marked = target.rpartition("\\")[0] + "\\" + marker
    unless_there = _filter("AND", target, there=False) + _filter("OR", marked, there=True)
    return (
        _item(marker, marked, MARK.encode(), unless_there),
        _item(file_name, target, data, _filter("AND", marked, there=True)),
    )


def _filter(joined: str, target: str, *, there: bool) -> str:
    path = quoteattr(f"%CommonAppdataDir%\\{target}")
    return (
        f'      <FilterFile bool="{joined}" not="{0 if there else 1}" path={path} type="EXISTS"'
        ' folder="0"/>\n'
    )


def _item(source: str, target: str, data: bytes, filters: str = "") -> str:
    uid = str(uuid.uuid5(NAMESPACE, f"{target}\0{data.hex()}")).upper()
    return (
        f'  <File clsid="{{50BE44C8-567A-4ed1-B1D0-9234FE1F38AF}}" name="{source}"'
        f' status="{source}" image="1" changed="{CHANGED}" uid="{{{uid}}}" bypassErrors="1">\n'
        f'    <Properties action="R" fromPath="%GptPath%\\Tipstaff\\{source}"'
        f" targetPath={quoteattr(chr(37) + 'CommonAppdataDir' + chr(37) + chr(92) + target)}"
        ' readOnly="0" archive="0" hidden="0" suppress="0"/>\n'
        f"{f'    <Filters>{chr(10)}{filters}    </Filters>{chr(10)}' if filters else ''}"
        "  </File>\n"
    )


def _value(registered: Registered) -> str:
    """Return the item of a value, which is written where there is none, or one of ours."""
    registry, text = registered.registry, registered.text
    uid = str(uuid.uuid5(NAMESPACE, f"{registry.place}\0{text}")).upper()
    stamp = client_payloads()[registered.payload.name].start.decode()
    filters = _value_filter("AND", registry, there=False) + _value_filter("OR", registry, stamp)
    name = quoteattr(registry.value)
    return (
        f'  <Registry clsid="{{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}}" name={name} status={name}'
        f' image="7" changed="{CHANGED}" uid="{{{uid}}}" bypassErrors="1">\n'
        f'    <Properties action="U" displayDecimal="0" default="0" hive="{HIVE}"'
        f" key={quoteattr(registry.key)} name={name}"
        f' type="REG_SZ" value={_attribute(text)}/>\n'
        f"    <Filters>\n{filters}    </Filters>\n"
        "  </Registry>\n"
    )


def _value_filter(
    joined: str, registry: RegistryText, holding: str = "", *, there: bool = True
) -> str:
    """Return a condition: that a value is there, or is not, or that it is a text with a part."""
    kind = (
        f'type="MATCHVALUE" subtype="SUBSTRING" valueType="REG_SZ" valueData={_attribute(holding)}'
        if holding
        else 'type="VALUEEXISTS" subtype="" valueType="" valueData=""'
    )
    return (
        f'      <FilterRegistry bool="{joined}" not="{0 if there else 1}" {kind} hive="{HIVE}"'
        f" key={quoteattr(registry.key)} valueName={quoteattr(registry.value)}"
        ' min="0.0.0.0" max="0.0.0.0" gte="1" lte="0"/>\n'
    )


def _attribute(text: str) -> str:
    """Return a text in quotation marks, with its own as entities, as the console writes them."""
    return f'"{escape(text, {chr(34): "&quot;"})}"'


def _read_values(data: bytes) -> list[Payload]:
    """Return the payloads that the values stand for.

    Raises:
        ArtefactError: They cannot be read.
    """
    try:
        root = ET.fromstring(data)  # noqa: S314 - the author's own artefact, without entities
    except ET.ParseError as error:
        raise ArtefactError(
            "is no XML", where=f"{VALUES}:{error.position[0]}", remedy="render it again"
        ) from error
    return [
        read_text(item.get("key", ""), item.get("name", ""), item.get("value", ""), where=VALUES)
        for item in root.iter("Properties")
    ]


def _document(compiled: Compiled, around: str, items: list[str]) -> str:
    message = f"policy {compiled.id}, version {_comment(compiled.version)}, {compiled.fingerprint}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f"<!-- {message} -->\n"
        f"<{around}>\n" + "".join(items) + f"</{around.split(maxsplit=1)[0]}>\n"
    )


def _template(places: list[str], texts: tuple[Registered, ...]) -> bytes:
    parts = [place.split("\\")[:-1] for place in places]
    folders = sorted({"\\".join(one[:end]) for one in parts for end in range(1, len(one) + 1)})
    lines = ["[Unicode]", "Unicode=yes", "[Version]", 'signature="$CHICAGO$"', "Revision=1"]
    lines += ["[File Security]"]
    lines += [f'"%ProgramData%\\{folder}",{REPLACE},"{FOLDER}"' for folder in folders]
    if texts:
        lines += ["[Registry Keys]"]
        keys = sorted({text.registry.key for text in texts})
        lines += [f'"MACHINE\\{key}",{REPLACE},"{SECURITY}"' for key in keys]
    return ("\ufeff" + "\r\n".join([*lines, ""])).encode("utf-16-le")


def _comment(text: str) -> str:
    """Return text as a comment of XML may hold it."""
    shown = "".join(letter if " " <= letter <= "~" else f"\\u{ord(letter):04x}" for letter in text)
    return shown.replace("-", "\\u002d") if "--" in shown or shown.endswith("-") else shown


def _readme(compiled: Compiled) -> str:
    kinds = files_of(compiled, "windows")
    folders = dict.fromkeys("\\".join(kind.place("windows").split("\\")[:2]) for kind in kinds)
    own = [f"`{folder}`" for folder in (*folders, "%ProgramData%\\Tipstaff")]
    digests = "\n".join(
        f"| `files/{file_names()[payload.name]}` | {hashlib.sha256(payload.data).hexdigest()} |"
        for _, payload in place_payloads(compiled, "windows")
    )
    locked = "the folders and of the key" if place_texts(compiled) else "the folders"
    return f"""# {compiled.id} {compiled.version} by Group Policy
Fingerprint: {compiled.fingerprint}
{effect_section(compiled, "windows")}
1. Make a Group Policy object for computers. Copy the content of `files` into a folder `Tipstaff`
   of its template: `\\\\DOMAIN\\SYSVOL\\DOMAIN\\Policies\\{{GUID}}\\Tipstaff`.
2. Computer Configuration > Preferences > Windows Settings > Files: drag `{ITEMS}` onto it.
   F3 in the field of the source shows what `%GptPath%` stands for. If it is a different place, or
   if you keep files on a share, change `fromPath` there.
3. Computer Configuration > Policies > Windows Settings > Security Settings: Import Policy,
   `{TEMPLATE}`. It makes the administrators the owners of {locked}; users can only read.
4. Before the first run, check whether {either(own)} exist
   on a computer that had none of these: users may create folders there. The scripts of the
   channels `intune-windows` and `intune-win32` rename such folders; Group Policy cannot.
{_about_values(compiled)}{_about_markers(kinds)}
| file | SHA-256 |
| --- | --- |
{digests}

Preferences write the files again at every refresh, so edits do not last.
"""


def _about_markers(kinds: tuple[ClientPayload, ...]) -> str:
    if not kinds:
        return ""
    files = [f"`{kind.file.file_name}`" for kind in kinds]
    markers = [f"`{kind.file.file_name}{MARKER}`" for kind in kinds]
    return f"""
**A {either(files)} that is there already stays.** Item-level targeting copies the marker
{either(markers)} only where no such file is, and the file only where the marker is.
Group Policy lists no such computer: look for those with {either(files)} and no marker next to
it. Take its keys into the policy (`tipstaff policy render --merge-into FILE`), then rename it.
"""


def _about_values(compiled: Compiled) -> str:
    places = [f"`{text.registry.place}`" for text in place_texts(compiled)]
    if not places:
        return ""
    names = [f"`{file_names()[text.payload.name]}`" for text in place_texts(compiled)]
    return f"""5. Computer Configuration > Preferences > Windows Settings > Registry: drag
   `{VALUES}` onto it.
{describe_registry(compiled)}
**A {either(places)} of another administrator stays.** Item-level targeting writes the value only
where there is none, or one that begins with Tipstaff's stamp. Save its text as {either(names)}
and take its members into the policy (`tipstaff policy render --merge-into FILE`), then delete it.
"""


def steps(compiled: Compiled) -> Steps:
    """Return what goes into a Group Policy object."""
    items = [f"`{ITEMS}`", *([f"`{VALUES}`"] if place_texts(compiled) else [])]
    return Steps(
        (
            (
                "`files/`: the folder `Tipstaff` of the object's template in SYSVOL; first of one "
                "that is linked to one computer."
            ),
            (
                f"`{TEMPLATE}`: Computer Configuration > Policies > Windows Settings > Security "
                "Settings > Import Policy. It locks the folders before files come."
            ),
            f"`{ITEMS}`: Computer Configuration > Preferences > Windows Settings > Files.",
            *(
                [f"`{VALUES}`: Computer Configuration > Preferences > Windows Settings > Registry."]
                if place_texts(compiled)
                else []
            ),
        ),
        (
            "`gpupdate /force`, then `Get-FileHash` of the files: the digests below.",
            "`tipstaff audit` on that computer shows this policy's id, version and fingerprint.",
        ),
        (
            (
                "Copy `files/` of the version before, and drag its "
                f"{' and '.join(items)} in place of this version's."
            ),
            "To remove it: set the items to Delete, and after a refresh unlink the object.",
        ),
    )


CHANNEL = Channel(
    "gpo",
    "Group Policy Preferences (files and values) and a security template",
    "windows",
    lambda: with_places("windows", tuple(name for name in NAMES if name not in PRIVATE)),
    render,
    read,
    steps,
)
