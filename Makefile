# Everything sets itself up in .venv from any Python 3.11 or newer; a stamp keeps it from being done twice.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin

.PHONY: demo test check bench lock clean

demo: .venv/installed-core
	$(BIN)/synaptrial demo --out out/demo

test: .venv/installed-test
	$(BIN)/python -m pytest -n 2 --dist worksteal -q

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# numbalsoda has no wheel: without a Fortran compiler its row says so.
bench: .venv/installed-bench
	-$(BIN)/python -m pip install --quiet numbalsoda==0.3.4
	$(BIN)/python benchmarks/run.py --out out/bench.json

# Pins every package with the hashes of its files; holds no address.
lock: .venv/installed-test
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/python tools/requirements.py wanted all > .venv/all.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-emit-options --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --output-file constraints.txt .venv/all.in

# "core" is no extra: tools/requirements.py then prints the build tools and the core alone.
.venv/installed-%: pyproject.toml constraints.txt tools/requirements.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python tools/requirements.py pinned $(filter-out core,$*) > .venv/$*.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r .venv/$*.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv out
