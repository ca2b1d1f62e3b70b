"""Find and read the organisation's policy; only administrators may be able to write it.

Faults are refused, never ignored: a policy that others can write, that cannot be read, or that
contradicts itself makes no host compliant and removes nothing (exit 3).
"""

from __future__ import annotations

import os

from tipstaff_policy.assessment.policy_contradictions import contradictions
from tipstaff_policy.clients import CLIENTS, policy_fields_of
from tipstaff_policy.errors import reason_of
from tipstaff_policy.model.request import Detail, Request
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import Fault, Origin, Platform
from tipstaff_policy.organisation.fields import FIELDS
from tipstaff_policy.organisation.model import LAYER, NO_POLICY, Allowed, OrganisationPolicy, Rule
from tipstaff_policy.organisation.parsing import (
    Clients,
    Faulty,
    File,
    Newer,
    Parsed,
    parse_document,
)
from tipstaff_policy.organisation.paths import FLEET_KEY, FOLDERS, KEPT
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import END_SHORTAGE, is_shortage, read_bounded, within
from tipstaff_policy.system.owners.loose_places import loose_places

KEY_LIMIT = 4096
"""Bytes of the file with the fleet's key."""
SIZE_LIMIT = 64 << 20
"""Bytes. A policy of 100,000 waivers has 12 million; what is larger was not meant as one."""
ROOT_FILE = "policy.toml"
FRAGMENTS = "policy.d"
LAST_GOOD = "last-good"


class PolicyFile(Record):
    """A file that the policy was made from."""

    path: str
    sha256: str | None
    """None if it was not requested."""


def clients_of_documents() -> Clients:
    """Return the clients that a policy document may have a table for."""
    return Clients(tuple(CLIENTS), policy_fields_of)


class NoOrganisation(Record):
    """There is no such document; Tipstaff works from the client's own files."""

    state: str = "none"


class Organisation(Record):
    """The policy in force."""

    policy: OrganisationPolicy
    files: tuple[PolicyFile, ...]
    newer: tuple[Origin, ...] = ()
    """The files that need a newer release; then the last good copy is in force."""
    unread_key: Rule[str] | None = None
    """Why the fleet's key was not read; an ordinary user cannot read it, and needs it for
    nothing."""
    state: str = "read"


class FaultyOrganisation(Record):
    """There is a document, and it cannot be used."""

    faults: tuple[Fault, ...]
    state: str = "faulty"


AnyOrganisation = NoOrganisation | Organisation | FaultyOrganisation


class _NewerSchema(Record):
    places: tuple[Origin, ...]


def read_organisation(request: Request) -> AnyOrganisation:
    """Return the policy of a host, its files merged."""
    place = _Place(request.system_root, request.platform, request.options.detail)
    folder = FOLDERS[request.platform]
    found = place.read(folder)
    if isinstance(found, Organisation):
        return place.with_fleet_key(found, folder, request.policy_inputs.fleet_key)
    if not isinstance(found, _NewerSchema):
        return found
    kept = place.read(KEPT[request.platform])
    if isinstance(kept, Organisation):
        kept = place.with_fleet_key(kept, folder, request.policy_inputs.fleet_key)
        return kept._replace(newer=found.places)
    state = "is missing" if isinstance(kept, NoOrganisation) else "cannot be used either"
    faults = tuple(
        Fault(
            f"needs a newer Tipstaff, and the last good copy {state}",
            str(origin),
            "refuse",
            f"a policy of schema 1, or a copy of one in {KEPT[request.platform]}",
            "update Tipstaff, or deliver a policy that this release reads; nothing was removed",
        )
        for origin in found.places
    )
    return FaultyOrganisation(
        faults + (kept.faults if isinstance(kept, FaultyOrganisation) else ())
    )


def ask_named(request: Request, organisation: AnyOrganisation) -> Request:
    """Return the request that also asks what a policy has the keys for.

    Who signed a token, by the public keys; who holds the same credential, by the fleet's own.
    """
    if not isinstance(organisation, Organisation):
        return request
    policy = organisation.policy
    if policy.trusted_keys is not None:
        wanted = policy.trusted_keys.values
        keys = tuple(key.jwk for key in policy.keys if key.thumbprint in wanted)
        request = request.with_inputs(trusted_keys=keys)
    return request.with_inputs(fleet_key=policy.fleet_key.value if policy.fleet_key else None)


def search_named(request: Request, organisation: Organisation | None) -> Request:
    """Return the request that also looks at what a policy names: homes, keys of the client's."""
    if organisation is None:
        return request
    policy = organisation.policy
    homes = policy.homes.values if policy.homes else request.policy_inputs.homes
    return request.with_inputs(homes=homes, carried=policy.client_keys)


