/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model STATE FABRIC [requests=FILE] [results=FILE] [log=FILE] [released=FILE...]
 * model STATE pai:NAME ...
 *
 * requests: each has exactly one certificate; results: answers each of them, in order, with the bytes that
 * the ledger has; log: every signature has its intent; released: a certificate that left the program is in
 * the ledger. Of DACs the requests are CSRs: keys that were made come of a seed that is not kept. Prints what it
 * counted, and each mistake; status 1 if there was one.
 */
#include "model.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#include "lib/cli/io.h"

#define LINES_MAX (512u * 1024 * 1024)
#define FAULTED   64 /* processes that a fault has met and that have not signed since */

void model_mistake(struct model *m, const char *format, ...)
{
    va_list more;

    if (++m->mistakes > 20)
        return;
    va_start(more, format);
    vfprintf(stderr, format, more);
    va_end(more);
    fputc('\n', stderr);
}

/* Doubles the room when n is a power of two. */
static void *grown(void *list, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0)
        return list;
    list = realloc(list, (n == 0 ? 1 : 2 * n) * size);
    if (list == NULL)
        exit(2);
    return list;
}

/* --- reading --------------------------------------------------------------------------------------- */

static bool keep_bytes(struct mc_span from, uint8_t *to, size_t n)
{
    if (from.n != n)
        return false;
    memcpy(to, from.p, n);
    return true;
}

static bool keep_entry(void *arg, const struct ledger_row *row)
{
    struct model *m = arg;
    const struct mc_entry *x = &row->x;
    struct mc_span cert;
    struct model_entry *k;

    m->entry = grown(m->entry, m->n_entries, sizeof(*m->entry));
    k = &m->entry[m->n_entries++];
    *k = (struct model_entry){.type = x->type,
        .seq = row->seq,
        .time_unix = x->time_unix,
        .fabric = x->fabric,
        .authority = x->authority,
        .kind = x->kind};
    k->has_serial = keep_bytes(x->serial, k->serial, sizeof(k->serial));
    k->has_tbs = keep_bytes(x->tbs_sha256, k->tbs_sha256, sizeof(k->tbs_sha256));
    k->has_input = keep_bytes(x->csr_sha256, k->input_sha256, sizeof(k->input_sha256));
    snprintf(k->id, sizeof(k->id), "%.*s", (int)x->request_id.n,
        x->request_id.n > 0 ? (const char *)x->request_id.p : "");
    if (x->type == ENTRY_DOCUMENT && !x->has_state) {
        k->document = x->document;
        k->number = x->number;
    }
    cert = x->cert_tlv.n > 0 ? x->cert_tlv : x->cert_der;
    if (cert.n > 0 && cert.n <= sizeof(k->cert)) {
        k->cert_n = cert.n;
        memcpy(k->cert, cert.p, k->cert_n);
    }
    return true;
}

/* Calls each() for every line that is not empty, as the batch reads them. */
static void each_line(struct model *m, const char *path, void (*each)(struct model *m, char *line, size_t n))
{
    uint8_t *text = NULL;
    size_t n = 0;

    if (io_read(path, LINES_MAX, &text, &n, NULL) != MC_OK) {
        model_mistake(m, "%s cannot be read", path);
        return;
    }
    for (char *p = (char *)text, *end = p + n; p < end;) {
        char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((stop != NULL ? stop : end) - p);

        if (len > 0)
            each(m, p, len);
        p += len + 1;
    }
    free(text);
}

static void keep_request(struct model *m, char *line, size_t n)
{
    static uint32_t chunk, lines;
    static size_t octets;
    struct model_request *q;
    json_t *o = json_loadb(line, n, 0, NULL);
    const char *id = json_string_value(json_object_get(o, "id"));

    if (lines == BATCH_CHUNK || octets + BATCH_LINE_MAX > BATCH_TEXT_MAX) {
        chunk++;
        lines = 0;
        octets = 0;
    }
    lines++;
    octets += n;
    m->request = grown(m->request, m->n_requests, sizeof(*m->request));
    q = &m->request[m->n_requests++];
    *q = (struct model_request){
        .text = strndup(line, n), .n = n, .chunk = chunk, .issued_at = UINT64_MAX, .issued_sn = UINT64_MAX};
    snprintf(q->id, sizeof(q->id), "%.*s", ENTRY_REQUEST_MAX, id != NULL ? id : "");
    json_decref(o);
}

