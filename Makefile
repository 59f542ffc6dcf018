# Verbs over the `thresh` command. `make` alone prints them.
MODEL  ?= examples/digits-gru128.safetensors
INPUT  ?= examples
BOARD  ?= icebreaker
LANES  ?= 8
BIN    := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
THRESH := $(BIN)/thresh
PYTHON_IN := $(BIN)/python
PYTEST := $(PYTHON_IN) -m pytest --numprocesses auto --dist worksteal

.PHONY: help demo device test test-train formal lint docs verilog sim bitstream flash report bench \
        soak bench-hardware train-digits train-keywords train-wake bench-training nightly clean

help:  ## print this table
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18

demo: .venv/flow  ## audio to bitstream on the shipped digits network; DATA=DIR for FSDD
	$(THRESH) demo $(if $(DATA),--data $(DATA))

device: .venv/flow  ## a device that hears: clips at its simulated pins, then its bitstream
	$(THRESH) demo --device pdm

test: lint  ## lint, then every fast test but those of training and proofs
	$(PYTEST) -m "not slow and not train and not formal"

test-train: .venv/train  ## the fast tests that need PyTorch
	$(PYTEST) -m "train and not slow"

formal: .venv/ready  ## prove what tests cannot finish: queues, link, encoder, streams (minutes)
	$(PYTEST) -m "formal and not slow"

lint: .venv/ready  ## ruff, and mypy on the rooms without hardware
	@$(PYTHON_IN) .ci/types_folder.py
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy

docs: .venv/docs  ## build/site: these pages and the API as a web site, warnings as errors
	$(PYTHON_IN) -m sphinx -W --keep-going -q -b html docs build/site

verilog: .venv/flow  ## build/verilog: the accelerator for MODEL with LANES
	$(THRESH) verilog $(MODEL) --lanes $(LANES) -o build/verilog

sim: .venv/flow  ## simulate MODEL on INPUT, every integer compared
	$(THRESH) sim $(MODEL) $(INPUT)

bitstream: .venv/flow  ## synthesise, place and route MODEL for BOARD
	$(THRESH) build $(BOARD) $(MODEL)

flash: .venv/flow  ## write the bitstream to BOARD
	$(THRESH) flash $(BOARD)

report: .venv/flow  ## render build/demo/report.html again
	$(THRESH) report

bench: .venv/ready  ## measure every published figure that needs no place and route
	$(PYTHON_IN) -m bench.run

soak: .venv/ready  ## bad packets, integers, power cuts on compiled gateware (an hour; goes on when stopped); CASE
	$(PYTHON_IN) -m bench.soak $(if $(CASE),--only $(CASE))

bench-hardware: .venv/ready  ## measure clocks and utilisation of every board and lane count (hours)
	$(PYTHON_IN) -m bench.run --hardware

train-digits: .venv/train  ## train the shipped network again; DATA=DIR names FSDD
	$(PYTHON_IN) -m thresh.training.digits.recipe $(if $(DATA),--data $(DATA)) -o $(MODEL)

train-keywords: .venv/train  ## train a network for a device that hears ten words; DATA=DIR names the data sets
	$(PYTHON_IN) -m thresh.training.device.keywords_recipe $(if $(DATA),--data $(DATA))

train-wake: .venv/train  ## train a network for the wake word "computer" in five folds; DATA=DIR TALK=DIRS SYNTHESISED=DIR PARTITION=N SEEDS=1,2,3
	$(PYTHON_IN) -m thresh.training.device.wake_recipe $(if $(DATA),--data $(DATA)) \
	    $(TALK:%=--talk %) $(if $(SYNTHESISED),--synthesised $(SYNTHESISED)) \
	    $(if $(PARTITION),--partition $(PARTITION)) $(if $(SEEDS),--seeds $(SEEDS))

bench-training: .venv/train  ## train TASK with every technique: digits, wide-digits, an4-digits, letters, steering, ecg, keywords; DATA=DIR
	$(PYTHON_IN) -m bench.training.tasks $(TASK) $(if $(DATA),--data $(DATA)) \
	    $(if $(SEEDS),--seeds $(SEEDS)) $(if $(OTHERS),--others $(OTHERS))

nightly: .venv/train lint  ## every test, slow ones and PyTorch's too
	$(PYTHON_IN) -m pytest

clean:  ## remove what was built, the environment stays
	rm -rf build dist

.venv/flow: pyproject.toml bootstrap
	./bootstrap flow
	@touch $@

.venv/ready: pyproject.toml bootstrap
	./bootstrap flow dev
	@touch .venv/flow $@

.venv/train: .venv/ready
	./bootstrap flow dev train
	@touch $@

.venv/docs: .venv/ready
	./bootstrap flow dev docs
	@touch $@
