# Every target makes what it needs, from nothing. `make` lists the targets.
PROVEN_OF = $(shell sed -n '/"proven"/,/}/s/^ *"\([0-9.]*\)": .*/\1/p' policy/tipstaff_policy/clients/$(1)/knowledge/versions.json)
CODEX := $(call PROVEN_OF,codex)
CLIENT ?= $(lastword $(CODEX))
BEFORE := $(lastword $(filter-out $(lastword $(CODEX)),$(CODEX)))
CLAUDE ?= $(lastword $(call PROVEN_OF,claude))
CASES ?= 3000
HOSTS ?= 20000
SEED ?= 1
MINUTES ?= 60
# More than two cores need: much of a run is waiting for clients, keyrings and watches.
JOBS ?= 4
BIN := .venv/bin
ENV := .venv/.stamp
CLIENT_STAMP := .client/$(CLIENT)/.stamp
ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup
VERDICTS := tests/conformance/test_agreement.py tests/conformance/test_cloud_policy.py
ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

.DEFAULT_GOAL := help
.PHONY: help demo examples example-fleet test test-table test-rest test-real lint format docs golden verdicts test-engines test-systemd conformance campaign prove replay claude-record claude-random real-life evasion faults key-types command-lines bench bench-clients bench-fleet bench-growth bench-packages bench-reports bench-starts bench-users soak wheel zipapp standalone mac deb rpm windows msi test-wine test-packages clean

LISTED = @grep -hE '^[a-z-]+:.* $(1) ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.* $(1) /\t/' | expand -t 16

help: ## list the targets
	@echo "To try Tipstaff, and to get it onto hosts:"
	$(call LISTED,\#\#)
	@echo
	@echo "To change Tipstaff (CONTRIBUTING.md):"
	$(call LISTED,\#-)

demo: $(ENV) ## audit and enforce on copies of the example hosts: about 10 seconds
	@$(BIN)/python examples/demo.py

examples: $(ENV) ## build/examples: the example hosts with the modes of real hosts, to audit by hand
	@$(BIN)/python examples/prepare.py build/examples

example-fleet: $(ENV) ## build/example-fleet: the reports of a made-up fleet, to try docs/fleet.md on
	@$(BIN)/python examples/fleet.py build/example-fleet

wheel: $(ENV) ## dist/tipstaff-*.whl, for pip, pipx and uv: see docs/install.md
	@$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps -w dist .
	@ls dist/tipstaff-*.whl

test: $(ENV) $(CLIENT_STAMP) .client/$(BEFORE)/.stamp .venv/.engines keyring tools installers postgresql #- the tests, with the real client where this machine can run it; the long ones are in the next two
	@TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) -m "not rest"

test-rest: $(ENV) $(CLIENT_STAMP) .client-claude/$(CLAUDE)/.stamp keyring tools #- the tests that `make test` leaves out because they take long
	@TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) -m rest

test-table: $(ENV) $(CLIENT_STAMP) keyring #- the hosts of the client's table that `make test` leaves out
	@TIPSTAFF_HOSTS=rest TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) tests/conformance/test_agreement.py

test-engines: $(ENV) .venv/.engines .engines/.stamp #- every question of a fleet on ClickHouse and on Spark itself
	@$(BIN)/python -m pytest tests/fleet/slow_engines.py

test-systemd: standalone .systemd/.stamp $(CLIENT_STAMP) #- the package and its units under a booted systemd, and Ansible against it; as root
	@TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(BIN)/python -m pytest -n 0 tests/endpoint/booted_systemd.py

test-real: $(ENV) .judges/.stamp #- every report format before the judge of its standard, the page in a real browser
	@$(PYTEST) tests/reports/judged_*.py

.venv/.engines: .ci/engines $(ENV)
	@sh ./.ci/engines quick || echo "Sail could not be installed; its tests will say so" >&2

.engines/.stamp: .ci/engines $(ENV)
	@sh ./.ci/engines slow

.systemd/.stamp: .ci/systemd
	@sh ./.ci/systemd || echo "no root of a Debian could be built; the tests will say: systemd not run" >&2

.judges/.stamp: .ci/judges $(ENV)
	@sh ./.ci/judges

lint: $(ENV) #- style, types, import arrows, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python docs/generate.py --check

format: $(ENV) #- put the code into shape
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

docs: $(ENV) #- write the generated pages and schemas again
	@$(BIN)/python docs/generate.py

golden: $(ENV) #- write the golden files and the output in docs/stopped.md again, show what changed
	@test -z "$$CI" || { echo "golden files are not made in CI" >&2; exit 1; }
	@TIPSTAFF_UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/reports/test_golden.py tests/cli/test_stopped_page.py
	@git --no-pager diff --stat -- tests/golden docs/stopped.md

