from collections.abc import Callable

from tests.bench.allocation import allocate_vs_bare_update
from tests.bench.applicants import applicant_list_1m_vs_10k, applicant_list_200k_vs_2k
from tests.bench.deadlines import deadlines_vs_update
from tests.bench.desk import desk_200k_vs_2k
from tests.bench.draws import draw_vs_bare_sort, draw_vs_bare_sort_1m
from tests.bench.feed import stock_feed_vs_static
from tests.bench.money import (
    balance_1m_entries_vs_10,
    reconcile_vs_copy,
    reconcile_vs_copy_1m,
    settle_day_vs_bare_insert,
    settle_growth_10k_100k,
    settle_growth_100k_1m,
)
from tests.bench.peers import settle_vs_hordak
from tests.bench.pots import pot_balance_checkpoint
from tests.bench.recruitment import (
    apply_api_vs_empty_view,
    select_vs_bare_insert,
    select_vs_bare_insert_1m,
)
from tests.bench.register import (
    device_list_1m_vs_10k,
    device_list_200k_vs_2k,
    import_units_vs_copy,
    import_units_vs_import_export,
)
from tests.bench.slots import slot_rush
from tests.bench.steps import steps_api_vs_empty_view
from tests.bench.worker import worker_memory_vs_limit

BENCHMARKS: dict[str, Callable[[], None]] = {
    "steps_api_vs_empty_view": steps_api_vs_empty_view,
    "worker_memory_vs_limit": worker_memory_vs_limit,
    "settle_day_vs_bare_insert": settle_day_vs_bare_insert,
    "settle_vs_hordak": settle_vs_hordak,
    "settle_growth_10k_100k": settle_growth_10k_100k,
    "balance_1m_entries_vs_10": balance_1m_entries_vs_10,
    "pot_balance_checkpoint": pot_balance_checkpoint,
    "reconcile_vs_copy": reconcile_vs_copy,
    "applicant_list_200k_vs_2k": applicant_list_200k_vs_2k,
    "select_vs_bare_insert": select_vs_bare_insert,
    "draw_vs_bare_sort": draw_vs_bare_sort,
    "apply_api_vs_empty_view": apply_api_vs_empty_view,
    "stock_feed_vs_static": stock_feed_vs_static,
    "slot_rush": slot_rush,
    "desk_200k_vs_2k": desk_200k_vs_2k,
    "import_units_vs_copy": import_units_vs_copy,
    "import_units_vs_import_export": import_units_vs_import_export,
    "device_list_200k_vs_2k": device_list_200k_vs_2k,
    "deadlines_vs_update": deadlines_vs_update,
    "allocate_vs_bare_update": allocate_vs_bare_update,
}
MILLION: dict[str, Callable[[], None]] = {
    "device_list_1m_vs_10k": device_list_1m_vs_10k,
    "settle_growth_100k_1m": settle_growth_100k_1m,
    "reconcile_vs_copy_1m": reconcile_vs_copy_1m,
    "applicant_list_1m_vs_10k": applicant_list_1m_vs_10k,
    "select_vs_bare_insert": select_vs_bare_insert_1m,
    "draw_vs_bare_sort": draw_vs_bare_sort_1m,
}
