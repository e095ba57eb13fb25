# Everything here sets up what it needs: a virtual environment in .venv, packages from the index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: docs help review test lint types check format golden rules-page kernel whole-kernel mutants mutation wheel bench fuzz losses lock newest lowest fresh clean

help:
	@echo 'make review      review the example series'
	@echo 'make test        run the tests'
	@echo 'make check       lint, types and tests'
	@echo 'make kernel      bring a kernel tree for the kernel tests (Debian: apt)'
	@echo 'make whole-kernel  all of it (2 GB), to time with TDXREVIEW_KERNEL=whole-kernel make bench'
	@echo 'make mutants     edit the kernel, one defect at a time, and see each caught'
	@echo 'make fuzz        try hostile inputs: make fuzz SECONDS=30 SEED=1 (or INPUTS=1000, NUMBER=7)'
	@echo 'make bench       how fast it feels, side by side with checkpatch'
	@echo 'make golden      rewrite the expected reports; read the difference before you commit'
	@echo 'make rules-page  rewrite rules/README.md from the rules'
	@echo 'make docs        the site and the manual page, in build/site'
	@echo 'make mutation    plant 200 small bugs in the analysis, and see the tests find them (hours)'
	@echo 'make lock        rewrite the versions that all of this installs, to the newest'
	@echo 'make newest      lint, types and tests with the newest versions of everything'
	@echo 'make lowest      tests with the oldest versions that pyproject.toml allows'
	@echo 'make fresh       the README in an empty Debian: make fresh SUITE=trixie (root)'
	@echo 'make wheel       build the wheel and try it in an empty environment'

$(STAMP): pyproject.toml requirements.lock
	PYTHON=$(PYTHON) ./tools/install.sh $(VENV)
	@touch $@

review: $(STAMP)
	@$(BIN)/tdxreview review examples/risky.mbox --exit-zero

test: $(STAMP)
	$(BIN)/pytest -q -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

# Not in CI: 200 mutants take hours. NUMBER and MINUTES make it shorter; the draw hangs on the seed alone.
mutation: $(STAMP)
	$(BIN)/python -m pip --quiet --disable-pip-version-check install --group mutation
	$(BIN)/python -m tools.mutation --number $(or $(NUMBER),200) --minutes $(or $(MINUTES),600)

lock:
	PYTHON=$(PYTHON) ./tools/lock.sh

newest lowest:
	PYTHON=$(PYTHON) ./tools/other-versions.sh $@

fresh:
	./tools/fresh.sh $(SUITE)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(STAMP)
	TDXREVIEW_GOLDEN=write $(BIN)/pytest -q -k golden

rules-page: $(STAMP)
	$(BIN)/python -m tdxreview.rules.page

mutants: $(STAMP) kernel
	$(BIN)/pytest -q -rA --tb=no tests/kernel/test_*_edits.py | sed -n 's/^\(PASSED\|FAILED\|SKIPPED\)/\1/p'

kernel:
	./tools/kernel.sh
	./tools/kernel-7.sh

whole-kernel:
	./tools/kernel.sh --whole

wheel: $(STAMP)
	./tools/wheel.sh

bench: $(STAMP)
	$(BIN)/python tools/bench.py

SEED ?= 1
fuzz: $(STAMP)
	$(BIN)/python -m tools.fuzz --seed $(SEED) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(INPUTS),--inputs $(INPUTS)) $(if $(NUMBER),--number $(NUMBER))

losses: $(STAMP)
	$(BIN)/python -m tools.fuzz --losses

clean:
	rm -rf $(VENV) .venv-* fuzz-found dist build .pytest_cache .mypy_cache .ruff_cache

# The site and the manual page, in build/site; a warning of any kind ends it.
docs: $(STAMP)
	$(BIN)/python -m pip --quiet --disable-pip-version-check install --constraint requirements.lock --group docs
	rm -rf build/docs build/site
	$(BIN)/python -m tools.docs build/docs
	$(BIN)/sphinx-build -q -W --keep-going -n -b html build/docs build/site
	$(BIN)/sphinx-build -q -W --keep-going -b man build/docs build/site
	@echo 'build/site/index.html, build/site/tdxreview.1'
