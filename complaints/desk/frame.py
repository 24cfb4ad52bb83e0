"""Whole pages of the desk's house keeping, inside the frame of every staff screen."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from .base import DeskView


class FramedPage(DeskView):
    """A page of its own beside the desk."""

    template: ClassVar[str]
    title: ClassVar[str | Promise]

    def framed(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        frame = {**admin.site.each_context(self.request), "title": self.title}
        return render(self.request, f"desk/{self.template}", frame | context, status=status)
