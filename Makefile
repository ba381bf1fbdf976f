# Every target makes the environment it needs, from whatever Python 3.11 or newer it finds.
SHELL := /bin/bash
VENV ?= .venv
FIND_PYTHON = for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done
BIN := $(VENV)/bin
TESTS ?= tests
WORKERS ?= auto
export PYTHONDEVMODE ?=
# hundreds of tests start a process: without compiled files each compiles the whole package
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all unit soak storms long fast dates mutants papers prism foreign tools engines first-test versions bench api spec drift lint format types docs site package coverage untraced clean

# uv does in seconds what takes pip a minute; pip does it where uv cannot be had, or does not reach the packages
INSTALL = install() { \
	"$$1" -m uv --version >/dev/null 2>&1 || "$$1" -m pip install -q uv 2>/dev/null; \
	"$$1" -m uv pip install -q --python "$$1" -e "$$2" 2>/dev/null \
	|| "$$1" -m pip install -q -e "$$2" 2> >(grep -v '^WARNING' >&2); }; install

$(VENV)/bin/python:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed, and none was found"; exit 1; fi; \
	"$$python" -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the demo needs ..."
	@$(INSTALL) $(BIN)/python '.[sandbox,cli]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the checks need ..."
	@$(INSTALL) $(BIN)/python '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/spshipping demo

# The tests need both cores only now and then, the other checks one each: so they run at the same time. With
# `make test JOBS=1` one runs after the other.
JOBS ?= 2
IN_ORDER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs=$(JOBS) $(IN_ORDER) coverage types docs lint untraced
	@echo "All checks passed."

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python tools/check_house.py
	$(BIN)/python tools/make_async.py --check
	$(BIN)/python -m tools.make_design --check
	$(BIN)/python -m tools.make_rules --check
	$(BIN)/python -m tools.make_operations --check
	$(BIN)/python -m tools.make_reference --check
	$(BIN)/python -m tools.make_cli --check
	$(BIN)/python -m tools.make_pictures --check
	$(BIN)/codespell README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md docs changelog.d src examples tools benchmarks
	$(BIN)/python -m tools.check_api
	$(BIN)/towncrier build --draft --version next >/dev/null

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/python tools/check_pages.py
	$(BIN)/pyright --warnings

# Tests that reach no line which others do not: tracing would only make them slow. Of tests/matrix and tests/security
# it is a sample, see their conftest.py.
UNTRACED ?= tests/security tests/matrix $(filter-out %/test_public_api.py,$(wildcard tests/test_*.py)) \
	$(wildcard tests/sandbox/test_*_example.py) $(addsuffix .py, \
	$(addprefix tests/sandbox/test_,auth_cases faults_met import lateness main_job notifications_end_to_end \
	order_notifications orders_by_default outage sandbox_orders sandbox_table secret_rotation storm_judge stores \
	vendor_cli_page vendor_shipping) \
	$(addprefix tests/ship/test_,crashes unquoted_after unquoted_crashes) \
	tests/cli/test_extras $(addprefix tests/recorders/test_,mocks pytest_recording) \
	$(addprefix tests/fixtures/test_,against_amazon fixtures replayed) \
	tests/unit/orders/test_order_counterparts tests/unit/vendor/asn/test_laws \
	tests/unit/vendor/rules/test_rows) \
	$(filter-out %/test_pages.py,$(wildcard tests/cases/test_*.py)) \
	$(filter-out %/test_async_facades.py %/test_domains.py %/test_request_edges.py,$(wildcard tests/contract/test_*.py))
PARALLEL = -n $(WORKERS) --dist worksteal
ORDINARY = -m "not soak and not prism and not papers and not foreign and not tools and not long and not engines" $(PARALLEL)
coverage: $(VENV)/.dev
	@# pytest compiles each file of tests anew: once here, and not in each process of both targets
	@found=$$($(BIN)/python -m pytest -q --collect-only $(TESTS)) || { echo "$$found" | tail -n 40; exit 1; }
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q $(ORDINARY) $(TESTS) $(addprefix --ignore=,$(UNTRACED))
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

untraced: $(VENV)/.dev
	$(BIN)/python -m pytest -q $(ORDINARY) $(UNTRACED)

# every fault on a real connection, for every effect, and tests that take seconds each
long: $(VENV)/.dev
	$(BIN)/python -m pytest -q -m "long and not soak and not papers and not engines" $(PARALLEL) $(TESTS)

# what reads and writes, with msgspec from the first byte on; the other tests use it where they say so
fast: $(VENV)/.dev
	WITH_MSGSPEC=1 $(BIN)/python -m pytest -q $(ORDINARY) tests/unit tests/flow tests/contract

# what depends on the date, and the examples of the pages, with the clock at three other dates
dates: $(VENV)/.dev
	$(BIN)/python tools/check_dates.py -n $(WORKERS) --dist worksteal $(TESTS)

# the storms at a tenth, outside coverage
storms: $(VENV)/.dev
	$(BIN)/python -m pytest -q -m soak $(TESTS)

docs: $(VENV)/.dev
	$(BIN)/sphinx-build -q -E -a -W --keep-going -b html docs docs/_build/html
	$(BIN)/python -m tools.check_built

.venv-site/.done: | $(VENV)/bin/python
	@echo "Installing what looks at pages ..."
	@$(BIN)/python -m venv .venv-site
	@.venv-site/bin/python -m pip install -q 'playwright>=1.50' 2> >(grep -v '^WARNING' >&2)
	@touch $@

