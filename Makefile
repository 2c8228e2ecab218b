# make run: everything, from an empty checkout to a running platform. make test: the tests. The rest: see README.md.
# Debian's own Python first: it is built for speed (profiled), others found on the path often are not and take up to twice as long.
PYTHON ?= $(shell for one in /usr/bin/python3.11 python3.11 python3; do \
  $$one -c "import ensurepip, venv" 2> /dev/null && command -v $$one && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUN_ARGS ?=
TEST_ARGS ?= -n 2 --dist worksteal

.PHONY: setup run test long lint types contracts bench browser lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; found " + sys.version.split()[0])'
	@rm -f $@
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# exec: a signal sent to make's child reaches the platform itself, and Ctrl-C ends everything.
run: setup
	@exec $(BIN)/gongzhi run $(RUN_ARGS)

test: setup
	$(BIN)/pytest $(TEST_ARGS)

# What takes half a minute a test: a simulated year, kills in the middle of a vote, fuzzing with all rights, sweeps.
long: setup
	$(BIN)/pytest -m long $(TEST_ARGS)

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy gongzhi

contracts: setup
	$(BIN)/lint-imports

# Each script measures its own limit beside it and fails when it is missed; see benchmarks/README.md.
bench: setup
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The journeys need Debian's chromium and fonts-noto-cjk.
browser: setup
	$(BIN)/pytest tests/browser -m browser -n0

# Needs pip-tools in the virtual environment of whoever runs it; the lock names no package index.
lock:
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock requirements.in

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
