"""Rules of the house that a linter cannot see."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db import models

from seoul_health.core.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
OURS = ["core", "participants", "devices", "points", "complaints"]
OUR_MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))


def source_files():
    for app in ("seoul_health", *OURS[1:]):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_constraint_is_violated_by_a_test(model):
    unproved = [c.name for c in model._meta.constraints if c.name not in TESTS]

    assert unproved == []


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_no_string_is_null(model):
    strings = (models.CharField, models.TextField)
    nullable = [
        f.name
        for f in model._meta.local_fields
        if isinstance(f, strings) and f.null and not f.unique
    ]

    assert nullable == []


def test_everything_written_into_the_history_has_words():
    recorded = re.compile(r"audit\.record\(\s*\"([a-z_]+)\"")
    written = {verb for path in source_files() for verb in recorded.findall(path.read_text())}

    assert written - set(VERBS) == set()


def test_every_command_is_tested():
    apps_of_ours = {"seoul_health.core", "seoul_health.operations", *OURS[1:]}
    ours = [name for name, app in get_commands().items() if app in apps_of_ours]

    assert [name for name in ours if name not in TESTS] == []


def test_the_top_level_is_what_was_agreed():
    allowed = {
        "manage.py", "pyproject.toml", "seoul_health", "participants", "devices", "points",
        "complaints", "templates", "tests", "README.md", "LICENSE", "Makefile", ".ci", "locale",
        "static", "docs", "uv.lock", "compose.yaml", "Dockerfile", "CHANGELOG.md", ".gitignore",
        ".dockerignore",
    }  # fmt: skip
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")

    assert {path.split("/")[0] for path in tracked if path} <= allowed


def test_status_is_only_set_by_move():
    offenders = [
        str(path.relative_to(ROOT))
        for path in source_files()
        if re.search(r"\b(?!self)\w+\.status = [A-Z]\w*\.", path.read_text())
    ]

    assert offenders == []


def test_no_file_is_longer_than_a_room():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in source_files()
        if (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}
