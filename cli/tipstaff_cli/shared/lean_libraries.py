"""What the libraries of a command would load and build, and no command of ours needs."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PLUGINS = "pydantic.plugin._loader"


class _NoPlugins(ModuleType):
    """Stands for the module by which Pydantic finds plugins; for all else it asks the real one."""

    def get_plugins(self) -> tuple[()]:
        """Return none."""
        return ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        del sys.modules[PLUGINS]
        return getattr(import_module(PLUGINS), name)


def load_no_plugins() -> None:
    """Keep Pydantic from searching every installed distribution for plugins.

    What Tipstaff reads is no concern of another program's plugin, least of all in a run of root's;
    and the search takes as long as the audit of a host.
    """
    sys.modules.setdefault(PLUGINS, _NoPlugins(PLUGINS))


class _LateReader:
    """Reads the values of an option; what Typer reads with is made for the first that is given."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return a value as the command takes it; what stands in for none as it is."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if _is_as_given(value, param):
            return value
        if _is_any_path(value, param):
            return Path(value)
        if param.type_descriptor.annotation == list[str] and not isinstance(value, str):
            return list(value)
        self._made = self._made or self._make()
        return self._made.coerce(value, param=param, ctx=ctx)


def _is_as_given(value: Any, param: Any) -> bool:
    """Return whether a value is what the command takes: a default, a text or a known choice."""
    if isinstance(value, int | float | str) and value == param.default:
        return True
    wanted = param.type_descriptor
    if not isinstance(value, str):
        return False
    return wanted.annotation is str or (bool(wanted.choices) and value in wanted.choices)


def _is_any_path(value: Any, param: Any) -> bool:
    """Return whether a value is a path that the command takes, whether a file is there or not."""
    wanted = param.type_descriptor
    if wanted.annotation is not Path or not isinstance(value, str):
        return False
    asked = wanted.parameter_info
    taken = asked.exists, asked.resolve_path, asked.writable, asked.file_okay, asked.dir_okay
    if taken != (False, False, False, True, True) or asked.path_type or asked.parser:
        return False
    return not Path(value).exists() or os.access(value, os.R_OK)


def read_what_is_given(command: Any) -> None:
    """Let a command, or a group of them, make readers only for the options that are given.

    Typer makes a model of Pydantic's for every option that a command has, and an audit has thirty.
    """
    every_param = command.get_params
    command.get_params = lambda ctx: [_read_late(param) for param in every_param(ctx)]
    for below in getattr(command, "commands", {}).values():
        read_what_is_given(below)


def _read_late(param: Any) -> Any:
    """Return an option or argument that makes its reader late, where Typer has readers at all."""
    make = getattr(param, "get_runtime_param", None)
    if make is not None and "get_runtime_param" not in vars(param):
        late = _LateReader(make)
        param.get_runtime_param = lambda: late
    return param
