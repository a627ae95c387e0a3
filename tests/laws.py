"""Properties that hold for all facts, judged without a stopwatch.

A first call may build what is kept afterwards, and two test processes share two
cores with servers: how long an example takes says nothing about the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings

_unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def law(*facts: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test for many examples of ``facts``, one strategy for each argument."""
    return lambda test: _unhurried(given(*facts)(test))
