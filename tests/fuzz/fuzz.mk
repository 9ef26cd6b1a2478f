# SPDX-License-Identifier: Apache-2.0
# Fuzzing. `make fuzz` runs the libFuzzer targets (clang; SECONDS_EACH or RUNS_EACH, FUZZ_DIR), `make fuzz-short`
# runs the same targets over their corpus without libFuzzer, as a part of `make check`.

FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SHARED := check cert_check generate mutate
FUZZ_CC ?= clang
FUZZ_SAN := address,undefined
FUZZ_CFLAGS := $(CSTD) $(WARN) -O2 -g -fsanitize=$(FUZZ_SAN) -fno-sanitize-recover=all -MMD -MP

FUZZ_BIN := $(FUZZ_NAMES:%=$(B)/fuzz/fuzz_%)
REPLAY_BIN := $(FUZZ_NAMES:%=$(B)/fuzz/replay_%)

fuzz_own = $(FUZZ_SHARED:%=$(1)/tests/fuzz/%.o)

# The layers once more, with sanitizers and counters; of each archive a target links what it calls.
define fuzz_archive
$(B)/fuzz/lib$(1).a: $(patsubst %.c,$(B)/fuzz/obj/%.o,$(filter %.c,$(2)))
	@rm -f $$@
	$(Q)$$(AR) rcs $$@ $$^
endef
$(eval $(call fuzz_archive,ca,$(CA_SRC)))
$(eval $(call fuzz_archive,cli,$(CLI_SRC)))
$(eval $(call fuzz_archive,hsm,$(HSM_SRC)))
$(eval $(call fuzz_archive,code,$(LIB_SRC)))
FUZZ_CODE := $(B)/ca/profiles_data.o $(B)/fuzz/libca.a $(B)/fuzz/libcli.a $(B)/fuzz/libhsm.a $(B)/fuzz/libcode.a
FUZZ_PLAIN := $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

# Only the code under test guides the fuzzer; tracing the targets too would halve the speed.
$(B)/fuzz/obj/tests/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -c -o $@ $<

$(B)/fuzz/obj/ca/ledger_schema.o: ca/schema.sql

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(call fuzz_own,$(B)/fuzz/obj) $(B)/fuzz/obj/tests/fuzz/abort.o $(FUZZ_CODE)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SAN) -fno-sanitize-recover=all -o $@ $^ $(HEDDLE_LIBS)

$(B)/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(call fuzz_own,$(B)) $(B)/tests/fuzz/replay.o $(FUZZ_PLAIN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEDDLE_LIBS)

CORPUS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/corpus_*.c))
$(B)/fuzz/make_corpus: $(B)/tests/fuzz/make_corpus.o $(CORPUS_OBJ) $(filter-out %/mutate.o,$(call fuzz_own,$(B))) $(B)/tests/fuzz/abort.o $(FUZZ_PLAIN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEDDLE_LIBS)

fuzz-build: $(FUZZ_BIN)

fuzz: $(FUZZ_BIN)
	$(Q)tests/fuzz/run.sh $(B)/fuzz

fuzz-short: $(REPLAY_BIN)
	$(Q)tests/fuzz/replay.sh $(B)/fuzz

.PHONY: fuzz fuzz-build fuzz-short
