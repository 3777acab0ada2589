# make setup            install everything for development, and build the viewer
# make demo             run the platform with two demonstration studies until Ctrl-C
# make dev              the same, but code reloads as it changes
# make test             tests of Python code (with PostgreSQL and Valkey), viewer and browser;
#                       ARGS="..." for pytest
# make test-slow        tests that take minutes or download packages
# make test-containers  tests of the images in a complete stack (docs/deployment.md)
# make faults           kill and stop each process, and fill the disk, while readers score
# make lint             all static checks
# make bench            measure network, statistics and lists (about an hour)
# make bench-next-image measure keys per case and the time to the next image
# make bench-usefulness compare fine-tuning on the most useful and on random cases (hours)
# make bench-growth     compare lists and saving with 0.1.0; ARGS=--full for 10,000 cases
# make r                install R from Debian, for the tests of reproduce.R
# make train            train the network (hours)
# make docs             build the documentation site, with API reference, in var/docs/site
# make images           build the container images; make push REGISTRY=... pushes them
# make wheel            build inference and studies.analytics as a package in dist/
# make version NEW=...  set the version (CONTRIBUTING.md, Release)
# make schema           generate frontend/src/schema.ts from the API's OpenAPI document
# make lock             update the lock files of Python packages
# make graphs           regenerate the OpenVINO graphs of the networks
# make clean            remove everything that was built, but not var/

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The first suitable interpreter. Running it is the test, because names of pyenv may not work.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && command -v $$python && break; done)
VENV := .venv/bin
NPM := npm --prefix frontend
ARGS ?=
CONTAINERS ?= $(shell docker info >/dev/null 2>&1 && echo docker || echo podman)
VERSION ?= $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' studies/__init__.py)
# The brackets prevent the check from matching this line.
REGISTRIES := p[y]pi\.org|p[y]thonhosted\.org|r[e]gistry\.npmjs|r[e]gistry\.yarnpkg|d[o]wnload\.pytorch

export PYTHONUNBUFFERED := 1
# Images of Python often set it. Without bytecode, each process of a test run would compile all code.
unexport PYTHONDONTWRITEBYTECODE
# Node from a wheel. The folder exists only if the machine has no suitable Node.
export PATH := $(CURDIR)/.venv/node:$(PATH)

.PHONY: help setup setup-demo python-found demo dev test test-python test-frontend test-slow \
	test-containers faults chromium firefox r \
	lint lint-python lint-types lint-imports lint-wording lint-migrations lint-schema lint-frontend \
	lint-docker lint-registries images push bench bench-growth bench-next-image bench-usefulness train docs wheel version schema lock graphs clean

help:
	@sed -n '/^#/!q; s/^# //p' Makefile

setup: python-found
	@$(PYTHON) -m tools.setup develop

setup-demo: python-found
	@$(PYTHON) -m tools.setup demo

python-found:
	@if [ -z "$(PYTHON)" ]; then \
		echo "VerteRead: Python 3.11, 3.12 or 3.13 is missing. Run apt-get install python3" \
			"python3-venv, or give its path: make PYTHON=/path/to/python3.12 ..." >&2; \
		exit 1; fi

demo: setup-demo
	@exec $(VENV)/python -m tools.local demo

dev: setup-demo
	@exec $(VENV)/python -m tools.local dev

test: test-python test-frontend

# Three processes for two processors, each with about a gigabyte of memory; ARGS="-n 0" for one.
PROCESSES := -n auto --maxprocesses 8 --dist loadfile

test-python: setup chromium
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest $(PROCESSES) $(ARGS)

# Includes exhaustive variants, and installing the wheel in an empty environment.
test-slow: setup chromium firefox r
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest -m slow $(PROCESSES) $(ARGS)

# Needs the images of `make images`; runs in a separate project, which is removed afterwards.
test-containers: setup
	$(VENV)/python -m pytest tests/containers -p no:cacheprovider $(ARGS)

# About eight minutes. Fails if anything is lost, stored twice or stuck.
faults: setup
	$(VENV)/python -m tests.faults $(ARGS)

test-frontend: setup
	@if [ -f frontend/package.json ]; then $(NPM) test; \
		else echo "frontend/ is missing: the tests of the viewer were not run."; fi

# Without a browser, the browser tests are skipped; with CI=true they fail.
chromium:
	@command -v chromium google-chrome google-chrome-stable chromium-browser >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "==> Installing Chromium from Debian for the browser tests"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends chromium >/dev/null \
			|| echo "VerteRead: Chromium could not be installed." >&2; \
		else echo "VerteRead: Chromium and Chrome are missing, so the browser tests will be" \
			"skipped (on Debian, as root: apt-get install chromium)." >&2; fi; }

# Without R, the tests of reproduce.R are skipped.
r:
	@command -v Rscript >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "==> Installing R from Debian for the tests of reproduce.R"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends r-base-core >/dev/null \
			|| echo "VerteRead: R could not be installed." >&2; \
		else echo "VerteRead: R is missing, so the tests of reproduce.R will be skipped" \
			"(on Debian, as root: apt-get install r-base-core)." >&2; fi; }

firefox:
	@command -v firefox-esr firefox >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "==> Installing Firefox from Debian for the browser tests"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null \
			|| echo "VerteRead: Firefox could not be installed." >&2; \
		else echo "VerteRead: Firefox is missing, so its browser tests will be skipped (on" \
			"Debian, as root: apt-get install firefox-esr)." >&2; fi; }

lint: lint-python lint-types lint-imports lint-wording lint-migrations lint-schema lint-frontend lint-docker lint-registries
	@echo "All checks passed."

lint-python: setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .

lint-types: setup
	$(VENV)/mypy

