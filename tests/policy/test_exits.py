"""The orders in which exit codes win, which stand in one table."""

import pytest

from tipstaff_policy.assessment.removal_plan import Standing
from tipstaff_policy.errors import (
    AUDITED_WORST_FIRST,
    ENFORCED_FOR_ONE_WORST_FIRST,
    ENFORCED_WORST_FIRST,
    LOG_OUT_EXITS,
    STANDING_EXITS,
)

ORDERS = {
    "several users": (ENFORCED_WORST_FIRST, (70, 11, 4, 3, 10, 1, 0)),
    "one user": (ENFORCED_FOR_ONE_WORST_FIRST, (11, 10, 3, 4, 1, 0)),
    "audits": (AUDITED_WORST_FIRST, (3, 4, 5, 1, 0)),
}


@pytest.mark.parametrize(("order", "promised"), ORDERS.values(), ids=ORDERS)
def test_the_worst_exit_comes_first_in_the_promised_order(order, promised):
    assert promised == order


def test_no_log_out_of_one_user_hides_that_another_was_not_judged():
    assert 4 == min((10, 4, 0), key=ENFORCED_WORST_FIRST.index)


def test_a_log_out_of_one_user_stands_whatever_else_became_of_his_folders():
    assert set(LOG_OUT_EXITS) == set(ENFORCED_FOR_ONE_WORST_FIRST[:2])


def test_every_standing_but_a_violation_has_an_exit():
    assert set(Standing.__args__) == {*STANDING_EXITS, "violates"}
