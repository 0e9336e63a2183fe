# make site     build both languages into public/
# make serve    show them on this machine and reload on every change
# make demo     fine-tune, ask, judge and rate a tiny model on this machine: no network, no GPU
# make pictures take the README's pictures anew
# make test     everything that has to hold before a change goes in
# The first call makes .venv; later calls install only what pyproject.toml has changed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: site serve demo test lint pictures clean
.DEFAULT_GOAL := site

site: $(VENV)/.base
	@$(BIN)/generator build --output public

serve: $(VENV)/.base
	@$(BIN)/generator serve

demo: $(VENV)/.train
	@$(BIN)/runner reproduce demo --no-attach

test: lint
	$(BIN)/pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/catalog lint

# The README's pictures, taken anew from the built site.
pictures: site $(VENV)/.test
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) public

# A stamp, not the interpreter: it is there early in a build of .venv that was interrupted.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) was not found." \
	  "Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $$($(PYTHON) --version) is too old." \
	  "Python 3.11 or newer is needed; name one with make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "error: this Python cannot make virtual environments." \
	  "On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Stamps: an install is repeated when pyproject.toml is newer. The test extra only adds to the base.
$(VENV)/.base: pyproject.toml runner/cells.c runner/rating/lanes.c $(VENV)/.made
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Where there is no card, torch's CPU build does at a tenth of the size: if what pip would take brings CUDA along, the
# build comes from PyTorch's own index. On a machine with a card, and where torch is in .venv already, pip decides.
TORCH := $(shell sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
CPU_TORCH ?= https://download.pytorch.org/whl/cpu
WITH_CUDA := import json, sys; sys.exit(not any("nvidia" in one or "cuda" in one \
  for part in json.load(sys.stdin)["install"] for one in part["metadata"].get("requires_dist", [])))

$(VENV)/.torch: $(VENV)/.base
	@if ! $(BIN)/python -c 'import torch' 2>/dev/null && ! command -v nvidia-smi >/dev/null && \
	  $(BIN)/python -m pip install --quiet --dry-run --no-deps --report - '$(TORCH)' | \
	  $(BIN)/python -c '$(WITH_CUDA)'; then \
	  $(BIN)/python -m pip install --quiet --index-url $(CPU_TORCH) --no-deps '$(TORCH)'; fi
	@touch $@

$(VENV)/.train: pyproject.toml $(VENV)/.base $(VENV)/.torch
	@echo "Installing what fine-tuning needs: 0.3 GB with torch's CPU build, about 3 GB with CUDA (README: Fine-tune) ..."
	@$(BIN)/python -m pip install --quiet --editable '.[train]'
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.base $(VENV)/.torch
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@
