"""What of an installation is as it should be, in the marks of `doctor`."""

from collections.abc import Iterator

from tipstaff_policy.clients import client_of_program
from tipstaff_policy.doctor.diagnosis import Diagnosis
from tipstaff_policy.installation.model import Entry, Manifest, Seen, UnitState, Written
from tipstaff_policy.installation.plan import as_written, digest
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.platforms.interface import HostPlatform
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.model.state import Platform
from tipstaff_policy.record import Record

AGAIN = "run `tipstaff install` again, as an administrator"
NO_SHIM = {
    "absent": "is gone, as after `npm uninstall -g`",
    "client": "was replaced by a client, as `npm update -g` does: the guard stands aside",
    "edited shim": "was edited",
    "leads on": "was replaced by a link",
    "other": "was replaced by something that does not run",
}


class Look(Record):
    """The facts of a status."""

    version: str
    """Of this program."""
    seen: Seen
    faults: tuple[tuple[str, str], ...]
    """By entry, why a part that its shim starts cannot be used by all users."""
    programs: tuple[Program, ...]
    """Every client on the path, the one that is started by its name first."""
    units: tuple[UnitState, ...] | None
    """None if unknown: a tree, or a host whose systemd does not run."""
    live: bool
    """Whether this machine is looked at, and not a tree."""
    platform: Platform = "linux"


def diagnose_status(look: Look) -> tuple[Diagnosis, ...]:
    """Return what was found, in the order of its making."""
    platform = load_platform(look.platform)
    manifest = look.seen.manifest or Manifest("")
    entries = {entry.path for entry in look.seen.entries}
    # Where one client is asked about, the shims of the others are no service files.
    files = [
        written
        for written in manifest.written
        if written.path not in entries and client_of_program(written.path) is None
    ]
    return (
        _of_manifest(look),
        *(
            symptom
            for entry in look.seen.entries
            for symptom in _of_entry(entry, manifest, look, platform)
        ),
        *_of_programs(look),
        *(_of_file(file, look.seen, platform) for file in files),
        *(_of_units(look, platform) if files else ()),
    )


def _of_manifest(look: Look) -> Diagnosis:
    name, manifest = "installation", look.seen.manifest
    if manifest is None:
        broken = "the list of installed files was changed" if look.seen.manifest_content else ""
        return Diagnosis(name, "bad", broken or "there is none", "run `tipstaff install`")
    if manifest.version != look.version:
        observed = f"of Tipstaff {manifest.version}; this is {look.version}"
        return Diagnosis(name, "bad", observed, AGAIN)
    return Diagnosis(name, "good", f"of Tipstaff {manifest.version}")


def _of_entry(
    entry: Entry, manifest: Manifest, look: Look, platform: HostPlatform
) -> Iterator[Diagnosis]:
    known = manifest.at(entry.path)
    if known is None and entry.kind not in ("shim", "edited shim"):
        return
    why = _why_not_as_installed(entry, known, look, platform)
    name = f"shim {entry.path}"
    if why:
        yield Diagnosis(name, "bad", why, AGAIN)
    else:
        yield Diagnosis(name, "good", f"in front of {entry.aside_link or 'the client set aside'}")


def _why_not_as_installed(
    entry: Entry, known: Written | None, look: Look, platform: HostPlatform
) -> str:
    shim = platform.fronting.parse_shim(entry.content)
    if shim is None:
        return NO_SHIM.get(entry.kind, "cannot be read as a shim")
    if not entry.runs:
        return "blocks: the client behind it is gone"
    if entry.loose:
        return f"can be replaced by others: {entry.loose}"
    if shim.version != look.version:
        return f"is of Tipstaff {shim.version}; this is {look.version}"
    if known is None or digest(entry.content) != known.sha256:
        return "differs from the installed one"
    return dict(look.faults).get(entry.path, "")


def _of_programs(look: Look) -> Iterator[Diagnosis]:
    shims = {entry.path for entry in look.seen.entries if entry.kind == "shim"}
    for program in look.programs:
        name = f"client {program.path}"
        alike = [other for other in look.programs if _name_of(other) == _name_of(program)]
        comes_first = program == alike[0] and len(alike) > 1
        first = "comes first on the path, " if comes_first else ""
        if not program.unguarded:
            yield Diagnosis(name, "good", f"{first}guarded")
        elif program.path not in shims:
            observed = f"{first}not fronted: it {program.unguarded} (TIP409)"
            remedy = "remove it, or guard it: `tipstaff install --folder` with its folder, "
            yield Diagnosis(name, "bad", observed, f"{remedy}which only root may be able to change")


def _name_of(program: Program) -> str:
    return program.path.rpartition("/")[2]


def _of_file(written: Written, seen: Seen, platform: HostPlatform) -> Diagnosis:
    words = platform.services.words
    name, found = f"{words.file} {written.path}", seen.files[written.path]
    if found is None:
        return Diagnosis(name, "bad", "is gone", AGAIN)
    if as_written(found) != written:
        return Diagnosis(name, "bad", f"was changed; {words.change}", AGAIN)
    return Diagnosis(name, "good", "as it was written")


def _of_units(look: Look, platform: HostPlatform) -> Iterator[Diagnosis]:
    words = platform.services.words
    if look.units is None:
        if look.live:
            observed = (
                f"{words.manager} does not run here, so the state of the {words.file}s is unknown"
            )
            yield Diagnosis(words.manager, "cannot tell", observed, words.where_to_check)
        return
    for unit in look.units:
        name = f"{unit.unit} of {unit.whose}"
        if (unit.enabled, unit.active) == ("enabled", "active"):
            yield Diagnosis(name, "good", "enabled, active")
        elif not unit.active:
            yield Diagnosis(name, "cannot tell", words.silent, "check it in that session")
        else:
            observed = f"{unit.enabled or 'not enabled'}, {unit.active}"
            yield Diagnosis(name, "bad", observed, f"{words.more}; {AGAIN}")
