# The two commands of a newcomer are demo and test; `make help` lists the rest.
BUILD ?= build
PREFIX ?= /usr/local
PYTHON ?= /usr/bin/python3
# Whatever Python is first in PATH, the packages that tools/setup installs belong to Debian's.
export PYTHON
export LC_ALL = C.UTF-8
export PYTHONDONTWRITEBYTECODE = 1

help:
	@echo 'make demo     install what is missing, build, run the journey'
	@echo 'make test     install what is missing, build, run every test'
	@echo 'make build    $(BUILD)/latchkeyd and $(BUILD)/latchkey'
	@echo 'make check    about a minute: strict build under sanitizers, unit, flow, seeds, models,'
	@echo '              layers, tidy, clauses, pages'
	@echo 'make bench    ratios against peers and floors'
	@echo 'make fuzz     each fuzz target for a bounded time (FUZZ_SECONDS=20)'
	@echo 'make install  PREFIX=/usr/local, DESTDIR='

demo: setup-demo build
	$(BUILD)/latchkey journey journeys/default.yaml --out out

test: setup-test build-tests
	$(PYTHON) tests/run --build $(BUILD) check unit flow system

check: setup-test build-tests
	$(PYTHON) tests/run --build $(BUILD) check

bench: setup-bench build
	$(PYTHON) bench/run

fuzz: setup-fuzz
	$(PYTHON) fuzz/run

build: $(BUILD)/build.ninja
	ninja -C $(BUILD)

# The prefix is in what is built (the systemd unit): another one than last time is told to meson.
install: $(BUILD)/build.ninja
	@test "$$(cat $(BUILD)/prefix 2>/dev/null)" = '$(abspath $(PREFIX))' || \
	    { meson configure $(BUILD) -Dprefix='$(abspath $(PREFIX))' && \
	      echo '$(abspath $(PREFIX))' >$(BUILD)/prefix; }
	ninja -C $(BUILD)
	meson install -C $(BUILD) --no-rebuild

setup-%:
	@tools/setup $*

$(BUILD)/build.ninja:
	meson setup --prefix=$(abspath $(PREFIX)) $(BUILD)

# The tests need cmocka, which a demo does not install: from here on they are part of the build.
build-tests: $(BUILD)/tests-enabled
	ninja -C $(BUILD)

$(BUILD)/tests-enabled: $(BUILD)/build.ninja
	meson configure $(BUILD) -Dtests=enabled
	touch $@

.PHONY: help build build-tests demo test check bench fuzz install
