"""A walk of today, as a phone would send it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from seoul_health.core import clock

SHORTEST = timedelta(minutes=50)


class Walk:
    """Samples inside the Seoul day that is under way; the minutes before now."""

    def __init__(self) -> None:
        now = clock.now().astimezone(clock.KST).replace(second=0, microsecond=0)
        self.day = now.date()
        self.room = now - clock.day_starts(self.day)
        self.starts = now - min(self.room, timedelta(hours=5))
        self.half = self.starts + (now - self.starts) / 2
        self.ends = now

    @property
    def is_possible(self) -> bool:
        """Say whether the day is long enough for 8,000 steps at a walker's pace."""
        return self.room >= SHORTEST

    def new_key(self) -> str:
        return str(uuid.uuid4())

    def batch(self, samples: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {
            "batch_id": str(uuid.uuid4()),
            "source": "phone",
            "app_version": "2.4.1",
            "os": "Android 15",
            "device_model": "SM-S928N",
            "samples": samples,
            **more,
        }

    def sample(self, start: datetime, end: datetime, steps: int) -> dict[str, Any]:
        return {"start": start.isoformat(), "end": end.isoformat(), "steps": steps}

    def morning(self, steps: int) -> list[dict[str, Any]]:
        return [self.sample(self.starts, self.half, steps)]

    def rest(self, steps: int) -> list[dict[str, Any]]:
        return [self.sample(self.half, self.ends, steps)]

    def open_mhealth(self, steps: int) -> dict[str, Any]:
        """The morning once more, as an Open mHealth omh:step-count data point."""
        return {
            "header": {
                "id": str(uuid.uuid4()),
                "creation_date_time": self.ends.isoformat(),
                "schema_id": {"namespace": "omh", "name": "step-count", "version": "3.0"},
            },
            "body": {
                "step_count": {"value": steps, "unit": "steps"},
                "effective_time_frame": {
                    "time_interval": {
                        "start_date_time": self.starts.isoformat(),
                        "end_date_time": self.half.isoformat(),
                    }
                },
            },
        }
