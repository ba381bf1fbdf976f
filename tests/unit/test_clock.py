from datetime import UTC

from spshipping.clock import SystemClock


def test_the_system_clock_is_aware_and_never_runs_backwards() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= first
    assert clock.now().tzinfo is UTC
