# SPDX-License-Identifier: Apache-2.0
# What the tests in this folder need beside the programs. They call `make -f Makefile -f tests/faults/faults.mk`,
# so that it does not matter whether the Makefile includes this file.
ifndef FAULTS_MK
FAULTS_MK := 1

FAULTS := $(B)/faults
CRASH_B := $(B)-crash
FAULT_FLAGS = $(CPPFLAGS) $(CSTD) -O1 -g -Wall -Wextra -Werror -fPIC

faults-tools: $(FAULTS)/chaos.so $(FAULTS)/iofault.so $(FAULTS)/model $(FAULTS)/make_requests $(FAULTS)/killer \
    $(FAULTS)/heddle-crash ## build what the fault tests need

$(FAULTS)/%.so: tests/faults/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(FAULT_FLAGS) -shared -o $@ $< -ldl

$(FAULTS)/model: $(B)/tests/faults/model.o $(B)/tests/faults/model_tbs.o $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEDDLE_LIBS)

$(FAULTS)/make_requests: $(B)/tests/bench/make_requests.o $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

$(FAULTS)/killer: tests/cli/killer.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(FAULT_FLAGS) -o $@ $<

# The same program with a hook at the begin and the end of every function of ca/ and of the file writer.
$(FAULTS)/heddle-crash: $(filter ca/% lib/% hsm/%,$(ALL_SRC)) $(wildcard ca/*.h lib/*.h hsm/*.h) tests/faults/crash_points.c
	@mkdir -p $(@D)
	$(Q)$(MAKE) -s -f Makefile -f tests/faults/faults.mk B=$(CRASH_B) INSTRUMENTED=1 $(CRASH_B)/heddle
	$(Q)cp $(CRASH_B)/heddle $@

ifdef INSTRUMENTED
$(B)/ca/%.o $(B)/lib/cli/io.o: CFLAGS += -finstrument-functions
$(B)/heddle: $(B)/tests/faults/crash_points.o
endif

.PHONY: faults-tools
endif
