/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "hsm/internal.h"

static void a_uri_with_every_known_attribute_is_read(void **state)
{
    struct hsm_uri u;

    (void)state;
    assert_int_equal(
        hsm_uri_parse("pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=0123456789abcdef;"
                      "token=my%20token;id=%01%00%ff;object=root%3Bkey;type=private"
                      "?module-path=/usr/lib/softhsm/libsofthsm2.so",
            &u, NULL),
        MC_OK);
    assert_string_equal(u.model, "SoftHSM v2");
    assert_string_equal(u.manufacturer, "SoftHSM project");
    assert_string_equal(u.serial, "0123456789abcdef");
    assert_string_equal(u.token, "my token");
    assert_string_equal(u.key.label, "root;key");
    assert_int_equal(u.key.id_n, 3);
    assert_memory_equal(u.key.id, "\x01\x00\xff", 3);
    assert_string_equal(u.module_path, "/usr/lib/softhsm/libsofthsm2.so");
}

static void a_label_or_an_id_is_enough(void **state)
{
    struct hsm_uri u;

    (void)state;
    assert_int_equal(hsm_uri_parse("pkcs11:object=a", &u, NULL), MC_OK);
    assert_int_equal(u.key.id_n, 0);
    assert_int_equal(hsm_uri_parse("pkcs11:id=%61b", &u, NULL), MC_OK);
    assert_memory_equal(u.key.id, "ab", 2);
}

static void what_is_not_a_uri_of_a_private_key_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "pkcs11",
        "pkcs11:",
        "PKCS11:object=a",
        "pkcs11:token=t",
        "http://x",
        "pkcs11:object",
        "pkcs11:object=",
        "pkcs11:object=a;",
        "pkcs11:;object=a",
        "pkcs11:object=a;;id=%01",
        "pkcs11:object=a;object=b",
        "pkcs11:id=%01;id=%02",
        "pkcs11:object=%",
        "pkcs11:object=%1",
        "pkcs11:object=%4",
        "pkcs11:object=a%4g",
        "pkcs11:object=a%00b",
        "pkcs11:object=a%0ab",
        "pkcs11:object=a b",
        "pkcs11:object=a\"b",
        "pkcs11:object=a;type=public",
        "pkcs11:object=a;type=",
        "pkcs11:object=a;type=private;type=private",
        "pkcs11:object=a;slot-id=1",
        "pkcs11:object=a;library-version=2",
        "pkcs11:object=a;x-vendor=1",
        "pkcs11:object=a?",
        "pkcs11:object=a?token=t",
        "pkcs11:object=a;module-path=/x",
        "pkcs11:object=a?module-path=/x&module-path=/y",
        "pkcs11:object=a/b",
        "pkcs11:serial=01234567890123456;object=a",
        "pkcs11:=;object=a",
        "pkcs11:objec=a",
        "pkcs11:objects=a",
        "pkcs11:token=123456789012345678901234567890123;object=a",
    };
    struct hsm_uri u;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mc_err e;

        mc_err_init(&e);
        if (hsm_uri_parse(bad[i], &u, &e) != HSM_E_URI)
            fail_msg("accepted: %s", bad[i]);
        assert_true(e.what[0] != '\0');
    }
}

static void a_pin_in_a_uri_is_refused_and_not_repeated(void **state)
{
    static const char *const bad[] = {"pkcs11:object=a?pin-value=geheim",
        "pkcs11:object=a?pin-source=file:/geheim", "pkcs11:object=a;pin-value=geheim"};
    struct hsm_uri u;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mc_err e;

        mc_err_init(&e);
        assert_int_equal(hsm_uri_parse(bad[i], &u, &e), HSM_E_URI);
        assert_non_null(strstr(e.what, "PIN"));
        assert_null(strstr(e.what, "geheim"));
    }
}

static void an_id_longer_than_any_is_refused(void **state)
{
    char text[256] = "pkcs11:id=";
    struct hsm_uri u;

    (void)state;
    memset(text + 10, 'a', HSM_ANY_ID_MAX);
    assert_int_equal(hsm_uri_parse(text, &u, NULL), MC_OK);
    text[10 + HSM_ANY_ID_MAX] = 'a';
    assert_int_equal(hsm_uri_parse(text, &u, NULL), HSM_E_URI);
}

static void a_written_uri_reads_back_the_same(void **state)
{
    struct hsm h = {.label = "t;o k%n/\xc3\xa9"};
    uint8_t id[HSM_ID_LEN];
    char text[512], label[HSM_KEY_LABEL_MAX + 1];
    struct hsm_uri u;

    (void)state;
    for (unsigned i = 0; i < HSM_ID_LEN; i++)
        id[i] = (uint8_t)(i * 13);
    memset(label, ';', HSM_KEY_LABEL_MAX);
    label[HSM_KEY_LABEL_MAX] = '\0';
    hsm_key_uri(&h, label, id, text);
    assert_int_equal(hsm_uri_parse(text, &u, NULL), MC_OK);
    assert_string_equal(u.token, h.label);
    assert_string_equal(u.key.label, label);
    assert_int_equal(u.key.id_n, HSM_ID_LEN);
    assert_memory_equal(u.key.id, id, HSM_ID_LEN);
}

/* Every cut and every changed octet of a good URI ends in a code, and what is refused leaves out alone. */
static void a_damaged_uri_never_does_harm(void **state)
{
    const char *good = "pkcs11:token=a%20b;serial=00;id=%01%02;object=o?module-path=/m";
    char text[128];

    (void)state;
    for (size_t i = 0; i < strlen(good); i++) {
        for (int c = 0; c < 256; c++) {
            struct hsm_uri u = {.token = "untouched"};

            strcpy(text, good);
            text[i] = (char)c;
            if (hsm_uri_parse(text, &u, NULL) != MC_OK)
                assert_string_equal(u.token, "untouched");
            else
                assert_true(u.key.id_n != 0 || u.key.label[0] != '\0');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_with_every_known_attribute_is_read),
        cmocka_unit_test(a_label_or_an_id_is_enough),
        cmocka_unit_test(what_is_not_a_uri_of_a_private_key_is_refused),
        cmocka_unit_test(a_pin_in_a_uri_is_refused_and_not_repeated),
        cmocka_unit_test(an_id_longer_than_any_is_refused),
        cmocka_unit_test(a_written_uri_reads_back_the_same),
        cmocka_unit_test(a_damaged_uri_never_does_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