# every page in Chromium, at the width of a phone and of a desktop; without Chromium it says so
site: docs .venv-site/.done
	.venv-site/bin/python -m tools.check_site

# the wheel as a stranger gets it: nothing but the package in it, its types complete, the first steps as written
package: $(VENV)/.dev
	$(BIN)/python -m tools.check_package

# the steps of docs/testing.md in an empty project, which installs the wheel with [testing] and nothing else
first-test: $(VENV)/.dev
	$(BIN)/python -m tools.check_testing

# the tests on every Python that is here
test-all:
	@for p in python3.11 python3.12 python3.13 python3.14; do \
	if $$p -c '' 2>/dev/null; then echo "== $$p"; \
	$(MAKE) --no-print-directory VENV=.venv-$$p PYTHON=$$p unit || exit 1; \
	else echo "== $$p is not here"; fi; done

# the wheel with the lowest dependencies, and the sdist with the newest, on each Python that is here
versions: $(VENV)/.dev
	@for p in python3.11 python3.12 python3.13 python3.14; do \
	if $$p -c '' 2>/dev/null; then $(BIN)/python -m tools.check_versions $$p $(ORDINARY) $(TESTS) || exit 1; \
	else echo "$$p is not here"; fi; done

unit: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal $(TESTS)

soak: $(VENV)/.dev
	SPSHIPPING_SOAK=full $(BIN)/python -m pytest -q -m soak $(TESTS)

# changes the code and the facts of the source, and makes sure that the tests find each change
COUNT ?= 300
SEED ?= 1
KNOWN ?=
mutants: $(VENV)/.dev
	$(BIN)/python -m tools.mutants --count "$(COUNT)" --seed "$(SEED)" $(if $(KNOWN),--known)

# labels and documents with the fonts of the system: Noto Sans, Noto Sans Arabic and Noto Sans CJK
papers: $(VENV)/.dev
	$(BIN)/python -m pytest -q -m papers tests/unit/vendor/tools

# what many machines share, over Redis, PostgreSQL and PgBouncer as Debian has them; skipped where they are not here
ENGINE_FILES = */spshipping/postgres.py,*/spshipping/postgres_transaction.py,*/spshipping/*/postgres.py,*/spshipping/*/*/postgres.py,*/spshipping/redis.py,*/spshipping/*/redis.py,*/spshipping/notifications/sqs.py
engines: export COVERAGE_FILE = .coverage.engines
engines: $(VENV)/.dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -m "engines and not soak" $(PARALLEL) tests/engines
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --omit=nothing --include='$(ENGINE_FILES)'

# every operation over Amazon's Swagger files, which SPSHIPPING_MODELS names; needs Node
.prism/.done: Makefile
	@if command -v npm >/dev/null; then echo "Installing Prism ..."; \
	mkdir -p .prism && npm install --prefix .prism --silent --no-audit --no-fund @stoplight/prism-cli@5.14.2 && touch $@; \
	else echo "Prism needs Node and npm, and they are not here"; fi

prism: $(VENV)/.dev .prism/.done
	$(BIN)/python -m pytest -q -m prism tests/prism

.venv-foreign/.done: pyproject.toml | $(VENV)/bin/python
	@echo "Installing other people's clients ..."
	@$(BIN)/python -m venv .venv-foreign
	@$(INSTALL) .venv-foreign/bin/python '.[foreign]'
	@touch $@

# other people's clients do the main job against the sandbox, each unmodified
foreign: .venv-foreign/.done
	.venv-foreign/bin/python -m pytest -q --confcutdir=tests/foreign -m foreign tests/foreign

.venv-tools/.done: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what many programs stand on ..."
	@$(BIN)/python -m venv .venv-tools
	@$(INSTALL) .venv-tools/bin/python '.[tools]'
	@touch $@

# at home in other packages: pandas, Polars, Celery, Django and so on, and the pages about them
tools: export COVERAGE_FILE = .coverage.tools
tools: .venv-tools/.done
	.venv-tools/bin/coverage erase
	.venv-tools/bin/coverage run -m pytest -q --confcutdir=tests/tools -m tools tests/tools tests/test_docs.py
	.venv-tools/bin/coverage combine -q
	.venv-tools/bin/coverage report --omit=nothing --include='*/spshipping/frames.py'

.venv-bench/.done: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the benchmarks need ..."
	@$(BIN)/python -m venv .venv-bench
	@$(INSTALL) .venv-bench/bin/python '.[bench]'
	@touch $@

bench: .venv-bench/.done
	.venv-bench/bin/python -m benchmarks.run

# with a release: the public names as they are now, which later ones are compared with
api: $(VENV)/.dev
	$(BIN)/python -m tools.check_api --write

# facts from Amazon's Swagger files: make spec MODELS=folder
spec: $(VENV)/.dev
	@test -n "$(MODELS)" || { echo "say where Amazon's Swagger files are: make spec MODELS=folder"; exit 2; }
	$(BIN)/python tools/make_spec.py "$(MODELS)" tests/contract/spec

# what another copy of Amazon's models says otherwise, as a to-do list: make drift MODELS=folder
drift: $(VENV)/.dev
	@test -n "$(MODELS)" || { echo "say where Amazon's Swagger files are: make drift MODELS=folder"; exit 2; }
	@$(BIN)/python -m tools.drift "$(MODELS)"

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venv-* .prism out dist docs/_build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
