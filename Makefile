# Everything that is done with this tree, from compiling to pictures of the program. "make" alone lists it.

GO ?= go

# Fyne's smaller OpenGL bindings compile in a minute, the full ones in four. With "x11" the programs use X11 or
# XWayland. Tests get the same flags, so that Fyne is compiled once. With "no_animations" a cursor
# does not blink: without a graphics card that alone takes a tenth of a core.
GUI := -tags gles,x11,no_animations -trimpath
SMALL := -ldflags "-s -w"

# The tools of "make check", each at the version it was last run with.
GOFUMPT := mvdan.cc/gofumpt@v0.9.2
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0

# Parts that may not be there yet.
LATER := $(foreach folder,whiteboard transfer,$(if $(wildcard $(folder)/*.go),./$(folder)/...))

# What needs neither Fyne nor a C compiler: it is also vetted for the systems that this one cannot run.
PORTABLE = $(shell $(GO) list ./session/... ./screen/... $(LATER) ./app/relay/... \
	| grep -v -e /screen/capture -e /screen/input -e /screen/turbojpeg -e /screen/screentest)

# "make build HANDRAIL_PACKAGES=installed" trusts that everything is there; see the script.
export HANDRAIL_PACKAGES
INSTALL := packaging/linux/install-packages.sh
FUZZTIME ?= 20s

.PHONY: help
help: ## List the targets.
	@echo "Handrail: remote support that people trust"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

.PHONY: run
run: build ## Build and try it out: a whole session, on this display or on two virtual ones.
	@packaging/linux/run.sh

.PHONY: build
build: ## Compile the three programs into build/.
	@$(INSTALL) build
	@mkdir -p build
	$(GO) build $(GUI) $(SMALL) -o build/handrail ./app/operator
	$(GO) build $(GUI) $(SMALL) -o build/handrail-client ./app/client
	CGO_ENABLED=0 $(GO) build -trimpath $(SMALL) -o build/handrail-relay ./app/relay

.PHONY: test
test: build ## Run all tests: units, race detector, and the programs themselves on virtual displays.
	@$(INSTALL) display browser
	@GO="$(GO)" packaging/linux/test.sh $(GUI)

AXE := axe-core-4.10.3

.PHONY: test-pages
test-pages: build ## Test the relay's web pages in a real browser (installs Chromium; fetches axe-core from npm).
	@$(INSTALL) display browser
	@test -f build/$(AXE).js || { npm pack --silent --pack-destination build $(subst core-,core@,$(AXE)) >/dev/null && \
		tar -xzOf build/$(AXE).tgz package/axe.min.js >build/$(AXE).js; }
	@mkdir -p build/pages
	HANDRAIL_BUILD="$(CURDIR)/build" HANDRAIL_CHROMIUM=$$(command -v chromium) HANDRAIL_AXE="$(CURDIR)/build/$(AXE).js" \
		HANDRAIL_PICTURES="$(CURDIR)/build/pages" $(GO) test $(GUI) -count=1 -timeout 10m ./app/browser/...

.PHONY: test-image
test-image: ## Build the relay's container image with stand-ins for what it begins from, and start it (Debian, root).
	@$(INSTALL) image
	@GO="$(GO)" packaging/relay/try-image.sh

.PHONY: check
check: ## Check the format, and look for mistakes with vet and staticcheck.
	@$(INSTALL) build
	@unformatted=$$($(GO) run $(GOFUMPT) -l app assets screen session ui $(LATER:./%/...=%)); \
	if [ -n "$$unformatted" ]; then echo "$(GO) run $(GOFUMPT) -w would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet $(GUI) ./...
	@cd bench && $(GO) vet ./...
	@echo "vet for Windows and macOS, what needs no C compiler"
	@GOOS=windows CGO_ENABLED=0 $(GO) vet $(PORTABLE) ./screen/capture ./screen/input
	@GOOS=darwin CGO_ENABLED=0 $(GO) vet $(PORTABLE) ./screen/capture ./screen/input
	@echo "staticcheck"
	@# Errors that people read are sentences (ST1005).
	@$(GO) run $(STATICCHECK) -checks inherit,-ST1005 -tags gles,x11,no_animations ./...

.PHONY: bench
bench: build ## Run the benchmarks.
	@$(INSTALL) display ssh
	$(GO) test $(GUI) -run '^$$' -bench . -benchmem ./screen/... ./session/... ./ui/... $(patsubst %,./%/...,$(wildcard app/endtoend))

# How long the comparison may take, in minutes: 8 for a look, 20 for the goals, 45 for all programs.
BUDGET ?= 45

.PHONY: bench-peers
bench-peers: build ## Compare with other programs on this machine (Debian, BUDGET minutes) and write docs/BENCHMARKS.md.
	@BUDGET=$(BUDGET) GO="$(GO)" bench/publish.sh

.PHONY: keyboards
keyboards: build ## Try all keyboard layouts and write docs/KEYBOARDS.md.
	@$(INSTALL) display
	HANDRAIL_KEYBOARDS="$(CURDIR)/docs/KEYBOARDS.md" $(GO) test ./screen/input ./app/endtoend -p 1 -run TestKeyboards -count=1 -timeout 60m

.PHONY: soak
soak: build ## Run the tests that take long: 10,000 faults, 100,000 wrong codes, 200 transfers broken off, 5 GB.
	@$(INSTALL) display
	HANDRAIL_FAULTS=10000 HANDRAIL_GUESSES=100000 HANDRAIL_PACKETS=10000 $(GO) test -count=1 -timeout 3h -v \
		-run 'TestNothingIsLostOverFaults|TestASessionSurvivesItsNetwork|TestMany' ./session/secure ./session/sessiontest
	HANDRAIL_SOAK=1 $(GO) test -count=1 -timeout 60m ./transfer
	HANDRAIL_SOAK=1 $(GO) test -count=1 -run "TestPointerWhileAFileSaturates|TestAFileOnARestlessPath|TestNeverBothOnARealDisplay|TestAClipboardOfAGigabyte" -v ./session/sessiontest
	HANDRAIL_SOAK=1 HANDRAIL_BUILD="$$PWD/build" $(GO) test $(GUI) -count=1 -timeout 60m -run "TestLargeFile|TestWhatTheOperatorThenSees|TestAStalledNetwork" -v ./app/endtoend

.PHONY: load
load: ## Measure what one relay carries on this machine, beside the aims (about 7 minutes; HANDRAIL_LOAD_ROUNDS=10 for 3).
	HANDRAIL_LOAD=1 $(GO) test -count=1 -timeout 20m -v -run TestLoad ./app/relay

.PHONY: fuzz
fuzz: build ## Run each fuzz test for FUZZTIME (20s).
	@GO="$(GO)" packaging/linux/fuzz.sh $(FUZZTIME) $(GUI)

.PHONY: windows
windows: ## Compile the three programs for Windows into build/windows/.
	@$(INSTALL) windows
	@GO="$(GO)" packaging/windows/build.sh

.PHONY: test-windows
test-windows: build windows ## Try the programs for Windows in Wine, on a virtual display.
	@$(INSTALL) display wine
	@GO="$(GO)" packaging/windows/wine.sh

.PHONY: pictures
pictures: build ## Take the README's pictures into docs/pictures/, and pictures of every window into build/walk/.
	@packaging/linux/pictures.sh
	@packaging/linux/walks.sh

.PHONY: golden
golden: ## Take the pictures again with which tests compare every window.
	HANDRAIL_GOLDEN=renew $(GO) test $(GUI) -count=1 -run 'InEveryLanguage' ./ui/...

.PHONY: clean
clean: ## Remove what was built.
	rm -rf build