def read_draft(path: str, keys: str | None = None) -> Organisation | FaultyOrganisation:
    """Return the policy of an author, who need not be an administrator: one file, or a folder.

    Args:
        path: The folder holds policy.toml, and policy.d where there are fragments.
        keys: The author's copy of the file of public keys that the policy names by the place
            which it has on endpoints; read in its place.
    """
    found: list[bytes] = []
    is_folder = os.path.isdir(path)
    for place in ([] if is_folder else [path]) + ([keys] if keys else []):
        try:
            found.append(read_bounded(place, SIZE_LIMIT))
        except OSError as error:
            return FaultyOrganisation((_unreadable(place, error),))
    given = found.pop() if keys else None
    if is_folder:
        return _load_draft(_author(given).read(path.rstrip("/")), f"{path}/{ROOT_FILE}")
    root = os.path.basename(os.path.dirname(path)) != FRAGMENTS
    return draft_of(File(path, found[0], root=root), given)


def draft_of(file: File, keys: bytes | None = None) -> Organisation | FaultyOrganisation:
    """Return the policy in the text of one document; see `read_draft`."""
    return _load_draft(_author(keys).merge([file]), file.path)


def _author(keys: bytes | None) -> _Place:
    return _Place(None, "linux", detail="all", trust_all=True, keys=keys)


def _load_draft(
    found: AnyOrganisation | _NewerSchema, path: str
) -> Organisation | FaultyOrganisation:
    match found:
        case _NewerSchema():
            wanted = ("needs a newer Tipstaff", path, "refuse", "schema = 1", "update Tipstaff")
            return FaultyOrganisation((Fault(*wanted),))  # type: ignore[arg-type]
        case NoOrganisation():
            return FaultyOrganisation((_unreadable(path, FileNotFoundError(2, os.strerror(2))),))
        case _:
            return found


def fleet_key_in(data: bytes) -> FleetKey:
    """Return the key that a file of its own holds, on one line.

    Raises:
        ValueError: With what was expected, and nothing of what is there.
    """
    key: FleetKey = FIELDS["fleet_key"].kind.read(data.decode("utf-8", "replace").strip())
    return key


