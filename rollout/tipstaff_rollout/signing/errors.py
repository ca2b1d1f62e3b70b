"""What can go wrong with signatures; each kind of failure is a type of its own."""

from tipstaff_policy.errors import EvaluationError, IntegrityError


class SignerError(EvaluationError):
    """The signer's program cannot be started, failed, or did not end in time; nothing is signed."""


class RolledBackError(IntegrityError):
    """The policy is older than one that was already seen, whatever its signature."""
