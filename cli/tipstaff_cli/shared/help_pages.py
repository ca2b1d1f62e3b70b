"""How the help of a command is laid out: plain text in 80 columns, an example on each line.

Typer can draw help in boxes. Its tables break long names inside of a word, and drawing them takes
longer than most commands take to run.
"""

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

EXAMPLES = r"Examples?:\s"
EXAMPLE = r"`([^`]+)`"
FIRST = {"Arguments": 0, "Options": 1}
"""Sections before those of further groups of options."""
ORDER = ("Your sign-in", "This host", "The policy", "Evidence", "Commands")
"""Of the lists of commands, by whom they are for."""
SHORT_TYPE = 30
"""Characters: a longer list of choices moves from the option's name to its text."""
AT_LEAST = r"x>=([\d.]+)"
BETWEEN = r"([\d.]+)<=x<=([\d.]+)"
WHOLE = r"\b(\d+)\.0(?=[];])"


def lay_out(command: Any) -> Any:
    """Return a command whose help, and that of each command in it, is plain text."""
    command.format_help = partial(_write_page, command)
    for child in getattr(command, "commands", {}).values():
        lay_out(child)
    return command


def _write_page(command: Any, context: Any, formatter: Any) -> None:
    pieces = [show_argument(piece) for piece in command.collect_usage_pieces(context)]
    hidden = {
        f"[{parameter.name}]..."
        for parameter in command.params
        if getattr(parameter, "hidden", False)
    }
    shown = " ".join(piece for piece in pieces if piece not in hidden)
    formatter.write_usage(context.command_path, shown)
    for paragraph in (command.help or "").split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            _write_paragraph(paragraph, formatter)
    for heading, rows in _sections(command, context):
        with formatter.section(heading):
            formatter.write_dl(rows)


def show_argument(piece: str) -> str:
    """Return an argument as manuals show it: FILE, [FILE], FILE..."""
    name = re.sub(r"[{}]", "", piece).replace("[[", "[").replace("]]", "]")
    return re.sub(r"\.{4,}", "...", name)


def _write_paragraph(paragraph: str, formatter: Any) -> None:
    if not re.match(EXAMPLES, paragraph.lstrip()):
        formatter.write_text(" ".join(paragraph.split()))
        return
    formatter.write_text("Examples:")
    with formatter.indentation():
        for example in re.findall(EXAMPLE, " ".join(paragraph.split())):
            formatter.write("".join(f"{line}\n" for line in _lines(example, formatter)))


def _lines(example: str, formatter: Any) -> Iterable[str]:
    """Return a command line as it can be pasted, continued where it is too long."""
    indent = " " * formatter.current_indent
    width = formatter.width - len(" \\")
    parts = re.split(r" (?=--?[a-z])(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", example)
    lines, line = [], indent + parts[0]
    for part in parts[1:]:
        if len(line) + 1 + len(part) > width:
            lines.append(f"{line} \\")
            line = f"{indent}  {part}"
        else:
            line = f"{line} {part}"
    return [*lines, line]


def _sections(command: Any, context: Any) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Yield arguments, options by their groups, and commands; only what there is."""
    found: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            name = show_argument(re.sub(r"[\[\]]", "", parameter.metavar or parameter.name.upper()))
            found.setdefault("Arguments", []).append((name, parameter.help or ""))
        else:
            heading = getattr(parameter, "rich_help_panel", None) or "Options"
            found.setdefault(heading, []).append(_option(parameter, *record))
    yield from sorted(found.items(), key=lambda section: FIRST.get(section[0], len(FIRST)))
    listed: dict[str, list[tuple[str, str]]] = {}
    for name, subcommand in getattr(command, "commands", {}).items():
        if not subcommand.hidden:
            heading = getattr(subcommand, "rich_help_panel", None) or "Commands"
            listed.setdefault(heading, []).append((name, _summary(subcommand)))
    yield from sorted(listed.items(), key=lambda section: ORDER.index(section[0]))


def _option(parameter: Any, name: str, text: str) -> tuple[str, str]:
    """Return an option and its text; a long list of choices stands in the text."""
    before, bracket, choices = name.partition(" <")
    if bracket and (parameter.metavar is None):
        listed = choices.rstrip(">").split("|")
        if len(choices) > SHORT_TYPE:
            word = max(parameter.opts, key=len).rpartition("-")[2]
            name, text = f"{before} {word.upper()}", f"{text} One of: {', '.join(listed)}."
            text = re.sub(r"  (\[.*?\]) (One of: .*)", r" \2  \1", text)
    text = text.replace("; x>=0]", "]").replace("  [x>=0]", "")  # goes without saying
    text = re.sub(AT_LEAST, r"at least \1", re.sub(BETWEEN, r"from \1 to \2", text))
    return name, re.sub(WHOLE, r"\1", text)


def _summary(command: Any) -> str:
    return " ".join((command.help or "").partition("\n\n")[0].split())
