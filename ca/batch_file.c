/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authority.h"
#include "lib/cli/io.h"
#include "lib/cli/json_why.h"

#define FILE_MAX 65536

static enum mc_rc path_of(const struct state *s, uint64_t number, const char *end, char out[STATE_PATH_MAX], struct mc_err *e)
{
    char name[64];

    snprintf(name, sizeof(name), "batches/%" PRIu64 "%s", number, end);
    return state_path(s, name, out) ? MC_OK : mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
}

static json_t *pack_dacs(const struct batch_dacs *d)
{
    char recipient[4 * (RECIPIENT_CERT_MAX / 3 + 1) + 1] = "";

    if (d->recipient_n != 0)
        mc_base64_encode(d->recipient, d->recipient_n, recipient);
    return json_pack("{si si sI si si ss ss ss sb}", "vid", d->has_vid ? d->vid : -1, "pid", d->has_pid ? d->pid : -1,
        "iterations", (json_int_t)d->iterations, "flow", d->flow, "rendezvous", d->rendezvous, "crl_url", d->crl_url,
        "crl_signer", d->crl_signer, "recipient", recipient, "delivered", d->delivered);
}

enum mc_rc batch_file_save(struct state *s, const struct batch_record *b, struct mc_err *e)
{
    char path[STATE_PATH_MAX], *text;
    enum mc_rc rc = path_of(s, b->number, ".json", path, e);
    json_t *o = json_pack("{ss sI ss ss ss ss ss sb sb sI sI sI sI sI}", "schema", "heddle.batch/1", "number",
        (json_int_t)b->number, "name", b->name, b->dacs ? "pai" : "fabric", b->of, "in", b->in, "out", b->out, "node_ids",
        b->node_ids, "unordered", b->unordered, "done", b->done, "began", (json_int_t)b->began_unix, "ended",
        (json_int_t)b->ended_unix, "issued", (json_int_t)b->counts.issued, "repeated",
        (json_int_t)b->counts.repeated, "refused", (json_int_t)b->counts.refused);

    if (o != NULL && b->dacs && json_object_set_new(o, "dac", pack_dacs(&b->dac)) != 0) {
        json_decref(o);
        o = NULL;
    }
    text = o != NULL ? json_dumps(o, JSON_INDENT(2)) : NULL;
    if (rc == MC_OK)
        rc = text == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : io_write(path, mc_span_of(text, strlen(text)), 0600, e);
    free(text);
    json_decref(o);
    return rc;
}

static bool copy(char *out, size_t cap, const char *text)
{
    size_t n = strlen(text);

    if (n >= cap)
        return false;
    memcpy(out, text, n + 1);
    return true;
}

static bool parse_dacs(json_t *o, struct batch_dacs *d)
{
    const char *crl_url, *crl_signer, *recipient;
    int vid, pid, flow, rendezvous, delivered;
    json_int_t iterations;

    memset(d, 0, sizeof(*d));
    if (json_unpack(o, "{si si sI si si ss ss ss sb !}", "vid", &vid, "pid", &pid, "iterations", &iterations, "flow", &flow,
            "rendezvous", &rendezvous, "crl_url", &crl_url, "crl_signer", &crl_signer, "recipient", &recipient, "delivered",
            &delivered) != 0)
        return false;
    d->has_vid = vid >= 0;
    d->has_pid = pid >= 0;
    d->vid = (uint16_t)vid;
    d->pid = (uint16_t)pid;
    d->iterations = (uint32_t)iterations;
    d->flow = (uint8_t)flow;
    d->rendezvous = (uint8_t)rendezvous;
    d->delivered = delivered != 0;
    return vid <= UINT16_MAX && pid <= UINT16_MAX && iterations >= 0 && iterations <= UINT32_MAX && flow >= 0 &&
           flow <= UINT8_MAX && rendezvous >= 0 && rendezvous <= UINT8_MAX &&
           copy(d->crl_url, sizeof(d->crl_url), crl_url) && copy(d->crl_signer, sizeof(d->crl_signer), crl_signer) &&
           mc_base64_decode(recipient, strlen(recipient), false, d->recipient, sizeof(d->recipient), &d->recipient_n) == MC_OK;
}

enum { MEMBERS = 13 }; /* that each record has */

