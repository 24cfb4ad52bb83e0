from collections.abc import Callable

from tests.bench.steps import steps_api_vs_empty_view
from tests.bench.worker import worker_memory_vs_limit

BENCHMARKS: dict[str, Callable[[], None]] = {
    "steps_api_vs_empty_view": steps_api_vs_empty_view,
    "worker_memory_vs_limit": worker_memory_vs_limit,
}
