# make setup   the virtual environment and the built viewer
# make demo    everything on this machine until Ctrl-C, with two demonstration studies
# make test    Python tests on a real PostgreSQL and Valkey, viewer tests, one browser test
# make lint    every check that reads the code
# make bench   how long the network takes; make train: train it (hours)
# make wheel   build inference and studies.analytics as a package, into dist/
# make lock    pin the dependencies anew; make clean: remove what was built, never var/

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin
ARGS ?=
# Spelt so that the check does not find itself.
REGISTRIES := p[y]pi\.org|p[y]thonhosted\.org|r[e]gistry\.npmjs|r[e]gistry\.yarnpkg|d[o]wnload\.pytorch

export PYTHONUNBUFFERED := 1

.PHONY: help setup demo test test-python test-frontend chromium lint lint-python lint-types \
	lint-imports lint-migrations lint-frontend lint-docker lint-registries bench train wheel lock \
	clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

setup:
	@if [ -z "$(PYTHON)" ]; then \
		echo "VerteRead: Python 3.11 is missing: apt-get install python3.11 python3.11-venv" >&2; \
		exit 1; fi
	@$(PYTHON) studies/local/install.py

demo: setup
	@exec $(VENV)/python -m studies.local demo

test: test-python test-frontend

test-python: setup chromium
	$(VENV)/python -m studies.local run --throwaway -- $(VENV)/python -m pytest $(ARGS)

test-frontend: setup
	@if [ -f frontend/package.json ]; then npm --prefix frontend test; \
		else echo "The viewer is not there yet: its tests were not run."; fi

# The browser test says loudly when it is skipped for want of Chromium; under CI=true it fails.
chromium:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "==> Installing Debian's Chromium for the browser test"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends chromium >/dev/null \
			|| echo "VerteRead: Chromium could not be installed." >&2; \
		else echo "VerteRead: no Chromium here: apt-get install chromium (as root)." >&2; fi; }

lint: lint-python lint-types lint-imports lint-migrations lint-frontend lint-docker lint-registries
	@echo "Every check passed."

lint-python: setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .

lint-types: setup
	$(VENV)/mypy

lint-imports: setup
	$(VENV)/lint-imports

lint-migrations: setup
	$(VENV)/python manage.py makemigrations --check --dry-run

lint-frontend: setup
	@if [ -f frontend/package.json ]; then \
		npm --prefix frontend run lint && npm --prefix frontend run typecheck; \
		else echo "The viewer is not there yet: it was not checked."; fi

lint-docker: setup
	$(VENV)/hadolint docker/Dockerfile
	@if command -v docker-compose >/dev/null; then \
		docker-compose --env-file docker/example.env -f docker/compose.yaml config --quiet \
		&& echo "compose.yaml is valid."; \
		else echo "NOT CHECKED: compose.yaml (apt-get install docker-compose)"; fi

lint-registries:
	@if git grep -nIE '$(REGISTRIES)'; then \
		echo "These files name a package registry: where packages come from is the machine's" \
			"choice, not the repository's." >&2; exit 1; \
		else echo "No file names a package registry."; fi

bench: setup
	$(VENV)/python -m pytest tests/bench -o python_files='bench_*.py' -s $(ARGS)

train: setup
	$(VENV)/python -m inference train $(ARGS)

wheel: setup
	$(VENV)/python -m build --no-isolation

# The locks carry hashes and no index address. uv takes the newest versions that the .in files
# allow from the index that pip is set to. torch is pinned by hand, in both worker and dev lock:
# the hash is that of the CPU build in a folder given by PIP_FIND_LINKS. The index's own Linux
# wheels are left out: they want CUDA packages that are not locked.
lock: setup
	@command -v uv >/dev/null || { echo "VerteRead: uv is missing: pip install uv" >&2; exit 1; }
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		requirements.in -o requirements.txt
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		-c requirements.txt requirements-worker.in -o requirements-worker.txt
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		-c requirements-worker.txt requirements-dev.in -o requirements-dev.txt
	@echo "Look at torch in the two locks: it must list the hash of the CPU build alone."

clean:
	rm -rf .venv frontend/node_modules frontend/dist static-collected dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
