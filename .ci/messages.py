"""Collect the sentences of the site, compile them, or check that Korean is complete."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

CHECKOUT = Path(__file__).resolve().parent.parent
CATALOGUE = CHECKOUT / "locale/ko/LC_MESSAGES/django.po"
IGNORED = [".venv", ".local", "tests", "static", "seoul_health/local", "seoul_health/simulators"]
METADATA = {
    "Project-Id-Version": "seoul-health",
    "Language": "ko",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def collect(into: Path) -> None:
    """Let xgettext read the sources; the catalogue under `into` is updated in place."""
    ignored = [option for folder in IGNORED for option in ("--ignore", f"{folder}/*")]
    command = ["makemessages", "--locale", "ko", "--no-location", "--no-obsolete", "--no-wrap"]
    subprocess.run(
        [sys.executable, "manage.py", *command, *ignored],
        cwd=into,
        env={**os.environ, "PYTHONPATH": str(into)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def write() -> int:
    """Update the catalogue from the sources and compile it."""
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    collect(CHECKOUT)
    catalogue = polib.pofile(str(CATALOGUE))
    catalogue.header = "Korean sentences of seoul-health; run `make messages` after adding one."
    catalogue.metadata = METADATA
    catalogue.metadata_is_fuzzy = False
    catalogue.save()
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    return report(catalogue, catalogue)


def check() -> int:
    """Compare the catalogue with a fresh collection made in a copy of the sources."""
    if not CATALOGUE.exists():
        print(f"{CATALOGUE} is missing: make messages")
        return 1
    kept = polib.pofile(str(CATALOGUE))
    if shutil.which("xgettext") is None:
        print("xgettext is missing: new sentences are not looked for")
        return report(kept, kept)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sources"
        skipped = shutil.ignore_patterns(".venv", ".local", ".git", "static", "*cache*")
        shutil.copytree(CHECKOUT, copy, ignore=skipped)
        collect(copy)
        fresh = polib.pofile(str(copy / CATALOGUE.relative_to(CHECKOUT)))
    return report(kept, fresh)


def report(kept: polib.POFile, fresh: polib.POFile) -> int:
    """Name what is missing, untranslated, doubtful or not compiled."""
    known = {(entry.msgctxt, entry.msgid) for entry in kept if not entry.obsolete}
    wrong = [f"not collected: {e.msgid}" for e in fresh if (e.msgctxt, e.msgid) not in known]
    wrong += [f"no Korean: {entry.msgid}" for entry in kept.untranslated_entries()]
    wrong += [f"fuzzy: {entry.msgid}" for entry in kept.fuzzy_entries()]
    compiled = CATALOGUE.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != kept.to_binary():
        wrong.append("django.mo is not compiled from django.po: make messages")
    print("\n".join(wrong) or f"{len(known)} sentences, all in Korean")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit({"write": write, "check": check}[sys.argv[1]]())
