"""The content security policy forbids inline script and style; a template must not try."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from seoul_health.menu_entries import MENU

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = (ROOT / "static/icons/sprite.svg").read_text()


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_nothing_is_inline(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_nothing_comes_from_elsewhere(template: Path) -> None:
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_every_icon_is_in_the_sprite(template: Path) -> None:
    drawn = re.findall(
        r"""{% icon ["']([\w-]+)["']|icon_name=["']([\w-]+)["']""", template.read_text()
    )

    assert [name for pair in drawn for name in pair if name and f'id="{name}"' not in SPRITE] == []


def test_every_icon_of_the_menu_is_in_the_sprite() -> None:
    icons = {link.icon for group in MENU for link in group.links} | {g.icon for g in MENU}

    assert [name for name in sorted(icons) if f'id="{name}"' not in SPRITE] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=name_of)
def test_every_static_file_is_there(template: Path) -> None:
    named = re.findall(r"""{% static ["']([^"']+)["']""", template.read_text())
    ours = [name for name in named if name.startswith(("css/", "js/", "fonts/", "icons/"))]

    assert [name for name in ours if not (ROOT / "static" / name).exists()] == []


def test_our_scripts_do_nothing_the_policy_forbids() -> None:
    scripts = [*(ROOT / "static/js").glob("*.js"), *(ROOT / "static/admin/js").glob("*.js")]
    text = "".join(script.read_text() for script in scripts)

    assert not re.search(r"\beval\(|new Function|document\.write|\.setAttribute\(.style", text)
