"""TIP306 sees values of device management that the client does not take."""

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.clients.codex.facts.stated_rules import device_values
from tipstaff_policy.model.host_facts import DeviceValue
from tipstaff_policy.model.state import IgnoredLayer, Layer, ReadLayer

LOOSE = DeviceValue("/Library/Preferences/x.plist key", forced=False)
# Never an error: a value that cannot be read stops the client, which the decision says.
CASES = {
    "present": ((LOOSE,), ["fail"]),
    "forced": ((LOOSE._replace(forced=True),), ["pass"]),
    "nothing set": ((), ["not_applicable"]),
    "another platform": (None, ["not_applicable"]),
}


@pytest.mark.parametrize(("values", "found"), CASES.values(), ids=CASES)
def test_the_status_follows_what_was_found(values, found):
    assert found == statuses("TIP306", around(device_values=values))


def value(name, content):
    return Layer(name, 0, f"/{name}", administrators=True, grammar="config", content=content)


@pytest.mark.parametrize(("forced", "expected"), [("device", [True, True]), ("other", [False])])
def test_a_value_beside_a_forced_one_of_its_key_does_no_harm(forced, expected):
    layers = [value(forced, ReadLayer(())), value("device", IgnoredLayer("not forced", ""))]

    assert expected == [device_value.forced for device_value in device_values(layers)]
