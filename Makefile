# SPDX-License-Identifier: Apache-2.0
# heddle: one flat Makefile. `make help` lists the targets.

B       ?= build
CC      ?= cc
CSTD    := -std=c11 -D_GNU_SOURCE
OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wconversion -Wno-sign-conversion \
           -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef -Werror
# V=1 shows the commands.
Q := $(if $(V),,@)

HARDEN  ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDHARD  ?= -pie -Wl,-z,relro -Wl,-z,now
SAN     ?=
PKGS    := libcrypto sqlite3 jansson
P11INC  := $(shell pkg-config --cflags p11-kit-1 2>/dev/null)
CPPFLAGS += -I. $(P11INC)
CFLAGS  += $(CSTD) $(OPT) $(WARN) $(HARDEN) $(SAN) -MMD -MP
LDFLAGS += $(LDHARD) $(SAN)

LIB_SRC  := $(wildcard lib/*.c)
CLI_SRC  := $(wildcard lib/cli/*.c)
HSM_SRC  := $(wildcard hsm/*.c)
CA_SRC   := $(filter-out ca/main.c ca/cmd_%.c,$(wildcard ca/*.c)) ca/profiles_data.S
HEDDLE_SRC := $(wildcard ca/main.c ca/cmd_*.c)
TOOL_SRC := $(wildcard tools/*.c)

LIB_A := $(B)/libmattercert.a
CLI_A := $(B)/libcli.a
HSM_A := $(B)/libhsm.a
CA_A  := $(B)/libca.a

obj = $(patsubst %,$(B)/%.o,$(basename $(1)))

all: $(B)/mattercert $(B)/heddle

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

$(B)/mattercert: $(call obj,$(TOOL_SRC)) $(CLI_A) $(LIB_A)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

$(B)/heddle: $(call obj,$(HEDDLE_SRC)) $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lp11 -lsqlite3 -ljansson -lcrypto -ldl -lpthread

# One cmocka program for each tests/unit/test_*.c; each links every layer and uses what it needs.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT_SRC))
$(B)/tests/%: $(B)/tests/unit/%.o $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka -lp11 -lsqlite3 -ljansson -lcrypto -ldl -lpthread

unit: $(UNIT_BIN)

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit clean
.SECONDARY:
