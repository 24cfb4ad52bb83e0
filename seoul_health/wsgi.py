import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoul_health.settings")

application = get_wsgi_application()
# Everything is imported before the first caller comes, and the collector never looks at it again.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
