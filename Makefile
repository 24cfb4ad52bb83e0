# Two commands: `make run` shows the site, `make test` proves it. The rest is below.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PARTICIPANTS ?= 1000
VENV = .venv/bin
LOCAL = $(VENV)/python -m seoul_health.local
MANAGE = $(VENV)/python manage.py
UV = UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv $(VENV)/uv sync --frozen --inexact --quiet

.PHONY: help run test faults lint bench bench-1m demo messages shell down clean

help:
	@echo "make run       the whole site with demo data, http://127.0.0.1:8000 (PORT=8010 moves it)"
	@echo "make test      every test, on a real PostgreSQL (PYTEST='-k ledger' narrows it)"
	@echo "make faults    kill -9 at random under load, long form (KILLS=40 SEED=… repeats a run)"
	@echo "make lint      style, types, imports, migrations, translations, OpenAPI, deployment"
	@echo "make bench     speed against honest baselines (ONLY=name,name); bench-1m for a million"
	@echo "make demo      load demo people: make demo PARTICIPANTS=100000"
	@echo "make messages  collect and compile the translations"
	@echo "make shell     a Python shell with the database up"
	@echo "make down      stop the embedded servers; make clean also forgets all local data"

run: .venv/.runtime
	@exec $(LOCAL) run

test: .venv/.dev
	@.ci/tools
	@SEOUL_HEALTH_MODE=test $(LOCAL) exec -- .ci/tests $(PYTEST)

faults: .venv/.dev
	@SEOUL_HEALTH_MODE=test $(LOCAL) exec -- $(VENV)/python -m tests.faults

lint: .venv/.dev
	@$(LOCAL) exec --owner -- .ci/lint

bench: .venv/.bench
	@$(LOCAL) exec -- $(VENV)/python -m tests.bench

bench-1m: .venv/.bench
	@$(LOCAL) exec -- $(VENV)/python -m tests.bench --million

demo: .venv/.runtime
	@$(LOCAL) exec --owner -- $(MANAGE) migrate --noinput --verbosity 0
	@$(LOCAL) exec --owner -- $(MANAGE) grant_privileges
	@$(LOCAL) exec -- $(MANAGE) load_demo --participants $(PARTICIPANTS)

messages: .venv/.dev
	@.ci/tools
	@$(VENV)/python .ci/messages.py write

shell: .venv/.runtime
	@$(LOCAL) exec -- $(MANAGE) shell

down:
	@test ! -x $(VENV)/python || $(LOCAL) down

clean: down
	@test ! -x $(VENV)/python || $(LOCAL) forget
	@rm -rf .local .venv

.venv/.runtime: pyproject.toml uv.lock .ci/uv.txt
	@.ci/venv "$(PYTHON)"
	@$(UV) --no-dev
	@touch $@

.venv/.dev: .venv/.runtime
	@$(UV)
	@touch $@

.venv/.bench: .venv/.dev
	@$(UV) --group bench
	@touch $@