verdicts: $(ENV) $(CLIENT_STAMP) keyring #- write down again how every host ends with the newest proven client
	@test -z "$$CI" || { echo "the table of verdicts is not made in CI" >&2; exit 1; }
	@rm -f tests/conformance/verdicts.json
	@TIPSTAFF_HOSTS=all TIPSTAFF_UPDATE_GOLDEN=1 TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) $(VERDICTS) --deselect $(firstword $(VERDICTS))::test_the_table_of_verdicts_names_every_host
	@git --no-pager diff --stat -- tests/conformance/verdicts.json

conformance: $(ENV) $(CLIENT_STAMP) keyring #- only the comparison with the real client, and what CLIENT=x.y.z does otherwise than the newest
	@TIPSTAFF_HOSTS=all TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) tests/conformance

campaign: $(ENV) $(CLIENT_STAMP) keyring #- random hosts through the client and Tipstaff; CASES=3000 SEED=1 RECORD=file
	@cd tests && TIPSTAFF_CLIENT_VERSION=$(CLIENT) ../$(BIN)/python -m conformance.campaign --cases $(CASES) --seed $(SEED) $(if $(RECORD),--record $(abspath $(RECORD)))

prove: $(ENV) keyring #- prove a release and write all that is known of it; CLIENT=codex|claude VERSION=x.y.z ROW="field=value"
	@test -n "$(VERSION)" || { echo "error: VERSION is missing, as in: make prove CLIENT=codex VERSION=x.y.z" >&2; exit 2; }
	@cd tests && ../$(BIN)/python -m proving $(CLIENT) $(VERSION) $(if $(ROW),--row "$(ROW)") $(if $(STATE),--state $(abspath $(STATE)))

replay: $(ENV) #- every recorded host of every client again, without the clients
	@cd tests && ../$(BIN)/python -m proving.replay

real-life: $(ENV) $(CLIENT_STAMP) #- write down how CLIENT=x.y.z ends on the configurations of tests/conformance/real_life
	@cd tests && TIPSTAFF_CLIENT_VERSION=$(CLIENT) ../$(BIN)/python -m conformance.real_life --jobs $(JOBS)

claude-record: $(ENV) .client-claude/$(CLAUDE)/.stamp #- write down how Claude Code ends on the hosts of the tables
	@cd tests && ../$(BIN)/python -m conformance_claude.record

claude-random: $(ENV) .client-claude/$(CLAUDE)/.stamp #- random hosts through Claude Code and its adapter; CASES=2000 SEED=1 CLAUDE=2.1.84 RECORD=file
	@cd tests && ../$(BIN)/python -m conformance_claude.campaign --cases $(CASES) --seed $(SEED) --client-version $(CLAUDE) $(if $(RECORD),--record $(abspath $(RECORD)))

evasion: $(ENV) $(CLIENT_STAMP) #- random homes of a person who wants to keep a forbidden login; as root; CASES=2000 SEED=1
	@cd tests && TIPSTAFF_CLIENT_VERSION=$(CLIENT) ../$(BIN)/python -m conformance.evasion --cases $(CASES) --seed $(SEED)

faults: $(ENV) tools #- every call of a log-out to the system fails once, or is the last one; needs strace
	@TIPSTAFF_EVERY_FAULT=1 $(BIN)/python -m pytest tests/policy/enforcement/test_faults.py

key-types: $(ENV) $(CLIENT_STAMP) #- measure what the client takes for every key, and write it as data; CLIENT=x.y.z
	@cd tests && TIPSTAFF_CLIENT_VERSION=$(CLIENT) ../$(BIN)/python -m conformance.measure_key_types

command-lines: $(ENV) $(CLIENT_STAMP) #- read the client's commands and options out of its help, and write them as data; CLIENT=x.y.z
	@cd tests && TIPSTAFF_CLIENT_VERSION=$(CLIENT) ../$(BIN)/python -m conformance.measure_command_lines

bench: $(ENV) $(CLIENT_STAMP) #- the guard against a reference script and against the client
	@TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(BIN)/python benchmarks/guard.py

bench-growth: $(ENV) #- the guard and enforce on ever larger files, against the readers of the standard library
	@$(BIN)/python benchmarks/growth.py

bench-reports: $(ENV) #- an audit against the reference script, and every format by the report
	@$(BIN)/python benchmarks/reports.py

bench-fleet: $(ENV) #- a fleet of HOSTS=20000: ingest, report, page, simulation; against DuckDB by itself
	@$(BIN)/python benchmarks/fleet.py --hosts $(HOSTS)

bench-clients: $(ENV) #- the guard of each client, and an audit of both against that of one
	@$(BIN)/python benchmarks/clients.py

bench-users: $(ENV) #- a root run over 50 homes against single runs, as root
	@$(ROOT) $(BIN)/python benchmarks/users.py

bench-starts: $(ENV) #- how the full program starts: the version, the help, a completion
	@$(BIN)/python benchmarks/starts.py

soak: $(ENV) keyring #- tipstaff watch on hosts that change all the time: memory, files, processor; MINUTES=60 SEED=1
	@$(BIN)/python tests/soak/soak.py --minutes $(MINUTES) --seed $(SEED)

