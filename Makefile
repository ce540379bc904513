# `make` lists what there is to do. The rest of this file reads from what users call to what that needs.

# The first of these that is 3.11 or newer makes the virtual environment: make PYTHON=/opt/python3.13/bin/python3
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
# The overlay that `make demo` builds: make demo ENV=prod
ENV ?= dev
# More words for pytest: make test ARGS='-k plugin -x'
ARGS ?=

BIN := .venv/bin
TOOLS := $(BIN)/python hack/tools.py --home .tools
ALL_TOOLS := kustomize kubectl helm registry
WITH_TOOLS := PATH="$(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$$PATH"
EDITOR_SERVER := yaml-language-server@1.25.0
EDITOR_HOME := .tools/$(subst @,-,$(EDITOR_SERVER))
PLUGIN_HOME := $(CURDIR)/.tools/plugin-home
# pip compiles what it installs, but for an editable install; uncompiled, kloom takes twice as long to start
COMPILE := $(BIN)/python -m compileall -q functions
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup tools demo test e2e lint golden bench clean
.NOTPARALLEL:  # there is one .venv and one .tools; under -j the targets still take turns

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z0-9]+:.*  ## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: .venv/.test tools  ## install everything that work on kloom needs, into .venv and .tools

tools: .venv/.demo  ## make kustomize, kubectl, helm and registry available in .tools/bin
	@$(TOOLS) ensure $(ALL_TOOLS)
	@test -e $(EDITOR_HOME)/node_modules/.bin/yaml-language-server || ! command -v npm >/dev/null || \
	npm install --silent --no-audit --no-fund --prefix $(EDITOR_HOME) $(EDITOR_SERVER) >&2 || \
	echo "$(EDITOR_SERVER) cannot be installed; the tests of editors need it" >&2

demo: .venv/.demo overlays/$(ENV)/kustomization.yaml  ## print the Applications of one environment (ENV=dev)
	@$(BIN)/kloom plugin install --home $(PLUGIN_HOME) >&2
	@tool=$$($(TOOLS) ensure-any 'kustomize>=5.4.2' kubectl) || exit 1; \
	case $$tool in */kubectl) build="$$tool kustomize";; *) build="$$tool build";; esac; \
	command="KUSTOMIZE_PLUGIN_HOME=$(PLUGIN_HOME) $$build --enable-alpha-plugins overlays/$(ENV)"; \
	echo "$$command" >&2; \
	eval "$$command"

test: .venv/.test tools  ## run the tests (ARGS='-k word -x')
	$(WITH_TOOLS) $(BIN)/python -m pytest $(ARGS)

e2e: .venv/.test tools .tools/bin/argocd-oracle .tools/bin/kubectl-validate  ## hold kloom against Argo CD's own code (needs go)
	$(WITH_TOOLS) $(BIN)/python -m pytest tests/oracle $(ARGS)

lint: .venv/.test  ## check style, format, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy $(wildcard hack/*.py)
	$(BIN)/lint-imports

golden: .venv/.test tools  ## write what the tests expect anew; review it with git diff
	$(WITH_TOOLS) $(BIN)/python -m pytest --update-golden $(ARGS)

bench: .venv/.test tools  ## measure, beside the other ways to render the same
	@$(COMPILE)
	$(WITH_TOOLS) $(BIN)/python hack/bench.py

clean:  ## remove everything that the other targets made
	rm -rf .venv .tools build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What make e2e asks: both are compiled, from sources that Go checks; without cgo, so without a C compiler

GO_BUILD := command -v go >/dev/null || { echo "make e2e needs Go 1.25 or newer on PATH: https://go.dev/dl" >&2; exit 1; }; \
	echo "compiling $$target; this takes some minutes the first time ..." >&2; \
	CGO_ENABLED=0 GOBIN=$(CURDIR)/.tools/bin go

.tools/bin/argocd-oracle: $(wildcard tests/oracle/*.go tests/oracle/*.s tests/oracle/go.*)
	@target=$@; $(GO_BUILD) build -C tests/oracle -buildvcs=false -ldflags='-s -w' -o $(CURDIR)/$@ .

.tools/bin/kubectl-validate: Makefile
	@target=$@; $(GO_BUILD) install sigs.k8s.io/kubectl-validate@v0.0.4
	@touch $@

# What is installed in .venv: .demo stands for kloom alone, .test for what tests and lint need besides

.venv/.demo: pyproject.toml | .venv/bin/python
	@echo "installing kloom into .venv ..." >&2
	@$(PIP_INSTALL) --editable . >&2
	@$(COMPILE)
	@touch $@

.venv/.test: pyproject.toml | .venv/bin/python
	@echo "installing kloom and what its tests and checks need into .venv ..." >&2
	@$(PIP_INSTALL) --editable '.[test,lint]' >&2
	@$(COMPILE)
	@touch .venv/.demo $@

# A bare Debian has a venv module without ensurepip: there, the system's pip puts a pip into the environment
.venv/bin/python:
	@for python in $(PYTHON) none; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
	  echo "kloom needs Python 3.11 or newer; there is none among: $(PYTHON). Say where: make PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	$$python -m venv --clear .venv >/dev/null 2>&1 || { \
	  $$python -m venv --clear --without-pip .venv && \
	  for pip in "$$python -m pip" pip3 pip none; do \
	    $$pip --python .venv/bin/python install --quiet --disable-pip-version-check pip >&2 && break; \
	  done 2>/dev/null; \
	  [ "$$pip" != none ]; \
	} || { \
	  rm -rf .venv; \
	  echo "$$python cannot make a virtual environment: install the package python3-venv (or python3-pip)" >&2; \
	  exit 1; \
	}

overlays/%/kustomization.yaml:
	@echo "There is no $@; ENV is one of: $(patsubst overlays/%/kustomization.yaml,%,$(wildcard $@ overlays/*/kustomization.yaml))" >&2
	@exit 1