/* True if a fault met this process since its last signature. */
static bool forget_fault(long pid, long faulted[FAULTED])
{
    for (size_t i = 0; i < FAULTED; i++)
        if (faulted[i] == pid) {
            faulted[i] = 0;
            return true;
        }
    return false;
}

static void keep_signature(struct model *m, char *line, size_t n)
{
    static long faulted[FAULTED];
    static size_t faults;
    struct model_signature s = {0};
    char hex[65], *text = strndup(line, n);

    if (sscanf(text, "fault %ld", &s.pid) == 1) {
        faulted[faults++ % FAULTED] = s.pid;
    } else if (sscanf(text, "sign %ld %79s %64s", &s.pid, s.label, hex) == 3 &&
               mc_hex_decode(hex, MC_DIGEST_LEN, s.digest)) {
        s.after_fault = forget_fault(s.pid, faulted);
        m->signature = grown(m->signature, m->n_signatures, sizeof(*m->signature));
        m->signature[m->n_signatures++] = s;
    }
    free(text);
}

/* --- what must hold -------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

static bool add_open(void *arg, const struct ledger_intent *i)
{
    *(uint64_t *)arg += i->n;
    return true;
}

/* Every serial number from the first to the last that was given out is there once, or its intent is open. */
static void check_serials(struct model *m)
{
    uint64_t *sn = calloc(m->n_entries + 1, sizeof(*sn)), open = 0;
    struct ledger_head h;
    size_t n = 0;

    for (size_t i = 0; i < m->n_entries; i++) {
        if (!m->entry[i].has_serial || m->entry[i].type == ENTRY_REVOKED)
            continue;
        sn[n++] = ledger_serial_sn(mc_span_of(m->entry[i].serial, LEDGER_SERIAL_LEN));
    }
    qsort(sn, n, sizeof(*sn), by_number);
    for (size_t i = 1; i < n; i++)
        if (sn[i] == sn[i - 1])
            model_mistake(m, "serial number %" PRIu64 " is there twice", sn[i]);
    if (ledger_intents(m->s.ledger, add_open, &open, NULL) != MC_OK ||
        ledger_head(m->s.ledger, &h, NULL) != MC_OK)
        model_mistake(m, "the ledger cannot be read");
    else if (n + open + 1 != h.next_sn)
        model_mistake(m,
            "%" PRIu64 " serial numbers were given out, %zu have entries, %" PRIu64 " an open intent",
            h.next_sn - 1, n, open);
    free(sn);
}

/* No document of a kind has the number of another by the same signer, and nothing is revoked twice. */
static void check_documents(struct model *m)
{
    for (size_t i = 0; i < m->n_entries; i++) {
        const struct model_entry *x = &m->entry[i];

        if (x->document == 0 && x->type != ENTRY_REVOKED)
            continue;
        for (size_t k = 0; k < i; k++) {
            const struct model_entry *y = &m->entry[k];

            if (x->document != 0 && y->document == x->document && y->authority == x->authority && y->number == x->number)
                model_mistake(m, "entries %" PRIu64 " and %" PRIu64 " are documents of one number", y->seq, x->seq);
            if (x->type == ENTRY_REVOKED && y->type == ENTRY_REVOKED && memcmp(x->serial, y->serial, sizeof(x->serial)) == 0)
                model_mistake(m, "entries %" PRIu64 " and %" PRIu64 " revoke the same", y->seq, x->seq);
        }
    }
}

static int by_id(const void *a, const void *b)
{
    const struct model_entry *const *x = a, *const *y = b;

    return strcmp((*x)->id, (*y)->id);
}

