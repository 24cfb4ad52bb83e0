import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoul_health.settings")

from django.conf import settings

settings.ROOT_URLCONF = "tests.bench.urls"

from seoul_health.wsgi import application  # noqa: E402

__all__ = ["application"]
