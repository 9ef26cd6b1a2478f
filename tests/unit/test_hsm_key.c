/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/hsm/fixture.h"

struct rig {
    struct fixture f;
    struct hsm *h;
    struct mc_verifier *v;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
};

static int make_rig(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));

    *state = r;
    if (r == NULL || !fixture_make(&r->f))
        return -1;
    r->v = mc_verifier_new();
    if (hsm_open(&r->f.cfg, &r->h, &r->f.e) != MC_OK)
        return -1;
    return hsm_generate_p256(r->h, "first", r->point, r->id, &r->f.e) == MC_OK ? 0 : -1;
}

static int drop_rig(void **state)
{
    struct rig *r = *state;

    hsm_close(r->h);
    mc_verifier_free(r->v);
    fixture_remove(&r->f);
    free(r);
    return 0;
}

static void reopen(struct rig *r, bool session_copy)
{
    hsm_close(r->h);
    r->h = NULL;
    r->f.cfg.session_copy = session_copy;
    assert_int_equal(hsm_open(&r->f.cfg, &r->h, &r->f.e), MC_OK);
}

static void assert_signs(struct rig *r, struct hsm_key *k, const uint8_t *point)
{
    uint8_t digest[HSM_DIGEST_LEN], sig[HSM_SIG_LEN];

    memset(digest, 0x5a, sizeof(digest));
    assert_int_equal(hsm_sign(k, digest, sig, &r->f.e), MC_OK);
    assert_int_equal(mc_verify(r->v, point, digest, sig), MC_OK);
}

static CK_SESSION_HANDLE writing_session(struct hsm *h)
{
    CK_SESSION_HANDLE s;

    assert_int_equal(hsm_session_open_rw(h, &s, NULL), MC_OK);
    return s;
}

static CK_OBJECT_HANDLE object_of(struct rig *r, CK_OBJECT_CLASS class, const uint8_t *id)
{
    struct hsm_selector sel = {.id_n = HSM_ID_LEN};
    CK_OBJECT_HANDLE o;

    memcpy(sel.id, id, HSM_ID_LEN);
    assert_int_equal(hsm_key_object(r->h, r->h->sessions[0].handle, class, &sel, &o, &r->f.e), MC_OK);
    return o;
}

static CK_RV set_octets(struct rig *r, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_TYPE type, const void *p, size_t n)
{
    CK_SESSION_HANDLE s = writing_session(r->h);
    CK_ATTRIBUTE a = {type, hsm_mutable(p), n};
    CK_RV rv = r->h->m.f->C_SetAttributeValue(s, o, &a, 1);

    r->h->m.f->C_CloseSession(s);
    return rv;
}

static void a_new_key_signs_and_never_leaves_the_token(void **state)
{
    struct rig *r = *state;
    struct hsm_key_facts f;
    struct hsm_key *k;
    uint8_t id[HSM_ID_LEN];

    assert_int_equal(mc_key_id(r->v, r->point, id), MC_OK);
    assert_memory_equal(id, r->id, HSM_ID_LEN);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_signs(r, k, r->point);
    assert_int_equal(hsm_key_facts(k, &f, &r->f.e), MC_OK);
    assert_true(f.sensitive && f.always_sensitive && f.never_extractable && f.sign && f.local);
    assert_false(f.extractable || f.decrypt || f.unwrap || f.derive);
}

