/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what the fuzz targets share. A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput; it is
 * linked with libFuzzer (make fuzz), and with replay.c for a deterministic run without it (make fuzz-short).
 *
 * What holds for all: an input is refused with a filled struct mc_err, or what was understood gives the same again
 * when it is written and read. What else must hold stands in each target, and in docs/fuzzing.md for all of them.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "lib/cert.h"
#include "lib/pubkey.h"

/* A property that does not hold ends the run of this input, and of the program under libFuzzer. */
#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fuzz_fail(__FILE__, __LINE__, #condition);                                                       \
    } while (0)

#define FUZZ_CANARY        0xA5
#define FUZZ_LEN_UNTOUCHED ((size_t)0x5A5A)

/* Defined by abort.c under libFuzzer, by replay.c without it. */
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* The interface of libFuzzer. LLVMFuzzerMutate comes from libFuzzer or replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed);

/* Mutators that know the encoding: they move, repeat, drop and change elements and mend the lengths. */
size_t fuzz_mutate_der(uint8_t *data, size_t n, size_t max, unsigned seed);
size_t fuzz_mutate_tlv(uint8_t *data, size_t n, size_t max, unsigned seed);

/*
 * After a reader of hostile input: e tells rc, is NUL-terminated, points into the input (input_n octets) and
 * can be written into any buffer; a refusal is never an internal fault.
 */
void fuzz_check_err(enum mc_rc rc, const struct mc_err *e, size_t input_n);
void fuzz_check_oid_format(struct mc_span oid);
void fuzz_check_time_format(int64_t unix_time);
/* Picks about one input in `share` for what is too slow to be done each time; the same one each time. */
bool fuzz_sampled(struct mc_span in, unsigned share);

/* Made at the first call, and never freed. */
struct mc_verifier *fuzz_verifier(void);

/* Names of X.509 may hold strings that OpenSSL cannot read, such as text that is no UTF-8; ours compare octets. */
bool fuzz_openssl_takes_name(struct mc_span der);

/* All properties of one input that may be a certificate. */
void fuzz_cert_der(struct mc_span in);
void fuzz_cert_tlv(struct mc_span in);

/* Fuzzer input as a stream; at its end come zeros. */
struct fuzz_bytes {
    const uint8_t *p, *end;
};
uint8_t fuzz_u8(struct fuzz_bytes *b);
uint64_t fuzz_u64(struct fuzz_bytes *b);

/* A certificate that keeps every rule but perhaps the size limits, from any octets. Borrows from *room. */
struct fuzz_room {
    uint8_t bytes[8192];
    size_t n;
};
void fuzz_generate(struct fuzz_bytes *b, struct fuzz_room *room, struct mc_cert *c);

#endif
