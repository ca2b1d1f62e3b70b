"""The subset of SQL that every engine reads without translation, as checks of a text.

Its rules and their reasons: docs/fleet-sql.md. What is not named as allowed is not allowed.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

COMPILED = ("trino", "snowflake", "bigquery", "databricks")
"""Engines that no test can run."""
_WORDS = """
all and any array as asc at between both by case cast check collate column constraint create
cross cube current date day default define desc distinct do else end except exclude exists extract
false fetch following for foreign from full grant group grouping groups hash having if ignore in
initially inner intersect interval into is join key lateral leading left like limit localtime lookup
merge month natural new no not null nulls of off offset on only or order outer over overlaps partition
placing position preceding primary proto qualify range recursive references respect returning right
rollup row rows sample select session_user set similar some start struct symmetric table tablesample
then time timestamp to trailing treat trigger true unbounded union unique unnest user using value
values verbose when where window with within year
"""
RESERVED = frozenset(_WORDS.split())
"""Words that some engine reads as something else than a column: `user` is the one of the database."""
FUNCTIONS = (exp.Sum, exp.Max, exp.Min, exp.Count, exp.RowNumber, exp.Coalesce, exp.Case, exp.If)
CONNECTORS = (exp.And, exp.Or)
FORBIDDEN = {
    exp.Qualify: "QUALIFY",
    exp.Filter: "FILTER",
    exp.Div: "a division",
    exp.IntDiv: "a division",
    exp.Mod: "a remainder",
    exp.Cast: "a cast",
    exp.Star: "a star, except in count(*)",
    exp.Lateral: "LATERAL",
    exp.Unnest: "an array",
    exp.Bracket: "an array",
    exp.Array: "an array",
    exp.Struct: "a struct",
    exp.Interval: "an interval",
    exp.Like: "a pattern",
    exp.ILike: "a pattern",
    exp.DPipe: "a text put together",
    exp.Boolean: "a boolean value",
}
_PARAMETER = "0"


def parse(text):
    """Return a question as a tree; parameters are numbers."""
    from tipstaff_fleet.questions import PARAMETER

    (tree,) = sqlglot.parse(PARAMETER.sub(_PARAMETER, text), dialect="duckdb")
    return tree


def faults(text, *, ordered):
    """Return what of a text is outside the subset.

    Args:
        text: Of a question or a relation.
        ordered: Whether its rows are read in order, as those of a question are.
    """
    try:
        tree = parse(text)
    except (SqlglotError, ValueError) as error:
        return [f"cannot be parsed as one statement: {error}"]
    if not isinstance(tree, exp.Select | exp.Union):
        return ["is no SELECT"]
    found = [fault for rule in RULES for fault in rule(tree)]
    if ordered and not tree.args.get("order") and not _is_one_row(tree):
        found.append("has no ORDER BY")
    return found


def _is_one_row(tree):
    """Return whether a text gives one row: it has aggregates alone, and no groups."""
    if tree.args.get("group") or not isinstance(tree, exp.Select):
        return False
    return all(
        expression.find(exp.AggFunc) and not expression.find(exp.Window)
        for expression in tree.expressions
    )


def _forbidden(tree):
    for kind, name in FORBIDDEN.items():
        for node in tree.find_all(kind):
            if not isinstance(node.parent, exp.Count):
                yield f"has {name}: {node.sql()}"


def _clauses(tree):
    for node in tree.find_all(exp.Distinct):
        if node.args.get("on"):
            yield "has DISTINCT ON"
    for node in tree.find_all(exp.Group):
        if node.args.get("all"):
            yield "has GROUP BY ALL"
    for node in tree.find_all(exp.Except, exp.Intersect):
        yield f"has {node.key.upper()}"


def _numbers(tree):
    for node in tree.find_all(exp.Literal):
        if not node.is_string and not node.this.isdecimal():
            yield f"has a number that is not whole: {node.this}"


def _functions(tree):
    for node in tree.find_all(exp.Func):
        if not isinstance(node, (*FUNCTIONS, *CONNECTORS, *FORBIDDEN)):
            yield f"has a function that is not in the subset: {node.sql()}"
    for node in tree.find_all(exp.Sum):
        if isinstance(node.this, exp.Predicate | exp.Boolean):
            yield f"sums a boolean: {node.sql()}"


def _names(tree):
    names = {node.name for node in tree.find_all(exp.Column, exp.Table)}
    names |= {node.alias for node in tree.find_all(exp.Alias, exp.Subquery, exp.Table)}
    for name in sorted(names):
        if name.casefold() in RESERVED:
            yield f"names something by a reserved word: {name}"
        if name != name.casefold():
            yield f"names something by a word that is not small: {name}"


def _joins(tree):
    for node in tree.find_all(exp.Join):
        if node.side in {"FULL", "RIGHT"} or node.args.get("using"):
            yield f"has a join other than JOIN and LEFT JOIN with ON: {node.sql()}"
    for node in tree.find_all(exp.Subquery):
        if isinstance(node.parent, exp.From | exp.Join) and not node.alias:
            yield "has a subquery without a name"


def _windows(tree):
    for node in tree.find_all(exp.Window):
        running = node.args.get("order") and not isinstance(node.this, exp.RowNumber)
        spec = node.args.get("spec")
        if running and not (spec and spec.args.get("kind") == "ROWS"):
            yield f"has a running window without ROWS BETWEEN: {node.sql()}"
        if isinstance(node.this, exp.RowNumber) and not node.args.get("order"):
            yield f"numbers rows in no order: {node.sql()}"


def _order(tree):
    order = tree.args.get("order")
    if order and isinstance(tree, exp.Union):
        yield "orders a union, of which an engine orders the last part alone"
    for item in order.expressions if order else ():
        expression = selected(tree, item.this)
        if isinstance(expression, exp.Literal) and not _is_alike_everywhere(tree, expression):
            yield f"orders by a constant: {item.sql()}"
        if isinstance(expression, exp.Case) and not _has_columns_in_results(expression):
            yield f"orders by texts that no column gives, whose order differs: {item.sql()}"
    if tree.args.get("limit") and not order:
        yield "has a LIMIT without an ORDER BY"


def _is_alike_everywhere(tree, literal):
    """Return whether a constant names the part of a union, in letters that all languages order."""
    return isinstance(tree, exp.Union) and literal.is_string and literal.this.isalpha()


def _has_columns_in_results(case):
    results = [branch.args["true"] for branch in case.args["ifs"]] + [case.args.get("default")]
    texts = [result for result in results if isinstance(result, exp.Literal) and result.is_string]
    return not texts or any(result is not None and result.find(exp.Column) for result in results)


def selected(tree, item):
    """Return what an item of an order means: an expression of the selection, where it names one."""
    select = tree
    while isinstance(select, exp.Union):
        select = select.this
    if isinstance(item, exp.Column) and not item.table:
        for column in select.selects:
            if column.alias_or_name == item.name:
                return column.unalias()
    return item


def _compiled(tree):
    for dialect in COMPILED:
        try:
            text = tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
            sqlglot.parse_one(text, dialect=dialect)
        except SqlglotError as error:
            yield f"cannot be compiled for {dialect}: {error}"


def tables(text):
    """Return the names of the tables and relations that a text reads."""
    return {table.name for table in parse(text).find_all(exp.Table)}


RULES = (
    _forbidden,
    _clauses,
    _numbers,
    _functions,
    _names,
    _joins,
    _windows,
    _order,
    _compiled,
)
