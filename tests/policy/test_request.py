"""Which state is judged, and how deep it is read, are two things."""

import pytest

from tipstaff_policy.model.request import PolicyInputs, ReadOptions, Request

REQUEST = Request({"HOME": "/home/dev"}, "/start", 0, "0.169.0", profile="work")


def test_other_options_are_about_the_same_state():
    deeper = REQUEST.read_with(detail="all", unasked=True)

    assert REQUEST == deeper._replace(options=ReadOptions())


def test_options_add_up():
    deeper = REQUEST.read_with(detail="all").read_with(lean=True)

    assert ReadOptions(detail="all", lean=True) == deeper.options


def test_what_a_policy_gives_leaves_the_options_alone():
    searching = REQUEST.read_with(lean=True).with_inputs(homes=("/srv/homes",))

    assert (ReadOptions(lean=True), PolicyInputs(homes=("/srv/homes",))) == searching[-2:]


def test_an_option_that_there_is_not_is_refused():
    with pytest.raises((TypeError, ValueError), match="depth"):
        REQUEST.read_with(depth="all")
