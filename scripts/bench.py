"""`make bench`: orders, the catalogue page, a long bank statement and long lists, measured on this machine.

make bench                 20 orders, 5 rounds of the catalogue
make bench ARGS=--quick    fewer of both
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.benchmark.catalogue import measure_catalogue  # noqa: E402
from scripts.benchmark.order_lists import FEW, MANY, measure_lists  # noqa: E402
from scripts.benchmark.orders import measure_orders  # noqa: E402
from scripts.benchmark.stage import raise_stage  # noqa: E402
from scripts.benchmark.statements import LINES, measure_statements  # noqa: E402

TIMES_THE_FLOOR = 3.0  # an order may take this many times its outside calls and its PDF
SHARE_OF_THE_BARE_PAGE = 0.25
QUERIES = 6
SECONDS_TO_PREVIEW = 5.0
TIMES_A_SHORT_LIST = 2.0


def main() -> int:
    """Measure and print; 0 whatever the figures are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer orders and rounds")
    quick = parser.parse_args().quick
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="vcp-bench-") as folder, raise_stage(Path(folder)) as stage:
        catalogue = measure_catalogue(stage, rounds=2 if quick else 5)
        orders = measure_orders(stage, 5 if quick else 20)
        statements = measure_statements(stage.settings)
        lists = measure_lists(stage.environment, rounds=5 if quick else 15)
    mailed = median(each.mailed for each in orders.orders)
    share = catalogue.page / catalogue.bare
    print(f"orders: {len(orders.orders)}")
    print(
        f"  payment to cancelled       {median(each.cancelled for each in orders.orders) * 1000:6.0f} ms (median)"
    )
    print(f"  payment to mailed          {mailed * 1000:6.0f} ms (median)")
    print(
        f"  outside calls and PDF      {orders.floor * 1000:6.0f} ms (PDF alone: {orders.pdf * 1000:.0f} ms)"
    )
    times = mailed / orders.floor
    print(
        f"  times the floor            {times:6.1f}    at most {TIMES_THE_FLOOR}: {said(times <= TIMES_THE_FLOOR)}"
    )
    print("catalogue page, not cached")
    print(f"  pages a second             {catalogue.page:6.0f}    (bare page: {catalogue.bare:.0f})")
    print(
        f"  share of the bare page     {share:6.0%}    at least 25 %: {said(share >= SHARE_OF_THE_BARE_PAGE)}"
    )
    print(
        f"  queries                    {catalogue.queries:6d}    at most 6: {said(catalogue.queries <= QUERIES)}"
    )
    print(f"bank statement of {LINES:,} lines, to the preview")
    slowest = max(statements.camt, statements.mt940)
    print(f"  camt.053                   {statements.camt:6.1f} s")
    print(
        f"  MT940                      {statements.mt940:6.1f} s  at most {SECONDS_TO_PREVIEW}: {said(slowest <= SECONDS_TO_PREVIEW)}"
    )
    print(f"lists of orders, {FEW:,} and {MANY:,} of them")
    for each in lists:
        print(
            f"  {each.name:<34} {each.few * 1000:6.1f} ms {each.many * 1000:6.1f} ms  {each.times:4.1f} times, "
            f"at most {TIMES_A_SHORT_LIST}: {said(each.times <= TIMES_A_SHORT_LIST)}"
        )
    return 0


def said(kept: bool) -> str:
    """A bar is kept or missed."""
    return "ok" if kept else "missed"


if __name__ == "__main__":
    sys.exit(main())
