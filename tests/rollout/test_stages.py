"""How far a start has come, what ships then, where it has an effect, and what comes next."""

import re
from datetime import UTC, datetime

import pytest

from rollout.drafts import DOCUMENT, OF_CLAUDE, draft, example_of_both
from tipstaff_policy.clients.interface.lint import Given
from tipstaff_policy.organisation.whole_start import find_hold_backs
from tipstaff_rollout.artefacts.compiling import compile_policy, policy_of
from tipstaff_rollout.artefacts.pages import README, UPLOAD
from tipstaff_rollout.authoring.in_words import describe_policy
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.effects import find_effect
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.proving import prove, render_artefact, with_page
from tipstaff_rollout.stages import find_stage, list_stages


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


SOFT = """\
valid_until = 2028-01-01
warn_from = 2026-12-01
enforce_from = 2027-01-10
"""
SHARE = 'cohort = "5%"\n'
ALL = 'cohort = "100%"\n'
SCOPE = '[[scopes]]\nname = "ci"\nhosts = ["ci-*"]\n'
STATES = {
    "before": (SOFT, "2026-11-30"),
    "warn": (SOFT, "2026-12-01"),
    "cohort": (SOFT + SHARE, "2027-01-10"),
    "whole": (SOFT + ALL, "2027-01-10"),
    "expired": (SOFT, "2028-01-02"),
}


def effect(more, day):
    one = draft(DOCUMENT + more)
    made = compile_policy(one, now=at(day))
    shipped = tuple(payload.name for payload in made.payloads)
    return find_effect(policy_of(one), at(day), shipped), made


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_known_by_its_date(state):
    more, day = STATES[state]

    assert state == find_stage(policy_of(draft(DOCUMENT + more)), at(day)).state


@pytest.mark.parametrize("state", STATES)
def test_the_clients_own_files_ship_only_where_the_rules_are_enforced_on_every_host(state):
    found, made = effect(*STATES[state])

    whole = state in ("whole", "expired")
    assert whole == (made.data("requirements") is not None)
    assert whole == ("requirements.toml" in found.ships)
    assert whole != (found.without_tipstaff == "nothing")


