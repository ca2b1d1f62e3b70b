"""`policy show`, `policy explain` and `why` as plain text."""

from tipstaff_policy.assessment.explanation import Ineffective
from tipstaff_policy.errors import LOGGED_OUT_EXIT
from tipstaff_policy.model.layers import EffectiveSetting
from tipstaff_reports.text import as_text, show_value
from tipstaff_reports.texts.policy_files import statement_lines
from tipstaff_schemas.provenance import (
    KeyExplained,
    LayerEntry,
    OrganisationShown,
    PolicyShown,
    Subject,
    WhyAnswered,
)

MODES = {"enforce": "a violation is logged out", "warn": "only warned of", "silent": "not yet"}


def render_organisation(shown: OrganisationShown | None) -> str:
    """Return the organisation's policy in words, or why it cannot be used."""
    if shown is None:
        return as_text(["organisation's policy", "  none"])
    if shown.faults:
        lines = ["organisation's policy: invalid, so that nothing is removed"]
        for fault in shown.faults:
            lines += [f"  {fault.where}: {fault.what}"]
            lines += [f"    expected: {fault.expected}"] if fault.expected else []
            lines += [f"    to do: {fault.remedy}"] if fault.remedy else []
        return as_text(lines)
    title = f"organisation's policy: {shown.id or 'a fragment'} {shown.version or ''}".rstrip()
    lines = [title, *(f"  file          {file}" for file in shown.files)]
    lines += [
        f"  last good     {place} needs a newer Tipstaff; its last good copy is in force"
        for place in shown.newer
    ]
    if shown.mode:
        lines.append(f"  on this host  {MODES[shown.mode]}: {shown.why}")
    return as_text([*lines, *statement_lines(shown.statements)])


def render_policy(document: PolicyShown) -> str:
    """Return every setting in force, what it beat, what has no effect, and the files."""
    lines = [*_subject(document.subject), "", "the client's own settings in force"]
    for setting in document.settings:
        lines += [
            f"  {setting.key} = {show_value(setting.value)}",
            *_origin(setting, document.layers),
        ]
    lines += [] if document.settings else ["  nothing"]
    if document.provider:
        lines += ["", "model provider", f"  {document.provider}"]
    if document.ineffective:
        lines += ["", "without effect"]
        lines += [
            line for ineffective in document.ineffective for line in _ineffective(ineffective)
        ]
    lines += ["", "files, the strongest first"]
    lines += [_layer(layer) for layer in reversed(document.layers) if layer.state != "ignored"]
    return as_text(lines)


def render_explanation(document: KeyExplained) -> str:
    """Return why a key has its value."""
    found = document.explanation
    setting = found.setting
    value = show_value(setting.value) if setting else f"not set ({found.text.default})"
    lines = [*_subject(document.subject), "", f"{found.key}: {value}"]
    if setting:
        lines.append(f"  from       {setting.origin}  [{setting.origin.layer}]")
    lines += [
        f"  beats      {show_value(beaten.value)}  {beaten.origin}  [{beaten.origin.layer}]"
        for beaten in (setting.overridden if setting else ())
    ]
    lines += [f"  does       {found.text.does}", f"  works in   {found.text.belongs}"]
    lines.append(f"  changed by {found.changed_by}")
    if found.ineffective:
        lines += ["", "without effect"]
        lines += [line for ineffective in found.ineffective for line in _ineffective(ineffective)]
    return as_text(lines)


def render_why(document: WhyAnswered) -> str:
    """Return the verdict in a sentence, what to do, and whom to ask."""
    why = document.why
    lines = [
        *_subject(document.subject),
        "",
        f"{why.verdict.replace('_', ' ')}: {why.sentence}",
        *(
            f"expected: {fault.where}: {fault.expected}"
            for fault in document.sign_in.faults
            if fault.expected
        ),
        f"to do: {why.to_do}",
    ]
    lines += [f"ask:   {why.ask}"] if why.ask else []
    lines += [f"model provider: {document.provider}"] if document.provider else []
    if last := document.last_log_out:
        ended = "logged out" if last.exit_code == LOGGED_OUT_EXIT else "log-out incomplete"
        lines.append(f"last:  {last.time} {ended} by `{last.action}`: {last.reason}")
    return as_text(lines)


def _subject(subject: Subject) -> list[str]:
    client = subject.client
    more = [f"profile {subject.profile}"] if subject.profile else []
    more += [f"-c {override}" for override in subject.overrides]
    more = [f"entry point {client.entry_point}", *more]
    return [
        f"{client.name} {client.version} ({client.version_source})"
        + "".join(f", {text}" for text in more),
        f"  folder {subject.home} (named by {subject.home_from}), started in {subject.cwd}",
    ]


def _origin(setting: EffectiveSetting, layers: list[LayerEntry]) -> list[str]:
    keepers = {(layer.name, layer.path): layer.administrators for layer in layers}
    kept = keepers.get((setting.origin.layer, setting.origin.path))
    by = "administrators'" if kept else "personal"
    lines = [f"    {setting.origin}  [{setting.origin.layer}, {by}]"]
    lines += [
        f"    beats {show_value(beaten.value)}  {beaten.origin}  [{beaten.origin.layer}]"
        for beaten in setting.overridden
    ]
    return lines


def _ineffective(ineffective: Ineffective) -> list[str]:
    value = "" if ineffective.value is None else f" = {show_value(ineffective.value)}"
    name = f"  {ineffective.key}{value}" if ineffective.key else ""
    return [f"  {ineffective.origin}{name}", f"    {ineffective.reason}; {ineffective.likely}"]


def _layer(entry: LayerEntry) -> str:
    note = f": {entry.note}" if entry.note else ""
    return f"  {entry.name:<13} {entry.state:<7} {entry.path}{note}"
