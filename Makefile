# make run   first result in a fresh clone      make app   the web page
# make test  all tests                          make lint  style and types
# Needs python >= 3.11 with pip and venv; everything else comes from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := run
.PHONY: run test app lint lock

run: $(STAMP)
	@$(BIN)/chainsim run scenarios/xinzhou-base.yaml

test: $(STAMP)
	@$(BIN)/python -m pytest -n 3 --dist loadscope

app: $(STAMP)
	@$(BIN)/chainsim app

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy chainsim

lock: $(STAMP)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml \
	  -o requirements.lock

# The stamp holds what was installed: a touched but unchanged file installs nothing again.
$(STAMP): requirements.lock pyproject.toml
	@cat requirements.lock pyproject.toml | cmp -s - $@ && touch $@ && exit 0; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "chainsim needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 3; }; \
	test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	  rm -rf $(VENV); \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && $(PYTHON) -m venv $(VENV) || \
	    { rm -rf $(VENV); \
	      echo "Python lacks venv; on Debian: apt-get install python3-venv" >&2; exit 3; }; }; \
	echo "installing into $(VENV), a few minutes the first time" >&2; \
	$(PIP) install --require-hashes -r requirements.lock && \
	$(PIP) install --no-deps --no-build-isolation -e . && \
	cat requirements.lock pyproject.toml > $@