/* *memory: that was why not. */
static bool parse(const char *text, size_t n, struct batch_record *b, bool *memory)
{
    const char *schema, *name, *fabric = NULL, *pai = NULL, *in, *out, *node_ids;
    json_int_t number, began, ended, issued, repeated, refused;
    int unordered, done;
    json_error_t why;
    json_t *o = json_why_load(text, n, JSON_REJECT_DUPLICATES, &why), *dac = NULL;
    bool ok = o != NULL && json_unpack_ex(o, &why, 0, "{ss sI ss s?s s?s s?o ss ss ss sb sb sI sI sI sI sI}", "schema", &schema,
                               "number", &number, "name", &name, "fabric", &fabric, "pai", &pai, "dac", &dac, "in", &in,
                               "out", &out, "node_ids", &node_ids, "unordered", &unordered, "done", &done, "began", &began,
                               "ended", &ended, "issued", &issued, "repeated", &repeated, "refused", &refused) == 0;

    *memory = !ok && json_why_memory(&why);
    memset(b, 0, sizeof(*b));
    b->lock = -1;
    /* By count, for json_unpack calls members left over where memory runs out. */
    ok = ok && json_object_size(o) == (size_t)(MEMBERS + (fabric != NULL) + (pai != NULL) + (dac != NULL)) &&
         strcmp(schema, "heddle.batch/1") == 0 && number > 0 && (fabric != NULL) != (pai != NULL) &&
         (pai != NULL) == (dac != NULL) && copy(b->name, sizeof(b->name), name) &&
         copy(b->of, sizeof(b->of), pai != NULL ? pai : fabric) && copy(b->in, sizeof(b->in), in) &&
         copy(b->out, sizeof(b->out), out) && copy(b->node_ids, sizeof(b->node_ids), node_ids);
    ok = ok && (dac == NULL || parse_dacs(dac, &b->dac));
    if (ok) {
        b->dacs = dac != NULL;
        b->number = (uint64_t)number;
        b->unordered = unordered != 0;
        b->done = done != 0;
        b->began_unix = began;
        b->ended_unix = ended;
        b->counts = (struct batch_counts){.issued = (uint64_t)issued, .repeated = (uint64_t)repeated, .refused = (uint64_t)refused};
    }
    json_decref(o);
    return ok;
}

static enum mc_rc load(struct state *s, uint64_t number, struct batch_record *b, struct mc_err *e)
{
    char path[STATE_PATH_MAX];
    uint8_t *text = NULL;
    size_t n;
    bool memory = false;
    enum mc_rc rc = path_of(s, number, ".json", path, e);

    if (rc == MC_OK)
        rc = io_read(path, FILE_MAX, &text, &n, e);
    if (rc == MC_OK && (!parse((const char *)text, n, b, &memory) || b->number != number))
        rc = memory ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : mc_fail(e, CA_E_STATE_DAMAGED, NULL, "batches/%" PRIu64 ".json cannot be read", number);
    free(text);
    return rc;
}

/* The numbers of all batches, in order. */
struct numbers {
    uint64_t *list;
    size_t n, cap;
};

