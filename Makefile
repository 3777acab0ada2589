# make setup   everything for development: virtual environment, torch, built viewer
# make demo    everything on this machine until Ctrl-C, with two demonstration studies
# make dev     the same with code that reloads: Django, the worker, and Vite in the browser
# make test    Python tests on a real PostgreSQL and Valkey, viewer tests, one browser test;
#              make test-slow: what takes minutes or downloads packages
#              make test-containers: the images in a whole stack (docs/deployment.md)
#              make faults: kill and stop each process while readers score
# make images  build the container images; make push REGISTRY=...: push them
# make lint    every check that reads the code
# make bench   how long the network, the statistics and the lists take; make train: train it (hours)
#              make bench-growth: the lists and saving beside 0.1.0; ARGS=--full for 10,000 cases
# make docs    the documentation site with the API reference, in var/docs/site
# make wheel   build inference and studies.analytics as a package, into dist/
# make version NEW=0.2.0: set the version (CONTRIBUTING.md, Release)
# make lock    pin the dependencies anew; make clean: remove what was built, never var/

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The first interpreter that serves; pyenv's names are found even where they do not run.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && command -v $$python && break; done)
VENV := .venv/bin
NPM := npm --prefix frontend
ARGS ?=
CONTAINERS ?= $(shell docker info >/dev/null 2>&1 && echo docker || echo podman)
VERSION ?= $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' studies/__init__.py)
# Spelt so that the check does not find itself.
REGISTRIES := p[y]pi\.org|p[y]thonhosted\.org|r[e]gistry\.npmjs|r[e]gistry\.yarnpkg|d[o]wnload\.pytorch

export PYTHONUNBUFFERED := 1
# Node from a wheel, where the machine has none that is new enough; else there is no such folder.
export PATH := $(CURDIR)/.venv/node:$(PATH)

.PHONY: help setup setup-demo python-found demo dev test test-python test-frontend test-slow \
	test-containers faults chromium \
	lint lint-python lint-types lint-imports lint-migrations lint-frontend lint-docker \
	lint-registries images push bench bench-growth train docs wheel version lock graphs clean

help:
	@sed -n '/^#/!q; s/^# //p' Makefile

setup: python-found
	@$(PYTHON) -m tools.setup develop

setup-demo: python-found
	@$(PYTHON) -m tools.setup demo

python-found:
	@if [ -z "$(PYTHON)" ]; then \
		echo "VerteRead: Python 3.11, 3.12 or 3.13 is missing:" \
			"apt-get install python3 python3-venv, or make PYTHON=/path/to/python3.12 ..." >&2; \
		exit 1; fi

demo: setup-demo
	@exec $(VENV)/python -m tools.local demo

dev: setup-demo
	@exec $(VENV)/python -m tools.local dev

test: test-python test-frontend

# One process for each processor, of which each has a gigabyte of memory; ARGS="-n 0" for one alone.
PROCESSES := -n auto --maxprocesses 8 --dist loadfile

test-python: setup chromium
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest $(PROCESSES) $(ARGS)

# What takes minutes or downloads packages: the wheel in an empty environment, and the like.
test-slow: setup
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest -m slow $(PROCESSES) $(ARGS)

# On images that make images has built, in a project of its own that it removes again.
test-containers: setup
	$(VENV)/python -m pytest tests/containers -p no:cacheprovider $(ARGS)

# About six minutes: what is lost, stored twice or stuck afterwards must be nothing.
faults: setup
	$(VENV)/python -m tests.faults $(ARGS)

test-frontend: setup
	@if [ -f frontend/package.json ]; then $(NPM) test; \
		else echo "The viewer is not there yet: its tests were not run."; fi

# Without a browser the browser test is skipped, which the summary says; under CI=true it fails.
chromium:
	@command -v chromium google-chrome google-chrome-stable chromium-browser >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "==> Installing Debian's Chromium for the browser test"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends chromium >/dev/null \
			|| echo "VerteRead: Chromium could not be installed." >&2; \
		else echo "VerteRead: no Chromium or Chrome here: the browser test will be skipped" \
			"(on Debian, as root: apt-get install chromium)." >&2; fi; }

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
		$(NPM) run lint && $(NPM) run typecheck; \
		else echo "The viewer is not there yet: it was not checked."; fi

