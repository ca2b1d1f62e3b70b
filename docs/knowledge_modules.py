"""Write what is known of the clients' versions as Python, from the JSON that is its source.

    python docs/knowledge_modules.py          (`make docs` and `make lint` do it too)

A start of the guard reads no JSON for this: constants of a compiled module cost it nothing.
Nothing of Tipstaff is imported here, so that this works where a behaviour has a new field and the
modules do not have it yet.
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "policy/tipstaff_policy/clients"
WIDTH = 100
TEXT = '''"""What is known of each version of the client, as constants; generated.

Source: versions.json in this folder; `make docs` writes this module again.
"""
'''
TABLE_TEXT = '''"""The options and commands of the client's command line, as constants; generated.

Source: command_lines/{version}.json, from the client's help; `make docs` writes this module again.
"""
'''


def knowledge_modules() -> dict[Path, str]:
    """Return the modules that are made from JSON, with their content."""
    made = {}
    for source in sorted(CLIENTS.glob("*/knowledge/versions.json")):
        folder = source.parent.parent
        made[source.with_name("__init__.py")] = _versions(folder, _read(source))
        if (folder / "command_line.py").exists() and not (folder / "config/accepted").exists():
            made[folder / "command_line_table.py"] = _command_line(folder)
    return made


def _versions(folder: Path, document: dict[str, Any]) -> str:
    rows: dict[str, dict[str, Any]] = {}
    for name, row in document["rows"].items():
        changes = {field: value for field, value in row.items() if field != "like"}
        rows[name] = {**rows.get(row.get("like"), {}), **changes}
    fields = tuple(next(iter(rows.values())))
    constants = {
        "PROVEN": tuple(map(_number, document["proven"])),
        "MEASURED": _list_measured(folder),
        "FIELDS": fields,
        "ROWS": {name: tuple(row[field] for field in fields) for name, row in rows.items()},
        "SPANS": tuple((_number(span["since"]), tuple(span["rows"])) for span in document["spans"]),
    }
    return TEXT + "".join(
        f"\n{_render_assignment(name, value)}" for name, value in constants.items()
    )


def _list_measured(folder: Path) -> tuple[tuple[int, ...], ...]:
    """Return the versions whose keys were measured, the oldest first."""
    files = (folder / "config/accepted").glob("*-config.json")
    return tuple(sorted(_number(file.name.removesuffix("-config.json")) for file in files))


def _command_line(folder: Path) -> str:
    newest = max((folder / "command_lines").glob("*.json"), key=lambda file: _number(file.stem))
    constants = {name.upper(): tuple(text.split()) for name, text in _read(newest).items()}
    text = TABLE_TEXT.format(version=newest.stem)
    return text + "".join(
        f"\n{_render_assignment(name, value)}" for name, value in constants.items()
    )


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _render_assignment(name: str, value: Any) -> str:
    return f"{name} = {_render_constant(value, len(name) + 3, 0)}\n"


def _render_constant(value: Any, before: int, indent: int) -> str:
    """Return a constant as the formatter writes it: on one line where it fits."""
    line = _on_one_line(value)
    if before + len(line) + (1 if indent else 0) <= WIDTH or not isinstance(
        value, tuple | list | dict
    ):
        return line
    inside = " " * (indent + 4)
    if isinstance(value, dict):
        parts = [
            f"{inside}{json.dumps(key)}: "
            f"{_render_constant(member, indent + 4 + len(json.dumps(key)) + 2, indent + 4)},"
            for key, member in value.items()
        ]
        return "\n".join(("{", *parts, f"{' ' * indent}}}"))
    parts = [f"{inside}{_render_constant(member, indent + 4, indent + 4)}," for member in value]
    return "\n".join(("(", *parts, f"{' ' * indent})"))


def _on_one_line(value: Any) -> str:
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}: {_on_one_line(member)}" for key, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(_on_one_line, value)) + (",)" if len(value) == 1 else ")")
    return json.dumps(value) if isinstance(value, str) else repr(value)


def main() -> None:
    """Write every module."""
    for path, text in knowledge_modules().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
