"""A turn where the system lacks what a Mac lacks; the calls that are left are this machine's own."""

import os
import resource

import pytest

from tipstaff_policy.all_users import run_as_user as module
from tipstaff_policy.all_users.accounts import LocalUser
from tipstaff_policy.errors import EvaluationError

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")
PERSON = LocalUser("nobody", 65534, 65534, "/nonexistent")
LACKING = ("setresuid", "setresgid", "getresuid", "getresgid", "getxattr")


@pytest.fixture(autouse=True)
def mac(monkeypatch):
    for name in LACKING:
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(module, "this_platform", lambda: "macos")


def in_child(act):
    """Run a function in a child; return what it returns, a small number."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = act()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@AS_ROOT
def test_rights_are_dropped_for_good():
    def act():
        module._drop_rights(PERSON)
        try:
            os.seteuid(0)
        except PermissionError:
            return 1
        return 0

    assert 1 == in_child(act)


@AS_ROOT
def test_rights_that_stay_are_an_error(monkeypatch):
    monkeypatch.setattr(os, "setuid", {}.get)

    def act():
        try:
            module._drop_rights(PERSON)
        except EvaluationError:
            return 1
        return 0

    assert 1 == in_child(act)


def test_no_descriptor_but_the_answer_is_left():
    def act():
        os.open("/dev/null", os.O_RDONLY)
        module._close_from(module.ANSWER + 1)
        return sum(int(name) > module.ANSWER + 1 for name in os.listdir(module.DESCRIPTORS))

    assert 0 == in_child(act)


@AS_ROOT
def test_memory_is_not_bounded_and_the_rest_is(tmp_path):
    user = LocalUser("nobody", 65534, 65534, str(tmp_path))

    def act():
        before = resource.getrlimit(resource.RLIMIT_AS)
        module._become(user, ".client", 5)
        same = before == resource.getrlimit(resource.RLIMIT_AS)
        return int(same and resource.getrlimit(resource.RLIMIT_CPU)[0] == 6)

    assert 1 == in_child(act)
