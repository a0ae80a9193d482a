# `make` alone explains itself. Everything is written below .venv/ and var/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Without compiled modules each process of Airflow needs three times as long to start.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
WORKERS ?= 2

.PHONY: help install run start stop simulate-year test campaign-crash campaign-api machine check docs docs-check fix lock lino fuzz mutants bench-contracts bench-reconcile bench-ledger bench-privacy bench-transport campaign-transfers canaries

help: ## Show this list
	@echo "Passerelle: data exchange between the CPAS of Wallonia and Le Forem"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

install: .venv/.installed ## Install the locked dependencies and this project into .venv (PYTHON=python3.11 chooses one)

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed, for example: make install PYTHON=python3.11"; exit 1; }
	@echo "Installing into .venv what requirements.lock names: a minute or two, once"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## Play five days of the exchange in Airflow, print what came of them, stop (ARGS="--days 2 --cpas 20 --seed 7")
	@$(BIN)/python scripts/exchange.py run $(ARGS)

start: install ## The same, and leave Airflow and the partners' stand-ins running in the background
	@$(BIN)/python scripts/exchange.py start $(ARGS)

stop: ## End what `make start` left running
	@$(BIN)/python scripts/exchange.py stop

simulate-year: install ## Simulate a year of all CPAS and compare it with its truth, hours (ARGS="--days 20 --cpas 30 --seed 7 --resume")
	@$(BIN)/python scripts/year.py $(ARGS)

test: install ## Run the tests, file by file in two processes (ARGS="tests/unit -x", WORKERS=0: one process)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

campaign-crash: install ## Kill the hub at random moments of many weeks and compare (SEEDS=5)
	PASSERELLE_CRASH_SEEDS=$(or $(SEEDS),5) $(BIN)/python -m pytest tests/flow/test_crash.py -s

canaries: install ## Make every function of every verb, and of the commands about one person, fail in words that quote people, and search all that is left, most of half an hour (EVERY=3: a third)
	PASSERELLE_CANARIES=$(or $(EVERY),1) $(BIN)/python -m pytest tests/privacy/test_every_fault.py tests/privacy/test_counter.py -rP -n $(WORKERS)

campaign-api: install ## Pull and push hundreds of files through an API at which everything goes wrong (RUNS=600)
	PASSERELLE_API_RUNS=$(or $(RUNS),600) $(BIN)/python -m pytest tests/properties/test_api_campaign.py -s

campaign-transfers: install ## Move 10,000 files under random faults of the partners' servers and see that none is lost (RUNS=10000 SEED=1)
	PASSERELLE_TRANSFERS=$(or $(RUNS),10000) PASSERELLE_SEED=$(or $(SEED),1) $(BIN)/python -m pytest tests/flow/test_transfers.py -s

machine: install ## Let anything be written in any order, run and killed, and see that all holds (RUNS=50)
	PASSERELLE_MACHINE=$(or $(RUNS),50) $(BIN)/python -m pytest tests/flow/test_machine.py -s

check: install ## Style, types, layers, registry and documentation; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff check --preview --select AIR dags hub/tasks.py
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=scripts $(BIN)/mypy scripts/*.py
	$(BIN)/lint-imports
	$(BIN)/python -m hub partners check
	$(BIN)/python scripts/docs.py check
	$(BIN)/python -m pytest tests/docs

fuzz: install ## Put 100,000 damaged files through the reader, the contracts and the answer (RUNS=100000)
	PASSERELLE_FUZZ=$(or $(RUNS),100000) $(BIN)/python -m pytest tests/properties/test_fuzz_files.py -s

mutants: install ## Change the rules one place at a time, in a copy, and see that a test notices (ARGS="niss codes")
	$(BIN)/python scripts/mutants.py $(ARGS)

bench-contracts: var/bench/.installed ## Compare the contracts with other engines, about half an hour (ARGS="--no-large --write")
	var/bench/bin/python -m bench.contracts $(ARGS)

bench-reconcile: var/bench/.installed install ## Compare reconcile with the same written by hand, then in the database, an hour (ARGS="--no-scale --write" LEDGER="--on sqlite")
	var/bench/bin/python -m bench.reconcile $(ARGS)
	$(BIN)/python -m bench.reconcile_db $(LEDGER)

bench-ledger: install ## Compare a day's reconciliation with a rebuild of all states, SQLite and PostgreSQL, long (ARGS="--referrals 20000")
	$(BIN)/python -m bench.reconcile_db $(ARGS)

bench-transport: install ## Compare SFTP with OpenSSH's own client, and a night of 252 mailboxes with its handshakes (ARGS="--size 64 --times 1")
	$(BIN)/python -m bench.transport $(ARGS)

bench-privacy: install ## Measure the columns of pseudonyms, and what a dictionary attack finds, about five minutes (ARGS="--write")
	$(BIN)/python -m bench.privacy $(ARGS)

var/bench/.installed: bench/requirements.txt pyproject.toml
	@test -x var/bench/bin/python || $(PYTHON) -m venv var/bench
	@var/bench/bin/python -m pip install -qq --disable-pip-version-check --requirement bench/requirements.txt
	@var/bench/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lino: install ## Try the source profiles on the exports of a real Lino Welfare (its own environment, var/lino)
	$(BIN)/python scripts/lino.py
	$(BIN)/python -m pytest tests/lino -s

docs: install ## Make the generated documentation anew, and the site in var/site
	$(BIN)/python scripts/docs.py write
	$(BIN)/python scripts/website.py

docs-check: install ## Fail when a generated page is stale or a link of the site is broken
	$(BIN)/python scripts/docs.py check
	$(BIN)/python scripts/website.py

var/tools/datacontract: ## The environment of `datacontract lint`, which a test uses; it does not fit beside Airflow
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet datacontract-cli==1.2.8

var/tools/schemathesis: ## The environment of schemathesis, which holds the stand-in's API to its document: a tool of one test, with a plugin for all
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet schemathesis==4.32.5

var/tools/celery: install ## What a worker for each zone takes beside Airflow, for its test: Celery, whose 5.7 the provider does not know yet
	$(BIN)/pip install --quiet --no-deps --target $@ apache-airflow-providers-celery==3.26.0 celery==5.6.3 kombu==5.6.2 amqp==5.4.2 \
	  billiard==4.3.2 vine==5.1.0 redis==7.4.1 click-didyoumean==0.3.1 click-plugins==1.1.1.2 click-repl==0.4.1 \
	  async-timeout==5.0.1 prompt_toolkit==3.0.53 wcwidth==0.9.4 python-dateutil==2.9.0.post0 tzlocal==5.4.5

fix: install ## Repair what can be repaired without thinking
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/docs.py write

lock: ## Resolve the dependencies again into requirements.lock (ARGS="--upgrade-package polars")
	test -x var/tools/bin/uv || { $(PYTHON) -m venv var/tools && var/tools/bin/pip install --quiet uv; }
	echo 'setuptools>=80' | var/tools/bin/uv pip compile pyproject.toml - --group dev --python-version 3.11 --universal --quiet \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	  --output-file requirements.lock $(ARGS)
