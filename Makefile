# Three to remember: make chat, make test, make check. Interrupting any of them and running it again is safe.
PYTHON ?= python3
ISSUES ?= issues
ARCHIVE ?= data/archive
HOST ?= 127.0.0.1
PORT ?= 7860
DATA ?= ../shared
SECONDS ?= 600
WORKERS ?= 2
BIN := .venv/bin

.PHONY: chat build test test-quick test-ray test-api check lint sbom coverage lock bench bench-parse bench-retrieval bench-answers
.PHONY: bench-archive bench-scale bench-load bench-scans bench-newsroom bench-prefill bench-search test-faults screenshots docs
.PHONY: bench-milvus bench-ray clean fuzz bench-counting bench-names bench-pack bench-pictures bench-rules bench-threads bench-comparisons

chat: build
	$(BIN)/baowen chat --archive "$(ARCHIVE)" --host $(HOST) --port $(PORT)

build: .venv/installed
	$(BIN)/baowen build "$(ISSUES)" --archive "$(ARCHIVE)"

# Lint and types first. A file of tests stays with one worker, which keeps the servers and browsers of its fixtures.
test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not alone"
	$(BIN)/python -m pytest -m "alone and not cluster"

# Builds on a Ray cluster of four machines, all on this one, and two chat servers behind nginx, one of them killed; some
# minutes, and nothing else should run beside.
test-ray: .venv/installed-dev
	$(BIN)/python -m pytest -m cluster

# Without the real models, the browser, and what starts servers or kills writers.
test-quick: .venv/installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not models and not browser and not slow"

# Lint, and the installed packages among known weaknesses. make test leaves the latter out: a weakness that is published
# tomorrow breaks no test.
check: lint
	.ci/audit

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/typos
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint deploy
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/kubernetes-validate --strict deploy/kubernetes/baowen.yaml
	if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint deploy/Containerfile; fi
	$(BIN)/python -m pytest tests/test_house.py

# What is installed, with versions and licences, as CycloneDX in baowen.cdx.json.
sbom: .venv/installed-dev
	$(BIN)/cyclonedx-py environment "$(BIN)/python" --pyproject pyproject.toml --output-reproducible -o baowen.cdx.json

# Asks the server what its OpenAPI allows, and much that it does not, for two minutes: nothing ends in a 5xx.
test-api: .venv/installed-dev
	$(BIN)/python -m benchmarks.api

# Which branches of rag/ and index/ the tests take, without those of a browser.
coverage: .venv/installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser and not cluster" --cov --cov-report=term:skip-covered

# Writes constraints.txt again from what .venv contains; run it after the tests have passed with that.
lock: .venv/installed-dev
	$(BIN)/python -m pip install -q uv
	$(BIN)/python -m pip freeze --exclude-editable | sed -n 's/^\([^ ]*==[^+ ]*\).*/\1/p' > .venv/tested.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --all-extras -c .venv/tested.txt \
	  --no-emit-index-url --no-header --no-annotate --no-emit-package baowen -o .venv/lock.txt
	(grep '^#' constraints.txt; grep -Ev "^(nvidia-|cuda-|triton=|uv=)|== 'emscripten'" .venv/lock.txt) > .venv/new.txt
	mv .venv/new.txt constraints.txt

# Kills writers and damages archives for some minutes; a short run of it is part of make test.
test-faults: .venv/installed-dev
	$(BIN)/python -m benchmarks.faults

# Broken files of every kind that is read, new ones each time.
fuzz: .venv/installed-dev
	nice -n 10 $(BIN)/python -m tests.reading.broken --seconds $(SECONDS) --seed $$(date +%s)

bench-parse: .venv/installed-dev
	$(BIN)/python -m benchmarks reading --data "$(DATA)"

# Pages drawn from the development articles, as PDFs, libraries' files and pictures: 72 of these, half an hour to an hour of a
# free core. What was read is kept in data/bench; an interrupted run goes on. SCANS="--minutes 60" reads for an hour,
# SCANS="--minutes 0" reports what there is, SCANS="--scripts traditional" reads that script.
bench-scans: .venv/installed-dev
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[ocr]'
	$(BIN)/python -m benchmarks.scans "$(DATA)" $(SCANS)

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

# Questions across dates and names; raw answers to be read by eye, half an hour on two cores.
bench-comparisons: .venv/installed-dev
	$(BIN)/python -m benchmarks.comparisons "$(DATA)"

# What each rule of the answer path pays, left out in turn; an hour on two cores.
bench-rules: .venv/installed-dev
	$(BIN)/python -m training.rules "$(DATA)" data/bench/rules

bench-prefill: .venv/installed-dev
	$(BIN)/python -m benchmarks.prefill "$(DATA)"

# Exact search against a plain scan; then how long queries take in a million passages, which takes an hour to build.
bench-search: .venv/installed-dev
	$(BIN)/python -m benchmarks.search "$(DATA)"
	$(BIN)/python -m benchmarks.search_scale "$(DATA)"

# People, organisations and places against sentences labelled by hand.
bench-names: .venv/installed-dev
	$(BIN)/python -m benchmarks.names "$(DATA)"

# Questions that count or list reports, against labels by people who had not seen the reader.
bench-counting: .venv/installed-dev
	$(BIN)/python -m benchmarks.counting "$(DATA)"

# Reports of one matter, and reports that only look so, labelled by reading.
bench-threads: .venv/installed-dev
	$(BIN)/python -m benchmarks.threads "$(DATA)"

bench-load: .venv/installed-dev
	$(BIN)/python -m benchmarks.load "$(DATA)"

bench-archive: .venv/installed-dev
	$(BIN)/python -m benchmarks.archive "$(DATA)"

# 20,000 articles in a folder and in milvus-lite; an hour or two on two cores. ARTICLES=300: a trial of minutes.
bench-milvus: .venv/installed-dev
	$(BIN)/python -m benchmarks.milvus "$(DATA)" $(if $(ARTICLES),--articles $(ARTICLES))

# Builds on Ray with one and two machines that embed, all on this one; ten minutes. ARTICLES=100: a trial.
bench-ray: .venv/installed-dev
	$(BIN)/python -m benchmarks.on_ray "$(DATA)" $(if $(ARTICLES),--articles $(ARTICLES))

# Packing and restoring 20,000 articles beside a plain copy, and 50 kills at random moments.
bench-pack: .venv/installed-dev
	$(BIN)/python -m benchmarks.packing "$(DATA)"

# Builds with and without pictures of pages, in turn; 1,000 pages of 400 KB opened and browsed.
bench-pictures: .venv/installed-dev
	$(BIN)/python -m benchmarks.pictures "$(DATA)"

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks --data "$(DATA)"

# docs/cli.md from the help of the command; a test holds that it is up to date.
docs: .venv/installed-dev
	$(BIN)/python -m rag.cli.reference > docs/cli.md

# Pictures of every view in docs/screenshots; needs Debian's chromium.
screenshots: .venv/installed-dev
	$(BIN)/python -m benchmarks.screenshots

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 以上 (needs Python 3.11 or newer): " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv

# The mark is written last, so that an install that was interrupted is done again.
.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --progress-bar on -c constraints.txt -e '.[weights,mcp]'
	touch $@

.venv/installed-dev: pyproject.toml constraints.txt .venv/installed
	$(BIN)/python -m pip install -c constraints.txt -e '.[weights,dev]'
	touch $@

clean:
	rm -rf .venv data