lint-imports: setup
	$(VENV)/lint-imports

# Words that the glossary avoids, in texts and names.
lint-wording: setup
	$(VENV)/python -m tools.wording

lint-migrations: setup
	$(VENV)/python manage.py makemigrations --check --dry-run

# The document describes every endpoint, and the viewer's types made from it are up to date.
OPENAPI := $(VENV)/python manage.py spectacular --format openapi-json --validate --fail-on-warn

lint-schema: setup
	@document=$$($(OPENAPI)); node frontend/schema.js --check <<< "$$document"
	@echo "The OpenAPI document is valid, and frontend/src/schema.ts matches it."

lint-frontend: setup
	@if [ -f frontend/package.json ]; then \
		$(NPM) run lint && $(NPM) run typecheck; \
		else echo "frontend/ is missing: the viewer was not checked."; fi

lint-docker: setup
	$(VENV)/hadolint docker/Dockerfile
	@if command -v docker-compose >/dev/null; then \
		docker-compose --env-file docker/example.env -f docker/compose.yaml \
			-f docker/compose.build.yaml -f docker/compose.gpu.yaml config --quiet && \
			echo "The compose files are valid."; \
		else echo "NOT CHECKED: the compose files (needs docker-compose)"; fi

# Images in Podman's default format have no health checks.
images:
	@for target in web worker; do \
		$(CONTAINERS) build $(if $(findstring podman,$(CONTAINERS)),--format docker) \
			--file docker/Dockerfile --target $$target --tag localhost/verteread-$$target:latest \
			--build-arg VERSION=$(VERSION) --build-arg REVISION="$$(git rev-parse HEAD)" \
			--build-arg VERTEREAD_TORCH="$${VERTEREAD_TORCH:-auto}" \
			--build-arg PIP_FIND_LINKS="$${PIP_FIND_LINKS:-}" $(BUILD_OPTIONS) .; done

push:
	@if [ -z "$(REGISTRY)" ]; then \
		echo "VerteRead: give the registry: make push REGISTRY=registry.example.org/team" >&2; \
		exit 1; fi
	@for target in web worker; do \
		$(CONTAINERS) tag localhost/verteread-$$target:latest \
			$(REGISTRY)/verteread-$$target:$(VERSION); \
		$(CONTAINERS) push $(REGISTRY)/verteread-$$target:$(VERSION); done

lint-registries:
	@if git grep -nIE '$(REGISTRIES)'; then \
		echo "These files name a package registry. Remove the address: each machine uses its own" \
			"configuration." >&2; exit 1; \
		else echo "No file names a package registry."; fi

bench:
	$(MAKE) bench-growth ARGS=--full
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest tests/bench -o python_files='bench_*.py' -s

bench-next-image: setup chromium
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m pytest tests/bench/bench_next_image.py -s $(ARGS)

# Both versions run alternately on this machine: compare ratios, not seconds.
bench-growth: setup
	$(VENV)/python -m tools.local run --throwaway -- \
		$(VENV)/python -m tests.bench.growth $(ARGS)

# Hours: 20 repetitions of two fine-tunings. Run again, it continues with the next repetition.
bench-usefulness: setup
	$(VENV)/python -m tests.bench.usefulness $(ARGS)

train: setup
	$(VENV)/python -m inference train $(ARGS)

# Uses .venv-docs; a broken link is an error.
docs: python-found
	@$(PYTHON) -m tools.docs

wheel: setup
	$(VENV)/python -m build --no-isolation

# In studies/__init__.py and in files that cannot read it; tests/test_package.py compares them.
version:
	@if ! [[ "$(NEW)" =~ ^[0-9]+\.[0-9]+\.[0-9]+$$ ]]; then \
		echo "VerteRead: give the version: make version NEW=0.2.0" >&2; exit 1; fi
	@sed -i 's/^__version__ = .*/__version__ = "$(NEW)"/' studies/__init__.py
	@sed -i 's/^version: .*/version: $(NEW)/' CITATION.cff
	@sed -i 's/newTag: .*/newTag: $(NEW)/' docker/kubernetes/example/kustomization.yaml
	@echo "The version is $(NEW). Next, add it to CHANGELOG.md with its date."

schema: setup
	@document=$$($(OPENAPI)); node frontend/schema.js <<< "$$document"

# Lock files for every Python version and platform, with hashes and without index addresses, from the
# newest versions that the .in files allow. torch has separate locks, because its public Linux build
# includes CUDA.
UV_COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11

lock:
	@command -v uv >/dev/null || { echo "VerteRead: uv is missing: pip install uv" >&2; exit 1; }
	$(UV_COMPILE) requirements.in -o requirements.txt
	$(UV_COMPILE) -c requirements.txt requirements-worker.in -o requirements-worker.txt
	$(UV_COMPILE) -c requirements.txt requirements-parquet.in -o requirements-parquet.txt
	$(UV_COMPILE) -c requirements-worker.txt requirements-local.in -o requirements-local.txt
	$(UV_COMPILE) -c requirements-local.txt requirements-dev.in -o requirements-dev.txt
	$(UV_COMPILE) requirements-torch.in -o requirements-torch.txt
	$(UV_COMPILE) requirements-torch-cpu.in -o requirements-torch-cpu.txt
	$(UV_COMPILE) requirements-node.in -o requirements-node.txt
	$(UV_COMPILE) requirements-docs.in -o requirements-docs.txt

# Run this after a change of inference/network/vertenet. The graphs contain no weights.
graphs: setup
	$(VENV)/python -m inference.runtime.graph_conversion

clean:
	rm -rf .venv .venv-docs frontend/node_modules frontend/dist static-collected dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
