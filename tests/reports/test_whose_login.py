"""A report names the person whose login it is, and apart from that who audited it."""

import json
import os
import pwd

import pytest
from example_hosts import copy_host

from support.machines import hosts
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.saved import read_saved

AUDITOR = "auditor-7"
PERSON = "person-3"
ACCOUNTS = "root:x:0:0::/root:/bin/sh\n{name}:x:1000:1000::/home/dev:/bin/sh\n"


def audited(folder, passwd=None, home="home/dev"):
    root = copy_host("wrong-workspace", folder)
    if passwd is not None:
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc/passwd").write_text(passwd)
    if home != "home/dev":
        (root / home).parent.mkdir(parents=True, exist_ok=True)
        (root / "home/dev").rename(root / home)
    more = () if home == "home/dev" else ("--codex-home", root / home / ".codex")
    done = hosts.audit(root, *more, "--format", "json")
    return json.loads(done.stdout)


def test_the_person_of_an_image_is_the_owner_of_the_home_by_its_accounts(tmp_path):
    run = audited(tmp_path, ACCOUNTS.format(name=PERSON))["run"]

    assert PERSON == run["user"]


def test_who_audited_stands_apart(tmp_path):
    run = audited(tmp_path, ACCOUNTS.format(name=PERSON))["run"]

    assert pwd.getpwuid(os.getuid()).pw_name == run["audited_by"]


def test_without_an_account_of_that_home_the_person_is_not_known(tmp_path):
    run = audited(tmp_path, "root:x:0:0::/root:/bin/sh\n", home="srv/work")["run"]

    assert "not known" == run["user"]


@pytest.mark.parametrize("name", MODULES)
def test_every_format_names_both(name, tmp_path):
    document = audited(tmp_path, ACCOUNTS.format(name=PERSON))
    document["run"]["audited_by"] = AUDITOR

    text = load_format(name).render(as_audit(read_saved(json.dumps(document).encode(), "x")))

    assert AUDITOR in text
    assert PERSON in text
