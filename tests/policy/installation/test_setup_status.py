"""A status names what is not as it was installed."""

import pytest

from setups import ENTRY, GUARD, PYTHON, UNIT, bad, installed, tree
from tipstaff_policy.installation.platforms.linux import PLACES


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda root: (root / ENTRY[1:]).unlink(), "is gone, as after"),
        (lambda root: (root / f"{PLACES.aside}{ENTRY}"[1:]).unlink(), "blocks"),
        (lambda root: (root / GUARD[1:]).unlink(), "does not exist"),
        (lambda root: (root / PYTHON[1:]).chmod(0o744), "cannot be used by all users"),
        (lambda root: (root / GUARD[1:]).chmod(0o666), "is writable by others"),
        (lambda root: (root / ENTRY[1:]).chmod(0o644), "does not run"),
        (lambda root: (root / UNIT).unlink(), "is gone"),
        (lambda root: (root / UNIT).write_text("x"), "was changed"),
        (lambda root: (root / PLACES.manifest[1:]).unlink(), "there is none"),
        (lambda root: (root / PLACES.manifest[1:]).write_text("{}"), "was changed"),
    ],
)
def test_a_status_names_what_is_not_as_installed(change, says, tmp_path):
    root = tree(tmp_path)
    installed(root)
    change(root)

    assert any(says in each for each in bad(root))
