"""Bytecode that is taken as it is: no source's time or hash is compared at a start."""

import py_compile
import tempfile
from pathlib import Path


def compile_module(source: Path, name: str) -> bytes:
    """Return a module's bytecode for this Python.

    The same for the same program that calls it: which texts are written once and referred to
    depends on what the process has loaded.

    Args:
        name: What tracebacks and ``__file__`` are to say.
    """
    with tempfile.NamedTemporaryFile(suffix=".pyc") as file:
        py_compile.compile(
            str(source),
            file.name,
            dfile=name,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return Path(file.name).read_bytes()
