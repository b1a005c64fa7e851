"""Every engine has the modules of `store.api`, and each keeps the promises of its namesake."""

from importlib import import_module
from inspect import getmembers, isfunction
from pkgutil import iter_modules
from types import ModuleType
from typing import Protocol

import pytest

from chat_server.store import api
from support.engines import Engine

SUBJECTS = [module.name for module in iter_modules(api.__path__)]


def _promises(module: ModuleType) -> list[str]:
    """Return the names of the methods that the Protocols of `module` promise."""
    return [
        name
        for protocol in vars(module).values()
        if isinstance(protocol, type) and Protocol in protocol.__bases__
        if protocol.__module__ == module.__name__
        for name, _ in getmembers(protocol, isfunction)
        if not name.startswith("_")
    ]


def test_every_subject_has_a_module_and_every_part_of_the_store_is_a_subject(
    engine: Engine,
) -> None:
    parts = [base.__module__.rpartition(".")[2] for base in engine.store.__bases__]
    package = import_module(f"chat_server.store.{engine.name}")

    assert sorted(parts) == SUBJECTS
    assert set(SUBJECTS) <= {module.name for module in iter_modules(package.__path__)}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_promise_is_kept_in_the_module_of_the_same_name(engine: Engine, subject: str) -> None:
    promised = _promises(import_module(f"{api.__name__}.{subject}"))

    assert promised
    for name in promised:
        assert getattr(engine.store, name).__module__ == engine.module(subject), name


def test_the_store_promises_every_subject_and_has_no_other_methods(engine: Engine) -> None:
    promised = [
        name
        for subject in SUBJECTS
        for name in _promises(import_module(f"{api.__name__}.{subject}"))
    ]

    assert len(promised) == len(set(promised))
    for store in api.Store, engine.store:
        methods = [name for name, _ in getmembers(store, isfunction) if not name.startswith("_")]
        assert sorted(promised) == methods


def test_every_record_of_a_subject_can_be_imported_from_the_package() -> None:
    for subject in SUBJECTS:
        module = import_module(f"{api.__name__}.{subject}")
        records = [
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
            if Protocol not in value.__bases__
        ]
        assert set(records) <= set(api.__all__), subject
