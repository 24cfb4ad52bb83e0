"""What a file is, told by its first bytes; its name and its sender's word count for nothing."""

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
LARGEST = 10 * 1024 * 1024


def media_type_of(head: bytes) -> str | None:
    """Recognise a JPEG, PNG or PDF."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
