# Two commands do everything: `make run` and `make test`. Each prepares .venv from requirements.lock first and needs
# Python 3.11 or later, make and a package index; the second time it starts at once.

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV_VERSION := 0.13.9
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
UV := .venv/.uv-$(UV_VERSION)
READY := .venv/.ready

# uv is told which Python to use and must not fetch one of its own.
export UV_PYTHON_DOWNLOADS := never
# Without compiled bytecode every start would compile JAX and SciPy anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test page bench lint format lock clean

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile | while IFS= read -r line; do \
		printf '  make %-8s %s\n' "$${line%%: *}" "$${line#*: }"; done

run: $(READY)  ## the main job: futures under each policy package, figures and a report in out/
	@$(BIN)/fourfronts run --out out $(ARGS)

test: lint page  ## every check: style, types, tests
	$(BIN)/python -m pytest -n $(JOBS)

# The page is shipped built, so that nobody needs Node; where a Node that builds it is at hand, what is shipped is held to its
# source, in types, tests and bytes.
page:
	@if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
		&& npm --version >/dev/null 2>&1 && (cd web && npm ci --no-audit --no-fund --silent); then \
		cd web && npm run --silent check && npm test --silent; \
	else \
		rm -rf web/node_modules; \
		echo 'no Node 20.19 or later, or no package index for it: the shipped page is not built anew to be compared'; \
	fi

bench: $(READY)  ## how fast the model runs here
	@$(BIN)/fourfronts bench $(ARGS)

lint: $(READY)  ## style and types alone
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy

format: $(READY)  ## rewrite the source in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY)  ## write requirements.lock anew; UPGRADE=--upgrade takes the newest versions
	$(BIN)/uv pip compile pyproject.toml --extra test --extra calibration --extra explain --extra cluster --extra peers --extra load --universal --python-version 3.11 $(UPGRADE) \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet -o requirements.lock

clean:  ## remove the environment, caches and results
	rm -rf .venv out dist web/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Ask for Python by name, because a bare `python3` may be too old and its own message would not say so.
$(UV):
	@test -n '$(PYTHON)' || { echo 'fourfronts needs Python 3.11 or later with venv; make PYTHON=/path/to/python names one' >&2; exit 1; }
	@echo 'preparing .venv (once)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@touch $@

$(READY): $(UV) pyproject.toml requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@
