"""Find and load Tipstaff's modules without a search: the name of each is its path.

Python lists every folder of a package before it imports from it, and works out twice where the
bytecode of each module is. The guard imports fifty modules from seventeen folders at every
start, so that this costs more than to judge (ADR 0047, ADR 0055).
"""

import _imp
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from collections.abc import Sequence
from marshal import loads
from types import CodeType, ModuleType

import tipstaff_policy

_FOLDER = os.path.dirname(tipstaff_policy.__path__[0])
_PREFIX = f"{tipstaff_policy.__name__}."
_OTHERS = ("tipstaff_cli.", "tipstaff_reports.", "tipstaff_schemas.")
"""What the full program loads at a start beyond this package."""
_OPTIMISED = f".opt-{sys.flags.optimize}" if sys.flags.optimize else ""
_ENDING = f".{sys.implementation.cache_tag}{_OPTIMISED}.pyc"
_OF_SOURCE = MAGIC_NUMBER + b"\0\0\0\0"
"""How bytecode begins that names the time and the size of its source."""
_UNCHECKED = MAGIC_NUMBER + b"\1\0\0\0"
"""How bytecode begins that counts whatever its source says, as in a package for endpoints."""
_HEAD = 16
_READING = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Windows has the second flag, every other system the first."""
_LIMIT = 1 << 16
"""Bytes of bytecode; what is longer is left to Python's own loader."""


class _Loader(SourceFileLoader):
    """Takes the bytecode that Python itself would take; everything else is left to Python."""

    facts: os.stat_result
    """Of the source."""
    cached: str

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module that has what Python would else look for in vain before it sets it."""
        module = ModuleType(spec.name)
        vars(module).update(__file__=spec.origin, __cached__=spec.cached)
        return module

    def get_code(self, fullname: str) -> CodeType | None:
        code = self._read_kept_code()
        return super().get_code(fullname) if code is None else code

    def _read_kept_code(self) -> CodeType | None:
        """Return the bytecode next to the source, if it is certainly of this source."""
        try:
            file = os.open(self.cached, _READING)
        except OSError:
            return None
        try:
            kept = os.read(file, _LIMIT)
        finally:
            os.close(file)
        time, size = int(self.facts.st_mtime) & 0xFFFFFFFF, self.facts.st_size & 0xFFFFFFFF
        of_source = _OF_SOURCE + time.to_bytes(4, "little") + size.to_bytes(4, "little")
        unchecked = kept.startswith(_UNCHECKED) and _imp.check_hash_based_pycs != "always"
        if len(kept) == _LIMIT or not (unchecked or kept.startswith(of_source)):
            return None
        code: CodeType = loads(kept[_HEAD:])  # noqa: S302 - as Python itself does
        return code


def find_spec(
    name: str, path: Sequence[str] | None = None, _target: object = None
) -> ModuleSpec | None:
    """Return where a module of this package is, or one below a package of Tipstaff's others.

    Returns:
        None for every other module, and for those packages themselves.
    """
    if name.startswith(_PREFIX):
        base = f"{_FOLDER}/{name.replace('.', '/')}"
    elif path and name.startswith(_OTHERS):
        base = f"{path[0]}/{name.rpartition('.')[2]}"
    else:
        return None
    folder, _, stem = base.rpartition("/")
    file, within = f"{base}.py", None
    try:
        facts = os.stat(file)
    except FileNotFoundError:
        folder, stem, within = base, "__init__", [base]
        file = f"{base}/__init__.py"
        try:
            facts = os.stat(file)
        except FileNotFoundError:
            return None
    loader = _Loader(name, file)
    spec = ModuleSpec(name, loader, origin=file)
    spec.submodule_search_locations = within
    spec.has_location = True
    spec.cached = loader.cached = f"{folder}/__pycache__/{stem}{_ENDING}"
    loader.facts = facts
    return spec
