"""A key of a client's administrators' files that a policy carries, verbatim."""

from tipstaff_policy.model.secret import Secret
from tipstaff_policy.model.state import Origin
from tipstaff_policy.model.toml_writing import Path, join_dotted
from tipstaff_policy.record import Record


class KeyText(Secret[str]):
    """A value as TOML writes it on one line; it may hold a secret, so that it never shows itself.

    The same value is the same text: tables in it have their keys in order.
    """

    __slots__ = ()


class ClientKey(Record):
    """One key of a client's file."""

    client: str
    file: str
    """The table of the policy document that holds it, such as ``requirements``."""
    path: Path
    value: KeyText
    origins: tuple[Origin, ...]

    @property
    def name(self) -> str:
        """The key as the policy document writes it."""
        return join_dotted(("clients", self.client, self.file, *self.path))
