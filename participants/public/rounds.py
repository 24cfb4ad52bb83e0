"""Public pages about rounds and how to apply; the same for everybody, so they may be kept."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from participants.api.rounds import shown_rounds
from participants.api.seats import left, taken_in
from participants.models import Draw, RecruitmentRound, RoundChange
from participants.services.judging import TAKING

from .words import change_in_words, needs_of, rule_today, rules_in_words, ways_of

SECONDS = 30
MOST = 60
ELSEWHERE = ("sites:map", "voices:guides", "voices:write", "service:status")
Page = Callable[..., HttpResponse]


def kept(page: Page) -> Page:
    """Let caches keep a page for half a minute."""

    @wraps(page)
    def show(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = page(request, **kwargs)
        patch_cache_control(response, public=True, max_age=SECONDS)
        return response

    return require_safe(show)


@kept
def rounds(request: HttpRequest) -> HttpResponse:
    """GET /rounds/ — what is open or comes, then what runs, then what is over."""
    rows = list(shown_rounds().order_by("-starts_on", "-pk")[:MOST])
    coming = [row for row in rows if row.status in TAKING]
    running = [row for row in rows if row.status in ("closed", "drawn", "running")]
    over = [row for row in rows if row.status in ("ended", "archived")]
    context = {
        "coming": [(row, ways_of(row, {})) for row in reversed(coming)],
        "running": running,
        "over": over,
    }
    return render(request, "public/rounds.html", context)


@kept
def one_round(request: HttpRequest, code: str) -> HttpResponse:
    """GET /rounds/{code}/ — one round: lanes, seats, rules, changes, the draw."""
    row = shown_rounds().filter(code=code).first()
    if row is None:
        raise Http404
    changes = RoundChange.objects.applied().filter(round=row).select_related("lane", "rule")
    context = {
        "round": row,
        "ways": ways_of(row, seats_left(row)),
        "rules": rules_in_words(row),
        "rule": rule_today(row),
        "changes": [(change, change_in_words(change)) for change in changes],
        "draws": Draw.objects.public().filter(lane__round=row),
        "is_taking": row.status in TAKING,
    }
    return render(request, "public/round.html", context)


def seats_left(row: RecruitmentRound) -> dict[int, str]:
    taken = taken_in([row])
    quotas = (quota for lane in row.lanes.all() for quota in lane.quotas.all())
    return {quota.pk: left(quota, taken.get(quota.pk, 0)) for quota in quotas}


@kept
def how_to_apply(request: HttpRequest) -> HttpResponse:
    """GET /apply/ — by basis with the papers of the rules in force, and what happens after."""
    rows = list(shown_rounds().filter(status__in=TAKING).order_by("starts_on", "pk")[:MOST])
    context = {"offers": list(papers_by_round(rows))}
    return render(request, "public/apply.html", context)


def papers_by_round(rows: Iterable[RecruitmentRound]) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        rule = rule_today(row)
        if rule is not None:
            yield row, rule, needs_of(rule), ways_of(row, {})


@kept
def robots(request: HttpRequest) -> HttpResponse:
    """GET /robots.txt — the public pages may be found, nothing else."""
    return render(
        request,
        "public/robots.txt",
        {"sitemap": request.build_absolute_uri(reverse("public:sitemap"))},
        content_type="text/plain; charset=utf-8",
    )


@kept
def sitemap(request: HttpRequest) -> HttpResponse:
    """GET /sitemap.xml — every page a citizen may look for."""
    rows = RecruitmentRound.objects.public().order_by("-starts_on")[:MOST]
    paths = [reverse(f"public:{name}") for name in ("rounds", "apply", "status")]
    paths += [reverse(name) for name in ELSEWHERE]
    paths += [reverse("public:round", args=[row.code]) for row in rows]
    context = {"pages": [request.build_absolute_uri(path) for path in ("/", *paths)]}
    return render(
        request, "public/sitemap.xml", context, content_type="application/xml; charset=utf-8"
    )
