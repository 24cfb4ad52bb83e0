from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from seoul_health import environment
from seoul_health.logs import LOGGING as LOGGING
from seoul_health.logs import configure as configure_logs
from seoul_health.permissions import ROLE_PERMISSIONS as ROLE_PERMISSIONS
from seoul_health.schedule import BEAT_SCHEDULE

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = environment.read_mode()
PRODUCTION = MODE == "production"
DEBUG = False
LOCAL_DIR = Path(environment.read("LOCAL_DIR", str(BASE_DIR / ".local")))

# Secrets: production states them, a checkout makes its own.
if PRODUCTION:
    SECRETS = {
        "SECRET_KEY": environment.required("SECRET_KEY", shortest=50),
        "FIELD_KEYS": environment.required("FIELD_KEYS"),
        "INDEX_KEYS": environment.required("INDEX_KEYS"),
        "IDENTITY_SECRET": environment.required("IDENTITY_SECRET", shortest=32),
        "WALLET_SECRET": environment.required("WALLET_SECRET", shortest=32),
        "COURIER_SECRET": environment.required("COURIER_SECRET", shortest=32),
    }
    ALLOWED_HOSTS = environment.required("ALLOWED_HOSTS").split(",")
    DATABASE_URL = environment.required("DATABASE_URL")
    BROKER_URL = environment.required("BROKER_URL")
else:
    SECRETS = environment.development_secrets(LOCAL_DIR / "dev-secrets.json")
    ALLOWED_HOSTS = environment.read_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
    DATABASE_URL = environment.read("DATABASE_URL", "postgresql:///seoul_health")
    BROKER_URL = environment.read("BROKER_URL", "memory://")

SECRET_KEY = SECRETS["SECRET_KEY"]
FIELD_KEYS = environment.keyring("FIELD_KEYS", SECRETS["FIELD_KEYS"])
INDEX_KEYS = environment.keyring("INDEX_KEYS", SECRETS["INDEX_KEYS"])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "seoul_health.operations.staff_admin.StaffAdminConfig",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "axes",
    "seoul_health.core",
    "participants",
    "devices",
    "points",
    "complaints",
    "seoul_health.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "devices.api.standing.StandingFeed",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "seoul_health.core.middleware.RequestLogMiddleware",
    "seoul_health.core.middleware.LimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

ROOT_URLCONF = "seoul_health.urls"
WSGI_APPLICATION = "seoul_health.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        **environment.database(DATABASE_URL),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"NAME": environment.read("TEST_DATABASE") or None},
    }
}
# Time-outs are set per database role by the operator: poolers refuse start-up options.
CACHES = {
    "default": {
        "BACKEND": "seoul_health.core.cache.CountingCache",
        "LOCATION": environment.read("CACHE_URL", BROKER_URL.replace("redis+socket://", "unix://")),
        "KEY_PREFIX": f"seoul_health:{DATABASES['default']['NAME']}",
    }
    if not BROKER_URL.startswith(("memory:", "amqp:"))
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Staff
AUTH_USER_MODEL = "core.StaffUser"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "seoul_health.core.roles.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
SESSION_COOKIE_AGE = environment.read_int("STAFF_IDLE_SECONDS", 1800)
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "seoul_health.core.views.csrf_refused"

# Transport
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
CSRF_TRUSTED_ORIGINS = environment.read_list("CSRF_TRUSTED_ORIGINS")
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = environment.read_int("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb")
}
MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_UPLOAD_BYTES = 12 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Language and time
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

# Files
STATIC_URL = "static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Reading every static file anew for each test client would cost more than most tests.
WHITENOISE_AUTOREFRESH = MODE == "test"
MEDIA_ROOT = Path(environment.read("MEDIA_ROOT", str(LOCAL_DIR / "media")))
MEDIA_URL = "/unserved-media/"  # Private: documents leave through views that check and log.
FILE_UPLOAD_PERMISSIONS = 0o600

