/* SPDX-License-Identifier: Apache-2.0 */
/* Backups whose seal is right and whose content is not: what an attacker with the passphrase, or a mix-up, makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca/authority.h"
#include "ca/backup.h"
#include "ca/backup_pack.h"
#include "ca/checkpoint.h"
#include "lib/cli/io.h"

#define PASSPHRASE mc_span_of("correct horse", 13)

static char top[64];

static const char *at(const char *name)
{
    static char path[4][256];
    static unsigned turn;
    char *p = path[turn++ % 4];

    snprintf(p, 256, "%s/%s", top, name);
    return p;
}

__attribute__((format(printf, 1, 2))) static void shell(const char *fmt, ...)
{
    char command[1024];
    va_list args;
    int n = snprintf(command, sizeof(command), "cd '%s' && ", top);

    va_start(args, fmt);
    vsnprintf(command + n, sizeof(command) - (size_t)n, fmt, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static void sql(const char *text)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(at("parts/ledger.db"), &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
    sqlite3_close(db);
}

static void make_state(const char *name, const char *fabric)
{
    const struct state_options none = {.module = NULL};
    const struct fabric_options o = {.name = fabric, .fabric_id = 7, .ica = true};
    struct ledger_fabric f;
    struct state s;

    assert_int_equal(state_create(at(name), &none, NULL), MC_OK);
    assert_int_equal(state_open(at(name), LEDGER_WRITE, &s, NULL, NULL), MC_OK);
    assert_int_equal(state_open_token(&s, NULL, NULL), MC_OK);
    assert_int_equal(fabric_create(&s, &o, &f, NULL), MC_OK);
    assert_int_equal(checkpoint_make(&s, NULL), MC_OK);
    state_close(&s);
}

static enum mc_rc back_up(const char *state, const char *file, struct mc_err *e)
{
    const struct backup_order o = {at(file), PASSPHRASE, SEAL_COST_MIN};
    struct backup_facts facts;
    struct state s;
    enum mc_rc rc;

    mc_err_init(e);
    assert_int_equal(state_open(at(state), LEDGER_READ, &s, NULL, e), MC_OK);
    rc = backup_make(&s, &o, &facts, e);
    state_close(&s);
    return rc;
}

static void take_apart(const char *file, const char *into)
{
    struct seal *s = NULL;
    unsigned n;
    int fd = open(at(file), O_RDONLY);

    shell("rm -rf %s && mkdir -m 700 %s", into, into);
    assert_int_equal(seal_open(fd, PASSPHRASE, &s, NULL), MC_OK);
    assert_int_equal(unpack(s, at(into), &n, NULL), MC_OK);
    seal_free(s);
    close(fd);
}

static void put_together(const char *from, const char *file)
{
    static const char *const files[] = {"heddle.conf", "ledger.db", "checkpoint", "pin", "manifest.json"};
    static const char *const folders[] = {"profiles", "batches", "softhsm"};
    struct seal *s = NULL;
    char path[512];
    int fd = open(at(file), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_int_equal(seal_create(fd, PASSPHRASE, SEAL_COST_MIN, &s, NULL), MC_OK);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", at(from), files[i]);
        if (access(path, F_OK) == 0)
            assert_int_equal(pack_file(s, files[i], path, NULL), MC_OK);
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        assert_int_equal(pack_tree(s, at(from), folders[i], NULL), MC_OK);
    assert_int_equal(pack_end(s, NULL), MC_OK);
    seal_free(s);
    close(fd);
}

static enum mc_rc restore_file(const char *file, const char *dir, struct mc_err *e)
{
    struct restore_order o = {.file = at(file), .passphrase = PASSPHRASE};
    struct backup_facts facts;

    mc_err_init(e);
    o.dir = dir != NULL ? at(dir) : NULL;
    return restore(&o, &facts, e);
}

static int begin(void **unused)
{
    struct mc_err e;

    (void)unused;
    snprintf(top, sizeof(top), "/tmp/heddle-backup-XXXXXX");
    assert_non_null(mkdtemp(top));
    setenv("TMPDIR", top, 1);
    make_state("a", "first");
    assert_int_equal(back_up("a", "old", &e), MC_OK);
    {
        struct state s;
        struct ledger_fabric f;
        const struct fabric_options o = {.name = "second", .fabric_id = 8, .ica = true};

        assert_int_equal(state_open(at("a"), LEDGER_WRITE, &s, NULL, NULL), MC_OK);
        assert_int_equal(state_open_token(&s, NULL, NULL), MC_OK);
        assert_int_equal(fabric_create(&s, &o, &f, NULL), MC_OK);
        assert_int_equal(checkpoint_make(&s, NULL), MC_OK);
        state_close(&s);
    }
    assert_int_equal(back_up("a", "new", &e), MC_OK);
    make_state("b", "first");
    assert_int_equal(back_up("b", "other", &e), MC_OK);
    take_apart("old", "old.d");
    take_apart("other", "other.d");
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    shell("rm -rf '%s'", top);
    return 0;
}

static void a_backup_is_restored_and_the_state_is_the_same(void **unused)
{
    struct ledger_head was, is;
    struct mc_err e;
    struct state s;

    (void)unused;
    assert_int_equal(restore_file("new", "r", &e), MC_OK);
    assert_int_equal(state_open(at("a"), LEDGER_READ, &s, NULL, NULL), MC_OK);
    assert_int_equal(ledger_head(s.ledger, &was, NULL), MC_OK);
    state_close(&s);
    assert_int_equal(state_open(at("r"), LEDGER_WRITE, &s, NULL, NULL), MC_OK);
    assert_int_equal(ledger_head(s.ledger, &is, NULL), MC_OK);
    assert_int_equal(state_open_token(&s, NULL, NULL), MC_OK);
    assert_int_equal(checkpoint_make(&s, NULL), MC_OK);
    state_close(&s);
    assert_memory_equal(was.root, is.root, sizeof(is.root));
    assert_int_equal(was.next_sn, is.next_sn);
}

static void a_path_that_exists_is_never_touched(void **unused)
{
    struct mc_err e;

    (void)unused;
    shell("find b -type f | sort | xargs cat | sha256sum > before");
    assert_int_equal(restore_file("new", "b", &e), CA_E_EXISTS);
    assert_int_equal(restore_file("new", "new", &e), CA_E_EXISTS);
    shell("find b -type f | sort | xargs cat | sha256sum | cmp - before");
    assert_int_equal(back_up("a", "old", &e), CA_E_EXISTS);
}

static void a_short_passphrase_is_refused(void **unused)
{
    const struct backup_order o = {at("short"), mc_span_of("1234567", 7), SEAL_COST_MIN};
    struct backup_facts facts;
    struct state s;

    (void)unused;
    assert_int_equal(state_open(at("a"), LEDGER_READ, &s, NULL, NULL), MC_OK);
    assert_int_equal(backup_make(&s, &o, &facts, NULL), CA_E_PASSPHRASE_SHORT);
    state_close(&s);
    assert_int_not_equal(access(at("short"), F_OK), 0);
}

struct damage {
    const char *name, *command, *sql;
    enum mc_rc want;
};

#define NO_KEYS "find parts/softhsm/tokens -name '*.object' ! -name token.object -delete"

static const struct damage damages[] = {
    {"no heddle.conf", "rm parts/heddle.conf", NULL, CA_E_STATE_DAMAGED},
    {"no ledger.db", "rm parts/ledger.db", NULL, CA_E_STATE_DAMAGED},
    {"no checkpoint", "rm parts/checkpoint", NULL, CA_E_BACKUP_CONTENT},
    {"no pin", "rm parts/pin", NULL, HSM_E_PIN_FILE},
    {"no token", "rm -r parts/softhsm", NULL, HSM_E_STORE},
    {"no token folder", "rm -r parts/softhsm/tokens", NULL, HSM_E_NO_TOKEN},
    {"no keys", NO_KEYS, NULL, HSM_E_KEY_NOT_FOUND},
    {"no profile of NOCs", "rm parts/profiles/noc.profile", NULL, CA_E_STATE_DAMAGED},
    {"no profiles", "rm -r parts/profiles", NULL, CA_E_STATE_DAMAGED},
    {"no manifest", "rm parts/manifest.json", NULL, CA_E_BACKUP_DAMAGED},
    {"an empty manifest", ": > parts/manifest.json", NULL, CA_E_BACKUP_DAMAGED},
    {"a manifest of another schema", "sed -i 's/manifest.1/manifest\\/9/' parts/manifest.json", NULL, CA_E_BACKUP_DAMAGED},
    {"a manifest of another ledger", "cp other.d/manifest.json parts", NULL, CA_E_BACKUP_CONTENT},
    {"a manifest of another time", "cp old.d/manifest.json parts", NULL, CA_E_BACKUP_CONTENT},
    {"a manifest that steers the terminal", "sed -i 's/\"keys_note\": \"/&\\\\u001b[2J/' parts/manifest.json", NULL, CA_E_BACKUP_DAMAGED},
    {"an outside token beside the keys",
        "sed -i 's/\"keys\": true/\"keys\": false/' parts/manifest.json && sed -i 's|^module = .*|module = /lib/evil.so|' "
        "parts/heddle.conf",
        NULL, CA_E_BACKUP_CONTENT},
    {"an outside token",
        "sed -i 's/\"keys\": true/\"keys\": false/' parts/manifest.json && sed -i 's|^module = .*|module = /lib/evil.so|' "
        "parts/heddle.conf && rm -r parts/softhsm parts/pin",
        NULL, CA_E_USAGE},
    {"a manifest without keys", "sed -i 's/\"keys\": true/\"keys\": false/' parts/manifest.json", NULL, CA_E_BACKUP_CONTENT},
    {"an older ledger", "cp old.d/ledger.db parts", NULL, CA_E_LEDGER},
    {"an older checkpoint", "cp old.d/checkpoint parts", NULL, CA_E_BACKUP_CONTENT},
    {"older keys", NO_KEYS " && cp -r old.d/softhsm parts", NULL, HSM_E_KEY_NOT_FOUND},
    {"an older ledger with its checkpoint", "cp old.d/ledger.db old.d/checkpoint parts", NULL, CA_E_BACKUP_CONTENT},
    {"another ledger", "cp other.d/ledger.db parts", NULL, CA_E_LEDGER},
    {"another checkpoint", "cp other.d/checkpoint parts", NULL, CA_E_LEDGER},
    {"another ledger with its checkpoint", "cp other.d/ledger.db other.d/checkpoint parts", NULL, CA_E_BACKUP_CONTENT},
    {"another ledger with all but the keys", "cp other.d/ledger.db other.d/checkpoint other.d/manifest.json parts", NULL,
        CA_E_BACKUP_CONTENT},
    {"another token", "rm -r parts/softhsm && cp -r other.d/softhsm other.d/pin parts", NULL, HSM_E_NO_TOKEN},
    {"another token with its configuration", "rm -r parts/softhsm && cp -r other.d/softhsm other.d/pin other.d/heddle.conf parts",
        NULL, CA_E_BACKUP_CONTENT},
    {"another token, and a manifest that says so",
        "rm -r parts/softhsm && cp -r other.d/softhsm other.d/pin other.d/heddle.conf parts && "
        "sed -i \"s/\\\"token\\\": .*/$(grep '\"token\"' other.d/manifest.json)/\" parts/manifest.json",
        NULL, HSM_E_KEY_NOT_FOUND},
    {"a wrong pin", "echo 0000 > parts/pin", NULL, HSM_E_PIN_WRONG},
    {"an empty pin", ": > parts/pin", NULL, HSM_E_PIN_FILE},
    {"a configuration that is none", "echo '[' > parts/heddle.conf", NULL, MC_E_CONF_SYNTAX},
    {"a profile that is none", "echo '[' > parts/profiles/noc.profile", NULL, MC_E_CONF_MISSING},
    {"a checkpoint that is none", "echo x > parts/checkpoint", NULL, CA_E_LEDGER},
    {"an empty checkpoint", ": > parts/checkpoint", NULL, CA_E_LEDGER},
    {"a ledger that is none", "echo x > parts/ledger.db", NULL, CA_E_DB},
    {"an empty ledger", ": > parts/ledger.db", NULL, CA_E_DB},
    {"a ledger that was cut", "truncate -s 40960 parts/ledger.db", NULL, CA_E_DB},
    {"a newer ledger", NULL, "PRAGMA user_version=99", CA_E_STATE_VERSION},
    {"a trigger that was taken out", NULL, "DROP TRIGGER entry_update", CA_E_LEDGER},
    {"a table that was added", NULL, "CREATE TABLE more(x)", CA_E_LEDGER},
    {"a row of a fabric that was changed", NULL, "UPDATE fabric SET issued = 5", CA_E_LEDGER},
    {"a row of an authority that was changed", NULL, "UPDATE authority SET state = 3 WHERE number = 2", CA_E_LEDGER},
};

