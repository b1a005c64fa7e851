"""Preferences of an account: what several devices of it change, each a part. Pure.

A device sends what it changed and nothing else, so that none undoes what another did: of one
preference, the last value stands.
"""

from collections.abc import Mapping

import msgspec

from chat_shared.limits import MAX_PREFERENCES


def changed(values: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return `values` after `changes`, of which an empty one removes a value."""
    return {name: value for name, value in {**values, **changes}.items() if value}


def fit(values: Mapping[str, str]) -> bool:
    """Return whether an account can have all of `values`."""
    return len(msgspec.json.encode(values)) <= MAX_PREFERENCES
