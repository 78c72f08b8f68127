"""How much longer work will take."""

from __future__ import annotations

from ui.services.pace import TELL_AFTER_SECONDS, Pace


def test_each_stage_has_its_own_speed() -> None:
    """Shown after a while, from the steps of this stage alone; not before, not without any, and not at the end."""
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.seconds_left("reading", 10, 100) is None
    now = TELL_AFTER_SECONDS - 0.1
    assert pace.seconds_left("reading", 20, 100) is None
    now = 10.0
    assert pace.seconds_left("reading", 30, 100) == 35.0  # 20 steps in 10 seconds, 70 to go
    assert pace.seconds_left("embedding", 0, 50) is None
    now = 20.0
    assert pace.seconds_left("embedding", 0, 50) is None
    assert pace.seconds_left("embedding", 25, 50) == 10.0
    assert pace.seconds_left("embedding", 50, 50) is None
