from celery import current_app
from django.db import transaction


def enqueue(name: str, *args: int | str) -> None:
    """Queue a task by name once this transaction commits: the worker must find the row.

    The broker is a doorbell: when it is down the row waits for the beat sweep.
    """
    transaction.on_commit(lambda: ring(name, *args), robust=True)


def ring(name: str, *args: int | str) -> None:
    current_app.send_task(name, args, retry=False)