static void the_tokens_own_key_cannot_be_read_or_made_readable(void **state)
{
    struct rig *r = *state;
    uint8_t value[64];
    struct mc_out out = mc_out_of(value, sizeof(value));
    CK_OBJECT_HANDLE o = object_of(r, CKO_PRIVATE_KEY, r->id);
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

    assert_int_equal(
        hsm_object_bytes(r->h, r->h->sessions[0].handle, o, CKA_VALUE, &out), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_not_equal(set_octets(r, o, CKA_SENSITIVE, &no, sizeof(no)), CKR_OK);
    assert_int_not_equal(set_octets(r, o, CKA_EXTRACTABLE, &yes, sizeof(yes)), CKR_OK);
}

static void a_new_key_allows_no_mechanism_but_ecdsa(void **state)
{
    struct rig *r = *state;
    CK_MECHANISM_TYPE allowed[2] = {0};
    CK_ATTRIBUTE a = {CKA_ALLOWED_MECHANISMS, allowed, sizeof(allowed)};
    CK_OBJECT_HANDLE o = object_of(r, CKO_PRIVATE_KEY, r->id);

    assert_int_equal(r->h->m.f->C_GetAttributeValue(r->h->sessions[0].handle, o, &a, 1), CKR_OK);
    assert_int_equal(a.ulValueLen, sizeof(allowed[0]));
    assert_int_equal(allowed[0], CKM_ECDSA);
}

static void the_session_copy_is_guarded_as_the_key_is(void **state)
{
    struct rig *r = *state;
    CK_SESSION_HANDLE s = r->h->sessions[0].handle;
    enum hsm_tri t;
    uint8_t value[64];
    struct mc_out out = mc_out_of(value, sizeof(value));
    struct hsm_key *k;

    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_int_not_equal(k->copy[0], CK_INVALID_HANDLE);
    assert_int_equal(hsm_object_bool(r->h, s, k->copy[0], CKA_SENSITIVE, &t), CKR_OK);
    assert_int_equal(t, HSM_TRUE);
    assert_int_equal(hsm_object_bool(r->h, s, k->copy[0], CKA_EXTRACTABLE, &t), CKR_OK);
    assert_int_equal(t, HSM_FALSE);
    assert_int_equal(hsm_object_bool(r->h, s, k->copy[0], CKA_ALWAYS_SENSITIVE, &t), CKR_OK);
    assert_int_equal(t, HSM_TRUE);
    assert_int_equal(hsm_object_bytes(r->h, s, k->copy[0], CKA_VALUE, &out), CKR_ATTRIBUTE_SENSITIVE);
}

static void a_key_signs_without_a_session_copy_too(void **state)
{
    struct rig *r = *state;
    struct hsm_key *k;

    reopen(r, false);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_int_equal(k->copy[0], CK_INVALID_HANDLE);
    assert_signs(r, k, r->point);
}

/* A key of another maker: its id is not the hash of its point, and it may not be copied. */
static void make_foreign_key(struct rig *r, const uint8_t id[HSM_ID_LEN], CK_BBOOL copyable, uint8_t *point)
{
    CK_MECHANISM keygen = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE public[] = {{CKA_EC_PARAMS, hsm_mutable(hsm_p256_params), sizeof(hsm_p256_params)},
        {CKA_TOKEN, &yes, 1}, {CKA_ID, hsm_mutable(id), HSM_ID_LEN}};
    CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, 1}, {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &no, 1},
        {CKA_DECRYPT, &no, 1}, {CKA_UNWRAP, &no, 1}, {CKA_SIGN_RECOVER, &no, 1}, {CKA_SIGN, &yes, 1},
        {CKA_COPYABLE, &copyable, 1}, {CKA_ID, hsm_mutable(id), HSM_ID_LEN}};
    CK_SESSION_HANDLE s = writing_session(r->h);
    CK_OBJECT_HANDLE a, b;

    assert_int_equal(r->h->m.f->C_GenerateKeyPair(s, &keygen, public, 3, private, 9, &a, &b), CKR_OK);
    assert_int_equal(hsm_object_point(r->h, s, a, point, &r->f.e), MC_OK);
    r->h->m.f->C_CloseSession(s);
}

/* Another process holds a write lock on every object file: SoftHSM waits for it in C_SignInit. */
static pid_t lock_the_objects(struct rig *r, int ready)
{
    char folder[512], path[800];
    struct flock all = {.l_type = F_WRLCK};
    struct dirent *entry;
    pid_t pid = fork();
    DIR *d;

    if (pid != 0)
        return pid;
    d = fixture_token_file(&r->f, "", folder, sizeof(folder)) ? opendir(folder) : NULL;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        snprintf(path, sizeof(path), "%.500s/%.250s", folder, entry->d_name);
        if (entry->d_type == DT_REG && strstr(entry->d_name, "token.object") == NULL)
            (void)!fcntl(open(path, O_RDWR), F_SETLK, &all);
    }
    (void)!write(ready, "x", 1);
    pause();
    _exit(0);
}

/* 0 when the signature comes back although the locks stay. What SoftHSM has in memory is enough for it. */
static int sign_under_locks(struct rig *r)
{
    uint8_t digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN];
    struct hsm_key *k;
    enum mc_rc rc;
    int ready[2];
    pid_t holder;
    char go;

    if (pipe(ready) != 0 || hsm_open(&r->f.cfg, &r->h, NULL) != MC_OK ||
        hsm_find_key(r->h, r->id, r->point, &k, NULL) != MC_OK || hsm_sign(k, digest, sig, NULL) != MC_OK)
        return 1;
    holder = lock_the_objects(r, ready[1]);
    if (read(ready[0], &go, 1) != 1)
        return 2;
    rc = hsm_sign(k, digest, sig, NULL);
    kill(holder, SIGKILL);
    if (rc == MC_OK)
        return mc_verify(r->v, r->point, digest, sig) == MC_OK ? 0 : 3;
    return rc == HSM_E_TIMEOUT ? 0 : 4;
}

