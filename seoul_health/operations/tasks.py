from celery import shared_task

from seoul_health.operations.play.stock import tell_stock


@shared_task(name="operations.play_stock")
def play_stock() -> None:
    """Outside production only, see settings: the demo's windows go on telling."""
    tell_stock()
