"""Encryption of personal data, and blind indexes to find it again.

AES-256-GCM; the stored bytes are version (1) | nonce (12) | ciphertext and tag. The place
(table.column) is authenticated, so a value copied into another column does not decrypt.
"""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


def encrypt(text: str, *, place: str) -> bytes:
    version = max(settings.FIELD_KEYS)
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(settings.FIELD_KEYS[version]).encrypt(nonce, text.encode(), place.encode())
    return bytes([version]) + nonce + sealed


def decrypt(sealed: bytes, *, place: str) -> str:
    """Raise cryptography's InvalidTag when the bytes were altered or moved."""
    version, nonce, body = sealed[0], sealed[1:13], sealed[13:]
    return AESGCM(settings.FIELD_KEYS[version]).decrypt(nonce, body, place.encode()).decode()


def blind_index(text: str, *, place: str, version: int | None = None) -> str:
    """Give the same 34 characters for the same text; useless without the key."""
    version = max(settings.INDEX_KEYS) if version is None else version
    digest = hmac.new(settings.INDEX_KEYS[version], f"{place}\0{text}".encode(), hashlib.sha256)
    return f"{version:02x}{digest.hexdigest()[:32]}"


def blind_indexes(text: str, *, place: str) -> list[str]:
    """Every index a text may be stored under while keys are being rotated."""
    return [blind_index(text, place=place, version=version) for version in settings.INDEX_KEYS]


def digest(secret: str) -> bytes:
    """Hash a random secret for look-up; it has enough entropy to need no salt."""
    return hashlib.sha256(secret.encode()).digest()
