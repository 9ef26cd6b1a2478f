# SPDX-License-Identifier: Apache-2.0
# Fuzzing. `make fuzz` runs the libFuzzer targets (clang; SECONDS_EACH or RUNS_EACH, FUZZ_DIR), `make fuzz-short`
# runs the same targets over their corpus without libFuzzer, as a part of `make check`.

FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SHARED := check cert_check generate mutate
FUZZ_UNDER_TEST := $(LIB_SRC) hsm/uri.c hsm/process.c lib/cli/json_read.c lib/cli/io.c lib/cli/dir.c ca/factory.c ca/put.c ca/device_json.c
FUZZ_CC ?= clang
FUZZ_SAN := address,undefined
FUZZ_CFLAGS := $(CSTD) $(WARN) -O2 -g -fsanitize=$(FUZZ_SAN) -fno-sanitize-recover=all -MMD -MP

FUZZ_BIN := $(FUZZ_NAMES:%=$(B)/fuzz/fuzz_%)
REPLAY_BIN := $(FUZZ_NAMES:%=$(B)/fuzz/replay_%)

# $(1): the folder of the objects, $(2): what stands for libFuzzer's own side (abort or replay)
fuzz_obj = $(patsubst %.c,$(1)/%.o,$(FUZZ_SHARED:%=tests/fuzz/%.c) tests/fuzz/$(2).c $(FUZZ_UNDER_TEST))

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

# Only the code under test guides the fuzzer; tracing the targets too would halve the speed.
$(B)/fuzz/obj/tests/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -c -o $@ $<

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(call fuzz_obj,$(B)/fuzz/obj,abort)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SAN) -fno-sanitize-recover=all -o $@ $^ -ljansson -lcrypto

$(B)/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(call fuzz_obj,$(B),replay)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lcrypto

$(B)/fuzz/make_corpus: $(B)/tests/fuzz/make_corpus.o $(filter-out %/mutate.o,$(call fuzz_obj,$(B),abort))
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lcrypto

fuzz-build: $(FUZZ_BIN)

fuzz: $(FUZZ_BIN)
	$(Q)tests/fuzz/run.sh $(B)/fuzz

fuzz-short: $(REPLAY_BIN)
	$(Q)tests/fuzz/replay.sh $(B)/fuzz

.PHONY: fuzz fuzz-build fuzz-short
