"""From the bytes of one policy file to a policy, or to all of its faults at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tipstaff_policy.model.state import Fault, Origin
from tipstaff_policy.organisation.field_types import BadItemsError
from tipstaff_policy.organisation.fields import (
    CHECK_ID,
    FIELDS,
    OWNERS_OF_LOGINS,
    RULES_OF_CLIENTS,
    SCHEMA,
    SEVERITY,
    SHARED,
    SHORT_FORM_OF,
    TABLES,
    Field,
    Table,
)
from tipstaff_policy.organisation.model import (
    LAYER,
    Allowed,
    ClientRules,
    OrganisationPolicy,
    Rule,
    Scope,
    Waiver,
)
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.model.client_key import ClientKey

Path = tuple[str, ...]
TABLE_KEYS = ("schema", "severity", "clients", *TABLES)
ALLOWED_SETS = (
    "login_methods", "stores", "homes", "not_waivable", "waiver_keys", "knowledge_keys"
)  # fmt: skip
NOT_SHOWN = ("fleet_key", "waiver_keys", "knowledge_keys", "revoke_url")
"""Fields whose wrong value could be a secret."""
RULES_OF_ONE_VALUE = ("oldest_version", *SHARED)
"""What a client's table says with one value; the rest are sets of what is allowed."""
REMEMBERED_ABOVE = 1 << 16
"""Bytes. What is larger is not parsed again where it is read again, as under the locks."""
RENAMED = {"longest_age": "longest_age_s"}
"""Fields whose unit is part of the engine's name."""

LATER = "a moment that is not before warn_from"


class File(Record):
    """A policy file, before it is understood."""

    path: str
    data: bytes
    root: bool
    """Whether it is policy.toml, which alone may name the policy."""


class Parsed(Record):
    """What one file says."""

    policy: OrganisationPolicy
    keys_file: Rule[str] | None
    """The JWKS file that it names, still to be read."""
    state: str = "parsed"


class Newer(Record):
    """A file whose schema this release does not know."""

    path: str
    schema: int
    state: str = "newer"


class Faulty(Record):
    """What is wrong with a file: every fault that could be found in one reading."""

    faults: tuple[Fault, ...]
    state: str = "faulty"


class Clients(Record):
    """The clients that a document may have a table for."""

    names: tuple[str, ...]
    fields_of: Callable[[str], Mapping[str, Field] | None]
    """Returns what the table of a client may hold; None of no known one."""


def parse_document(file: File, clients: Clients, *, lines: bool = False) -> Parsed | Newer | Faulty:
    """Return what a file says; where anything is wrong, nothing of it counts.

    Args:
        lines: Whether origins have lines, which cost start-up time. Faults always have them.
    """
    return (_remembered if len(file.data) > REMEMBERED_ABOVE else _parse)(file, clients, lines)


def _parse(
    file: File,
    clients: Clients,
    lines: bool,  # noqa: FBT001 - as above
) -> Parsed | Newer | Faulty:
    try:
        text = file.data.decode("utf-8")
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        return Faulty((_unreadable(file, error),))
    schema = document.get("schema")
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        return Newer(file.path, schema)
    reading = _Reading(file, clients, {})
    parsed = reading.parse(document)
    if reading.faults or lines:
        from tipstaff_policy.parsing.toml_lines import locate_keys  # noqa: PLC0415 - costs start-up

        # A fault may be about any key; an origin is that of a few.
        wanted = None if reading.faults else _with_origins(document, parsed.policy)
        reading = _Reading(file, clients, locate_keys(text, wanted))
        parsed = reading.parse(document)
    return Faulty(tuple(reading.faults)) if reading.faults else parsed


_remembered = lru_cache(maxsize=4)(_parse)


def _with_origins(document: dict[str, Any], policy: OrganisationPolicy) -> set[Path]:
    """Return the keys whose places a policy contains."""
    found: set[Path] = {(name,) for name in document}
    found |= {("severity", check) for check in document.get("severity", ())}
    for name in ("scopes", "waivers"):
        found |= {(name, str(n)) for n in range(len(document.get(name, ())))}
    for client, stated in document.get("clients", {}).items():
        found |= {("clients", client, name) for name in stated}
    return found | {("clients", key.client, key.file, *key.path) for key in policy.client_keys}


