"""Every rule speaks of what is wrong, on its line, and is silent of what is right."""

from pathlib import Path

import pytest

from rollout.lint.samples import BAD, GOOD, MANAGED, NOW, P, bad, encoded, inner, line_of, profile
from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_rollout.lint import lint, list_groups, oldest_version
from tipstaff_rollout.lint.collecting import kind_of
from tipstaff_rollout.lint.reading import read_files


def found(sample):
    """Return what lint says of a sample, which its readers take."""
    given = tuple(
        Given(
            path,
            text if isinstance(text, bytes) else text.encode(),
            kind_of(Path(path)),
            sample.modes.get(path, 0o600),
        )
        for path, text in sample.files.items()
    )
    read = read_files(given)
    assert () == read.faults
    aim = {"version": oldest_version(read.files), "now": NOW, **sample.aim}
    return lint(read.files, Aim(**aim))


ROWS = [(rule, n) for rule, samples in BAD.items() for n in range(len(samples))]


@pytest.mark.parametrize(("rule", "number"), ROWS)
def test_what_is_wrong_is_found_on_its_line(rule, number):
    sample = BAD[rule][number]

    places = [(finding.path, finding.line) for finding in found(sample) if finding.rule == rule]

    assert sorted(sample.places) == sorted(places)


@pytest.mark.parametrize(
    ("rule", "number"), [(rule, n) for rule, samples in GOOD.items() for n in range(len(samples))]
)
def test_what_is_right_is_left_alone(rule, number):
    assert [] == [finding for finding in found(GOOD[rule][number]) if finding.rule == rule]


def test_every_rule_has_good_and_bad_samples():
    names = [rule.name for rules in list_groups().values() for rule in rules]

    assert sorted(set(names)) == sorted(names)
    assert set(names) == set(BAD) == set(GOOD)


def test_every_finding_says_what_to_do():
    for samples in BAD.values():
        for finding in (finding for sample in samples for finding in found(sample)):
            assert finding.what
            assert finding.suggestion


def test_a_contradiction_names_the_place_inside_a_profile():
    files = {P: profile(inner({"requirements_toml_base64": encoded('\nallowed_login_methods = ["api"]\n')})), MANAGED: 'forced_login_method = "chatgpt"\n'}  # fmt: skip

    (one,) = (finding for finding in found(bad(files)) if finding.rule == "contradiction")

    line = line_of(files[P], "<key>requirements")
    assert f'{P}:{line} (requirements_toml_base64, line 2) allows "api"' in one.what
