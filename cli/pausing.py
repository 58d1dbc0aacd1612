"""Waiting, in the time that this process lives by."""

from __future__ import annotations


def pause(seconds: float) -> None:
    """Wait: with a rehearsal's clock at ``max`` it is moved instead."""
    import time
    from datetime import timedelta

    from clock import MAX_SPEED, VirtualClock, from_environment

    clock = from_environment()
    if isinstance(clock, VirtualClock) and clock.speed == MAX_SPEED:
        clock.advance(timedelta(seconds=seconds))
    else:
        time.sleep(seconds / float(clock.speed))
