/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca/backup_pack.h"
#include "ca/backup_seal.h"

#define PASSPHRASE mc_span_of("correct horse", 13)
#define THREE      (2 * SEAL_CHUNK + 1000) /* octets that need three chunks */

static uint8_t sound[SEAL_HEAD_LEN + THREE + 3 * SEAL_TAG_LEN];

static int open_temporary(void)
{
    char path[] = "/tmp/heddle-seal-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static uint8_t octet(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

static int write_sound(void **unused)
{
    uint8_t *plain = malloc(THREE);
    struct seal *s = NULL;
    int fd = open_temporary();

    (void)unused;
    for (size_t i = 0; i < THREE; i++)
        plain[i] = octet(i);
    assert_int_equal(seal_create(fd, PASSPHRASE, SEAL_COST_MIN, &s, NULL), MC_OK);
    assert_int_equal(seal_write(s, plain, 5, NULL), MC_OK);
    assert_int_equal(seal_write(s, plain + 5, THREE - 5, NULL), MC_OK);
    assert_int_equal(seal_finish(s, NULL), MC_OK);
    seal_free(s);
    assert_int_equal(pread(fd, sound, sizeof(sound), 0), sizeof(sound));
    assert_int_equal(lseek(fd, 0, SEEK_END), sizeof(sound));
    close(fd);
    free(plain);
    return 0;
}

/* Reads a file of these octets to its end. */
static enum mc_rc read_with(const uint8_t *p, size_t n, struct mc_span passphrase, struct mc_err *e)
{
    struct seal *s = NULL;
    uint8_t *plain = malloc(THREE);
    int fd = open_temporary();
    enum mc_rc rc;

    mc_err_init(e);
    assert_int_equal(write(fd, p, n), n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    rc = seal_open(fd, passphrase, &s, e);
    if (rc == MC_OK)
        rc = seal_read(s, plain, THREE, e);
    for (size_t i = 0; rc == MC_OK && i < THREE; i++)
        assert_int_equal(plain[i], octet(i));
    if (rc == MC_OK)
        assert_true(seal_at_end(s));
    seal_free(s);
    close(fd);
    free(plain);
    return rc;
}

static enum mc_rc read_changed(const uint8_t *p, size_t n, struct mc_err *e)
{
    return read_with(p, n, PASSPHRASE, e);
}

static void what_was_written_is_read(void **unused)
{
    struct mc_err e;

    (void)unused;
    assert_int_equal(read_changed(sound, sizeof(sound), &e), MC_OK);
}

static void two_files_of_one_passphrase_have_nothing_in_common(void **unused)
{
    static uint8_t first[sizeof(sound)];

    memcpy(first, sound, sizeof(sound));
    write_sound(unused);
    assert_memory_not_equal(first + 28, sound + 28, 32);
    assert_memory_not_equal(first + SEAL_HEAD_LEN, sound + SEAL_HEAD_LEN, 64);
}

static void another_passphrase_is_refused_by_name(void **unused)
{
    struct mc_err e;

    (void)unused;
    assert_int_equal(read_with(sound, sizeof(sound), mc_span_of("correct hors", 12), &e), CA_E_PASSPHRASE);
    assert_int_equal(read_with(sound, sizeof(sound), mc_span_of("", 0), &e), CA_E_PASSPHRASE);
    assert_int_equal(mc_rc_class(CA_E_PASSPHRASE), MC_CLASS_PIN);
}

static void any_changed_octet_of_the_head_is_found(void **unused)
{
    static uint8_t copy[sizeof(sound)];
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < 96; i++) {
        enum mc_rc want = i < 14 || i == 15 ? CA_E_BACKUP_FORM
                          : i == 14         ? CA_E_BACKUP_VERSION
                                            : CA_E_BACKUP_DAMAGED;

        memcpy(copy, sound, sizeof(sound));
        copy[i] ^= 1;
        assert_int_equal(read_changed(copy, sizeof(copy), &e), want);
    }
    copy[95] ^= 1;
    copy[127] ^= 0x80;
    assert_int_equal(read_changed(copy, sizeof(copy), &e), CA_E_PASSPHRASE);
}

static void changed_octets_of_chunks_and_tags_are_found(void **unused)
{
    static const size_t places[] = {SEAL_HEAD_LEN, SEAL_HEAD_LEN + SEAL_CHUNK, SEAL_HEAD_LEN + SEAL_CHUNK + SEAL_TAG_LEN,
        sizeof(sound) - SEAL_TAG_LEN - 1, sizeof(sound) - 1};
    static uint8_t copy[sizeof(sound)];
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        memcpy(copy, sound, sizeof(sound));
        copy[places[i]] ^= 1;
        assert_int_equal(read_changed(copy, sizeof(copy), &e), CA_E_BACKUP_DAMAGED);
    }
}

static void a_file_that_was_cut_off_is_found_wherever_it_was(void **unused)
{
    static const size_t lengths[] = {SEAL_HEAD_LEN, SEAL_HEAD_LEN + 1, SEAL_HEAD_LEN + SEAL_TAG_LEN,
        SEAL_HEAD_LEN + SEAL_CHUNK + SEAL_TAG_LEN, SEAL_HEAD_LEN + 2 * (SEAL_CHUNK + SEAL_TAG_LEN), sizeof(sound) - 1};
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        assert_int_equal(read_changed(sound, lengths[i], &e), CA_E_BACKUP_DAMAGED);
    assert_int_equal(read_changed(sound, SEAL_HEAD_LEN + SEAL_CHUNK + SEAL_TAG_LEN, &e), CA_E_BACKUP_DAMAGED);
    assert_non_null(strstr(e.what, "cut off behind chunk 1"));
    assert_int_equal(read_changed(sound, SEAL_HEAD_LEN - 1, &e), CA_E_BACKUP_FORM);
    assert_int_equal(read_changed(sound, 0, &e), CA_E_BACKUP_FORM);
}

