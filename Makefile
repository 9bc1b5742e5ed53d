# The two commands of a newcomer are demo and test; `make help` lists the rest.
BUILD ?= build

help:
	@echo 'make demo     install what is missing, build, run the journey'
	@echo 'make test     install what is missing, build, run every test'
	@echo 'make check    about a minute: strict build under sanitizers, unit, flow, seeds, layers, tidy, clauses'
	@echo 'make bench    ratios against peers and floors'
	@echo 'make fuzz     each fuzz target for a bounded time'
	@echo 'make install  PREFIX=/usr/local'

$(BUILD)/build.ninja:
	meson setup $(BUILD)

build: $(BUILD)/build.ninja
	ninja -C $(BUILD)

.PHONY: help build demo test check bench fuzz install
