"""Group Policy: Preferences that copy the files, and a security template that locks their folders.

Source: [MS-GPPREF] for `Files.xml`, [MS-GPSB] for the template; no console has judged it here.
"""

import hashlib
import uuid
from xml.sax.saxutils import quoteattr

from tipstaff_rollout.artefacts.pages import README, effect_section
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.powershell_text import relative
from tipstaff_rollout.model import (
    ArtefactError,
    Channel,
    Compiled,
    Deployed,
    File,
    Payload,
    Steps,
)
from tipstaff_rollout.payloads import client_payloads, either, file_names, files_of, with_places

ITEMS, TEMPLATE = "Files.xml", "GptTmpl.inf"
NAMESPACE = uuid.UUID("5c6f0f5e-6f0c-5b0e-9a5c-3e1f0a4d7b61")
"""Under which an item's identifier is made from its content, so that builds repeat."""
CHANGED = "2000-01-01 00:00:00"
"""Only shown in consoles; the same for every build."""
FOLDER = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
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
    files = [
        File(README, _readme(compiled).encode()),
        File(ITEMS, _document(compiled, items).encode()),
        File(TEMPLATE, _template([relative(place) for place in places])),
    ]
    files += [File(f"files/{names[place.payload.name]}", place.payload.data) for place in places]
    files += [
        File(f"files/{names[place.payload.name]}{MARKER}", MARK.encode())
        for place in places
        if place.payload.name in known
    ]
    return tuple(files)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return the files that the preferences copy."""
    named = {file.path: file.data for file in files}
    if not {README, ITEMS, TEMPLATE} <= set(named):
        return None
    found = [
        Payload(payload, named[f"files/{name}"])
        for payload, name in file_names().items()
        if f"files/{name}" in named
    ]
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


def _document(compiled: Compiled, items: list[str]) -> str:
    message = f"policy {compiled.id}, version {_comment(compiled.version)}, {compiled.fingerprint}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f"<!-- {message} -->\n"
        '<Files clsid="{215B2E53-57CE-475c-80FE-9EEC14635851}">\n' + "".join(items) + "</Files>\n"
    )


def _template(places: list[str]) -> bytes:
    parts = [place.split("\\")[:-1] for place in places]
    folders = sorted({"\\".join(one[:end]) for one in parts for end in range(1, len(one) + 1)})
    lines = ["[Unicode]", "Unicode=yes", "[Version]", 'signature="$CHICAGO$"', "Revision=1"]
    lines += ["[File Security]"]
    lines += [f'"%ProgramData%\\{folder}",{REPLACE},"{FOLDER}"' for folder in folders]
    return ("\ufeff" + "\r\n".join([*lines, ""])).encode("utf-16-le")


def _comment(text: str) -> str:
    """Return text as a comment of XML may hold it."""
    shown = "".join(letter if " " <= letter <= "~" else f"\\u{ord(letter):04x}" for letter in text)
    return shown.replace("-", "\\u002d") if "--" in shown or shown.endswith("-") else shown


def _readme(compiled: Compiled) -> str:
    kinds = files_of(compiled, "windows")
    folders = dict.fromkeys("\\".join(kind.place("windows").split("\\")[:2]) for kind in kinds)
    own = [f"`{folder}`" for folder in (*folders, "%ProgramData%\\Tipstaff")]
    files = [f"`{kind.file.file_name}`" for kind in kinds]
    markers = [f"`{kind.file.file_name}{MARKER}`" for kind in kinds]
    digests = "\n".join(
        f"| `files/{file_names()[payload.name]}` | {hashlib.sha256(payload.data).hexdigest()} |"
        for _, payload in place_payloads(compiled, "windows")
    )
    return f"""# {compiled.id} {compiled.version} by Group Policy
Fingerprint: {compiled.fingerprint}
{effect_section(compiled, "windows")}
1. Make a Group Policy object for computers. Copy the content of `files` into a folder `Tipstaff`
   of its template: `\\\\DOMAIN\\SYSVOL\\DOMAIN\\Policies\\{{GUID}}\\Tipstaff`.
2. Computer Configuration > Preferences > Windows Settings > Files: drag `{ITEMS}` onto it.
   F3 in the field of the source shows what `%GptPath%` stands for. If it is a different place, or
   if you keep files on a share, change `fromPath` there.
3. Computer Configuration > Policies > Windows Settings > Security Settings: Import Policy,
   `{TEMPLATE}`. It makes the administrators the owners of the folders; users can only read.
4. Before the first run, check whether {either(own)} exist
   on a computer that had none of these: users may create folders there. The scripts of the
   channels `intune-windows` and `intune-win32` rename such folders; Group Policy cannot.

**A {either(files)} that is there already stays.** Item-level targeting copies the marker
{either(markers)} only where no such file is, and the file only where the marker is.
Group Policy lists no such computer: look for those with {either(files)} and no marker next to
it. Take its keys into the policy (`tipstaff policy render --merge-into FILE`), then rename it.

| file | SHA-256 |
| --- | --- |
{digests}

Preferences write the files again at every refresh, so edits do not last.
"""


def steps(_: Compiled) -> Steps:
    """Return what goes into a Group Policy object."""
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
        ),
        (
            "`gpupdate /force`, then `Get-FileHash` of the files: the digests below.",
            "`tipstaff audit` on that computer shows this policy's id, version and fingerprint.",
        ),
        (
            f"Copy `files/` of the version before, and drag its `{ITEMS}` in place of this one.",
            "To remove it: set the items to Delete, and after a refresh unlink the object.",
        ),
    )


CHANNEL = Channel(
    "gpo",
    "Group Policy Preferences (Files) and a security template",
    "windows",
    lambda: with_places("windows", ("policy", "keys")),
    render,
    read,
    steps,
)
