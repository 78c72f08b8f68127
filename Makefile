# `make` lists the targets. Everything is installed into .venv beside this file; system packages are added only if
# Python's venv module or a browser for the tests is missing (see `system-package`).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
READY := .venv/.ready
TOOLS := .venv/.ready-to-test

# Tests run in two processes; those of a file stay together, because they share what they build. ARGS="-n 0" uses one.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

# the first suitable Python; `make PYTHON=/path/to/python3.12 chat` chooses another
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(FITS)' 2>/dev/null && { echo "$$name"; break; }; done)

# $(call system-package,NAMES,WHAT FOR): install with apt-get if that needs no password, otherwise say what to do
define system-package
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
		echo "$(2): installing $(1)"; \
		root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); \
		$$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq $(1) >/dev/null; \
	else \
		echo "$(2). Install it and try again: sudo apt-get install $(1)" >&2; false; \
	fi
endef

.PHONY: help
help: ## show this list
	@printf '\n  Pullquote: ask your own saved pages.\n\n'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) \
		| while IFS=$$'\t' read -r name does; do printf '    make %-8s %s\n' "$$name" "$$does"; done
	@printf '\n  The command line is $(BIN)/pullquote after the first of these.\n\n'

.PHONY: chat
chat: index ## index seeds/ if needed and open the chat page (ARGS="--port 8000" is passed on)
	@$(BIN)/pullquote chat $(ARGS)

.PHONY: index
index: $(READY) ## update the index of seeds/ and of pages added since
	@$(BIN)/pullquote index

.PHONY: test
test: $(TOOLS) browser ## run every test: units, laws, the page in a browser, the quality gate
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

.PHONY: check
check: $(TOOLS) ## run linters, types, layers and tests, fastest first
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/python -m pytest $(PARALLEL) -x -m "not browser and not eval"
	@$(MAKE) --no-print-directory browser
	@$(BIN)/python -m pytest $(PARALLEL) -x -m "browser or eval"

.PHONY: bench
bench: $(TOOLS) ## measure how fast everything is, as ratios; ARGS=--quick takes two minutes
	@$(BIN)/python tests/benchmarks/bench.py $(ARGS)

.PHONY: format
format: $(TOOLS) ## format the code
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

# Without a browser the browser tests fail and say so, on purpose. Ubuntu's own Chromium is a snap, which does not
# start everywhere, so Playwright's is used there.
.PHONY: browser
browser: $(TOOLS)
	@if ! command -v chromium chromium-browser google-chrome >/dev/null \
		&& ! ls "$${PLAYWRIGHT_BROWSERS_PATH:-$$HOME/.cache/ms-playwright}"/chromium* >/dev/null 2>&1; then \
		if grep -qs '^ID=ubuntu' /etc/os-release; then \
			if [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then \
				echo "The browser tests need Chromium: installing it"; \
				$(BIN)/playwright install --with-deps chromium >/dev/null || true; \
			else \
				echo "The browser tests need Chromium. Install it: $(BIN)/playwright install --with-deps chromium" >&2; \
			fi; \
		else \
			{ $(call system-package,chromium,The browser tests need Chromium); } || true; \
		fi; \
	fi

.PHONY: lock
lock: ## lock the newest versions and their known advisories (ARGS=--keep keeps what is locked)
	@rm -rf build/lock && mkdir -p build
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/pip install --quiet --disable-pip-version-check uv pip-audit
	@PATH="$$PWD/build/lock/bin:$$PATH" build/lock/bin/python tests/supply_chain/lock.py $(ARGS)
	@rm -rf build/lock

# What is installed is locked with its hash, so it is the file that was tested, from whichever index. PyTorch is the
# exception: indexes have different builds of it, which pip chooses from.
PIP = quiet=$$([ -t 2 ] || echo --quiet); pip="$(BIN)/python -m pip --disable-pip-version-check install $$quiet"

$(READY): pyproject.toml constraints.txt constraints-torch.txt
	@if [ -z "$(PYTHON)" ]; then echo "Pullquote needs Python 3.11, 3.12 or 3.13; python3 is not one of them." >&2; exit 2; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		$(call system-package,python3-venv,Making the environment needs Python's venv module); \
	fi
	@[ -x $(BIN)/python ] && $(BIN)/python -c '$(FITS)' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@echo "Installing the locked dependencies into .venv (a few minutes the first time)"
	@$(PIP); $$pip --require-hashes --no-deps -r constraints.txt; \
		$$pip -c constraints-torch.txt torch; \
		$$pip --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS): $(READY) constraints-test.txt
	@echo "Installing what the tests need"
	@$(PIP); $$pip --require-hashes --no-deps -r constraints-test.txt
	@touch $@
