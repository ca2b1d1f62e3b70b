"""The finder of the guard loads what Python's own machinery would load, and nothing else."""

import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode as Mode

import pytest

from tipstaff_policy import finder

ENTRY = """
import sys
sys.path.insert(0, {folder!r})
from tipstaff_policy import finder
sys.path.append(sys.path.pop(0))
if {installed}:
    sys.meta_path.insert(0, finder)
"""
FIRST, SECOND = "SAID = 'first'\n", "SAID = 'other'\n"
"""Of one length, so that only the time differs."""


@pytest.fixture
def package(tmp_path):
    """Return the folder of a package that holds the finder, a module and a package below."""
    folder = tmp_path / "tipstaff_policy"
    (folder / "below").mkdir(parents=True)
    shutil.copy(finder.__file__, folder / "finder.py")
    (folder / "__init__.py").write_text('"""A package."""\n')
    (folder / "below/__init__.py").write_text("SAID = 'package'\n")
    (folder / "below/module.py").write_text(FIRST)
    return folder


def run(package, statements, *options, installed=True):
    entry = ENTRY.format(folder=str(package.parent), installed=installed)
    words = [sys.executable, "-I", "-S", *options, "-c", entry + statements]
    return subprocess.run(words, check=False, capture_output=True, text=True)


def said(package, *options):
    statements = "from tipstaff_policy.below import module; print(module.SAID)"
    return run(package, statements, *options).stdout.strip()


def compiled(package, mode=Mode.TIMESTAMP, ending=""):
    """Compile the module, and return where its bytecode is."""
    source = package / "below/module.py"
    kept = Path(py_compile.compile(str(source), invalidation_mode=mode, doraise=True))
    return kept.rename(kept.with_suffix(f"{ending}.pyc")) if ending else kept


def change_source(package, *, later=10):
    """Give the module another text of the same length."""
    source = package / "below/module.py"
    time = source.stat().st_mtime + later
    source.write_text(SECOND)
    os.utime(source, (time, time))


def test_a_module_without_bytecode_is_compiled(package):
    assert "first" == said(package)


def test_bytecode_is_kept_for_the_next_start(package):
    said(package)

    assert list((package / "below/__pycache__").glob("module.*.pyc"))


def test_a_module_of_a_folder_that_cannot_be_written_is_loaded(package):
    (package / "below/__pycache__").write_text("a file stands in its place")

    assert "first" == said(package)


def test_bytecode_of_the_source_is_taken(package):
    kept = compiled(package)
    kept.write_bytes(kept.read_bytes().replace(b"first", b"bytes"))

    assert "bytes" == said(package)


def test_a_source_of_another_time_is_compiled_again(package):
    compiled(package)
    change_source(package)

    assert "other" == said(package)


def test_an_older_source_is_compiled_again_too(package):
    compiled(package)
    change_source(package, later=-10)

    assert "other" == said(package)


def test_a_source_of_another_length_is_compiled_again(package):
    kept = compiled(package)
    time = (package / "below/module.py").stat().st_mtime
    (package / "below/module.py").write_text("SAID = 'longer than it was'\n")
    os.utime(package / "below/module.py", (time, time))

    assert kept.exists()
    assert "longer than it was" == said(package)


def test_bytecode_of_another_python_is_not_taken(package):
    kept = compiled(package)
    kept.write_bytes(b"\0\0\r\n" + kept.read_bytes()[4:].replace(b"first", b"wrong"))

    assert "first" == said(package)


@pytest.mark.parametrize("left", [0, 3, 15])
def test_bytecode_that_was_cut_short_is_not_taken(left, package):
    kept = compiled(package)
    kept.write_bytes(kept.read_bytes()[:left])

    assert "first" == said(package)


def test_unchecked_bytecode_counts_whatever_the_source_says(package):
    compiled(package, Mode.UNCHECKED_HASH)
    change_source(package)

    assert "first" == said(package)


def test_unchecked_bytecode_is_checked_where_python_is_told_to(package):
    compiled(package, Mode.UNCHECKED_HASH)
    change_source(package)

    assert "other" == said(package, "--check-hash-based-pycs", "always")


def test_checked_bytecode_is_not_taken_for_another_source(package):
    compiled(package, Mode.CHECKED_HASH)
    change_source(package)

    assert "other" == said(package)


def test_long_bytecode_is_left_to_python(package):
    (package / "below/module.py").write_text(f"TEXT = {'x' * finder._LIMIT!r}\nSAID = 'long'\n")
    said(package)

    assert "long" == said(package)


def test_an_optimising_python_takes_its_own_bytecode(package):
    kept = compiled(package, ending=".opt-1")
    kept.write_bytes(kept.read_bytes().replace(b"first", b"short"))

    assert ("short", "first") == (said(package, "-O"), said(package))


def test_a_name_that_is_no_module_is_not_found(package):
    done = run(package, "import tipstaff_policy.below.missing")

    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.parametrize("name", ["json", "tipstaff_policy", "tipstaff_policy_more.below", "os"])
def test_no_module_but_those_of_the_package_is_answered(name):
    assert finder.find_spec(name) is None


@pytest.mark.parametrize("name", ["tipstaff_policy.below", "tipstaff_policy.below.module"])
def test_a_module_says_of_itself_what_python_would_have_it_say(name, package):
    statements = f"""
import importlib
found = importlib.import_module({name!r})
facts = vars(found)
print([facts.get(each) for each in ("__name__", "__file__", "__cached__", "__package__", "__path__", "SAID")])
print(found.__spec__.origin, found.__spec__.cached, found.__spec__.has_location)
"""
    expected = run(package, statements, installed=False)

    assert expected.stdout
    assert expected.stdout == run(package, statements).stdout


def test_a_module_of_another_package_of_tipstaff_is_found_in_the_folder_of_that(tmp_path):
    (tmp_path / "thing.py").write_text(FIRST)

    spec = finder.find_spec("tipstaff_schemas.thing", [str(tmp_path)])

    assert spec is not None
    assert str(tmp_path / "thing.py") == spec.origin


@pytest.mark.parametrize("name", ["tipstaff_schemas", "tipstaff_schemasx.thing", "json.thing"])
def test_what_is_below_no_package_of_tipstaff_is_left_to_python(name, tmp_path):
    (tmp_path / "thing.py").write_text(FIRST)

    assert finder.find_spec(name, [str(tmp_path)]) is None
