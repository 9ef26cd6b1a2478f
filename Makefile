# SPDX-License-Identifier: Apache-2.0
# heddle: one flat Makefile. `make help` lists the targets; V=1 shows the commands.

B       ?= build
CC      ?= cc
CSTD    := -std=c11 -D_GNU_SOURCE
OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wconversion -Wno-sign-conversion \
           -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Werror
HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARD  ?= -pie -Wl,-z,relro -Wl,-z,now
SAN     ?=
P11INC  := $(shell pkg-config --cflags p11-kit-1 2>/dev/null)
CPPFLAGS += -I. $(P11INC)
CFLAGS  += $(CSTD) $(OPT) $(WARN) $(HARDEN) $(SAN) -MMD -MP
LDFLAGS += $(LDHARD) $(SAN)
PREFIX  ?= /usr/local
Q       := $(if $(V),,@)

LIB_SRC    := $(wildcard lib/*.c)
CLI_SRC    := $(wildcard lib/cli/*.c)
HSM_SRC    := $(wildcard hsm/*.c)
CA_SRC     := $(filter-out ca/main.c ca/cmd_%.c,$(wildcard ca/*.c)) ca/profiles_data.S
HEDDLE_SRC := $(wildcard ca/main.c ca/cmd_*.c)
TOOL_SRC   := $(wildcard tools/*.c)
ALL_SRC    := $(LIB_SRC) $(CLI_SRC) $(HSM_SRC) $(filter %.c,$(CA_SRC)) $(HEDDLE_SRC) $(TOOL_SRC)

LIB_A := $(B)/libmattercert.a
CLI_A := $(B)/libcli.a
HSM_A := $(B)/libhsm.a
CA_A  := $(B)/libca.a

obj = $(patsubst %,$(B)/%.o,$(basename $(1)))

all: $(B)/mattercert $(B)/heddle ## build both programs

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/%.o: %.S $(wildcard profiles/*.profile)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -c -o $@ $<

define archive
$(1): $$(call obj,$(2))
	@rm -f $$@
	$(Q)$$(AR) rcs $$@ $$^
endef
$(eval $(call archive,$(LIB_A),$(LIB_SRC)))
$(eval $(call archive,$(CLI_A),$(CLI_SRC)))
$(eval $(call archive,$(HSM_A),$(HSM_SRC)))
$(eval $(call archive,$(CA_A),$(CA_SRC)))

HEDDLE_LIBS := -lp11 -lsqlite3 -ljansson -lqrencode -lpng -lz -lcrypto -lm -ldl -lpthread

$(B)/mattercert: $(call obj,$(TOOL_SRC)) $(CLI_A) $(LIB_A)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lcrypto

$(B)/heddle: $(call obj,$(HEDDLE_SRC)) $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEDDLE_LIBS)

# One cmocka program for each tests/unit/test_*.c; other files there are shared by all of them.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_AID := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT_SRC))
$(B)/tests/%: $(B)/tests/unit/%.o $(call obj,$(UNIT_AID)) $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(HEDDLE_LIBS)

unit: $(UNIT_BIN) ## build the unit tests

-include tests/fuzz/fuzz.mk tests/bench/bench.mk

deps: ## install what building and running need (Debian, root or sudo)
	sh tools/deps.sh build

demo: all ## from an empty directory to a node's credentials
	sh tests/demo.sh $(B)

check: all unit ## run every test
	bash tests/run.sh $(B)

SAN_FLAGS := SAN="-fsanitize=address,undefined -fno-sanitize-recover=all" HARDEN= LDHARD= OPT="-O1 -g -fno-omit-frame-pointer"

SAN_PARTS ?= unit cli
check-san: ## unit and CLI tests under AddressSanitizer and UBSan
	$(MAKE) B=$(B)-san $(SAN_FLAGS) all unit
	PARTS="$(SAN_PARTS)" bash tests/run.sh $(B)-san

check-layers: $(LIB_A) $(CLI_A) $(HSM_A) $(CA_A) ## prove that the layers use only what they may
	sh tests/layers.sh $(B)

interop: all ## a matter.js controller and light live on heddle's credentials
	HEDDLE=$(CURDIR)/$(B)/heddle bash tests/interop/run.sh

lint: ## gcc -fanalyzer, clang and cppcheck
	sh tests/lint.sh $(B)

format: ## clang-format every source in place
	clang-format -i $(ALL_SRC) $(wildcard lib/*.h lib/cli/*.h hsm/*.h ca/*.h tools/*.h)

mutate: all unit ## change each decision of verify and lint in turn: do the tests notice? (minutes)
	python3 tests/mutate/run.py $(B)

docs: all ## make the generated pages anew
	sh docs/generate.sh $(B)

install: all ## install programs, man pages, profiles and completion (PREFIX, DESTDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/heddle/profiles $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(B)/mattercert $(B)/heddle $(DESTDIR)$(PREFIX)/bin
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 profiles/*.profile $(DESTDIR)$(PREFIX)/share/heddle/profiles
	for p in mattercert heddle; do \
	    $(B)/$$p --completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$p; done

dist: ## a source archive of the last commit
	git archive --format=tar.gz --prefix=heddle/ -o heddle.tar.gz HEAD

clean: ## remove what was built
	rm -rf $(B) $(B)-*

$(B)/ca/ledger_schema.o: ca/schema.sql

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all help unit deps demo check check-san check-layers interop lint format docs mutate install dist clean
.SECONDARY:
