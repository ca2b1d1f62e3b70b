"""The tables of a store: what every engine holds, and what the questions read.

Keys are never null: a text that is not known is empty. Moments are whole seconds since 1970, days
whole numbers such as 20261130, both in UTC, so that no engine converts them in a way of its own.
"""

from typing import Literal, NamedTuple

Kind = Literal["text", "number"]


class Column(NamedTuple):
    """A column of a table."""

    name: str
    kind: Kind
    what: str
    """For the documentation of the layout."""


class Table(NamedTuple):
    """A table, of which a store holds any number of files."""

    name: str
    what: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _text(name: str, what: str) -> Column:
    return Column(name, "text", what)


def _number(name: str, what: str) -> Column:
    return Column(name, "number", what)


RUNS = Table(
    "runs",
    "one row a report: who was judged where, when, by what, and what came of it",
    (
        _number("run_seq", "number of the run in this store; the other tables refer to it"),
        _text("run_key", "digest of host, user, client, home and run id; the same run has it once"),
        _text(
            "content", "digest of what the run found, by which two reports of a run are compared"
        ),
        _text("host_id", "digest of the machine's own id, or `name:` and the host's name in small"),
        _text("host_name", "name of the host, in small letters"),
        _text("user_name", "the person whose home was judged"),
        _text("client", "name of the client; empty where no report could be made of the person"),
        _text("home", "the client's folder"),
        _text("run_id", "id that the run gave itself"),
        _number("seen_s", "when the run ended"),
        _number("seen_day", "the same as a day"),
        _text("os", "platform of the host that was judged"),
        _number("image", "1 where an image was judged and no live host"),
        _number("partial", "1 where only some checks ran, so that it says nothing of the others"),
        _number("trial", "1 where the organisation's policy is not enforced on the host yet"),
        _text("tipstaff_version", "release that made the report"),
        _text("client_version", "version of the client"),
        _number("client_proven", "1 where that version is proven"),
        _text("policy_id", "id of the organisation's policy"),
        _text("policy_version", "version of the organisation's policy"),
        _text("policy_fingerprint", "digest over every file that the policy was made from"),
        _text("verdict", "what the client would do at its start"),
        _text("sign_in", "how the credentials stand to the administrators' rules"),
        _number("compliant", "1 compliant, 0 not compliant, -1 cannot tell"),
        _text("reason", "why there is no report, no verdict, or only a part was judged"),
        _number("passed", "count of findings"),
        _number("failed", "count of findings, waived ones included"),
        _number("errors", "count of findings"),
        _number("waived", "count of findings"),
        _text("log_head", "digest of the newest record of the action log"),
        _number("log_length", "number of that record"),
        _text("log_fault", "why the action log could not be read"),
        _text("signed_by", "thumbprint of the key by which the report was verified"),
        _text("set_id", "the rows of `findings` that this run found"),
        _text("state_id", "the row of `states` that this run's state is made from"),
        _text("state_marks", "what differs from it, as a JSON array; see the documentation"),
    ),
)
FINDINGS = Table(
    "findings",
    "one row a check and subject of a set of findings; hosts that found the same share a set",
    (
        _text("set_id", "digest of the set"),
        _text("check_id", "id of the check"),
        _text("subject", "what the check judged"),
        _text("severity", "critical, high, medium, low or info"),
        _text("status", "pass, fail, error or not_applicable; a waived failure is a failure"),
        _text(
            "observed",
            "what was found, with ~ for the person's home; empty where it passed or does not apply",
        ),
        _number("waived", "1 where an active waiver covers it"),
        _number("waived_until_s", "when that waiver ends; 0 for none"),
        _text("waiver_owner", "who asked for the waiver"),
        _text("waiver_ticket", "its ticket"),
    ),
)
CREDENTIALS = Table(
    "credentials",
    "one row a credential of a run",
    (
        _number("run_seq", "the run"),
        _text("store", "where it is"),
        _text("kind", "by the client's own word; empty where it cannot be read"),
        _text("method", "login method"),
        _number("active", "1 where the client would use it"),
        _text("fingerprint", "keyed digest of the login; empty where the policy has no fleet key"),
    ),
)
STATES = Table(
    "states",
    "one row a kind of state; the runs name it, and what differs",
    (
        _text("state_id", "digest of the template"),
        _text("template", "what a simulation reads of a report, as JSON with marks in place"),
    ),
)
TABLES = (RUNS, FINDINGS, CREDENTIALS, STATES)
ACTIONS = Table(
    "actions",
    "one row an enforcement: what was removed, and what is left",
    (
        _text("action_key", "digest of host, user, client and run id"),
        _text("host_id", "as in `runs`"),
        _text("host_name", "as in `runs`"),
        _text("user_name", "whose logins they were"),
        _text("client", "name of the client"),
        _number("seen_s", "when the run ended"),
        _number("image", "1 where an image was enforced on and no live host"),
        _number("dry_run", "1 where nothing was to be removed"),
        _number("exit_code", "10 logged out and verified, 11 incomplete; others removed nothing"),
        _text("sign_in", "how the credentials stood before"),
        _text("sign_in_after", "how they stood afterwards"),
        _number("steps", "count of what was done"),
        _text("note", "the result in a sentence"),
    ),
)
REJECTED = Table(
    "rejected",
    "one row a document that could not be counted",
    (
        _text("reject_key", "digest of the document and the reason"),
        _text("source", "the file"),
        _text("place", "the line in it, or the byte"),
        _text("why", "what is wrong with it"),
        _number("size", "bytes of the document"),
        _text("data", "its first 64 KiB; what is no UTF-8 is shown as \\xNN"),
    ),
)
STORED = (*TABLES, ACTIONS, REJECTED)
SHARED = (FINDINGS, STATES, ACTIONS, REJECTED)
"""Tables whose rows are known by their first column, and stand once however often they came."""
TYPES: dict[Kind, str] = {"text": "VARCHAR", "number": "BIGINT"}
"""As DuckDB, PostgreSQL and Spark name them; others translate."""
EXPECTED = Table(
    "expected",
    "one row a host that ought to report; given with a question, and not stored",
    (
        _text("host_id", "as in `runs`"),
        _text("host_name", "as in `runs`"),
        _text("unit", "the part of the organisation that it belongs to"),
    ),
)
GIVEN = Table(
    "given",
    "one row a host that is expected, as it was given; `expected` is made from it",
    (
        _text("entry", "its name or id, in small letters"),
        _text("unit", "the part of the organisation that it belongs to"),
    ),
)
CONTROL_CHECKS = Table(
    "control_checks",
    "one row a check of a control; given with a question, and not stored",
    (
        _number("control_no", "number of the control"),
        _text("check_id", "as in `findings`"),
        _number("central", "1 where the check is what the control is about"),
    ),
)
SHOWN = Table(
    "shown",
    "one row a host that an answer lists; given with a question, and not stored",
    (_text("host_id", "as in `runs`"),),
)
