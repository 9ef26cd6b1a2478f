/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_internal.h"

/*
 * One step for all pages, so that the copy is of one moment: SQLite's backup reads in one transaction, which in WAL
 * mode holds up nobody. The copy is thrown away when it fails, so it needs no journal.
 */
static enum mc_rc copy_pages(struct ledger *l, sqlite3 *to, struct mc_err *e)
{
    sqlite3_backup *b;
    int code = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);

    if (code != SQLITE_OK)
        return ledger_db_fail(to, code, "the copy cannot be made", e);
    b = sqlite3_backup_init(to, "main", l->db, "main");
    if (b == NULL)
        return ledger_db_fail(to, sqlite3_errcode(to), "the copy cannot be made", e);
    code = sqlite3_backup_step(b, -1);
    (void)sqlite3_backup_finish(b);
    return code == SQLITE_DONE ? MC_OK : ledger_db_fail(to, code, "the copy cannot be made", e);
}

enum mc_rc ledger_copy(struct ledger *l, const char *path, struct mc_err *e)
{
    sqlite3 *to = NULL;
    int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    enum mc_rc rc = code == SQLITE_OK ? copy_pages(l, to, e) : ledger_db_fail(to, code, "the copy cannot be made", e);

    sqlite3_close(to);
    return rc;
}
