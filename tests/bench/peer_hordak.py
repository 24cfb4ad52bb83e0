"""python -m tests.bench.peer_hordak URL ACCOUNTS — django-hordak, told over lines of stdin.

A process and a database of its own: its models are not ours. It answers each line “transfers
batch” with the postings per second of so many `transfer_to`, a batch to a transaction.
"""

import itertools
import sys
import time

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction


def set_up(url: str) -> None:
    settings.configure(
        DATABASES={"default": dj_database_url.parse(url)},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "mptt", "djmoney", "hordak",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        TIME_ZONE="Asia/Seoul",
        DEFAULT_CURRENCY="KRW",
        CURRENCIES=("KRW",),
        HORDAK_INTERNAL_CURRENCY="KRW",
        HORDAK_DECIMAL_PLACES=0,
    )  # fmt: skip
    django.setup()
    call_command("migrate", verbosity=0)


def main(url: str, count: int) -> None:
    set_up(url)
    from hordak.models import Account
    from moneyed import Money

    fund = Account.objects.create(name="Fund", code="F", type="IN", currencies=["KRW"])
    purses = [
        Account.objects.create(name=f"Purse {n}", code=f"P{n}", type="LI", currencies=["KRW"])
        for n in range(count)
    ]
    turn, amount = itertools.cycle(purses), Money(100, "KRW")
    print("ready", flush=True)
    for line in sys.stdin:
        transfers, batch = (int(word) for word in line.split())
        began = time.perf_counter()
        for _ in range(transfers // batch):
            with transaction.atomic():
                for _ in range(batch):
                    fund.transfer_to(next(turn), amount)
        print(transfers / (time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