static void chunks_in_another_order_or_twice_are_found(void **unused)
{
    const size_t each = SEAL_CHUNK + SEAL_TAG_LEN;
    static uint8_t copy[2 * sizeof(sound)];
    struct mc_err e;

    (void)unused;
    memcpy(copy, sound, sizeof(sound));
    memcpy(copy + SEAL_HEAD_LEN, sound + SEAL_HEAD_LEN + each, each);
    memcpy(copy + SEAL_HEAD_LEN + each, sound + SEAL_HEAD_LEN, each);
    assert_int_equal(read_changed(copy, sizeof(sound), &e), CA_E_BACKUP_DAMAGED);
    memcpy(copy, sound, sizeof(sound));
    memcpy(copy + SEAL_HEAD_LEN + each, sound + SEAL_HEAD_LEN + 2 * each, sizeof(sound) - SEAL_HEAD_LEN - 2 * each);
    assert_int_equal(read_changed(copy, sizeof(sound) - each, &e), CA_E_BACKUP_DAMAGED);
    memcpy(copy, sound, sizeof(sound));
    memcpy(copy + sizeof(sound), sound + SEAL_HEAD_LEN, 100);
    assert_int_equal(read_changed(copy, sizeof(sound) + 100, &e), CA_E_BACKUP_DAMAGED);
}

static void a_cost_that_would_take_the_machine_is_refused(void **unused)
{
    struct mc_err e;
    uint8_t head[SEAL_HEAD_LEN + 32] = {0};

    (void)unused;
    memcpy(head, sound, SEAL_HEAD_LEN);
    head[16] = 40;
    assert_int_equal(read_changed(head, sizeof(head), &e), CA_E_BACKUP_DAMAGED);
}

static void names_are_those_of_a_state_and_no_others(void **unused)
{
    static const char *const good[] = {"heddle.conf", "ledger.db", "pin", "profiles/noc.profile", "batches/1.json",
        "softhsm/tokens/a-b/c.object", "softhsm/token.object.copy"};
    static const char *const bad[] = {"", "/", "run/x", "ledger.db-wal", "../pin", "softhsm/../pin", "softhsm//x", "softhsm/",
        "/pin", "profiles/.x", "profiles/a b", "softhsm/a/b/c/d", "pin/x", "batches/1\n.json", "softhsm"};

    (void)unused;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(pack_name_valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pack_name_valid(bad[i]));
}

/* A sealed stream of these octets, read as members. */
static enum mc_rc unpack_octets(const void *p, size_t n, struct mc_err *e)
{
    struct seal *s = NULL;
    unsigned files;
    int fd = open_temporary();
    enum mc_rc rc;

    mc_err_init(e);
    assert_int_equal(seal_create(fd, PASSPHRASE, SEAL_COST_MIN, &s, NULL), MC_OK);
    assert_int_equal(seal_write(s, p, n, NULL), MC_OK);
    assert_int_equal(seal_finish(s, NULL), MC_OK);
    seal_free(s);
    s = NULL;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(seal_open(fd, PASSPHRASE, &s, NULL), MC_OK);
    rc = unpack(s, NULL, &files, e);
    seal_free(s);
    close(fd);
    return rc;
}

static void members_that_are_not_well_formed_are_refused(void **unused)
{
    static const struct {
        const char *name, *octets;
        size_t n;
        enum mc_rc want;
    } rows[] = {
        {"no member", "\0\0", 2, MC_OK},
        {"no end", "\0\3", 2, CA_E_BACKUP_DAMAGED},
        {"something behind the end", "\0\0x", 3, CA_E_BACKUP_DAMAGED},
        {"a path that leads out", "\0\6\0\0\0\0\0\0\0\0../pin", 16, CA_E_BACKUP_DAMAGED},
        {"a name with a NUL", "\0\4\0\0\0\0\0\0\0\0pin\0", 14, CA_E_BACKUP_DAMAGED},
        {"a name that is too long", "\377\377\0\0\0\0\0\0\0\0pin", 13, CA_E_BACKUP_DAMAGED},
        {"content that is not there", "\0\3\377\377\377\377\377\377\377\377pin", 13, CA_E_BACKUP_DAMAGED},
        {"a wrong digest", "\0\3\0\0\0\0\0\0\0\0pin01234567890123456789012345678901", 45, CA_E_BACKUP_DAMAGED},
    };
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum mc_rc rc = unpack_octets(rows[i].octets, rows[i].n, &e);

        if (rc != rows[i].want)
            fail_msg("%s: %s", rows[i].name, mc_rc_rule(rc));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(two_files_of_one_passphrase_have_nothing_in_common),
        cmocka_unit_test(another_passphrase_is_refused_by_name),
        cmocka_unit_test(any_changed_octet_of_the_head_is_found),
        cmocka_unit_test(changed_octets_of_chunks_and_tags_are_found),
        cmocka_unit_test(a_file_that_was_cut_off_is_found_wherever_it_was),
        cmocka_unit_test(chunks_in_another_order_or_twice_are_found),
        cmocka_unit_test(a_cost_that_would_take_the_machine_is_refused),
        cmocka_unit_test(names_are_those_of_a_state_and_no_others),
        cmocka_unit_test(members_that_are_not_well_formed_are_refused),
    };

    return cmocka_run_group_tests(tests, write_sound, NULL);
}
