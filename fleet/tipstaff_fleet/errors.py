"""What can go wrong with a store; each knows its exit code, as all errors of Tipstaff do."""

from tipstaff_policy.errors import EvaluationError, UsageError


class BadStoreError(EvaluationError):
    """A store cannot be read or written; what it holds was not changed."""


class NewerStoreError(BadStoreError):
    """A store was written by a release with another format."""


class StoreBusyError(EvaluationError):
    """Another process writes to the store."""


class MemoryLimitError(EvaluationError):
    """A question needs more memory than the limit allows."""


class NoStoreError(UsageError):
    """There is no store in the named folder."""
