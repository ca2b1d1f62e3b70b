"""Find the modules of this package without a search: the name of each is its path.

Python lists every folder of a package before it imports from it. The guard imports from fifteen
folders at every start, so that this costs more than to judge (ADR 0047).
"""

import os
from typing import Any

import tipstaff_policy

_FOLDER = os.path.dirname(tipstaff_policy.__path__[0])
_PREFIX = f"{tipstaff_policy.__name__}."
# The types of Python's own machinery; importing them by name would load a package of its own.
_Spec: Any = type(tipstaff_policy.__spec__)
_Loader: Any = type(tipstaff_policy.__loader__)


def find_spec(name: str, _path: object = None, _target: object = None) -> Any:
    """Return where a module of this package is; None for every other."""
    if not name.startswith(_PREFIX):
        return None
    base = f"{_FOLDER}/{name.replace('.', '/')}"
    is_package = os.path.isdir(base)
    file = f"{base}/__init__.py" if is_package else f"{base}.py"
    spec = _Spec(name, _Loader(name, file), origin=file, is_package=is_package)
    spec.has_location = True
    if is_package:
        spec.submodule_search_locations.append(base)
    return spec
