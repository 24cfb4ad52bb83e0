import json
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Figures:
    """What happened and what was found, over all rounds."""

    seed: str
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    refused: int = 0
    retried: int = 0
    server_errors: int = 0
    paid: int = 0
    applications: int = 0
    complaints: int = 0
    deeds: int = 0
    earned: int = 0
    rounds: int = 0
    loaded_seconds: float = 0.0
    longest_silence: float = 0.0
    slowest_return: dict[str, float] = field(default_factory=dict)
    slowest_drain: float = 0.0
    longest_queue: int = 0
    proofs: int = 0
    findings: Counter[str] = field(default_factory=Counter)

    def as_line(self) -> str:
        rounded = {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in vars(self).items()
        }
        return json.dumps({**rounded, "killed": sum(self.kills.values())}, ensure_ascii=False)
