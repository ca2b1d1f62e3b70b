"""Every host of the tables, each with how the facts say that the client ends on it.

The kind of the ending stands first in the ending itself; None where it was not known before.
"""

from conformance_claude import cases_managed, cases_matrix, cases_personal

CASES = {**cases_matrix.CASES, **cases_managed.CASES, **cases_personal.CASES}


def is_log_out(name):
    """Return whether a host is one on which the client's own log-out runs."""
    return name.startswith("log-out:")