lint-docker: setup
	$(VENV)/hadolint docker/Dockerfile
	@if command -v docker-compose >/dev/null; then \
		docker-compose --env-file docker/example.env -f docker/compose.yaml \
			-f docker/compose.build.yaml config --quiet && echo "The compose files are valid."; \
		else echo "NOT CHECKED: the compose files (apt-get install docker-compose)"; fi

# Podman leaves health checks out of images in its own format.
images:
	@for target in web worker; do \
		$(CONTAINERS) build $(if $(findstring podman,$(CONTAINERS)),--format docker) \
			--file docker/Dockerfile --target $$target --tag localhost/verteread-$$target:latest \
			--build-arg VERSION=$(VERSION) --build-arg REVISION="$$(git rev-parse HEAD)" \
			--build-arg VERTEREAD_TORCH="$${VERTEREAD_TORCH:-auto}" \
			--build-arg PIP_FIND_LINKS="$${PIP_FIND_LINKS:-}" $(BUILD_OPTIONS) .; done

push:
	@if [ -z "$(REGISTRY)" ]; then \
		echo "VerteRead: name the registry: make push REGISTRY=registry.example.org/team" >&2; \
		exit 1; fi
	@for target in web worker; do \
		$(CONTAINERS) tag localhost/verteread-$$target:latest \
			$(REGISTRY)/verteread-$$target:$(VERSION); \
		$(CONTAINERS) push $(REGISTRY)/verteread-$$target:$(VERSION); done

lint-registries:
	@if git grep -nIE '$(REGISTRIES)'; then \
		echo "These files name a package registry: where packages come from is the machine's" \
			"choice, not the repository's." >&2; exit 1; \
		else echo "No file names a package registry."; fi

bench: bench-growth
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest tests/bench -o python_files='bench_*.py' -s

# Both versions run on this machine, in turn: compare their ratios, not the seconds.
bench-growth: setup
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m tests.bench.growth $(ARGS)

train: setup
	$(VENV)/python -m inference train $(ARGS)

# Installed into .venv-docs; a link that leads nowhere is an error.
docs: python-found
	@$(PYTHON) -m tools.docs

wheel: setup
	$(VENV)/python -m build --no-isolation

# In studies/__init__.py and in the files that cannot read it; tests/test_package.py compares them.
version:
	@if ! [[ "$(NEW)" =~ ^[0-9]+\.[0-9]+\.[0-9]+$$ ]]; then \
		echo "VerteRead: name the version: make version NEW=0.2.0" >&2; exit 1; fi
	@sed -i 's/^__version__ = .*/__version__ = "$(NEW)"/' studies/__init__.py
	@sed -i 's/^version: .*/version: $(NEW)/' CITATION.cff
	@sed -i 's/newTag: .*/newTag: $(NEW)/' docker/kubernetes/example/kustomization.yaml
	@echo "The version is $(NEW). Next, add it to CHANGELOG.md with its date."

# One lock for every Python and platform, with hashes and no index address, from the newest versions
# that the .in files allow. torch has locks of its own, since its public Linux build brings CUDA.
UV_COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11

lock:
	@command -v uv >/dev/null || { echo "VerteRead: uv is missing: pip install uv" >&2; exit 1; }
	$(UV_COMPILE) requirements.in -o requirements.txt
	$(UV_COMPILE) -c requirements.txt requirements-worker.in -o requirements-worker.txt
	$(UV_COMPILE) -c requirements-worker.txt requirements-local.in -o requirements-local.txt
	$(UV_COMPILE) -c requirements-local.txt requirements-dev.in -o requirements-dev.txt
	$(UV_COMPILE) requirements-torch.in -o requirements-torch.txt
	$(UV_COMPILE) requirements-torch-cpu.in -o requirements-torch-cpu.txt
	$(UV_COMPILE) requirements-node.in -o requirements-node.txt
	$(UV_COMPILE) requirements-docs.in -o requirements-docs.txt

# The networks in OpenVINO's form, without weights: after a change of inference/network/vertenet.
graphs: setup
	$(VENV)/python -m inference.runtime.graph_conversion

clean:
	rm -rf .venv .venv-docs frontend/node_modules frontend/dist static-collected dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
