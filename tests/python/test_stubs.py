"""The stubs say what the module has."""

import importlib.util
import inspect
import pathlib
import subprocess
import sys

import pytest
import tupelo


def test_the_package_is_typed():
    package = pathlib.Path(tupelo.__file__).parent
    assert (package / "py.typed").exists()
    assert (package / "_tupelo.pyi").exists()


def test_everything_public_has_a_docstring():
    for name in tupelo.__all__:
        thing = getattr(tupelo, name)
        if isinstance(thing, type) and thing.__module__ == "tupelo" and name[0].isupper():
            assert thing.__doc__, name
            for attribute, value in vars(thing).items():
                described = callable(value) or inspect.isdatadescriptor(value)
                if described and not attribute.startswith("_"):
                    assert value.__doc__, f"{name}.{attribute}"


def test_stubs_agree_with_the_module():
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed; ./dev lint runs this check too")
    answer = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "tupelo"], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