static int find_id(const void *id, const void *b)
{
    const struct model_entry *const *y = b;

    return strcmp(id, (*y)->id);
}

/* A request has one certificate, or none so far. */
static void check_requests(struct model *m)
{
    const struct model_entry **list = calloc(m->n_entries + 1, sizeof(*list)), **at;
    size_t n = 0;

    for (size_t i = 0; i < m->n_entries; i++)
        if (m->entry[i].type == ENTRY_ISSUED && m->entry[i].fabric == m->fabric.number)
            list[n++] = &m->entry[i];
    qsort(list, n, sizeof(*list), by_id);
    for (size_t i = 1; i < n; i++)
        if (strcmp(list[i]->id, list[i - 1]->id) == 0)
            model_mistake(m, "request %s has two certificates: entries %" PRIu64 " and %" PRIu64, list[i]->id,
                list[i - 1]->seq, list[i]->seq);
    for (size_t i = 0; i < m->n_requests; i++) {
        at = bsearch(m->request[i].id, list, n, sizeof(*list), find_id);
        if (at != NULL) {
            m->request[i].issued_at = (*at)->seq;
            m->request[i].issued_sn = ledger_serial_sn(mc_span_of((*at)->serial, LEDGER_SERIAL_LEN));
        } else
            model_mistake(m, "request %s has no certificate", m->request[i].id);
    }
    free(list);
}

static size_t answers;

static void check_answer(struct model *m, char *line, size_t n)
{
    json_t *o = json_loadb(line, n, 0, NULL);
    const char *id = json_string_value(json_object_get(o, "id")),
               *cert = json_string_value(json_object_get(o, m->fabric.number != 0 ? "noc" : "dac"));
    json_int_t leaf = json_integer_value(json_object_get(o, "leaf"));
    char want[2 * MC_CERT_DER_MAX];

    if (id == NULL || cert == NULL || leaf <= 0 || (size_t)leaf >= m->n_entries || answers >= m->n_requests ||
        strcmp(id, m->request[answers].id) != 0 || m->request[answers].issued_at != (uint64_t)leaf) {
        model_mistake(m, "answer %zu is not that of its request: %.100s", answers + 1, line);
    } else {
        mc_base64_encode(m->entry[leaf].cert, m->entry[leaf].cert_n, want);
        if (strcmp(cert, want) != 0)
            model_mistake(m, "answer %zu gives other bytes than the ledger has", answers + 1);
    }
    answers++;
    json_decref(o);
}

static void check_released(struct model *m, const char *path)
{
    uint8_t cert[MC_CERT_DER_MAX + 1];
    size_t n;

    if (io_read_into(path, cert, sizeof(cert), &n, NULL) != MC_OK) {
        model_mistake(m, "%s cannot be read", path);
        return;
    }
    for (size_t i = 0; i < m->n_entries; i++)
        if (m->entry[i].cert_n == n && memcmp(m->entry[i].cert, cert, n) == 0)
            return;
    model_mistake(m, "%s is not in the ledger", path);
}

/* --- signatures ------------------------------------------------------------------------------------ */

static int by_digest(const void *a, const void *b)
{
    const struct model_signature *x = a, *y = b;

    return memcmp(x->digest, y->digest, MC_DIGEST_LEN);
}

/* The first signature of a process with a key is of random octets: is it the right key? */
static unsigned explain_trials(struct model *m)
{
    unsigned n = 0;

    for (size_t i = 0; i < m->n_signatures; i++) {
        struct model_signature *s = &m->signature[i];
        bool first = true;

        /* Process numbers come back; the lines of one process lie close together. */
        for (size_t k = i; first && k > 0 && i - k < 4096; k--)
            first = m->signature[k - 1].pid != s->pid || strcmp(m->signature[k - 1].label, s->label) != 0;
        if (first || strcmp(s->label, "heddle-audit") == 0) {
            s->explained = true;
            n++;
        }
    }
    return n;
}