class _Reading:
    """One pass over a document; gathers faults as it goes."""

    def __init__(self, file: File, clients: Clients, lines: dict[Path, int]) -> None:
        self.file = file
        self.clients = clients
        self.lines = lines
        self.faults: list[Fault] = []

    def parse(self, document: dict[str, Any]) -> Parsed:
        """Return the policy; the faults show whether it is valid."""
        schema = document.get("schema")
        if type(schema) is not int or schema != SCHEMA:
            self._add_fault(("schema",), f"schema is {_show(schema)}", f"schema = {SCHEMA}")
        plain = {name: member for name, member in document.items() if name not in TABLE_KEYS}
        values = self._fields((), plain, FIELDS, (*FIELDS, *TABLE_KEYS))
        found: dict[str, Any] = {}
        for name, value in values.items():
            origins = (self._origin((name,)),)
            if name in ALLOWED_SETS:
                found[name] = Allowed(value, origins, wants_none=not value)
            elif name != "trusted_keys":  # a path; the keys behind it are the rule
                found[RENAMED.get(name, name)] = Rule(value, origins)
        found |= self._workspaces(document)
        found["scopes"] = tuple(self._scopes(document))
        found["waivers"] = tuple(self._waivers(document))
        found["severities"] = tuple(sorted(self._severities(document)))
        if "clients" in document:
            found |= self._of_clients(document["clients"], found)
        self._order(values)
        keys = values.get("trusted_keys")
        keys_file = Rule(keys, (self._origin(("trusted_keys",)),)) if keys else None
        return Parsed(OrganisationPolicy(**found), keys_file)

    def _fields(
        self,
        base: Path,
        given: dict[str, Any],
        fields: Mapping[str, Field],
        known: tuple[str, ...],
    ) -> dict[str, Any]:
        """Read the keys of one table by their fields."""
        values: dict[str, Any] = {}
        for name, raw in given.items():
            path = (*base, name)
            field = fields.get(name)
            if field is None:
                self._refuse_unknown(path, known)
            elif field.root_only and not self.file.root:
                self._add_fault(
                    path, f"{name} is in a fragment", "it belongs only into policy.toml"
                )
            else:
                self._read_field(values, path, field, raw)
        for name, field in fields.items():
            wanted = field.required and (self.file.root or not field.root_only)
            if wanted and name not in given:
                self._add_fault(base, f"{name} is missing", f"{name} = …")
        return values

    def _read_field(self, values: dict[str, Any], path: Path, field: Field, raw: Any) -> None:
        """Add the value of one key; of a list each item that cannot be read is a fault."""
        name, shown = path[-1], ".".join(path)
        try:
            values[name] = field.kind.read(raw)
        except BadItemsError as error:
            for number, value, expected in error.items:
                item = f"{shown}.{number}"
                if isinstance(number, int):
                    item = f"{shown}, item {number + 1},"
                what = f"{item} is {_describe(name, value)}"
                self._add_fault((*path, str(number)), what, expected)
        except ValueError as error:
            self._add_fault(path, f"{shown} is {_describe(name, raw)}", str(error))

    def _rows(self, document: dict[str, Any], name: str) -> list[tuple[Path, dict[str, Any]]]:
        """Return the values of each table of an array of tables, with its path."""
        rows = document.get(name, [])
        table = TABLES[name]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._add_fault((name,), f"{name} is {_show(rows)}", f"tables, each headed [[{name}]]")
            return []
        if table.root_only and name in document and not self.file.root:
            self._add_fault((name,), f"{name} is in a fragment", "it belongs only into policy.toml")
            return []
        return [self._row(table, (name, str(n)), row) for n, row in enumerate(rows)]

    def _row(self, table: Table, path: Path, raw: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
        before = len(self.faults)
        values = self._fields(path, raw, table.fields, tuple(table.fields))
        return path, values if len(self.faults) == before else {}

    def _workspaces(self, document: dict[str, Any]) -> dict[str, Any]:
        if "workspaces" not in document:
            return {}
        rows = [row for _, row in self._rows(document, "workspaces") if row]
        ids: set[str] = set()
        twice: set[str] = set()
        for row in rows:
            (twice if row["id"] in ids else ids).add(row["id"])
        for workspace in sorted(twice):
            self._add_fault(("workspaces",), f"the workspace {workspace} stands twice", "each once")
        origins = (self._origin(("workspaces",)),)
        names = sorted((row["id"], row["name"]) for row in rows if "name" in row)
        allowed = Allowed(tuple(sorted(ids)), origins, wants_none=not ids)
        return {"workspaces": allowed, "workspace_names": tuple(names)}

    def _scopes(self, document: dict[str, Any]) -> list[Scope]:
        rows = [(path, row) for path, row in self._rows(document, "scopes") if row]
        names: set[str] = set()
        for path, row in rows:
            if row["name"] in names:
                self._add_fault(path, f"the scope {row['name']} stands twice", "each name once")
            names.add(row["name"])
            self._order(row, path)
        return [Scope(**row, origin=self._origin(path)) for path, row in rows]

    def _waivers(self, document: dict[str, Any]) -> list[Waiver]:
        found = []
        for path, row in self._rows(document, "waivers"):
            if row:
                expires = row.pop("expires")
                found.append(Waiver(**row, expires_at=expires, origin=self._origin(path)))
        return sorted(found, key=repr)

    def _of_clients(self, given: Any, top: dict[str, Any]) -> dict[str, Any]:
        """Return the fields that the tables of clients make, some together with the top."""
        keys, rules = self._clients(given)
        if all(entry.client != SHORT_FORM_OF for entry in rules):
            return {"client_keys": keys, "clients": rules}
        from tipstaff_policy.organisation.client_rules import join_with_top  # noqa: PLC0415 - rare

        joined = join_with_top(top, rules)
        names = joined.get("workspace_names", ())
        for twice in sorted({*names} - {*dict(names).items()}):
            path = ("clients", SHORT_FORM_OF, "names", twice[0])
            self._add_fault(path, f"the workspace {_show(twice[0])} has two names", "one name")
        return {"client_keys": keys, **joined}

    def _clients(self, given: Any) -> tuple[tuple[ClientKey, ...], tuple[ClientRules, ...]]:
        """Return the other keys of clients' files, read as they stand, and each client's rules."""
        if not isinstance(given, dict):
            self._add_fault(("clients",), f"clients is {_show(given)}", "tables, [clients.NAME]")
            return (), ()
        found: list[ClientKey] = []
        rules: list[ClientRules] = []
        for client, files in given.items():
            path = ("clients", client)
            fields = self.clients.fields_of(client)
            if fields is None:
                self._refuse_unknown(path, self.clients.names)
            elif not isinstance(files, dict):
                name = f"clients.{client}"
                self._add_fault(path, f"{name} is {_kind(files)}", f"a table, [{name}]")
            else:
                read = self._fields(path, files, fields, tuple(fields))
                stated = {name: read.pop(name) for name in RULES_OF_CLIENTS if name in read}
                self._read_names(path, files, stated)
                if stated:
                    rules.append(self._client_rules(path, stated))
                for file, content in read.items():
                    found += self._client_keys((*path, file), content)
        rules.sort(key=lambda rule: rule.client)
        if not found:
            return (), tuple(rules)
        from tipstaff_policy.organisation.client_keys import sort_keys  # noqa: PLC0415 - rare

        return sort_keys(found), tuple(rules)

    def _client_rules(self, path: Path, stated: dict[str, Any]) -> ClientRules:
        found: dict[str, Any] = {}
        for name, value in stated.items():
            origins = (self._origin((*path, name)),)
            if name == "names":
                found[name] = value
            elif name in RULES_OF_ONE_VALUE:
                found[name] = Rule(value, origins)
            else:
                found[name] = Allowed(value, origins, wants_none=not value)
        return ClientRules(path[-1], **found)

    def _read_names(self, path: Path, files: dict[str, Any], stated: dict[str, Any]) -> None:
        """Find names of what this table of a client does not allow."""
        owners = [name for name in OWNERS_OF_LOGINS if name in files]
        if "names" not in stated or not all(name in stated for name in owners):
            return
        allowed = {owner for name in owners for owner in stated[name]}
        for named, _ in stated["names"]:
            if named not in allowed:
                from difflib import get_close_matches  # noqa: PLC0415 - errors only

                likely = get_close_matches(named, allowed, 1, 0.6)
                what = (
                    f"{'.'.join(path)}.names has a name for {_show(named)}, which it does not allow"
                )
                hint = f"did you mean {_show(likely[0])}?" if likely else "an id that it allows"
                self._add_fault((*path, "names", named), what, hint)

    def _client_keys(self, path: Path, content: dict[str, Any]) -> list[ClientKey]:
        from tipstaff_policy.model.client_key import ClientKey  # noqa: PLC0415 - rare
        from tipstaff_policy.organisation.client_keys import (  # noqa: PLC0415 - rare
            TooDeepError,
            leaves_of,
        )

        _, client, file = path
        try:
            return [
                ClientKey(client, file, leaf, value, (self._origin((*path, *leaf)),))
                for leaf, value in leaves_of(content)
            ]
        except TooDeepError:
            self._add_fault(path, f"{'.'.join(path)} is nested too deep", "what the client reads")
            return []

    def _severities(self, document: dict[str, Any]) -> list[tuple[str, Rule[str]]]:
        table = document.get("severity", {})
        if not isinstance(table, dict):
            self._add_fault(("severity",), f"severity is {_show(table)}", "a table, [severity]")
            return []
        import re  # noqa: PLC0415 - loaded with the TOML reader

        found = []
        for check, raw in table.items():
            path = ("severity", check)
            if not re.fullmatch(CHECK_ID, check):
                self._add_fault(path, f"{check} is no check", "the id of a check, such as TIP102")
                continue
            try:
                found.append((check, Rule(SEVERITY.read(raw), (self._origin(path),))))
            except ValueError as error:
                self._add_fault(path, f"severity.{check} is {_show(raw)}", str(error))
        return found

    def _order(self, values: dict[str, Any], base: Path = ()) -> None:
        """Find dates of the staged start that contradict each other."""
        warn, enforce = values.get("warn_from"), values.get("enforce_from")
        if warn is not None and enforce is not None and warn > enforce:
            self._add_fault((*base, "enforce_from"), "enforce_from is before warn_from", LATER)
        if "cohort" in values and enforce is None:
            self._add_fault((*base, "cohort"), "cohort needs enforce_from", "enforce_from as well")

    def _refuse_unknown(self, path: Path, known: tuple[str, ...]) -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - errors only

        likely = get_close_matches(path[-1].casefold().replace("-", "_"), known, 1, 0.6)
        hint = f"`{likely[0]}`" if likely else f"one of {', '.join(sorted(known))}"
        self._add_fault(path, f"{'.'.join(path)} is unknown", hint)

    def _add_fault(self, path: Path, what: str, expected: str) -> None:
        where = str(self._origin(path))
        remedy = f"fix {where}; nothing was removed"
        self.faults.append(Fault(what, where, "refuse", expected, remedy))

    def _origin(self, path: Path) -> Origin:
        """Return the place of a key, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return Origin(LAYER, self.file.path, self.lines[path[:length]])
        return Origin(LAYER, self.file.path, 1 if self.lines else None)


def _unreadable(file: File, error: Exception) -> Fault:
    if isinstance(error, UnicodeDecodeError):
        line = file.data.count(b"\n", 0, error.start) + 1
        return _make_fault(f"{file.path}:{line}", f"byte {error.start + 1} is not valid UTF-8")
    if isinstance(error, RecursionError):
        return _make_fault(file.path, "it is nested too deep")
    import re  # noqa: PLC0415 - errors only

    found = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
    text = str(error)[: found.start()] if found else str(error)
    last = file.data.count(b"\n", 0, len(file.data.rstrip())) + 1
    return _make_fault(f"{file.path}:{(found and found[1]) or last}", text[:1].lower() + text[1:])


def _make_fault(where: str, what: str) -> Fault:
    remedy = f"fix {where}; nothing was removed"
    return Fault(f"not valid TOML: {what}", where, "refuse", "a TOML 1.0 document", remedy)


def _describe(name: str, raw: Any) -> str:
    """Return a value as a message may show it; one that could hold a secret is not shown."""
    if name in ("requirements", "config"):
        return _kind(raw)
    return "not usable" if name in NOT_SHOWN else _show(raw)


def _kind(raw: Any) -> str:
    """Return what kind of value stands where tables of a client belong; it could be a secret."""
    return _show(raw) if isinstance(raw, dict | list) else "a single value"


def _show(raw: Any) -> str:
    if raw is None:
        return "missing"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, dict | list):
        return "a table" if isinstance(raw, dict) else "a list"
    import json  # noqa: PLC0415 - errors only

    text = mask_text(str(raw))[:60]
    if not isinstance(raw, str):
        return text
    # What a person cannot see is written as TOML writes it: a newline at the end is a fault too.
    plain = "".join(
        character if character.isprintable() else json.dumps(character)[1:-1] for character in text
    )
    return f'"{plain}"'
