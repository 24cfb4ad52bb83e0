"""What the environment says, read strictly: a wrong value stops the start with its name."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

MODES = ("development", "test", "production")


def read(name: str, default: str = "") -> str:
    """Read one variable; stray blanks, quotes and line ends are a mistake worth naming."""
    text = os.environ.get(name, default)
    if text != text.strip() or text[:1] in {'"', "'"}:
        raise ImproperlyConfigured(f"{name} has blanks, quotes or a line end around its value.")
    return text


def read_mode() -> str:
    mode = read("SEOUL_HEALTH_MODE", "development")
    if mode not in MODES:
        raise ImproperlyConfigured(f"SEOUL_HEALTH_MODE must be one of {', '.join(MODES)}.")
    return mode


def read_int(name: str, default: int) -> int:
    text = read(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number.")
    return int(text)


def read_list(name: str, default: str = "") -> list[str]:
    return [item for item in read(name, default).split(",") if item]


def read_pairs(name: str, default: str = "") -> dict[str, str]:
    """Read name=value pairs with commas between them."""
    pairs = [item.partition("=") for item in read_list(name, default)]
    if any(not key or not value for key, _sep, value in pairs):
        raise ImproperlyConfigured(f"{name} must be name=value pairs with commas between them.")
    return {key.strip(): value.strip() for key, _sep, value in pairs}


def partners(
    *,
    addresses: dict[str, str],
    secrets: dict[str, str],
    first: tuple[str, str, str],
    shared: bool,
) -> dict[str, tuple[str, str]]:
    """Join addresses with secrets by name; outside production all may share the first secret."""
    name, address, secret = first
    addresses, secrets = {name: address, **addresses}, {name: secret, **secrets}
    if shared:
        secrets = dict.fromkeys(addresses, secret) | secrets
    if missing := [name for name in addresses if len(secrets.get(name, "")) < 32 and not shared]:
        raise ImproperlyConfigured(
            f"WALLET_SECRETS must name a secret of at least 32 characters for {missing[0]}."
        )
    return {name: (address, secrets[name]) for name, address in addresses.items()}


def required(name: str, *, shortest: int = 1) -> str:
    """Read a variable that production cannot do without."""
    text = read(name)
    if len(text) < shortest:
        raise ImproperlyConfigured(
            f"{name} must be set (at least {shortest} characters) in production mode."
        )
    return text


def database(url: str) -> dict[str, Any]:
    """Turn a libpq URL into Django's settings; sockets and options are allowed."""
    try:
        parts = conninfo_to_dict(url)
    except Exception as exc:
        raise ImproperlyConfigured("DATABASE_URL is not a PostgreSQL address.") from exc
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": str(parts.pop("dbname", "seoul_health")),
        "USER": str(parts.pop("user", "")),
        "PASSWORD": str(parts.pop("password", "")),
        "HOST": str(parts.pop("host", "")),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": parts,
    }


def development_secrets(path: Path) -> dict[str, str]:
    """Make the secrets of one checkout once; production never comes here."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": "1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "INDEX_KEYS": "1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "IDENTITY_SECRET": secrets.token_urlsafe(32),
            "WALLET_SECRET": secrets.token_urlsafe(32),
            "COURIER_SECRET": secrets.token_urlsafe(32),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        try:
            os.link(draft, path)  # The first process wins; the others read what it wrote.
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    known: dict[str, str] = json.loads(path.read_text())
    return known


def keyring(name: str, text: str) -> dict[int, bytes]:
    """Parse “1:base64,2:base64” into keys by version; the highest version writes."""
    keys: dict[int, bytes] = {}
    try:
        for item in text.split(","):
            version, _, encoded = item.partition(":")
            keys[int(version)] = base64.urlsafe_b64decode(encoded)
    except ValueError as exc:
        raise ImproperlyConfigured(f"{name} must look like 1:BASE64,2:BASE64.") from exc
    if any(len(key) != 32 for key in keys.values()):
        raise ImproperlyConfigured(f"every key in {name} must be 32 bytes.")
    return keys