static int find_digest(const void *digest, const void *b)
{
    const struct model_signature *y = b;

    return memcmp(digest, y->digest, MC_DIGEST_LEN);
}

unsigned model_explain(struct model *m, const uint8_t digest[MC_DIGEST_LEN])
{
    struct model_signature *at =
        m->n_signatures > 0 ? bsearch(digest, m->signature, m->n_signatures, sizeof(*at), find_digest) : NULL;
    unsigned n = 0;

    while (at != NULL && at > m->signature && memcmp(at[-1].digest, digest, MC_DIGEST_LEN) == 0)
        at--;
    for (;
         at != NULL && at < m->signature + m->n_signatures && memcmp(at->digest, digest, MC_DIGEST_LEN) == 0;
         at++) {
        n += !at->explained;
        at->explained = true;
    }
    return n;
}

static void check_signatures(struct model *m)
{
    unsigned trials = explain_trials(m), recorded = 0, burned = 0, left = 0;

    qsort(m->signature, m->n_signatures, sizeof(*m->signature), by_digest);
    for (size_t i = 0; i < m->n_entries; i++)
        if (m->entry[i].has_tbs)
            *(m->entry[i].type == ENTRY_VOID || m->entry[i].type == ENTRY_REFUSED ? &burned : &recorded) +=
                model_explain(m, m->entry[i].tbs_sha256);
    burned += model_burned_blocks(m);
    for (size_t i = 0; i < m->n_signatures; i++) {
        if (m->signature[i].explained)
            continue;
        if (m->signature[i].after_fault) {
            trials++;
            continue;
        }
        left++;
        model_mistake(m, "process %ld signed with '%s' what no intent is for", m->signature[i].pid,
            m->signature[i].label);
    }
    printf("%zu signatures: %u recorded, %u burned, %u of tests and checkpoints, %u without an intent\n",
        m->n_signatures, recorded, burned, trials, left);
}

static void take(struct model *m, char **argv)
{
    const char *log = NULL, *results = NULL;

    for (; *argv != NULL; argv++) {
        const char *value = strchr(*argv, '=') != NULL ? strchr(*argv, '=') + 1 : "";

        if (strncmp(*argv, "requests=", 9) == 0)
            each_line(m, value, keep_request);
        else if (strncmp(*argv, "released=", 9) == 0)
            check_released(m, value);
        else if (strncmp(*argv, "log=", 4) == 0)
            log = value;
        else if (strncmp(*argv, "results=", 8) == 0)
            results = value;
        else
            exit(2);
    }
    check_serials(m);
    check_documents(m);
    check_requests(m);
    if (results != NULL) {
        each_line(m, results, check_answer);
        if (answers != m->n_requests)
            model_mistake(m, "%zu answers to %zu requests", answers, m->n_requests);
    }
    if (log != NULL) {
        each_line(m, log, keep_signature);
        check_signatures(m);
    }
}

int main(int argc, char **argv)
{
    struct model m = {0};
    struct mc_err e;
    char why[512];
    enum mc_rc rc;

    mc_err_init(&e);
    if (argc < 3)
        return 2;
    rc = state_open(argv[1], LEDGER_READ, &m.s, NULL, &e);
    if (rc == MC_OK && strncmp(argv[2], "pai:", 4) == 0)
        rc = ledger_authority_by_name(m.s.ledger, argv[2] + 4, &m.pai, &e);
    else if (rc == MC_OK)
        rc = ledger_fabric_by_name(m.s.ledger, argv[2], &m.fabric, &e);
    if (rc == MC_OK)
        rc = ledger_scan(m.s.ledger, 0, 0, keep_entry, &m, &e);
    if (rc != MC_OK) {
        mc_err_format(&e, why, sizeof(why));
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    take(&m, argv + 3);
    printf("%zu entries, %zu requests, %zu answers, %u mistakes\n", m.n_entries, m.n_requests, answers,
        m.mistakes);
    state_close(&m.s);
    return m.mistakes == 0 ? 0 : 1;
}
