"""HTML elements: text can never become markup, because only these functions make any."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from tipstaff_reports.text import clean

VOID = frozenset({"meta"})
"""Elements without an end (HTML, section 13.1.2)."""
INLINE = frozenset({"a", "bdi", "code", "span", "th", "td", "g", "line", "rect", "text", "path"})
"""Elements after which no line ends, so that no space shows; a table's cells are short."""


class Markup(NamedTuple):
    """Finished HTML."""

    html: str


Content = Markup | str | Iterable["Content"]
"""What an element holds: finished HTML, text that is still to be escaped, or several of either."""


def element(name: str, /, *content: Content, **attributes: str | None) -> Markup:
    """Return an element.

    Args:
        name: Of the element; never from a report.
        content: Text in it is escaped, and what does not print is replaced.
        attributes: `class_` stands for `class`, `aria_label` for `aria-label`; one that is None
            is left out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    end = "" if name in VOID else f"{html_of(content)}</{name}>"
    return Markup(f"<{name}{given}>{end}" + ("" if name in INLINE else "\n"))


def html_of(content: Content) -> str:
    """Return content as HTML."""
    if isinstance(content, Markup):
        return content.html
    if isinstance(content, str):
        return _escape(content)
    return "".join(html_of(part) for part in content)


def _escape(text: str) -> str:
    return escape(clean(text))