zipapp: $(ENV) ## the guard as one file, for hosts with this version of Python; INTERPRETER=/usr/bin/python3.11
	@$(BIN)/python endpoint/guard_zipapp.py $(if $(INTERPRETER),--python $(INTERPRETER))

standalone: $(ENV) ## a folder with all of Tipstaff and the Python that runs it, for hosts without one
	@$(BIN)/python endpoint/standalone.py

mac: $(ENV) ## build/mac, what a package for Macs holds; PYTHON_MAC=archive SHA256=... PROCESSOR=arm64|x86_64
	@$(BIN)/python endpoint/mac_folder.py --python "$(PYTHON_MAC)" --sha256 "$(SHA256)" $(if $(PROCESSOR),--processor $(PROCESSOR))

deb: standalone ## that folder as a Debian package
	@$(BIN)/python endpoint/packages.py deb

rpm: standalone ## that folder as an RPM package
	@$(BIN)/python endpoint/packages.py rpm

windows: $(ENV) ## build/windows: all of Tipstaff and Python for Windows; FILE=python-embed.zip COMPILE="a Python of its version"
	@test -n "$(FILE)" || { echo "error: FILE names python.org's embeddable package: see endpoint/windows-python.toml" >&2; exit 2; }
	@$(BIN)/python endpoint/windows_folder.py $(FILE) $(if $(SHA256),--sha256 $(SHA256)) $(if $(COMPILE),--python "$(COMPILE)")

msi: $(ENV) installers ## that folder as an .msi, and what Intune, Group Policy and winget want to know of it; after `make windows`
	@$(BIN)/python endpoint/windows_installer.py $(if $(URL),--url $(URL))

test-wine: $(ENV) #- Tipstaff on python.org's Python for Windows and with the real client for Windows, both run by Wine
	@sh tests/wine/prepare.sh $(CLIENT) && $(BIN)/python -m pytest -p no:cacheprovider tests/wine/windows_by_wine.py

test-packages: standalone tools $(CLIENT_STAMP) #- install, upgrade and remove those packages in clean roots, with the real client; as root
	@TIPSTAFF_CLIENT_VERSION=$(CLIENT) $(PYTEST) tests/endpoint/whole_packages.py

bench-packages: zipapp standalone #- size and start-up of what goes to endpoints, against a reference script
	@$(BIN)/python benchmarks/packages.py

clean: #- remove everything that was made
	@rm -rf .venv .client .client-claude .judges .engines .systemd .wine build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(ENV): pyproject.toml constraints.txt
	@echo "making .venv first, which takes a few minutes" >&2
	@sh ./.ci/environment

.PHONY: keyring
keyring:
	@command -v gnome-keyring-daemon >/dev/null && command -v secret-tool >/dev/null && command -v dbus-daemon >/dev/null && command -v openssl >/dev/null \
	  || { $(ROOT) apt-get update -qq && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gnome-keyring dbus dbus-daemon libsecret-tools openssl >/dev/null; } \
	  || echo "no keyring could be installed; its tests will say so" >&2

.PHONY: tools
tools:
	@command -v setfacl >/dev/null && command -v strace >/dev/null && command -v useradd >/dev/null && command -v rpm >/dev/null && command -v lintian >/dev/null && command -v shellcheck >/dev/null \
	  || { $(ROOT) apt-get update -qq && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends acl strace passwd rpm lintian shellcheck >/dev/null; } \
	  || echo "setfacl, strace, useradd, rpm, lintian or shellcheck could not be installed; their tests will say so" >&2
	@command -v ssh-keygen >/dev/null \
	  || { $(ROOT) apt-get update -qq && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-client >/dev/null; } \
	  || echo "ssh-keygen could not be installed; its tests will say so" >&2

.PHONY: installers
installers:
	@command -v wixl >/dev/null && command -v msiinfo >/dev/null \
	  || { $(ROOT) apt-get update -qq && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wixl msitools >/dev/null; } \
	  || echo "wixl or msiinfo could not be installed; their tests will say so" >&2

.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || { $(ROOT) apt-get update -qq && $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } \
	  || echo "PostgreSQL could not be installed; its tests will say so" >&2

.client-claude/%/.stamp:
	@command -v npm >/dev/null || { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq nodejs npm >/dev/null; } || true
	@npm install --silent --no-audit --no-fund --prefix .client-claude/$* @anthropic-ai/claude-code@$* \
	  && touch $@ || echo "Claude Code could not be installed; the tests will say: client not run" >&2

.client/%/.stamp:
	@command -v npm >/dev/null || { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq nodejs npm >/dev/null; } || true
	@npm install --silent --no-audit --no-fund --prefix .client/$* @openai/codex@$*-linux-$(ARCH) \
	  && touch $@ || echo "the client could not be installed; the tests will say: client not run" >&2
