"""What several tests of the command line need."""

from local_users import bare_machine, machine

__all__ = ["bare_machine", "machine"]
