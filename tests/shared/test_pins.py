"""What CI installs: every lower bound of pyproject.toml is a version that it tests with."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_EXTRAS = _PROJECT["optional-dependencies"]
_REQUIRED = [
    requirement
    for requirement in chain(_PROJECT["dependencies"], *_EXTRAS.values())
    if not requirement.startswith(("trialogue", "keyring"))  # CI has no keyring to test with
]
_BOUND = re.compile(r"(?P<name>[\w-]+)(\[\w+\])?>=(?P<version>[\d.]+)(,<[\d.]+)?")


def _pins(name: str) -> dict[str, str]:
    lines = (_ROOT / ".ci" / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("requirement", _REQUIRED)
def test_a_lower_bound_is_tested(requirement: str) -> None:
    bound = _BOUND.fullmatch(requirement)

    assert bound
    tested = _pins("lowest.txt")[bound["name"]]
    assert f"{tested}.".startswith(f"{bound['version']}.")
    assert bound["name"] in _pins("constraints.txt")