static void a_signature_does_not_wait_for_a_stopped_process_for_ever(void **state)
{
    struct rig *r = *state;
    int status = 0;
    pid_t signer;

    hsm_close(r->h);
    r->h = NULL;
    r->f.cfg.session_copy = false;
    r->f.cfg.timeout_ms = 1000;
    signer = fork(); /* a module that got stuck stays so, hence a process of its own */
    if (signer == 0) {
        alarm(20);
        _exit(sign_under_locks(r));
    }
    assert_int_equal(waitpid(signer, &status, 0), signer);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_key_that_may_not_be_copied_signs_itself(void **state)
{
    struct rig *r = *state;
    static const uint8_t id[HSM_ID_LEN] = {0xf0};
    uint8_t point[HSM_POINT_LEN];
    struct hsm_key *k;

    make_foreign_key(r, id, CK_FALSE, point);
    assert_int_equal(hsm_find_key(r->h, id, point, &k, &r->f.e), MC_OK);
    assert_true(k->no_copy);
    assert_signs(r, k, point);
}

static void a_copy_that_is_gone_is_made_again(void **state)
{
    struct rig *r = *state;
    struct hsm_key *k;

    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_int_equal(r->h->m.f->C_DestroyObject(r->h->sessions[0].handle, k->copy[0]), CKR_OK);
    assert_signs(r, k, r->point);
    assert_false(r->h->relogged);
}

static void the_handle_of_a_key_is_kept(void **state)
{
    struct rig *r = *state;
    struct hsm_key *a, *b;

    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &a, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &b, &r->f.e), MC_OK);
    assert_ptr_equal(a, b);
}

static void a_key_that_is_not_there_is_not_found(void **state)
{
    struct rig *r = *state;
    uint8_t id[HSM_ID_LEN] = {1, 2, 3};
    struct hsm_key *k = NULL;

    assert_int_equal(hsm_find_key(r->h, id, r->point, &k, &r->f.e), HSM_E_KEY_NOT_FOUND);
    assert_null(k);
}

static void another_public_key_than_expected_is_refused(void **state)
{
    struct rig *r = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_key *k = NULL;

    assert_int_equal(hsm_generate_p256(r->h, "second", point, id, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, point, &k, &r->f.e), HSM_E_KEY_OTHER);
    assert_int_equal(hsm_destroy_key(r->h, id, &r->f.e), MC_OK);
    assert_null(k);
}

/* The public object under the id is the expected one, and the private key is not. */
static void a_private_key_that_does_not_belong_to_its_public_object_is_refused(void **state)
{
    struct rig *r = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    static const uint8_t away[HSM_ID_LEN] = {0xaa};
    struct hsm_key *k = NULL;

    assert_int_equal(hsm_generate_p256(r->h, "second", point, id, &r->f.e), MC_OK);
    assert_int_equal(set_octets(r, object_of(r, CKO_PRIVATE_KEY, r->id), CKA_ID, away, sizeof(away)), CKR_OK);
    assert_int_equal(set_octets(r, object_of(r, CKO_PRIVATE_KEY, id), CKA_ID, r->id, HSM_ID_LEN), CKR_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), HSM_E_KEY_OTHER);
    assert_non_null(strstr(r->f.e.what, "trial signature"));
}

static void a_key_without_a_public_object_is_proved_by_a_signature(void **state)
{
    struct rig *r = *state;
    CK_SESSION_HANDLE s = writing_session(r->h);
    uint8_t other[HSM_POINT_LEN];
    struct hsm_key *k = NULL;

    memcpy(other, r->point, sizeof(other));
    other[64] ^= 1;
    assert_int_equal(r->h->m.f->C_DestroyObject(s, object_of(r, CKO_PUBLIC_KEY, r->id)), CKR_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, other, &k, NULL), HSM_E_KEY_OTHER);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_signs(r, k, r->point);
}