NEXT = {
    "before": "--at 2026-12-01",
    "warn": "--at 2027-01-10",
    "cohort": "Raise `cohort` (policy.toml:11)",
    "whole": "Upload all of it",
    "expired": "State a later `valid_until`",
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_says_what_to_do_next(state):
    found, _ = effect(*STATES[state])

    assert NEXT[state] in found.next


def test_a_policy_that_ends_says_by_when_its_next_version_is_due():
    found, _ = effect("valid_until = 2028-01-01\n", "2027-01-01")

    assert "Before 2028-01-02: render a version with a later `valid_until`." in found.next


@pytest.mark.parametrize("state", ["before", "warn", "cohort"])
def test_what_keeps_the_clients_files_back_is_named_with_its_line(state):
    more, day = STATES[state]

    found, _ = effect(more, day)

    assert all(
        f"{name} at policy.toml:{place.line}" in found.ships
        for name, place in find_hold_backs(policy_of(draft(DOCUMENT + more)), at(day))
    )


HELD = {
    "a share of all": (SOFT + ALL, []),
    "a smaller share": (SOFT + SHARE, ["cohort"]),
    "a report": ('on_violation = "report"\n', ["on_violation"]),
    "a scope that says nothing": (SCOPE, []),
    "a scope that reports": (SCOPE + 'on_violation = "report"\n', ["scope ci"]),
    "a scope of a later day": (SCOPE + "enforce_from = 2099-01-01\n", ["scope ci"]),
    "a scope of an earlier day": (SCOPE + "enforce_from = 2027-01-01\n", []),
    "a scope of a share": (SCOPE + "enforce_from = 2027-01-01\n" + SHARE, ["scope ci"]),
}


@pytest.mark.parametrize("held", HELD)
def test_a_start_is_over_where_nothing_of_it_is_to_come_on_any_host(held):
    more, names = HELD[held]

    found = find_hold_backs(policy_of(draft(DOCUMENT + more)), at("2027-02-01"))

    assert names == [name for name, _ in found]


def test_within_a_stage_only_what_still_holds_it_back_is_named():
    one = policy_of(draft(DOCUMENT + "valid_from = 2026-12-01\nwarn_from = 2026-12-05\n"))

    early, late = (find_stage(one, at(day)) for day in ("2026-11-30", "2026-12-02"))

    assert ["before", "before"] == [early.state, late.state]
    assert ["valid_from", "warn_from"] == [name for name, _ in early.held_back_by]
    assert ["warn_from"] == [name for name, _ in late.held_back_by]


def test_without_a_moment_no_start_is_over():
    one = draft(DOCUMENT + SOFT + ALL)

    assert find_hold_backs(policy_of(one), None)
    assert compile_policy(one).data("requirements") is None


def test_a_share_and_a_scope_are_kept_apart_in_words():
    more = SOFT + SHARE + SCOPE + 'on_violation = "report"\n'

    found, _ = effect(more, "2027-02-01")

    assert "on hosts of the scope ci it is warned of" in found.with_tipstaff
    assert "logged out on 5% of them" in found.with_tipstaff


def test_a_policy_without_a_start_has_one_stage():
    (stage,) = list_stages(policy_of(draft()))

    assert ("whole", None, ()) == stage[:3]


@pytest.mark.parametrize("state", STATES)
def test_show_says_for_now_and_for_each_later_stage_what_ships(state):
    more, day = STATES[state]
    read = read_files((Given("policy.toml", (DOCUMENT + more).encode(), "policy"),))
    policy = read.files.policies[0]

    says = [
        statement.says
        for statement in describe_policy(policy, at(day))
        if statement.about == "what ships"
    ]

    later = [stage for stage in list_stages(policy.policy) if (stage.since or 0) > at(day)]
    assert says[0].startswith(f"Now its start is at `{state}`")
    assert [stage.state for stage in later] == [
        text.split("`")[1] for text in says[1:] if text.startswith("From ")
    ]


PAGES = ["jamf", "intune-macos", "kandji", "fleet", "ansible", "gpo", "intune-win32"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", [*PAGES, "intune-windows"])
def test_the_readme_of_each_set_says_it_for_each_stage(name, state):
    more, day = STATES[state]
    one = draft(DOCUMENT + more)
    by = channel(name)

    files = render_artefact(compile_policy(one, now=at(day)), by)

    page = next(file for file in files if file.path == README).data.decode()
    whole = state in ("whole", "expired")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith(("| 2", "| the"))]
    stages = [stage.state for stage in list_stages(policy_of(one))]
    assert rows == (
        [stage for stage in stages if stage in ("whole", "expired")] if whole else stages
    )
    assert whole != ("**It has no effect on a host without Tipstaff.**" in page)


@pytest.mark.parametrize("name", channel_names())
def test_each_set_has_a_page_that_names_each_of_its_files_and_can_be_read_back(name):
    by = channel(name)
    made = compile_policy(draft(DOCUMENT + OF_CLAUDE), drop_ins="drop-in" in name)

    files = with_page(made, by, render_artefact(made, by))

    page = files[-1]
    assert page.path == UPLOAD
    text = page.data.decode()
    assert all(f"`{file.path}`" in text for file in files[:-1])
    assert [
        "## Which file, where, in which order",
        "## How to check",
        "## How to go back",
    ] == [line for line in text.splitlines() if line.startswith("## ")][:3]
    assert name == prove(files).channel


def test_a_page_for_windows_names_the_value_of_the_registry_that_ships():
    files = render_artefact(example_of_both("windows"), channel("gpo"))

    page = next(file for file in files if file.path == README).data.decode()

    (line,) = (line for line in page.splitlines() if line.startswith("Ships: "))
    assert r"HKLM\SOFTWARE\Policies\ClaudeCode\Settings" in line


@pytest.mark.parametrize("drop_ins", [False, True])
def test_a_page_for_a_mac_names_a_drop_in_only_where_one_ships(drop_ins):
    files = render_artefact(example_of_both("macos", drop_ins=drop_ins), channel("jamf"))

    page = next(file for file in files if file.path == README).data.decode()

    assert drop_ins == ("50-tipstaff.json" in page)


def test_a_page_of_jamf_names_no_property_list_that_is_not_in_the_folder():
    files = render_artefact(example_of_both("macos", drop_ins=True), channel("jamf"))

    page = next(file for file in files if file.path == README).data.decode()

    lists = {file.path for file in files if file.path.endswith(".plist")}
    assert lists == {*re.findall(r"`(com\.[a-z.]+\.plist)`", page)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_a_soft_start_says_that_its_end_is_rendered_again(name):
    made = compile_policy(draft(DOCUMENT + SOFT), now=at("2026-12-01"))

    files = render_artefact(made, channel(name))

    page = next(file for file in files if file.path == README).data.decode()
    (row,) = (line for line in page.splitlines() if line.startswith("|") and "`whole`" in line)
    assert "nothing, until it is rendered again" in row
    assert "Render again and upload all of it" in row


@pytest.mark.parametrize("state", ["warn", "whole"])
def test_a_page_of_jamf_removes_a_profile_only_where_one_was_rendered(state):
    more, day = STATES[state]
    by = channel("jamf")
    made = compile_policy(draft(DOCUMENT + more), now=at(day))

    page = with_page(made, by, render_artefact(made, by))[-1].data.decode()

    assert (state == "whole") == ("remove the profile" in page)
