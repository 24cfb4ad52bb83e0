"""Opens one paper in a process of its own, so that a hostile one can only hurt that.

Run as a script, isolated: `python -I paper_room.py clean image/jpeg < sent > header-and-kept`.
It imports nothing of ours, knows no secret, and dies of its limits rather than anybody else.
"""

import io
import json
import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject, NameObject

MEMORY = 1024 * 1024 * 1024
SECONDS = 15
MOST_PIXELS = 25_000_000
MOST_PAGES = 20
MOST_OBJECTS = 20_000
PAGE_PIXELS = 1_600  # The longer side of a page as it is shown.
REFUSED = 3
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/AA", "/RichMediaContent"}
ACTIVE_KINDS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie",
    "/Sound", "/RichMedia", "/FileAttachment", "/EmbeddedFile",
}  # fmt: skip


class Unfit(Exception):
    """This paper is not kept; the word says why."""


def clean(content: bytes, media_type: str) -> tuple[bytes, int]:
    """Give what is kept of a paper, and how many pages it has."""
    if media_type == "application/pdf":
        return content, check_pdf(content)
    return redraw(content, FORMATS[media_type]), 1


def redraw(content: bytes, format_: str) -> bytes:
    """Draw a picture anew from its pixels: nothing else that came with it is kept."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as sent:
            # A phone's picture may carry a second one for depth; an animation is no paper.
            if sent.format not in {format_, "MPO"} or is_animated(sent):
                raise Unfit("animated" if is_animated(sent) else "kind")
            return encode(upright(sent), format_)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise Unfit("picture_too_large") from bomb


def is_animated(picture: Image.Image) -> bool:
    return picture.format != "MPO" and bool(getattr(picture, "is_animated", False))


def upright(sent: Image.Image) -> Image.Image:
    """Give the pixels the right way up, on white, in plain colours."""
    turned = ImageOps.exif_transpose(sent)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        layer = turned.convert("RGBA")
        turned = Image.new("RGB", layer.size, "white")
        turned.paste(layer, mask=layer.getchannel("A"))
    plain = turned if turned.mode in {"RGB", "L"} else turned.convert("RGB")
    plain.info = {}
    return plain


def encode(picture: Image.Image, format_: str) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, format_, **({"quality": 90} if format_ == "JPEG" else {}))
    return kept.getvalue()


def check_pdf(content: bytes) -> int:
    """Refuse a PDF that does more than show pages; give how many it shows."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Unfit("mixed")
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Unfit("encrypted")
    for found in dictionaries(reader):
        if ACTIVE_KEYS & found.keys() or {kind_of(found, "/S"), kind_of(found, "/Subtype"),
                                          kind_of(found, "/Type")} & ACTIVE_KINDS:  # fmt: skip
            raise Unfit("active")
    pages = len(reader.pages)
    if not 1 <= pages <= MOST_PAGES:
        raise Unfit("pages")
    show(content, 0)
    return pages


def kind_of(found: DictionaryObject, key: str) -> str:
    named = found.get(key)
    return str(named) if isinstance(named, NameObject) else ""


def dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Walk every object a PDF lists, whether a page uses it or not."""
    listed = {(number, 0) for number in reader.xref_objStm}
    for generation, numbers in reader.xref.items():
        listed |= {(number, generation) for number in numbers}
    if len(listed) > MOST_OBJECTS:
        raise Unfit("pages")
    for number, generation in sorted(listed):
        yield from inside(reader.get_object(IndirectObject(number, generation, reader)))


def inside(found: object, depth: int = 0) -> Iterator[DictionaryObject]:
    if depth > 50:
        raise Unfit("broken")
    if isinstance(found, DictionaryObject):
        yield found
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    for part in parts:
        if isinstance(part, dict | list):
            yield from inside(part, depth + 1)


def show(content: bytes, page: int) -> bytes:
    """Draw one page of a PDF as a PNG; forms and notes on it are not drawn."""
    document = pypdfium2.PdfDocument(content)
    sheet = document[page]
    longest = max(sheet.get_size())
    drawn = sheet.render(scale=PAGE_PIXELS / max(longest, 1), may_draw_forms=False)
    return encode(drawn.to_pil().convert("RGB"), "PNG")


def main(verb: str, what: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        kept, pages = clean(content, what) if verb == "clean" else (show(content, int(what)), 1)
    except Unfit as unfit:
        sys.stdout.write(json.dumps({"why": str(unfit)}))
        return REFUSED
    sys.stdout.buffer.write(json.dumps({"pages": pages}).encode() + b"\n" + kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
