"""What can go wrong with a store; each knows its exit code, as all errors of Tipstaff do."""

from tipstaff_policy.errors import EvaluationError, UsageError


class BadStoreError(EvaluationError):
    """A store cannot be read or written; what it holds was not changed."""


class NewerStoreError(BadStoreError):
    """A store, or its copy in an engine, was written by a release with another format."""


class StoreBusyError(EvaluationError):
    """Another process writes to the store."""


class MemoryLimitError(EvaluationError):
    """A question needs more memory than the limit allows."""


class NoStoreError(UsageError):
    """There is no store in the named folder."""


class EngineError(BadStoreError):
    """An engine cannot be reached, or does not answer."""


class EngineAccessError(EngineError):
    """An engine does not know the user, or the user may not do what is needed."""


class WorkersError(EngineError):
    """The workers of a cluster cannot run Tipstaff; a question in SQL is answered all the same."""


class ReadOnlyEngineError(EngineError):
    """An engine keeps nothing, not even what a question needs for its own time."""


class OtherStoreError(EngineError):
    """An engine holds the data of another store."""


class MissingLibraryError(UsageError):
    """The library that an engine needs is not installed."""
