"""Write the generated files: check pages, schemas, units of systemd; or compare them."""

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knowledge_modules import knowledge_modules

from tipstaff_fleet.tables import STORED
from tipstaff_policy.assessment.policy_diff.meaning import DEFAULTS
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients import CLIENTS, load_client, policy_fields_of
from tipstaff_policy.clients.codex.versions import NEWEST
from tipstaff_policy.installation.units import UNITS, render_unit
from tipstaff_policy.model.advice import CheckAdvice
from tipstaff_policy.organisation.fields import FIELDS, TABLES, Field
from tipstaff_reports.formats import MODULES as MODULES_OF_FORMATS
from tipstaff_reports.formats import load_format
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_reports.frameworks import load_framework
from tipstaff_rollout.lint import list_groups
from tipstaff_schemas.export import DOCUMENTS, schema_text

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = (
    "Each check has an example host that fails and one that passes. `make examples` writes copies "
    "with the right modes to `build/examples`; git keeps no modes, so `examples/hosts` itself "
    "fails more checks."
)


def pages() -> dict[Path, str]:
    """Return every generated file with its content."""
    made = {
        ROOT / f"schemas/tipstaff_schemas/json/{name}.schema.json": schema_text(name)
        for name in DOCUMENTS
    }
    made |= knowledge_modules()
    index = ["# Checks", "", EXAMPLES, "", "| id | severity | fails when |", "| --- | --- | --- |"]
    for check_id in MODULES:
        check, _ = load_check(check_id)
        index.append(f"| [{check.id}]({check.id}.md) | {check.severity} | {check.fails_when} |")
        traits = " · ".join(
            (
                check.severity,
                f"since {check.since}",
                "logs out" if check.logs_out else "does not log out",
                "may be waived" if check.waivable else "may not be waived",
            )
        )
        made[ROOT / f"docs/checks/{check_id}.md"] = (
            f"# {check.id} {check.title}\n\n"
            f"{traits}\n\n"
            f"**Fails when** {check.fails_when}.\n\n"
            f"**Why it matters.** {check.rationale}\n\n"
            f"**Remedy.** {check.remedy}\n\n"
            f"{in_own_words(check_id)}"
            f"**Fails on** `{check.fails_on}` · **passes on** `{check.passes_on}` · "
            f"**source** `{check.source}`\n\n"
            "**Evidence** for a part of:\n\n" + "\n".join(evidences(check_id)) + "\n"
        )
    for unit in UNITS:
        place = ROOT / "examples/systemd" / unit.scope / unit.name
        made[place] = render_unit(unit, "/opt/tipstaff/bin/python")
    for name in FRAMEWORKS:
        made[ROOT / f"docs/frameworks/{name}.md"] = framework_page(name)
    made[ROOT / "docs/report-formats.md"] = report_formats()
    made[ROOT / "docs/fleet-data.md"] = fleet_data()
    made[ROOT / "docs/policy-fields.md"] = policy_fields()
    made[ROOT / "docs/rollout/lint-rules.md"] = lint_rules()
    made[ROOT / "docs/clients/codex.md"] = client_page()
    made[ROOT / "docs/checks/README.md"] = "\n".join(index) + "\n"
    return made


def in_own_words(check_id: str) -> str:
    """Return the client-specific texts of a check."""
    paragraphs = []
    for name in CLIENTS:
        own = load_client(name).advice().get(check_id, CheckAdvice())
        parts = (
            ("Does not apply", own.not_applicable),
            ("Fails when", own.fails_when),
            ("Why it matters", own.rationale),
            ("Remedy", own.remedy),
        )
        lines = [f"- {label}: {text.rstrip('.')}." for label, text in parts if text]
        if lines:
            paragraphs += [f"**For [{name}](../clients/{name}.md):**", "", *lines, ""]
    return "".join(f"{line}\n" for line in paragraphs)


def evidences(check_id: str) -> list[str]:
    """Return a line for each control that a check gives evidence for."""
    return [
        f"- [{name}](../frameworks/{name}.md) {control.id} {control.title}: {why}"
        for name in FRAMEWORKS
        for control, why in load_framework(name).of_check(check_id)
    ]


def framework_page(name: str) -> str:
    """Return the page of a framework: every control, the checks that evidence it, and why."""
    framework = load_framework(name)
    lines = [
        f"# {framework.title}",
        "",
        "Generated from the mapping. [What it means](README.md).",
    ]
    lines += ["", "| control | checks | what a pass shows |", "| --- | --- | --- |"]
    for control in framework.controls:
        for evidence in control.evidence:
            checks = ", ".join(f"[{one}](../checks/{one}.md)" for one in evidence.checks)
            title = control.title.replace("|", "\\|")
            lines.append(f"| {control.id} {title} | {checks} | {evidence.why} |")
    return "\n".join(lines) + "\n"


def client_page() -> str:
    """Return the page of the client with the number of hosts in the table of verdicts.

    The rest of the page is written by hand.
    """
    page = (ROOT / "docs/clients/codex.md").read_text("utf-8")
    hosts = len(json.loads((ROOT / "tests/conformance/verdicts.json").read_text("utf-8")))
    newest = ".".join(map(str, NEWEST))
    found, count = re.subn(rf"(?m)^(\| {re.escape(newest)} \| )\d+", rf"\g<1>{hosts}", page)
    if count != 1:
        sys.exit(f"docs/clients/codex.md has {count} rows of {newest}, not 1")
    return found


