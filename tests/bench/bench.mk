# SPDX-License-Identifier: Apache-2.0
# Benchmarks: each prints a table with its goals and ends with 1 if one is missed.

BENCH_CONVERT := $(B)/bench/bench_convert

$(BENCH_CONVERT): $(B)/tests/bench/bench_convert.o $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

BENCH_VERIFY := $(B)/bench/bench_verify

$(BENCH_VERIFY): $(B)/tests/bench/bench_verify.o $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

bench-verify: $(BENCH_VERIFY)
	$(Q)$(BENCH_VERIFY)

bench: bench-convert bench-verify

bench-convert: $(BENCH_CONVERT)
	$(Q)$(BENCH_CONVERT)

.PHONY: bench bench-convert bench-verify
