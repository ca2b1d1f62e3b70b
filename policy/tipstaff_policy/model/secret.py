"""A secret must not leave the process: it is passed on whole, and never shown."""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Secret(Generic[T]):
    """A secret; a class of its own for each kind, so that no two are mixed up."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value: T = value

    def reveal(self) -> T:
        """Return the secret itself, for the one function that uses it."""
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(not shown)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} does not leave the process")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class FleetKey(Secret[str]):
    """The secret that keys the fingerprints of credentials."""

    __slots__ = ()