# API
# How long a process may keep announced rounds and message templates without reading them again.
REMEMBER_SECONDS = 0.0 if MODE == "test" else 1.0
# How old the public feed of stock may be at most before it is read anew.
FEED_SECONDS = 0.0 if MODE == "test" else 2.0
THROTTLE_RATES = {
    "caller": environment.read("THROTTLE_CALLER", "600/min"),
    "sign_in": environment.read("THROTTLE_SIGN_IN", "60/min"),
    "guest": environment.read("THROTTLE_GUEST", "20/min"),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["participants.api.authentication.ParticipantTokens"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["seoul_health.core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "seoul_health.core.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "seoul_health.core.api.schema.HouseSchema",
    "DEFAULT_THROTTLE_CLASSES": ["seoul_health.core.api.throttling.CallerThrottle"],
    "EXCEPTION_HANDLER": "seoul_health.core.api.errors.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "seoul-health",
    "DESCRIPTION": "The mobile app's and the partners' interface to the health programme.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ComplaintStatus": "complaints.models.Complaint.Status",
        "ApplicationStatus": "participants.models.Application.Status",
        "ConsentPurpose": "participants.models.Consent.Purpose",
        "EvidenceKind": "participants.models.EvidenceDocument.Kind",
        "ReadingOutcomes": "devices.api.readings.OUTCOMES",
        "StockLevel": "devices.api.sites.CHOICES",
        "LaneKind": "participants.models.Lane.Kind",
        "DrawStatus": "participants.api.draws.PUBLIC_STATUS",
        "MessageCategory": "participants.models.Topic",
        "ParticipationStatus": "participants.models.Participation.Status",
        "IncidentStatus": "complaints.models.Incident.Status",
        "ServiceState": "complaints.api.status.STATE_CHOICES",
        "RoundStatus": "participants.models.RecruitmentRound.Status",
    },
}
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_SKIP_ADMIN_LOG = True
IMPORT_DIR = LOCAL_DIR / "imports"
IMPORT_MAX_ROWS = environment.read_int("IMPORT_MAX_ROWS", 200_000)

# Jobs
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = environment.read("QUEUE", "default")
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 230_000  # KB
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
if MODE == "development":
    CELERY_BEAT_SCHEDULE = {
        **BEAT_SCHEDULE,
        "let the demo's windows tell of their stock": {
            "task": "operations.play_stock",
            "schedule": 240.0,
            "options": {"expires": 240.0},
        },
    }

# Partners
SIMULATORS_URL = environment.read("SIMULATORS_URL", "http://127.0.0.1:8900")
# By the name the app sends, name=address with commas between; all speak one language.
IDENTITY_PROVIDERS = environment.read_pairs(
    "IDENTITY_PROVIDERS",
    f"simulator={environment.read('IDENTITY_URL', f'{SIMULATORS_URL}/identity')}",
)
# The register of residents, asked again while it could not answer.
RESIDENCE_URL = environment.read("RESIDENCE_URL", f"{SIMULATORS_URL}/identity")
WALLET_URL = environment.read("WALLET_URL", f"{SIMULATORS_URL}/wallet")
COURIER_URL = environment.read("COURIER_URL", f"{SIMULATORS_URL}/courier")
MESSAGES_URL = environment.read("MESSAGES_URL", f"{SIMULATORS_URL}/sms")
IDENTITY_SECRET = SECRETS["IDENTITY_SECRET"]
WALLET_SECRET = SECRETS["WALLET_SECRET"]
# Wallet operators by their code: name=address and name=secret pairs with commas between. The one
# shipped is seoulpay; production states a secret for every other one.
WALLETS = environment.partners(
    addresses=environment.read_pairs(
        "WALLET_URLS",
        ""
        if PRODUCTION
        else f"seoulpay-1={SIMULATORS_URL}/wallet-b,seoulpay-3={SIMULATORS_URL}/wallet-b",
    ),
    secrets=environment.read_pairs("WALLET_SECRETS"),
    first=("seoulpay", WALLET_URL, WALLET_SECRET),
    shared=not PRODUCTION,
)
COURIER_SECRET = SECRETS["COURIER_SECRET"]
# Partners that may tell of activities: name=secret pairs with commas between.
ACTIVITY_PARTNERS = environment.read_pairs(
    "ACTIVITY_PARTNERS", "" if PRODUCTION else f"fitness={SECRETS['COURIER_SECRET']}"
)
PARTNER_CLOCK_SECONDS = 300
# Other complaint systems by their code: eungdapso=SECRET,dasan120=SECRET.
COMPLAINT_FEEDS = environment.read_pairs(
    "COMPLAINT_FEEDS", "" if PRODUCTION else f"eungdapso={SECRETS['COURIER_SECRET']}"
)

# Programme: numbers the city may change
STEPS_PER_HOUR_LIMIT = 15_000
STEPS_PER_DAY_LIMIT = 100_000
STEPS_PER_MINUTE_LIMIT = 250
# What windows said of their stock: kept for questions about a day; the newest word always stays.
STOCK_REPORT_KEEP_DAYS = max(30, int(environment.read("STOCK_REPORT_KEEP_DAYS", "180")))
STEPS_GRACE_DAYS = 7
ACTIVITY_GRACE_DAYS = 31
# Raw uploads are health data: kept while a complaint about them is likely, at least 30 days.
RECEIPT_KEEP_DAYS = max(30, int(environment.read("RECEIPT_KEEP_DAYS", "90")))
CLOCK_SKEW_MINUTES = 15
PAYOUT_MINIMUM = 5_000
# The most points one adjustment may move, by the role of whoever asks for it.
ADJUSTMENT_LIMITS = {"finance_officer": 30_000, "supervisor": 5_000}
POINT_VALIDITY_MONTHS = 12
# What makes a day doubtful; whatever is not named here is as in points.rules.signals.Limits.
SIGNAL_LIMITS: dict[str, int] = {}
# Working days in which a hold, and an objection to one, is promised to be decided.
HOLD_WORKING_DAYS = 10
HOLD_APPEAL_WORKING_DAYS = 7
# Days between the notice of a claw-back and the day it takes effect.
CLAWBACK_NOTICE_DAYS = 14
LOAN_MONTHS = 6
REVIEW_WORKING_DAYS = 7
REVIEW_CLAIM_MINUTES = 15
APPEAL_DAYS = 30
# What links in messages begin with.
PUBLIC_URL = environment.read(
    "PUBLIC_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://localhost:8000"
).rstrip("/")
QUIET_HOURS = (21, 8)  # In Seoul; legal notices go out all the same.
MESSAGES_PER_MINUTE = {"push": 6_000, "alimtalk": 3_000, "sms": 3_000, "letter": 600}
RECEIPT_WAIT_MINUTES = {"push": 60, "alimtalk": 60, "sms": 1_440, "letter": 20_160}
MESSAGE_WON = {"push": 0, "alimtalk": 7, "sms": 9, "long_sms": 27, "letter": 520}
ACCESS_TOKEN_MINUTES = 60
REFRESH_TOKEN_DAYS = 60
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
SILENCED_SYSTEM_CHECKS: list[str] = []

# Watching
LOG_REQUESTS = MODE != "test" and environment.read("LOG_REQUESTS", "1") == "1"
METRICS_FROM = environment.read_list("METRICS_FROM", "127.0.0.1,::1")
PROMETHEUS_MULTIPROC_DIR = environment.read("PROMETHEUS_MULTIPROC_DIR")

configure_logs()