static void two_keys_with_one_id_are_refused(void **state)
{
    struct rig *r = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_key *k = NULL;

    assert_int_equal(hsm_generate_p256(r->h, "second", point, id, &r->f.e), MC_OK);
    assert_int_equal(set_octets(r, object_of(r, CKO_PUBLIC_KEY, id), CKA_ID, r->id, HSM_ID_LEN), CKR_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, NULL), HSM_E_KEY_TWICE);
    assert_int_equal(set_octets(r, object_of(r, CKO_PRIVATE_KEY, id), CKA_ID, r->id, HSM_ID_LEN), CKR_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), HSM_E_KEY_TWICE);
    assert_int_equal(hsm_destroy_key(r->h, r->id, NULL), HSM_E_KEY_TWICE);
}

static void a_key_with_more_uses_than_signing_is_refused(void **state)
{
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN_RECOVER};
    struct rig *r = *state;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    struct hsm_key *k = NULL;

    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        CK_OBJECT_HANDLE o = object_of(r, CKO_PRIVATE_KEY, r->id);

        assert_int_equal(set_octets(r, o, uses[i], &yes, sizeof(yes)), CKR_OK);
        assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, NULL), HSM_E_KEY_ATTR);
        assert_int_equal(set_octets(r, o, uses[i], &no, sizeof(no)), CKR_OK);
    }
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
}

static void a_key_is_found_by_its_uri(void **state)
{
    struct rig *r = *state;
    char uri[512], longer[900];
    struct hsm_key *k = NULL;

    hsm_key_uri(r->h, "first", r->id, uri);
    assert_int_equal(hsm_find_key_uri(r->h, uri, r->point, &k, &r->f.e), MC_OK);
    assert_signs(r, k, r->point);
    snprintf(longer, sizeof(longer),
        "%s;serial=%s;model=SoftHSM%%20v2;manufacturer=SoftHSM%%20project?module-path=%s", uri, r->f.serial,
        r->h->module_path);
    assert_int_equal(hsm_find_key_uri(r->h, longer, r->point, &k, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key_uri(r->h, "pkcs11:object=first", r->point, &k, &r->f.e), MC_OK);
}

static void a_uri_of_another_token_or_key_finds_nothing(void **state)
{
    struct rig *r = *state;
    struct hsm_key *k = NULL;

    assert_int_equal(
        hsm_find_key_uri(r->h, "pkcs11:token=x;object=first", r->point, &k, NULL), HSM_E_NO_TOKEN);
    assert_int_equal(
        hsm_find_key_uri(r->h, "pkcs11:serial=0;object=first", r->point, &k, NULL), HSM_E_NO_TOKEN);
    assert_int_equal(
        hsm_find_key_uri(r->h, "pkcs11:model=x;object=first", r->point, &k, NULL), HSM_E_NO_TOKEN);
    assert_int_equal(
        hsm_find_key_uri(r->h, "pkcs11:manufacturer=x;object=first", r->point, &k, NULL), HSM_E_NO_TOKEN);
    assert_int_equal(
        hsm_find_key_uri(r->h, "pkcs11:object=first?module-path=/x", r->point, &k, NULL), HSM_E_MODULE);
    assert_int_equal(hsm_find_key_uri(r->h, "pkcs11:object=none", r->point, &k, NULL), HSM_E_KEY_NOT_FOUND);
    assert_int_equal(hsm_find_key_uri(r->h, "pkcs11:object=", r->point, &k, NULL), HSM_E_URI);
    assert_null(k);
}

static void a_label_that_two_keys_have_names_none(void **state)
{
    struct rig *r = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_key *k = NULL;

    assert_int_equal(hsm_generate_p256(r->h, "first", point, id, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key_uri(r->h, "pkcs11:object=first", r->point, &k, NULL), HSM_E_KEY_TWICE);
    assert_int_equal(hsm_find_key(r->h, id, point, &k, &r->f.e), MC_OK);
}

static void a_key_that_was_removed_signs_no_more(void **state)
{
    struct rig *r = *state;
    uint8_t digest[HSM_DIGEST_LEN] = {0}, sig[HSM_SIG_LEN];
    struct hsm_key *k, *again = NULL;

    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_int_equal(hsm_destroy_key(r->h, r->id, &r->f.e), MC_OK);
    assert_int_equal(hsm_sign(k, digest, sig, NULL), HSM_E_KEY_NOT_FOUND);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &again, NULL), HSM_E_KEY_NOT_FOUND);
    assert_int_equal(hsm_destroy_key(r->h, r->id, NULL), HSM_E_KEY_NOT_FOUND);
}

struct seen {
    unsigned n, unfinished, with_point;
};

