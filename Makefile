# `make` lists what there is to do. The rest of this file reads from what users call to what that needs.

# The first of these that is 3.11 or newer makes the virtual environment: make PYTHON=/opt/python3.13/bin/python3
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
# The overlay that `make demo` builds: make demo ENV=prod
ENV ?= dev
# Pythons that are not on PATH, for the matrix: make matrix PYTHONS=/opt/python3.13/bin/python3
PYTHONS ?=
# More words for pytest: make test ARGS='-k plugin -x'
ARGS ?=

BIN := .venv/bin
TOOLS := $(BIN)/python hack/tools.py --home .tools
ALL_TOOLS := kustomize kubectl helm registry
WITH_TOOLS := PATH="$(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$$PATH"
EDITOR_SERVER := yaml-language-server@1.25.0
EDITOR_HOME := .tools/$(subst @,-,$(EDITOR_SERVER))
PLUGIN_HOME := $(CURDIR)/.tools/plugin-home
CLUSTER_API := $(addprefix .tools/cluster-api/,core kubeadm-bootstrap kubeadm-control-plane)
E2E_PROGRAMS := $(addprefix .tools/bin/,argocd-oracle argocd-servers kubectl-validate kube-servers) $(CLUSTER_API) dist/kloom
E2E_TESTS := tests/oracle tests/oracle_capi tests/capi_e2e tests/endpoints_e2e tests/argocd_plugins tests/argocd_chain tests/image tests/release
# pip compiles what it installs, but for an editable install; uncompiled, kloom takes twice as long to start
COMPILE := $(BIN)/python -m compileall -q functions
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help setup tools demo test e2e executable image release lint golden bench compare matrix clean
.NOTPARALLEL:  # there is one .venv and one .tools; under -j the targets still take turns

help:  ## list the targets
	@awk -F ':.*  ## ' '/^[a-z0-9]+:.*  ## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

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

e2e: .venv/.test tools $(E2E_PROGRAMS)  ## hold kloom against the real Argo CD and Cluster API (needs go)
	$(WITH_TOOLS) $(BIN)/python -m pytest $(E2E_TESTS) $(ARGS)

executable: dist/kloom  ## make kloom one file that carries its own Python: dist/kloom

image: .venv/.demo tools  ## make the images of the function and of Argo CD's sidecar (BASE=image to build upon)
	$(WITH_TOOLS) $(BIN)/python hack/release.py images --output build/images

release: .venv/.demo tools  ## make all that a release has, twice, and compare: in dist (TAG=v0.1.0)
	$(WITH_TOOLS) $(BIN)/python hack/release.py --twice $(addprefix --tag=,$(TAG))

lint: .venv/.test  ## check style, format, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy $(wildcard hack/*.py hack/launcher/*.py)
	$(BIN)/lint-imports

golden: .venv/.test tools  ## write what the tests expect anew; review it with git diff
	$(WITH_TOOLS) $(BIN)/python -m pytest --update-golden $(ARGS)

bench: .venv/.test tools  ## measure, beside the other ways to render the same
	@$(COMPILE)
	@test -e .tools/kcl || $(PIP_INSTALL) --target .tools/kcl kcl-lib==0.13.2 >&2 || echo "KCL cannot be installed" >&2
	$(WITH_TOOLS) $(BIN)/python hack/bench.py
	$(WITH_TOOLS) $(BIN)/python hack/memory.py

compare: .venv/.test tools .tools/bin/argocd-servers .tools/bin/kube-servers  ## measure, beside ApplicationSets on a real Argo CD (needs go)
	@$(COMPILE)
	$(WITH_TOOLS) $(BIN)/python hack/side_by_side.py

matrix: .venv/.test tools  ## measure with which versions of the tools kloom works (needs go)
	@$(BIN)/python hack/matrix.py $(addprefix --python=,$(PYTHONS))