static void what_does_not_belong_together_is_refused(void **unused)
{
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        const struct damage *d = &damages[i];
        enum mc_rc rc;

        take_apart("new", "parts");
        if (d->command != NULL)
            shell("%s", d->command);
        if (d->sql != NULL)
            sql(d->sql);
        put_together("parts", "damaged");
        rc = restore_file("damaged", "never", &e);
        if (rc != d->want)
            fail_msg("%s: %s, not %s: %s", d->name, mc_rc_rule(rc), mc_rc_rule(d->want), e.what);
        assert_int_not_equal(access(at("never"), F_OK), 0);
        shell("test -z \"$(ls -d .heddle-new-* 2>/dev/null)\"");
    }
    print_message("%zu kinds of backups whose seal is right are refused\n", sizeof(damages) / sizeof(damages[0]));
}

/* Of names that no state has, and of those that a state has and a backup leaves out. */
static void a_member_of_another_name_is_refused(void **unused)
{
    static const char *const names[] = {"../x", "/etc/x", "profiles/../../x", "profiles/.x", "other", "softhsm/softhsm2.conf",
        "softhsm/tokens/lock", "batches/1.seed", "softhsm/tokens/a.lock", "profiles", "profiles//x", "profiles/a/b/c/d/e"};
    struct mc_err e;

    (void)unused;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint8_t head[10] = {0, (uint8_t)strlen(names[i])};
        struct seal *s = NULL;
        int fd = open(at("hostile"), O_RDWR | O_CREAT | O_TRUNC, 0600);

        assert_int_equal(seal_create(fd, PASSPHRASE, SEAL_COST_MIN, &s, NULL), MC_OK);
        assert_int_equal(seal_write(s, head, sizeof(head), NULL), MC_OK);
        assert_int_equal(seal_write(s, names[i], strlen(names[i]), NULL), MC_OK);
        assert_int_equal(seal_finish(s, NULL), MC_OK);
        seal_free(s);
        close(fd);
        if (restore_file("hostile", "never", &e) != CA_E_BACKUP_DAMAGED || strstr(e.what, "none of its name") == NULL)
            fail_msg("%s: %s", names[i], e.what);
        assert_int_not_equal(access(at("never"), F_OK), 0);
    }
}