static int by_number(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

static bool add_number(struct numbers *all, uint64_t number)
{
    if (all->n == all->cap) {
        size_t cap = all->cap == 0 ? 32 : 2 * all->cap;
        uint64_t *list = realloc(all->list, cap * sizeof(*list));

        if (list == NULL)
            return false;
        all->list = list;
        all->cap = cap;
    }
    all->list[all->n++] = number;
    return true;
}

static enum mc_rc read_numbers(struct state *s, struct numbers *all, struct mc_err *e)
{
    char dir[STATE_PATH_MAX];
    struct dirent *entry;
    DIR *d = state_path(s, "batches", dir) ? opendir(dir) : NULL;
    enum mc_rc rc = MC_OK;

    if (d == NULL)
        return errno == ENOENT ? MC_OK : mc_fail(e, CA_E_READ, NULL, "batches: %s", strerror(errno));
    while (rc == MC_OK && (entry = readdir(d)) != NULL) {
        char *end;
        uint64_t number = strtoull(entry->d_name, &end, 10);

        if (number > 0 && strcmp(end, ".json") == 0 && entry->d_name[0] != '0' && !add_number(all, number))
            rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    }
    closedir(d);
    if (all->n > 0)
        qsort(all->list, all->n, sizeof(*all->list), by_number);
    return rc;
}

enum mc_rc batch_file_list(
    struct state *s, bool (*each)(void *arg, const struct batch_record *b), void *arg, struct mc_err *e)
{
    struct numbers all = {0};
    struct batch_record b;
    enum mc_rc rc = read_numbers(s, &all, e);

    for (size_t i = 0; rc == MC_OK && i < all.n; i++) {
        rc = load(s, all.list[i], &b, e);
        if (rc == MC_OK && !each(arg, &b))
            break;
    }
    free(all.list);
    return rc;
}

/* The lock file is made and never removed: it is also what gives a number to one batch only. */
static int lock_number(struct state *s, uint64_t number, int flags)
{
    char path[STATE_PATH_MAX];
    int fd = path_of(s, number, ".lock", path, NULL) == MC_OK ? open(path, O_RDWR | O_CLOEXEC | flags, 0600) : -1;

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;

        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/*
 * Workers inherit the lock of a batch. When their parent is killed, the kernel ends them too, but a moment
 * later: a resume that comes at once waits for that moment.
 */
static int lock_patiently(struct state *s, uint64_t number)
{
    static const struct timespec pause = {0, 20 * 1000 * 1000};
    int fd = lock_number(s, number, O_CREAT);

    for (int tries = 0; fd < 0 && errno == EWOULDBLOCK && tries < 100; tries++) {
        nanosleep(&pause, NULL);
        fd = lock_number(s, number, O_CREAT);
    }
    return fd;
}

struct search {
    const char *name;
    struct batch_record *found;
    bool hit;
    uint64_t highest;
};

static bool match(void *arg, const struct batch_record *b)
{
    struct search *q = arg;

    if (b->number > q->highest)
        q->highest = b->number;
    if (q->name != NULL && strcmp(b->name, q->name) == 0) {
        q->hit = true;
        if (q->found != NULL)
            *q->found = *b;
    }
    return true;
}

enum mc_rc batch_file_create(struct state *s, struct batch_record *b, struct mc_err *e)
{
    char dir[STATE_PATH_MAX];
    struct search q = {.name = b->name[0] != '\0' ? b->name : NULL};
    enum mc_rc rc = b->name[0] != '\0' ? name_check(b->name, e) : MC_OK;

    if (rc == MC_OK && !state_path(s, "batches", dir))
        rc = mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    if (rc == MC_OK)
        rc = io_make_dir(dir, 0700, e);
    if (rc == MC_OK)
        rc = batch_file_list(s, match, &q, e);
    if (rc != MC_OK)
        return rc;
    if (q.hit)
        return mc_fail(e, CA_E_EXISTS, NULL, "a batch named '%s'; 'heddle batch resume' goes on with it", b->name);
    b->lock = -1;
    for (b->number = q.highest + 1; b->number < q.highest + 1000; b->number++) {
        b->lock = lock_number(s, b->number, O_CREAT | O_EXCL);
        if (b->lock >= 0)
            break;
        if (errno != EEXIST && errno != EWOULDBLOCK)
            return mc_fail(e, CA_E_OUTPUT, NULL, "batches: %s", strerror(errno));
    }
    if (b->lock < 0)
        return mc_fail(e, CA_E_BUSY, NULL, NULL);
    if (b->name[0] == '\0')
        snprintf(b->name, sizeof(b->name), "batch-%" PRIu64, b->number);
    b->began_unix = ca_now();
    return batch_file_save(s, b, e);
}

enum mc_rc batch_file_open(struct state *s, const char *name, struct batch_record *b, struct mc_err *e)
{
    struct search q = {.name = name, .found = b};
    enum mc_rc rc = batch_file_list(s, match, &q, e);

    if (rc != MC_OK)
        return rc;
    if (!q.hit)
        return mc_fail(e, CA_E_NOT_FOUND, NULL, "no batch is named '%.64s'; see 'heddle batch list'", name);
    b->lock = lock_patiently(s, b->number);
    return b->lock >= 0 ? MC_OK : mc_fail(e, CA_E_BUSY, NULL, "another process works on the batch '%s'", name);
}

void batch_file_close(struct batch_record *b)
{
    if (b->lock >= 0)
        close(b->lock);
    b->lock = -1;
}

const char *batch_file_state(struct state *s, const struct batch_record *b)
{
    int fd;

    if (b->done)
        return "done";
    fd = lock_number(s, b->number, 0);
    if (fd < 0)
        return "running";
    close(fd);
    return "stopped";
}