static bool count_key(void *arg, const char *label, struct mc_span id, const uint8_t *point)
{
    struct seen *s = arg;

    assert_int_equal(id.n, HSM_ID_LEN);
    s->n++;
    s->unfinished += strcmp(label, HSM_LABEL_UNFINISHED) == 0;
    s->with_point += point != NULL;
    return true;
}

static bool stop_at_first(void *arg, const char *label, struct mc_span id, const uint8_t *point)
{
    (void)label, (void)id, (void)point;
    ++*(unsigned *)arg;
    return false;
}

/* What a crash between the making of a pair and its naming leaves. */
static void leave_an_orphan(struct rig *r, const uint8_t *id, uint8_t first)
{
    uint8_t random_id[HSM_ID_LEN] = {first};
    CK_OBJECT_HANDLE private = object_of(r, CKO_PRIVATE_KEY, id), public = object_of(r, CKO_PUBLIC_KEY, id);

    assert_int_equal(set_octets(r, private, CKA_ID, random_id, HSM_ID_LEN), CKR_OK);
    assert_int_equal(set_octets(r, public, CKA_ID, random_id, HSM_ID_LEN), CKR_OK);
    assert_int_equal(
        set_octets(r, private, CKA_LABEL, HSM_LABEL_UNFINISHED, strlen(HSM_LABEL_UNFINISHED)), CKR_OK);
}

static void keys_are_listed_and_orphans_are_named(void **state)
{
    struct rig *r = *state;
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    uint8_t orphan[HSM_ID_LEN] = {0x77};
    struct seen s = {0};
    struct hsm_key *k;
    unsigned n = 0;

    assert_int_equal(hsm_generate_p256(r->h, "second", point, id, &r->f.e), MC_OK);
    leave_an_orphan(r, id, 0x77);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK); /* makes a session copy */
    assert_int_equal(hsm_list_keys(r->h, count_key, &s, &r->f.e), MC_OK);
    assert_int_equal(s.n, 2);
    assert_int_equal(s.unfinished, 1);
    assert_int_equal(s.with_point, 2);
    assert_int_equal(hsm_destroy_key(r->h, orphan, &r->f.e), MC_OK);
    s = (struct seen){0};
    assert_int_equal(hsm_list_keys(r->h, count_key, &s, &r->f.e), MC_OK);
    assert_int_equal(s.n, 1);
    assert_int_equal(hsm_list_keys(r->h, stop_at_first, &n, &r->f.e), MC_OK);
    assert_int_equal(n, 1);
}

static void keys_outlive_the_process_that_made_them(void **state)
{
    struct rig *r = *state;
    struct hsm_info info;
    struct hsm_key *k;

    reopen(r, true);
    assert_int_equal(hsm_status(r->h, &info, &r->f.e), MC_OK);
    assert_int_equal(info.keys, 1);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_signs(r, k, r->point);
}

static void labels_that_cannot_be_written_are_refused(void **state)
{
    struct rig *r = *state;
    char label[HSM_KEY_LABEL_MAX + 2];
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];

    memset(label, 'x', sizeof(label));
    label[HSM_KEY_LABEL_MAX + 1] = '\0';
    assert_int_not_equal(hsm_generate_p256(r->h, label, point, id, NULL), MC_OK);
    assert_int_not_equal(hsm_generate_p256(r->h, "", point, id, NULL), MC_OK);
    assert_int_not_equal(hsm_generate_p256(r->h, "a\nb", point, id, NULL), MC_OK);
    label[HSM_KEY_LABEL_MAX] = '\0';
    assert_int_equal(hsm_generate_p256(r->h, label, point, id, &r->f.e), MC_OK);
}

static void every_session_signs_with_its_own_copy(void **state)
{
    struct rig *r = *state;
    struct hsm_key *k;

    hsm_close(r->h);
    r->f.cfg.sessions = 2;
    assert_int_equal(hsm_open(&r->f.cfg, &r->h, &r->f.e), MC_OK);
    assert_int_equal(hsm_find_key(r->h, r->id, r->point, &k, &r->f.e), MC_OK);
    assert_ptr_equal(hsm_session_take(r->h), &r->h->sessions[0]);
    assert_signs(r, k, r->point);
    assert_ptr_equal(hsm_session_take(r->h), &r->h->sessions[1]);
    assert_int_not_equal(k->copy[0], k->copy[1]);
    assert_int_not_equal(k->copy[1], CK_INVALID_HANDLE);
    assert_int_equal(hsm_sign(k, r->point, r->point, NULL), HSM_E_SESSIONS);
    hsm_session_give(&r->h->sessions[0]);
    hsm_session_give(&r->h->sessions[1]);
}

