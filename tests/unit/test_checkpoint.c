/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpoint beside the ledger: what it finds when a state is opened. Needs SoftHSM, for the audit key. */
#include "ledger_fixture.h"

#include <ftw.h>

#include "ca/checkpoint.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A folder with states in it; a ledger in them is filled by the fixture's ways. */
struct world {
    char dir[64], state[96], other[96], kept[96];
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
    char command[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void make_world(struct world *w)
{
    const struct state_options o = {.pin = {.fd = -1}};
    struct mc_err e;
    enum mc_rc rc;

    snprintf(w->dir, sizeof(w->dir), "/tmp/heddle-checkpoint-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->state, sizeof(w->state), "%s/state", w->dir);
    snprintf(w->other, sizeof(w->other), "%s/other", w->dir);
    snprintf(w->kept, sizeof(w->kept), "%s/kept", w->dir);
    mc_err_init(&e);
    rc = state_create(w->state, &o, &e);
    if (rc == HSM_E_MODULE) {
        rmdir(w->dir);
        skip();
    }
    assert_int_equal(rc, MC_OK);
}

static void end_world(struct world *w)
{
    assert_int_equal(nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Appends to the ledger of a state as the fixture does, and signs the head. */
static void grow(const char *dir, uint32_t n, uint64_t random, bool sign)
{
    struct fixture fx = {.random = random};
    struct ledger_fabric f;
    struct ledger_head h;
    struct state s;

    fx_ok(state_open(dir, LEDGER_WRITE, &s, NULL, &fx_err));
    fx.l = s.ledger;
    if (ledger_fabric_by_name(s.ledger, "home", &f, NULL) == CA_E_NOT_FOUND) {
        fx_ok(ledger_begin(s.ledger, &fx_err));
        (void)fx_fabric(&fx, "home");
        fx_ok(ledger_commit(s.ledger, &fx_err));
    }
    fx_ok(ledger_head(s.ledger, &h, &fx_err));
    if (n != 0)
        fx_issue(&fx, n, 1000 * h.size);
    if (sign) {
        fx_ok(state_open_token(&s, NULL, &fx_err));
        fx_ok(checkpoint_make(&s, &fx_err));
        assert_int_equal(s.checkpoint.size, h.size + n);
    }
    state_close(&s);
}

static void opens(const char *dir)
{
    struct state s;

    fx_ok(state_open(dir, LEDGER_WRITE, &s, NULL, &fx_err));
    state_close(&s);
}

/* Refused for reading and writing, with a sentence that begins so. */
static void is_refused(const char *dir, const char *begin)
{
    static const enum ledger_mode modes[] = {LEDGER_READ, LEDGER_WRITE};
    struct state s;
    struct mc_err e;

    for (size_t i = 0; i < COUNT(modes); i++) {
        mc_err_init(&e);
        if (state_open(dir, modes[i], &s, NULL, &e) != CA_E_LEDGER || strncmp(e.what, begin, strlen(begin)) != 0)
            fail_msg("wanted '%s', got %s: %s", begin, mc_rc_rule(e.rc), e.what);
        assert_string_equal(e.field, "checkpoint");
    }
}

static void a_new_state_has_a_checkpoint_and_grows_with_it(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    opens(w.state);
    grow(w.state, 3, 1, false);
    opens(w.state);
    grow(w.state, 300, 2, true);
    opens(w.state);
    grow(w.state, 300, 3, false);
    opens(w.state);
    grow(w.state, 0, 4, true);
    opens(w.state);
    end_world(&w);
}

static void an_older_database_is_refused(void **state)
{
    struct world w;

    (void)state;
    make_world(&w);
    grow(w.state, 5, 1, true);
    shell("cp %s/ledger.db %s", w.state, w.kept);
    grow(w.state, 1, 2, true);
    shell("mv %s/ledger.db %s && cp %s %s/ledger.db", w.state, w.other, w.kept, w.state);
    is_refused(w.state, "rolled back: ");
    shell("mv %s %s/ledger.db", w.other, w.state);
    opens(w.state);
    end_world(&w);
}

static void two_branches_of_one_size_are_proven_different(void **state)
{
    struct mc_checkpoint a, b;
    struct world w;
    struct state s;
    char text[NOTE_MAX + 1];
    struct mc_err e;
    size_t n;

    (void)state;
    make_world(&w);
    grow(w.state, 5, 1, true);
    shell("cp -a %s %s", w.state, w.other);
    grow(w.state, 4, 2, true);
    grow(w.other, 4, 3, true);
    opens(w.state);
    opens(w.other);
    /* each is sound in itself; each other's checkpoint is signed by the same key over another root */
    fx_ok(state_open(w.other, LEDGER_READ, &s, NULL, &fx_err));
    fx_ok(checkpoint_text(&s, text, &n, &fx_err));
    fx_ok(checkpoint_compare(&s, mc_span_of(text, n), "its own", &a, &fx_err));
    state_close(&s);
    fx_ok(state_open(w.state, LEDGER_READ, &s, NULL, &fx_err));
    mc_err_init(&e);
    assert_int_equal(checkpoint_compare(&s, mc_span_of(text, n), "the other", &b, &e), CA_E_LEDGER);
    assert_int_equal(strncmp(e.what, "forked: ", 8), 0);
    assert_int_equal(a.size, b.size);
    assert_string_equal(a.origin, b.origin);
    state_close(&s);
    shell("cp %s/checkpoint %s/checkpoint", w.other, w.state);
    is_refused(w.state, "forked: ");
    end_world(&w);
}

static void read_file(const char *dir, char *text, size_t *n)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof(path), "%s/checkpoint", dir);
    f = fopen(path, "rb");
    assert_non_null(f);
    *n = fread(text, 1, NOTE_MAX, f);
    fclose(f);
}

static void write_file(const char *dir, const char *text, size_t n)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof(path), "%s/checkpoint", dir);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

static void every_change_of_the_file_is_refused(void **state)
{
    char text[NOTE_MAX];
    struct world w;
    struct state s;
    size_t n;

    (void)state;
    make_world(&w);
    grow(w.state, 5, 1, true);
    read_file(w.state, text, &n);
    for (size_t i = 0; i < n; i++) {
        text[i] ^= (char)(1 << i % 7);
        write_file(w.state, text, n);
        text[i] ^= (char)(1 << i % 7);
        if (state_open(w.state, LEDGER_READ, &s, NULL, NULL) != CA_E_LEDGER)
            fail_msg("octet %zu", i);
    }
    for (size_t cut = 0; cut < n; cut++) {
        write_file(w.state, text, cut);
        if (state_open(w.state, LEDGER_READ, &s, NULL, NULL) != CA_E_LEDGER)
            fail_msg("cut at %zu", cut);
    }
    write_file(w.state, text, n);
    opens(w.state);
    end_world(&w);
}

static void the_checkpoint_of_another_ledger_is_refused(void **state)
{
    const struct state_options o = {.pin = {.fd = -1}};
    struct world w;

    (void)state;
    make_world(&w);
    fx_ok(state_create(w.other, &o, &fx_err));
    shell("cp %s/checkpoint %s/checkpoint", w.other, w.state);
    is_refused(w.state, "signature: ");
    end_world(&w);
}

static void without_the_file_only_reading_goes_on(void **state)
{
    struct world w;
    struct state s;

    (void)state;
    make_world(&w);
    grow(w.state, 5, 1, true);
    shell("rm %s/checkpoint", w.state);
    assert_int_equal(state_open(w.state, LEDGER_WRITE, &s, NULL, NULL), CA_E_CHECKPOINT_NONE);
    fx_ok(state_open(w.state, LEDGER_READ, &s, NULL, &fx_err));
    assert_true(s.checkpoint.missing);
    state_close(&s);
    /* made anew only by whoever opens without the check */
    fx_ok(state_open_unchecked(w.state, LEDGER_WRITE, &s, NULL, &fx_err));
    fx_ok(state_open_token(&s, NULL, &fx_err));
    fx_ok(checkpoint_make(&s, &fx_err));
    assert_false(s.checkpoint.missing);
    state_close(&s);
    opens(w.state);
    end_world(&w);
}

static void a_newer_checkpoint_is_never_replaced(void **state)
{
    char before[NOTE_MAX], after[NOTE_MAX];
    struct world w;
    struct state s;
    size_t n, m;

    (void)state;
    make_world(&w);
    grow(w.state, 5, 1, true);
    shell("cp %s/ledger.db %s", w.state, w.kept);
    grow(w.state, 5, 2, true);
    read_file(w.state, before, &n);
    shell("cp %s %s/ledger.db", w.kept, w.state);
    fx_ok(state_open_unchecked(w.state, LEDGER_WRITE, &s, NULL, &fx_err));
    fx_ok(state_open_token(&s, NULL, &fx_err));
    assert_int_equal(checkpoint_make(&s, NULL), CA_E_LEDGER);
    state_close(&s);
    read_file(w.state, after, &m);
    assert_int_equal(n, m);
    assert_memory_equal(before, after, n);
    end_world(&w);
}

static void single_certificates_are_signed_over_when_it_is_time(void **state)
{
    struct fixture fx = {.random = 9};
    struct world w;
    struct state s;
    uint64_t size;

    (void)state;
    make_world(&w);
    grow(w.state, 1, 1, true);
    fx_ok(state_open(w.state, LEDGER_WRITE, &s, NULL, &fx_err));
    fx_ok(state_open_token(&s, NULL, &fx_err));
    fx.l = s.ledger;
    size = s.checkpoint.size;
    fx_issue(&fx, s.config.checkpoint_every - 1, 900000);
    fx_ok(checkpoint_make_due(&s, &fx_err));
    assert_int_equal(s.checkpoint.size, size);
    fx_issue(&fx, 1, 990000);
    fx_ok(checkpoint_make_due(&s, &fx_err));
    assert_int_equal(s.checkpoint.size, size + s.config.checkpoint_every);
    size = s.checkpoint.size;
    fx_issue(&fx, 1, 991000);
    s.checkpoint.time_unix -= 86401;
    fx_ok(checkpoint_make_due(&s, &fx_err));
    assert_int_equal(s.checkpoint.size, size + 1);
    state_close(&s);
    end_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_state_has_a_checkpoint_and_grows_with_it),
        cmocka_unit_test(an_older_database_is_refused),
        cmocka_unit_test(two_branches_of_one_size_are_proven_different),
        cmocka_unit_test(every_change_of_the_file_is_refused),
        cmocka_unit_test(the_checkpoint_of_another_ledger_is_refused),
        cmocka_unit_test(without_the_file_only_reading_goes_on),
        cmocka_unit_test(a_newer_checkpoint_is_never_replaced),
        cmocka_unit_test(single_certificates_are_signed_over_when_it_is_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