static void a_check_leaves_nothing_behind(void **unused)
{
    struct mc_err e;

    (void)unused;
    shell("ls -A > before");
    assert_int_equal(restore_file("new", NULL, &e), MC_OK);
    shell("ls -A | cmp - before");
}

static void an_entry_that_was_changed_is_named(void **unused)
{
    struct mc_err e;

    (void)unused;
    take_apart("new", "parts");
    sql("DROP TRIGGER entry_update;"
        "UPDATE entry SET body = CAST(substr(body, 1, 20) || x'00' || substr(body, 22) AS BLOB) WHERE seq = 3;"
        "CREATE TRIGGER entry_update BEFORE UPDATE ON entry\n"
        "BEGIN SELECT raise(ABORT, 'entries are never changed'); END");
    put_together("parts", "damaged");
    assert_int_equal(restore_file("damaged", "never", &e), CA_E_LEDGER);
    assert_string_equal(e.field, "entry 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_restored_and_the_state_is_the_same),
        cmocka_unit_test(a_path_that_exists_is_never_touched),
        cmocka_unit_test(a_short_passphrase_is_refused),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
        cmocka_unit_test(a_member_of_another_name_is_refused),
        cmocka_unit_test(an_entry_that_was_changed_is_named),
        cmocka_unit_test(a_check_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