/* The private key of RFC 6979 A.2.5, which everybody knows. */
static const char known_scalar[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const char known_point[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                  "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

static void a_key_from_outside_signs_and_stays_inside(void **state)
{
    struct rig *r = *state;
    uint8_t scalar[HSM_SCALAR_LEN], point[HSM_POINT_LEN], id[HSM_ID_LEN], again[HSM_ID_LEN];
    struct hsm_key_facts f;
    struct hsm_key *k;

    assert_true(mc_hex_decode(known_scalar, sizeof(scalar), scalar));
    assert_true(mc_hex_decode(known_point, sizeof(point), point));
    assert_int_equal(hsm_import_p256(r->h, "from outside", scalar, point, id, &r->f.e), MC_OK);
    assert_int_equal(hsm_import_p256(r->h, "from outside", scalar, point, again, &r->f.e), MC_OK);
    assert_memory_equal(id, again, sizeof(id));
    reopen(r, false);
    assert_int_equal(hsm_find_key(r->h, id, point, &k, &r->f.e), MC_OK);
    assert_signs(r, k, point);
    assert_int_equal(hsm_key_facts(k, &f, &r->f.e), MC_OK);
    assert_true(f.sensitive && f.sign);
    assert_false(f.extractable || f.decrypt || f.unwrap || f.derive);
}

static void a_key_that_is_not_that_of_its_point_is_not_imported(void **state)
{
    struct rig *r = *state;
    uint8_t scalar[HSM_SCALAR_LEN], point[HSM_POINT_LEN], id[HSM_ID_LEN];

    assert_true(mc_hex_decode(known_scalar, sizeof(scalar), scalar));
    assert_true(mc_hex_decode(known_point, sizeof(point), point));
    assert_int_equal(hsm_import_p256(r->h, "x", scalar, r->point, id, &r->f.e), HSM_E_KEY_OTHER);
    scalar[31] ^= 1;
    assert_int_equal(hsm_import_p256(r->h, "x", scalar, point, id, NULL), HSM_E_KEY_OTHER);
    memset(scalar, 0, sizeof(scalar));
    assert_int_equal(hsm_import_p256(r->h, "x", scalar, point, id, NULL), HSM_E_KEY_OTHER);
    memset(scalar, 0xFF, sizeof(scalar));
    assert_int_equal(hsm_import_p256(r->h, "x", scalar, point, id, NULL), HSM_E_KEY_OTHER);
}

#define WITH_KEY(t) cmocka_unit_test_setup_teardown(t, make_rig, drop_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_KEY(a_key_from_outside_signs_and_stays_inside),
        WITH_KEY(a_key_that_is_not_that_of_its_point_is_not_imported),
        WITH_KEY(a_new_key_signs_and_never_leaves_the_token),
        WITH_KEY(the_tokens_own_key_cannot_be_read_or_made_readable),
        WITH_KEY(a_new_key_allows_no_mechanism_but_ecdsa),
        WITH_KEY(the_session_copy_is_guarded_as_the_key_is),
        WITH_KEY(a_key_signs_without_a_session_copy_too),
        WITH_KEY(a_signature_does_not_wait_for_a_stopped_process_for_ever),
        WITH_KEY(a_key_that_may_not_be_copied_signs_itself),
        WITH_KEY(a_copy_that_is_gone_is_made_again),
        WITH_KEY(the_handle_of_a_key_is_kept),
        WITH_KEY(a_key_that_is_not_there_is_not_found),
        WITH_KEY(another_public_key_than_expected_is_refused),
        WITH_KEY(a_private_key_that_does_not_belong_to_its_public_object_is_refused),
        WITH_KEY(a_key_without_a_public_object_is_proved_by_a_signature),
        WITH_KEY(two_keys_with_one_id_are_refused),
        WITH_KEY(a_key_with_more_uses_than_signing_is_refused),
        WITH_KEY(a_key_is_found_by_its_uri),
        WITH_KEY(a_uri_of_another_token_or_key_finds_nothing),
        WITH_KEY(a_label_that_two_keys_have_names_none),
        WITH_KEY(a_key_that_was_removed_signs_no_more),
        WITH_KEY(keys_are_listed_and_orphans_are_named),
        WITH_KEY(keys_outlive_the_process_that_made_them),
        WITH_KEY(labels_that_cannot_be_written_are_refused),
        WITH_KEY(every_session_signs_with_its_own_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
