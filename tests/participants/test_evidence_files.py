"""Files no honest citizen sends, and what honest ones did not mean to send."""

import io
import time
import zipfile
import zlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, PngImagePlugin
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from participants.models import EvidenceDocument
from participants.services import evidence
from seoul_health.core import clock, papers
from seoul_health.core import files as kept_files
from seoul_health.core.errors import UnfitFile
from tests.participants.builders import App
from tests.participants.papers import blank_pdf, pdf, picture, written
from tests.participants.recruiting import open_lane, submitted

pytestmark = pytest.mark.django_db
JPEG_HEAD = b"\xff\xd8\xff"
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "PDF": "application/pdf"}


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.fixture
def application(walker):
    return submitted(walker, open_lane(), basis="worker")


def attach(application, content, kind="JPEG"):
    return evidence.attach(
        application,
        kind="employment",
        content=content,
        claimed_type=TYPES[kind],
        by=application.participant,
    )


def zipped():
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("evil.php", "<?php echo 1 ?>")
    return box.getvalue()


def chunk(name, body):
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def empty_png(width, height):
    """Write a PNG of a size that only its header has; all its rows are zeros."""
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(b"\0" * (width + 1) * min(height, 200), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def moving_png():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    kept = io.BytesIO()
    frames[0].save(kept, "PNG", save_all=True, append_images=frames[1:])
    return kept.getvalue()


def with_script():
    writer = blank_pdf()
    action = DictionaryObject()
    action[NameObject("/S")] = NameObject("/JavaScript")
    action[NameObject("/JS")] = TextStringObject("app.alert('1')")
    writer.root_object[NameObject("/OpenAction")] = action
    return written(writer)


def with_attachment():
    writer = blank_pdf()
    writer.add_attachment("run.exe", b"MZ")
    return written(writer)


def with_launch():
    writer = blank_pdf()
    action = DictionaryObject()
    action[NameObject("/S")] = NameObject("/Launch")
    action[NameObject("/F")] = TextStringObject("cmd.exe")
    writer.root_object[NameObject("/OpenAction")] = action
    return written(writer)


def with_form_script():
    writer = blank_pdf()
    form = DictionaryObject()
    form[NameObject("/XFA")] = TextStringObject("<xdp/>")
    writer.root_object[NameObject("/AcroForm")] = form
    return written(writer)


def locked_pdf():
    writer = blank_pdf()
    writer.encrypt("secret")
    return written(writer)


BAD = {
    "a truncated JPEG": ("JPEG", lambda: picture(size=(400, 300))[:-600], "broken"),
    "a truncated PNG": ("PNG", lambda: picture(kind="PNG", size=(400, 300))[:200], "broken"),
    "a JPEG head and a script": ("JPEG", lambda: b"\xff\xd8\xff<?php echo 1 ?>", "broken"),
    "13,000 by 13,000 pixels": ("PNG", lambda: empty_png(13_000, 13_000), "picture_too_large"),
    "60,000 by 60,000 pixels": ("PNG", lambda: empty_png(60_000, 60_000), "picture_too_large"),
    "a picture that moves": ("PNG", moving_png, "animated"),
    "a PNG that says it is a JPEG": (
        "JPEG",
        lambda: b"\xff\xd8\xff" + picture(kind="PNG"),
        "broken",
    ),
    "a PDF without pages": ("PDF", lambda: b"%PDF-1.7 nothing", "broken"),
    "a locked PDF": ("PDF", locked_pdf, "encrypted"),
    "a PDF with a script": ("PDF", with_script, "active"),
    "a PDF with an attachment": ("PDF", with_attachment, "active"),
    "a PDF that starts a program": ("PDF", with_launch, "active"),
    "a PDF with a dynamic form": ("PDF", with_form_script, "active"),
    "a PDF of 21 pages": ("PDF", lambda: pdf(pages=21), "pages"),
    "a PDF that is a zip": ("PDF", lambda: pdf() + zipped(), "mixed"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_honest_paper_is_refused(application, files, name):
    kind, make, why = BAD[name]

    with pytest.raises(UnfitFile) as refusal:
        attach(application, make(), kind)

    assert refusal.value.why == why
    assert not EvidenceDocument.objects.exists()
    assert files() == []


def test_a_hostile_picture_costs_little_time():
    started = time.monotonic()

    with pytest.raises(papers.Unfit):
        papers.clean(empty_png(60_000, 60_000), "image/png")

    assert time.monotonic() - started < 5


def test_a_page_that_asks_for_too_much_memory_hurts_only_its_own_process():
    writer = blank_pdf()
    writer.pages[0].mediabox.upper_right = (14_400, 14_400)

    shown = papers.page_image(written(writer), 0)

    assert max(Image.open(io.BytesIO(shown)).size) <= 1_601


@pytest.mark.parametrize("tail", ["zip", "php"])
def test_what_hangs_on_a_picture_is_not_kept(application, files, tail):
    extra = {"zip": zipped(), "php": b"<?php system($_GET['x']) ?>"}[tail]

    document = attach(application, picture() + extra)

    kept = document.file.open("rb").read()
    assert b"PK\x03\x04" not in kept
    assert b"<?php" not in kept
    assert Image.open(io.BytesIO(kept)).size == (80, 40)


def test_a_phone_picture_loses_its_place_and_keeps_its_right_side_up(application, files):
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    exif[0x010F] = "Phone of Kim"
    exif.get_ifd(0x8825)[1] = "N"
    sent = picture(exif=exif.tobytes(), comment=b"secret words", icc_profile=b"colour secret")

    document = attach(application, sent)

    kept = document.file.open("rb").read()
    shown = Image.open(io.BytesIO(kept))
    assert shown.size == (40, 80)
    assert not shown.getexif()
    for secret in (b"Phone of Kim", b"secret words", b"colour secret"):
        assert secret in sent
        assert secret not in kept


def test_a_png_loses_its_words(application, files):
    words = PngImagePlugin.PngInfo()
    words.add_text("XML:com.adobe.xmp", "<gps>37.5</gps>")

    document = attach(application, picture(kind="PNG", pnginfo=words), "PNG")

    assert b"gps" not in document.file.open("rb").read()


def test_a_pdf_is_shown_as_a_picture(application, files):
    document = attach(application, pdf(pages=3), "PDF")

    content, media_type = kept_files.picture_of(document, 2)

    assert (document.pages, media_type) == (3, "image/png")
    assert Image.open(io.BytesIO(content)).format == "PNG"


def test_a_rollback_after_the_file_was_written_leaves_no_file(application, files):
    def fail_late():
        with kept_files.no_orphans(), transaction.atomic():
            attach(application, picture())
            assert len(files()) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()

    assert not EvidenceDocument.objects.exists()
    assert files() == []


def test_a_row_that_cannot_be_written_leaves_no_file(application, files, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(EvidenceDocument, "save", refuse)

    with pytest.raises(RuntimeError):
        attach(application, picture())

    assert files() == []


def test_an_answer_that_fails_after_the_file_leaves_no_file(
    walker, application, files, monkeypatch
):
    def refuse(*args, **kwargs):
        raise UnfitFile

    monkeypatch.setattr("seoul_health.core.api.idempotency.store", refuse)
    sent = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")

    answer = App(walker).post(
        f"me/applications/{application.public_id}/evidence/",
        {"kind": "employment", "file": sent},
        format="multipart",
    )

    assert answer.status_code == 400
    assert not EvidenceDocument.objects.exists()
    assert files() == []


def test_the_sweep_drops_old_files_without_a_row_and_no_others(application, files, monkeypatch):
    document = attach(application, picture())
    default_storage.save("evidence/2026/01/lost.jpg", ContentFile(b"x"))
    assert kept_files.drop_orphans() == 0  # Too young: its row may still be on its way.

    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert kept_files.drop_orphans() == 1
    assert [path.name for path in files()] == [document.file.name.rsplit("/")[-1]]
    assert kept_files.drop_orphans() == 0


def test_ten_thousand_papers_stop_at_ten(application, files, monkeypatch):
    monkeypatch.setattr(papers, "clean", lambda content, kind: papers.Clean(content, 1))
    for number in range(10):
        attach(application, picture() + bytes([number]))

    for number in range(10, 30):
        with pytest.raises(evidence.TooManyDocuments):
            attach(application, picture() + bytes([number]))

    assert len(files()) == EvidenceDocument.objects.count() == 10


def test_the_same_upload_with_the_same_key_is_answered_the_same(walker, application, files):
    def send(key):
        sent = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")
        return App(walker).post(
            f"me/applications/{application.public_id}/evidence/",
            {"kind": "employment", "file": sent},
            key=key,
            format="multipart",
        )

    key = "4b0d5f9a-3c0e-4a53-9a53-6f3c2f1b9a10"
    first, again, anew = send(key), send(key), send("")

    assert first.json()["id"] == anew.json()["id"]
    assert {first.status_code, anew.status_code} == {201}
    assert again.status_code in {201, 422}  # Another boundary makes it another body.
    assert len(files()) == 1
