"""Loaded before anything else: tests run in test mode, as the owner of their own database."""

import os

os.environ["SEOUL_HEALTH_MODE"] = "test"
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ.get(
    "DATABASE_URL", ""
)
os.environ.setdefault("SITE_BROKER_URL", os.environ.get("BROKER_URL", ""))
os.environ["BROKER_URL"] = "memory://"
os.environ.setdefault("THROTTLE_CALLER", "100000/min")
os.environ.setdefault("THROTTLE_SIGN_IN", "100000/min")
os.environ.setdefault("THROTTLE_GUEST", "100000/min")
os.environ.setdefault("PYTHONWARNINGS", "")
