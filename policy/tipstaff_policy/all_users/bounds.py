"""What a run over users goes by: how long one may take, and that one may be skipped."""

TIME_LIMIT_S = 60.0
"""For one user; more than the client's locks and a keyring may take together."""


class SkippedError(Exception):
    """There is nothing to do for this user; raised by a job too."""
