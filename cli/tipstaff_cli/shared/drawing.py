"""Loading what draws the help, without what this program never draws.

Typer draws by Rich. For that it loads a reader of Markdown and a printer of tracebacks too, which
take as long as everything else: our help is no Markdown, and no traceback reaches a user.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

NEVER_DRAWN = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


def load_drawing() -> None:
    """Load what Typer draws with; what it lacks afterwards is loaded when it is asked for."""
    stand_ins = {
        name: _stand_in(name, member)
        for name, member in NEVER_DRAWN.items()
        if name not in sys.modules
    }
    sys.modules.update(stand_ins)
    try:
        import_module("typer.rich_utils")
    except ImportError:
        pass  # another version of Typer, which loads it as it likes when it draws
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _stand_in(name: str, member: str) -> ModuleType:
    def real(_cls: type, *values: Any, **named: Any) -> Any:
        return getattr(import_module(name), member)(*values, **named)

    module = ModuleType(name)
    setattr(module, member, type(member, (), {"__new__": real}))
    return module
