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

BENCH_LINT := $(B)/bench/bench_lint

$(BENCH_LINT): $(B)/tests/bench/bench_lint.o $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

bench-lint: $(BENCH_LINT)
	$(Q)$(BENCH_LINT)

bench: bench-convert bench-verify bench-lint

bench-convert: $(BENCH_CONVERT)
	$(Q)$(BENCH_CONVERT)

# Batches against the machine's own bound, and against other means of issuing.
BATCH_TOOLS := $(addprefix $(B)/bench/,yardstick make_requests fill_ledger hash_file slow.so)

$(B)/bench/yardstick $(B)/bench/fill_ledger: $(B)/bench/%: $(B)/tests/bench/%.o $(CA_A) $(CLI_A) $(HSM_A) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HEDDLE_LIBS)

$(B)/bench/make_requests: $(B)/tests/bench/make_requests.o $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto

$(B)/bench/hash_file: $(B)/tests/bench/hash_file.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcrypto -lpthread

$(B)/bench/%.so: tests/bench/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

bench: bench-batch bench-dac bench-ledger bench-compare

bench-ledger: all $(BATCH_TOOLS)
	bash tests/bench/bench_ledger.sh $(B)

bench-dac: all $(BATCH_TOOLS)
	bash tests/bench/bench_dac.sh $(B)

bench-batch: all $(BATCH_TOOLS)
	bash tests/bench/bench_batch.sh $(B)

bench-compare: all $(BATCH_TOOLS)
	bash tests/bench/compare.sh $(B)

.PHONY: bench-batch bench-dac bench-ledger bench-compare
.PHONY: bench bench-convert bench-verify bench-lint
