# `make run` and `make test` do all of their own set-up; `make` alone lists every target.
# WANGGE_* settings come from the environment or stand behind the target: make run WANGGE_PORT=9000

SETUP := sh .ci/setup.sh
BIN := .venv/bin
NPM := $(SETUP) npm --silent

.DEFAULT_GOAL := help
.PHONY: help run test setup check prove prove-properties prove-slow bench client lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 26

run: ## open the demo city at http://127.0.0.1:8000
	@$(SETUP) run
	@exec $(BIN)/wangge serve --demo

# Four processes take the files in turn, the browser's tests last (tests/conftest.py), each with a
# cluster of its own: two more than cores, for a test waits for others now and then. A server
# somebody gives has room for one.
SHARED := $(if $(WANGGE_DATABASE_URL),,-n 4 --dist loadfile --no-loadscope-reorder)

# Each process starts others by the hundred: they share what Python compiled, wherever that is.
test: check ## lint, type and test everything; ends with pytest's summary
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -m "not slow" $(SHARED)

setup: ## install what `make run` and `make test` need, and do nothing else
	@$(SETUP) test

check: setup ## lint and type, and hold the generated web client against the routes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m api.openapi web/openapi.json
	$(NPM) run client -- --check
	$(NPM) run check
	$(NPM) test

prove: prove-properties prove-slow ## every test at its full count; see docs/testing.md

prove-properties: setup ## the property tests with many more examples
	@$(BIN)/python -m pytest -m "not slow and not e2e" --hypothesis-profile=prove

prove-slow: setup ## the tests too long for `make test`
	@$(BIN)/python -m pytest -m slow --hypothesis-profile=prove

bench: setup ## print the side-by-side tables of docs/performance.md
	@$(BIN)/wangge bench locate
	@$(BIN)/wangge bench import
	@$(BIN)/wangge bench desk
	@$(BIN)/wangge bench boundaries
	@$(BIN)/wangge bench hotspots

client: setup ## write the web page's types anew from the routes
	$(BIN)/python -m api.openapi web/openapi.json
	$(NPM) run client

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command "make lock"

lock: setup ## resolve the Python packages anew; UPGRADE=1 takes newer ones
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --group node -o requirements-node.txt

clean: ## remove what set-up and tests made; the data in .wangge stays
	rm -rf .venv web/node_modules web/dist .ci/setup.log .ci/lock *.egg-info .mypy_cache \
		.ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find gis boundaries tiles api tests -name __pycache__ -prune -exec rm -rf {} +