class _Place(Record):
    """Where policy files are read, and whom one trusts there."""

    root: str | None
    platform: Platform
    detail: Detail
    trust_all: bool = False
    keys: bytes | None = None
    """The content of the file of public keys that a policy names, where its author gives it."""

    def read(self, folder: str) -> AnyOrganisation | _NewerSchema:
        """Return the policy in a folder: policy.toml, and the files of policy.d in name order."""
        faults: list[Fault] = []
        files: list[File] = []
        for path in (f"{folder}/{ROOT_FILE}", *self._list_fragments(folder, faults)):
            data = self._read_trusted(path)
            if isinstance(data, Fault):
                faults.append(data)
            elif data is not None:
                files.append(File(path, data, root=path.endswith(f"/{ROOT_FILE}")))
        if faults:
            return FaultyOrganisation(tuple(faults))
        return self.merge(files) if files else NoOrganisation()

    def merge(self, files: list[File]) -> Organisation | FaultyOrganisation | _NewerSchema:
        """Return what files say together; all faults of all of them, where there are any."""
        clients = clients_of_documents()
        results = [parse_document(file, clients, lines=self.detail != "none") for file in files]
        faults = [
            fault for result in results if isinstance(result, Faulty) for fault in result.faults
        ]
        newer = [
            Origin(LAYER, result.path, None) for result in results if isinstance(result, Newer)
        ]
        if faults:
            return FaultyOrganisation(tuple(faults))
        if newer:
            return _NewerSchema(tuple(newer))
        policies = [
            self._with_keys(result, faults) for result in results if isinstance(result, Parsed)
        ]
        policy = policies[0] if len(policies) == 1 else _meet(policies)
        faults += contradictions(policy)
        if faults:
            return FaultyOrganisation(tuple(faults))
        return Organisation(policy, tuple(self._describe_file(file) for file in files))

    def with_fleet_key(
        self, found: Organisation, folder: str, known: FleetKey | None
    ) -> Organisation:
        """Return a policy with the key from the file next to it.

        Reports alone need the key. Why it is missing is shown there, and stops no command: an
        ordinary user cannot read the file.

        Args:
            known: The key, where root has read it for this user's worker.
        """
        if found.policy.fleet_key or self.detail != "all":
            return found
        path = f"{folder}/{FLEET_KEY}"
        key = known or self._read_fleet_key(path)
        here = (Origin(LAYER, path, None),)
        if isinstance(key, FleetKey):
            return found._replace(policy=found.policy._replace(fleet_key=Rule(key, here)))
        return found._replace(unread_key=Rule(key, here) if key else None)

    def _read_fleet_key(self, path: str) -> FleetKey | str:
        """Return the key in a file, or why there is none; an empty text without a file."""
        try:
            data = read_bounded(within(self.root, path), KEY_LIMIT)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return reason_of(error)
        if self._loose(path):
            return "others than the administrators could change it"
        try:
            return fleet_key_in(data)
        except ValueError as error:
            return f"it does not hold {error}"

    def _list_fragments(self, folder: str, faults: list[Fault]) -> list[str]:
        place = f"{folder}/{FRAGMENTS}"
        try:
            names = os.listdir(within(self.root, place))
        except FileNotFoundError as error:
            if os.path.islink(self._locate(place)):
                faults.append(_unreadable(place, error))
            return []
        except OSError as error:
            faults.append(_unreadable(place, error))
            return []
        # Who can write the folder may have taken a file out of it.
        if loose := self._loose(place):
            faults.append(loose)
            return []
        return [f"{place}/{name}" for name in sorted(names) if name.endswith(".toml")]

    def _read_trusted(self, path: str) -> bytes | Fault | None:
        """Return the content of a file that administrators alone can write; None without one."""
        try:
            data = read_bounded(within(self.root, path), SIZE_LIMIT)
            return self._loose(path) or data
        except FileNotFoundError as error:
            # A dangling link is a mistake, not the absence of a policy.
            return _unreadable(path, error) if os.path.islink(self._locate(path)) else None
        except OSError as error:
            return _unreadable(path, error)

    def _loose(self, path: str) -> Fault | None:
        """Return why a file or folder is not the administrators' alone.

        An image of Windows without security descriptors is trusted, because nothing that is
        found in an image is enforced on a live host; a live host without them is not.
        """
        others = () if self.trust_all else loose_places(path, self.root, self.platform)
        if others is None and self.root is not None:
            return None
        if others == ():
            return None
        who = "; ".join(map(str, others)) if others else "this system does not show by whom"
        return Fault(
            f"could be changed by others than the administrators: {who}",
            path,
            "refuse",
            "a file and folders that only the administrators own and can write",
            "change the owner to the administrators, and remove write access for others; "
            "nothing was removed",
        )

    def _locate(self, path: str) -> str:
        return f"{self.root or ''}{path}"

    def _with_keys(self, parsed: Parsed, faults: list[Fault]) -> OrganisationPolicy:
        """Add the public keys of the file that a policy names."""
        if parsed.keys_file is None:
            return parsed.policy
        from tipstaff_policy.organisation.trusted_keys import parse_keys  # noqa: PLC0415 - rare

        path = parsed.keys_file.value
        data = self._read_trusted(path) if self.keys is None else self.keys
        if data is None:
            data = _unreadable(path, FileNotFoundError(2, os.strerror(2)))
        keys = data if isinstance(data, Fault) else parse_keys(data, path)
        if isinstance(keys, Fault):
            faults.append(keys)
            return NO_POLICY
        prints = tuple(key.thumbprint for key in keys)
        allowed = Allowed(prints, parsed.keys_file.origins)
        return parsed.policy._replace(trusted_keys=allowed, keys=keys)

    def _describe_file(self, file: File) -> PolicyFile:
        if self.detail != "all":
            return PolicyFile(file.path, None)
        import hashlib  # noqa: PLC0415 - reports only

        return PolicyFile(file.path, hashlib.sha256(file.data).hexdigest())


def _meet(policies: list[OrganisationPolicy]) -> OrganisationPolicy:
    from tipstaff_policy.organisation.merging import meet  # noqa: PLC0415 - of several files alone

    return meet(policies)


def _unreadable(path: str, error: OSError) -> Fault:
    if is_shortage(error):
        what = f"was not read: {error.strerror}"
        return Fault(what, path, "unknown", remedy=END_SHORTAGE)
    if isinstance(error, FileNotFoundError):
        what, remedy = f"cannot be read: {reason_of(error)}", f"check the path {path}"
        return Fault(what, path, "refuse", "a file that exists", remedy)
    mode = " (mode 0644, owned by root)" if isinstance(error, PermissionError) else ""
    return Fault(
        f"cannot be read: {reason_of(error)}",
        path,
        "refuse",
        "a regular file that all users can read",
        f"fix or delete {path}{mode}; no login was removed",
    )
