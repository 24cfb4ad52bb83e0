"""The sidebar as one person sees it: entries without permission or page are left out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from seoul_health.menu_entries import HOME, MENU, PLACES, Group, Link


@dataclass(slots=True)
class Entry:
    label: str
    url: str
    icon: str
    current: bool = False


@dataclass(slots=True)
class Section:
    key: str
    label: str
    icon: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def current(self) -> bool:
        return any(entry.current for entry in self.entries)


def build(
    request: HttpRequest, registered: Iterable[Mapping[str, Any]], menu: tuple[Group, ...] = MENU
) -> list[Section]:
    """Lay out what this person may open; the page they are on is marked."""
    sections = {group.key: section_of(group, request) for group in menu}
    known = {entry.url for section in sections.values() for entry in section.entries}
    for place, entry in unlisted(registered):
        if entry.url not in known:
            sections.get(place, sections["operations"]).entries.append(entry)
    shown = [section for section in sections.values() if section.entries]
    if home := entry_of(HOME):
        shown.insert(0, Section("home", "", "", [home]))
    mark_current(shown, request.path)
    return shown


def section_of(group: Group, request: HttpRequest) -> Section:
    allowed = [link for link in group.links if may_open(request, link)]
    entries = [entry for link in allowed if (entry := entry_of(link))]
    return Section(group.key, str(group.label), group.icon, entries)


def may_open(request: HttpRequest, link: Link) -> bool:
    return link.permission is None or request.user.has_perm(link.permission)


def entry_of(link: Link) -> Entry | None:
    try:
        url = reverse(link.url_name)
    except NoReverseMatch:
        return None
    return Entry(str(link.label), url, link.icon)


def unlisted(registered: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Entry]]:
    """Give every list Django's admin would have shown, with the group it belongs to."""
    for app in registered:
        for model in app["models"]:
            if url := model.get("admin_url"):
                place = PLACES.get(app["app_label"], "operations")
                yield place, Entry(str(model["name"]), url, "file-text")


def mark_current(sections: Iterable[Section], path: str) -> None:
    """Mark the entry whose address is the longest beginning of this one."""
    entries = [entry for section in sections for entry in section.entries]
    fitting = [entry for entry in entries if path.startswith(entry.url)]
    if fitting:
        max(fitting, key=lambda entry: len(entry.url)).current = True
