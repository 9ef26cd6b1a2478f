/* SPDX-License-Identifier: Apache-2.0 */
/* Batches listed and shown. */
#include "cmd.h"

#include <inttypes.h>

#include "batch_file.h"

struct list {
    struct state *s;
    struct table *table;
    struct json *json;
    enum mc_rc rc;
};

static void batch_json(struct json *j, struct state *s, const struct batch_record *b)
{
    char time[MC_TIME_TEXT_MAX];

    json_object(j, NULL);
    json_string(j, "schema", "heddle.batch/1");
    json_string(j, "name", b->name);
    json_number(j, "number", (int64_t)b->number);
    json_string(j, "state", batch_file_state(s, b));
    json_string(j, b->dacs ? "pai" : "fabric", b->of);
    json_string(j, "in", b->in);
    json_string(j, "out", b->out);
    mc_time_format(b->began_unix, time);
    json_string(j, "began", time);
    if (b->ended_unix != 0) {
        mc_time_format(b->ended_unix, time);
        json_string(j, "ended", time);
    }
    json_number(j, "issued", (int64_t)b->counts.issued);
    json_number(j, "repeated", (int64_t)b->counts.repeated);
    json_number(j, "refused", (int64_t)b->counts.refused);
    json_end_object(j);
}

static bool list_one(void *arg, const struct batch_record *b)
{
    struct list *l = arg;
    char issued[24], repeated[24], refused[24], began[MC_TIME_TEXT_MAX];

    if (l->json != NULL) {
        batch_json(l->json, l->s, b);
        return true;
    }
    snprintf(issued, sizeof(issued), "%" PRIu64, b->counts.issued);
    snprintf(repeated, sizeof(repeated), "%" PRIu64, b->counts.repeated);
    snprintf(refused, sizeof(refused), "%" PRIu64, b->counts.refused);
    mc_time_format(b->began_unix, began);
    l->rc = table_row(l->table,
        (const char *const[]){b->name, batch_file_state(l->s, b), b->of, began, issued, repeated, refused});
    return l->rc == MC_OK;
}

enum mc_rc cmd_batch_list(struct cli *c, struct mc_err *e)
{
    static const char *const headers[] = {"NAME", "STATE", "OF", "BEGAN", ">ISSUED", ">REPEATED", ">REFUSED", NULL};
    struct state s;
    struct json j;
    struct list l = {.s = &s};
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    json_init(&j, stdout, true);
    if (c->json)
        l.json = &j;
    else
        l.table = table_new(headers);
    rc = !c->json && l.table == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : batch_file_list(&s, list_one, &l, e);
    if (rc == MC_OK)
        rc = l.rc;
    if (rc == MC_OK && !c->json)
        table_print(l.table, stdout);
    table_free(l.table);
    state_close(&s);
    return rc;
}

struct wanted {
    const char *name;
    struct batch_record *b;
    bool found;
};

static bool pick(void *arg, const struct batch_record *b)
{
    struct wanted *w = arg;

    w->found = strcmp(w->name, b->name) == 0;
    if (w->found)
        *w->b = *b;
    return !w->found;
}

enum mc_rc cmd_batch_show(struct cli *c, struct mc_err *e)
{
    struct batch_record b;
    struct wanted w = {c->operands[0], &b, false};
    struct state s;
    struct json j;
    char time[MC_TIME_TEXT_MAX];
    enum mc_rc rc = cmd_open(c, LEDGER_READ, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = batch_file_list(&s, pick, &w, e);
    if (rc == MC_OK && !w.found)
        rc = mc_fail(e, CA_E_NOT_FOUND, NULL, "no batch is named '%.64s'; see 'heddle batch list'", w.name);
    if (rc == MC_OK && c->json) {
        json_init(&j, stdout, false);
        batch_json(&j, &s, &b);
    } else if (rc == MC_OK) {
        mc_time_format(b.began_unix, time);
        printf("batch         %s\n  state       %s\n  %-10s  %s\n  began       %s\n", b.name, batch_file_state(&s, &b),
            b.dacs ? "PAI" : "fabric", b.of, time);
        if (b.ended_unix != 0) {
            mc_time_format(b.ended_unix, time);
            printf("  ended       %s\n", time);
        }
        printf("  in          %s\n  out         %s\n", b.in, b.out);
        printf("  issued      %" PRIu64 "\n  repeated    %" PRIu64 "\n  refused     %" PRIu64 "\n", b.counts.issued,
            b.counts.repeated, b.counts.refused);
    }
    state_close(&s);
    return rc;
}
