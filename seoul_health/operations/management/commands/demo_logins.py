from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from seoul_health import environment
from seoul_health.core.models import StaffUser
from seoul_health.operations.demo.staff import PASSWORD, STAFF


class Command(BaseCommand):
    help = "Print the demo log-ins, one per role; never in production mode."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("There are no demo log-ins in production mode.")
        names = [demo.username for demo in STAFF]
        if not StaffUser.objects.filter(username__in=names).exists():
            self.stdout.write("시연 계정이 없습니다 / No demo log-ins: load_demo makes them.")
            return
        address = f"http://127.0.0.1:{environment.read('PORT', '8000')}"
        self.stdout.write(
            f"직원 화면 / Staff: {address}/admin/   민원 / Complaints: {address}/desk/"
        )
        self.stdout.write(f"비밀번호 / Password: {PASSWORD}")
        for demo in STAFF:
            with translation.override("ko"):
                role = str(demo.role.label)
            self.stdout.write(f"  {demo.username:<12}{role}")