clean:  ## remove everything that the other targets made
	rm -rf .venv .tools build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What make e2e asks: all is compiled, from sources that Go checks; without cgo, so without a C compiler

GO_BUILD := command -v go >/dev/null || { echo "make e2e needs Go 1.25 or newer on PATH: https://go.dev/dl" >&2; exit 1; }; \
	echo "compiling $$target; this takes some minutes the first time ..." >&2; \
	CGO_ENABLED=0 GOBIN=$(CURDIR)/.tools/bin go

.tools/bin/argocd-oracle: $(wildcard tests/oracle/*.go tests/oracle/*.s tests/oracle/go.*)
	@target=$@; $(GO_BUILD) build -C tests/oracle -buildvcs=false -ldflags='-s -w' -o $(CURDIR)/$@ .

.tools/bin/argocd-servers: $(wildcard tests/argocd_chain/servers/*)
	@target=$@; $(GO_BUILD) build -C tests/argocd_chain/servers -buildvcs=false -ldflags='-s -w' -o $(CURDIR)/$@ .

.tools/bin/kubectl-validate: Makefile
	@target=$@; $(GO_BUILD) install sigs.k8s.io/kubectl-validate@v0.0.4
	@touch $@

# Servers that e2e starts: a Kubernetes API, and each manager of Cluster API with the manifests published beside it

KUBERNETES := tests/servers/kubernetes

.tools/bin/kube-servers: $(wildcard $(KUBERNETES)/*)
	@target=$@; v=k8s.io/component-base/version; \
	version=$$(sed -nE "s#^[[:space:]]k8s.io/kubernetes v(([0-9]+)\.([0-9]+)\..*)#-X $$v.gitVersion=v\1 -X $$v.gitMajor=\2 -X $$v.gitMinor=\3#p" $(KUBERNETES)/go.mod); \
	$(GO_BUILD) build -C $(KUBERNETES) -buildvcs=false -ldflags="-s -w $$version" -o $(CURDIR)/$@ .

.tools/cluster-api/kubeadm-bootstrap: folder := /bootstrap/kubeadm
.tools/cluster-api/kubeadm-control-plane: folder := /controlplane/kubeadm
$(CLUSTER_API): $(wildcard tests/servers/cluster_api/go.*) | tools
	@target=$@; module=sigs.k8s.io/cluster-api; mkdir -p $(@D); \
	$(GO_BUILD) build -C tests/servers/cluster_api -buildvcs=false -ldflags='-s -w' -o $(CURDIR)/$@.new $$module$(folder) && \
	source=$$(go list -C tests/servers/cluster_api -m -f '{{.Dir}}' $$module) && \
	$(WITH_TOOLS) kustomize build $$source$(folder)/config/default >$@.yaml && mv $@.new $@

# kloom in one file: its archive is made of the wheel, the launcher compiled from C

dist/kloom: $(shell find functions charts hack/launcher hack/requirements -type f -not -name '*.pyc') hack/executable.py hack/release.py | .venv/.demo
	@echo "making $@ ..." >&2
	@$(BIN)/python hack/release.py executable --output build/executable >&2 && mkdir -p $(@D) && \
	cp build/executable/kloom-* $@.new && mv $@.new $@

# What is installed in .venv: .demo stands for kloom alone, .test for what tests and lint need besides

.venv/.demo: pyproject.toml | .venv/.pip
	@echo "installing kloom into .venv ..." >&2
	@$(PIP_INSTALL) --editable . >&2
	@$(COMPILE)
	@touch $@

.venv/.test: pyproject.toml | .venv/.pip
	@echo "installing kloom and what its tests and checks need into .venv ..." >&2
	@$(PIP_INSTALL) --editable '.[test,lint]' >&2
	@$(COMPILE)
	@touch .venv/.demo $@

# Commands that a pip before 26 installs import re before they do anything: a fifth of a small build
.venv/.pip: | .venv/bin/python
	@$(PIP_INSTALL) --upgrade 'pip>=26' >&2
	@touch $@

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
