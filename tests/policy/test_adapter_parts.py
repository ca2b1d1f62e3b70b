"""A client's parts are named by a table, and each name leads to what the engine asks for."""

import ast
import importlib
import inspect

import pytest

from tipstaff_policy import load_part
from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.clients.interface.adapter import Adapter, function_at, value_at

MODULES = {client: importlib.import_module(module) for client, module in CLIENTS.items()}
FUNCTIONS = {
    f"{client}: {part}": (part, f"{module.HERE}.{place}")
    for client, module in MODULES.items()
    for part, place in module.FUNCTIONS.items()
}
VALUES = {
    f"{client}: {part}": (part, f"{module.HERE}.{place}")
    for client, module in MODULES.items()
    for part, place in module.VALUES.items()
}


def asked(part):
    """Return the types that a part takes, and the one that it returns, as the interface says."""
    taken, returned = ast.parse(Adapter.__annotations__[part], mode="eval").body.slice.elts
    return [ast.unparse(element) for element in taken.elts], ast.unparse(returned)


@pytest.mark.parametrize(("part", "place"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_takes_what_the_interface_asks(part, place):
    taken = inspect.signature(load_part(place), eval_str=False).parameters.values()

    assert len(asked(part)[0]) == len(taken)


@pytest.mark.parametrize(("part", "place"), VALUES.values(), ids=VALUES)
def test_a_value_is_what_the_interface_asks_for(part, place):
    name = asked(part)[1].partition("[")[0]

    found = type(load_part(place)).__name__

    assert found == {"Mapping": "dict"}.get(name, name)


def test_a_part_is_loaded_by_its_first_call_only():
    function, value = function_at("nowhere:NAME"), value_at("nowhere:NAME")

    for part in (function, value):
        with pytest.raises(ModuleNotFoundError, match="nowhere"):
            part()
