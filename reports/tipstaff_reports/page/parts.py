"""Parts that many sections share: a heading with its place, lists of facts, tables."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tipstaff_reports.page.elements import Content, Markup, element


class Place(NamedTuple):
    """Where a report stands on the page."""

    prefix: str
    """Before every id, so that no two reports share one; empty where there is one report."""
    level: int
    """Of the headings of its sections; 1 is the page's own."""

    def id(self, name: str) -> str:
        """Return the id of something in this report."""
        return self.prefix + name


class Row(NamedTuple):
    """A row of a table."""

    cells: Sequence[Content]
    id: str | None = None


Fact = tuple[str, Content]
"""A name, and what it is."""


def section(place: Place, name: str, title: str, *content: Content) -> Markup:
    """Return a section under its heading; links lead to it by its name."""
    return element("section", heading(place.level, title), *content, id=place.id(name))


def heading(level: int, *content: Content, id_: str | None = None) -> Markup:
    """Return a heading."""
    return element(f"h{level}", *content, id=id_)


def paragraph(*content: Content, class_: str | None = None) -> Markup:
    """Return a paragraph."""
    return element("p", *content, class_=class_)


def listing(items: Iterable[Content], class_: str | None = None) -> Markup:
    """Return a list in no order that matters."""
    return element("ul", *(element("li", item) for item in items), class_=class_)


def facts(pairs: Iterable[Fact], class_: str = "facts") -> Markup:
    """Return names with what they are."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", what)) for name, what in pairs),
        class_=class_,
    )


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Row], class_: str = "stacking"
) -> Markup:
    """Return a table whose first column heads its rows.

    Every cell names its column, because on a narrow screen the cells of a `stacking` table stand
    below each other.
    """
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    return element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *(_row(columns, row) for row in rows)),
        class_=class_,
    )


def _row(columns: Sequence[str], row: Row) -> Markup:
    named = zip(columns[1:], row.cells[1:], strict=True)
    return element(
        "tr",
        element("th", row.cells[0], scope="row"),
        *(element("td", element("div", cell), data_column=column) for column, cell in named),
        id=row.id,
    )


def link(target: str, *content: Content) -> Markup:
    """Return a link to a place on the page."""
    return element("a", *content, href=f"#{target}")


def badge(kind: str, word: str) -> Markup:
    """Return a word that stands out; its kind only sways the colour."""
    return element("span", word, class_=f"badge {kind}")
