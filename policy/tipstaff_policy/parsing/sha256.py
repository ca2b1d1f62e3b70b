"""SHA-256 by Python's own code.

`hashlib` loads OpenSSL, which costs a guard as much as a tenth of all that it does (ADR 0055).
"""

from typing import TYPE_CHECKING

__all__ = ["sha256"]

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha256 import sha256  # until Python 3.11
    except ImportError:
        try:
            from _sha2 import sha256
        except ImportError:  # a Python that was built without it
            from hashlib import sha256