def report_formats() -> str:
    """Return the page of every report format."""
    hosts = len(tomllib.loads((ROOT / "examples/hosts.toml").read_text("utf-8")))
    lines = ["# Every report format", "", "Generated from the formats.", ""]
    lines += ["| format | is | judge | result | leaves out |", "| --- | --- | --- | --- | --- |"]
    for name in MODULES_OF_FORMATS:
        form = load_format(name)
        result = f"{hosts} of {hosts} example hosts"
        left = form.leaves_out or "nothing"
        lines.append(f"| `{name}` | {form.standard} | {form.judge} | {result} | {left} |")
    lines += [
        "",
        "`make test-real` runs every judge on every example host and on reports of",
    ]
    lines += [
        "many persons, of no user, with waivers, and with hostile text in every value; it fails"
    ]
    lines += ["if a judge refuses one of them. `text` is compared in `make test`."]
    return "\n".join(lines) + "\n"


def fleet_data() -> str:
    """Return the page of a fleet's store, its tables as they are."""
    page = (ROOT / "docs/fleet-data.md").read_text("utf-8")
    parts = [page.partition("\n## `")[0].rstrip()]
    for table in STORED:
        rows = [f"| `{column.name}` | {column.kind} | {column.what} |" for column in table.columns]
        head = ["| column | kind | what |", "| --- | --- | --- |"]
        parts.append("\n".join((f"## `{table.name}`: {table.what}", "", *head, *rows)))
    return "\n\n".join(parts) + "\n"


def policy_fields() -> str:
    """Return the page of every field of a policy document."""
    lines = ["# Every field of a policy", "", "Generated from the parser's own tables.", ""]
    lines += ["## policy.toml and fragments", "", *_field_rows(FIELDS, DEFAULTS)]
    lines += ["", "Each file has `schema = 1`. `[severity]` maps a check to a severity.", ""]
    for name, table in TABLES.items():
        alone = " Only in policy.toml." if table.root_only else ""
        lines += [
            f"## [[{name}]]",
            "",
            f"{table.does}{alone}",
            "",
            *_field_rows(table.fields, {}),
            "",
        ]
    for name in CLIENTS:
        lines += [f"## [clients.{name}]", "", CLIENT_TABLE.format(name), ""]
        lines += [*_field_rows(policy_fields_of(name) or {}, {}), ""]
    return "\n".join(lines).rstrip() + "\n"


CLIENT_TABLE = (
    "Rules for {} only. Each table is a file of the client, merged key by key. The keys at the top "
    "of the policy are the short form for codex: if a rule is in both places, both apply. Another "
    "client uses only its own table."
)


def lint_rules() -> str:
    """Return the page of all lint rules."""
    lines = ["# What lint looks for", "", "Generated from the tables of its rules.", ""]
    lines += ["`invalid` (error) means that the parser refuses the file: exit 3.", ""]
    for group, rules in list_groups().items():
        lines += [f"## {group}", "", "| rule | severity | finds |", "| --- | --- | --- |"]
        lines += [f"| `{rule.name}` | {rule.severity} | {rule.finds} |" for rule in rules]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


OF_TABLES = {
    **dict.fromkeys(("on_violation", "warn_from", "enforce_from", "cohort"), "as above"),
    "host": "every host",
    "user": "every user",
    "group": "every host",
    "client": "every client",
    **dict.fromkeys(("login_methods", "workspaces", "organisations", "accounts", "stores"), "all"),
    "oldest_version": "every version",
}
"""The same of the tables' fields."""
TYPES = {"string": "text", "array": "list", "boolean": "true or false", "integer": "number"}
WITHOUT = {
    "warn_from": "at once",
    "enforce_from": "at once",
    "cohort": '`"100%"`',
    "login_methods": "all",
    "stores": "all",
    "oldest_client": "every version",
    "longest_age": "any age",
    "trusted_keys": "no signature is required",
}
"""The meaning of a missing field, in words."""


def _field_rows(fields: Mapping[str, Field], defaults: dict[str, Any]) -> list[str]:
    rows = [
        "| field | type | allowed | without it | where | does |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, field in fields.items():
        where = "policy.toml" if field.root_only else "every file"
        does = field.does or "Which check."
        parts = (
            _type(field),
            _describe_allowed(field),
            _without(name, field, defaults),
            where,
            does,
        )
        cells = " | ".join(part.replace("|", "\\|") for part in parts)
        rows.append(f"| `{name}` | {cells} |")
    return rows


def _type(field: Field) -> str:
    schema = field.kind.schema
    return "word" if "enum" in schema else TYPES.get(schema.get("type"), "table")


def _describe_allowed(field: Field) -> str:
    """Return the parser's own words for what it expects."""
    wrong = [object()] if field.kind.schema.get("type") == "array" else object()
    try:
        field.kind.read(wrong)
    except ValueError as error:
        return str(error)
    return "anything"


def _without(name: str, field: Field, defaults: dict[str, Any]) -> str:
    if field.required:
        return "needed"
    if name not in defaults:
        return WITHOUT.get(name, "none") if defaults else OF_TABLES.get(name, "none")
    written = {True: "true", False: "false", (): "[]"}
    value = defaults[name]
    return WITHOUT.get(name) or f"`{written.get(value) or json.dumps(value)}`"


def main() -> int:
    """Write, or with ``--check`` name what is out of date and exit 1."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in stale:
        if "--check" in sys.argv:
            print(f"out of date: {path.relative_to(ROOT)}; run `make docs`", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
