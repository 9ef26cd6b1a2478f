/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_io.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/armor.h"
#include "lib/csr.h"
#include "recipient.h"

enum mc_rc batch_lines_open(struct batch_lines *l, const char *path, struct mc_err *e)
{
    struct stat st;

    memset(l, 0, sizeof(*l));
    l->fd = STDIN_FILENO;
    if (strcmp(path, "-") != 0) {
        l->fd = open(path, O_RDONLY | O_CLOEXEC);
        l->close_fd = l->fd >= 0;
    }
    if (l->fd < 0)
        return mc_fail(e, errno == ENOENT ? CA_E_FILE_NOT_FOUND : CA_E_READ, NULL, "%s: %s", path, strerror(errno));
    if (fstat(l->fd, &st) == 0 && S_ISREG(st.st_mode))
        l->size = (uint64_t)st.st_size;
    l->buf = malloc(BATCH_READ_MAX);
    if (l->buf != NULL)
        return MC_OK;
    batch_lines_close(l);
    return mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

void batch_lines_close(struct batch_lines *l)
{
    if (l->close_fd)
        close(l->fd);
    l->close_fd = false;
    free(l->buf);
    l->buf = NULL;
}

static char *find_end(const struct batch_lines *l)
{
    return memchr(l->buf + l->from, '\n', l->to - l->from);
}

static bool lines_ready(void *arg)
{
    struct batch_lines *l = arg;
    struct pollfd p = {.fd = l->fd, .events = POLLIN};

    return l->at_end || find_end(l) != NULL || poll(&p, 1, 0) != 0;
}

/* More octets behind what is there; a signal ends the wait, so that the batch can look at its orders. */
static enum mc_rc fill(struct batch_lines *l, struct mc_err *e)
{
    ssize_t n;

    memmove(l->buf, l->buf + l->from, l->to - l->from);
    l->to -= l->from;
    l->from = 0;
    n = read(l->fd, l->buf + l->to, BATCH_READ_MAX - l->to);
    if (n < 0 && errno == EINTR)
        return CA_E_SIGNAL;
    if (n < 0)
        return mc_fail(e, errno == EISDIR ? CA_E_IS_DIRECTORY : CA_E_READ, "in", "%s", strerror(errno));
    l->at_end = n == 0;
    l->to += (size_t)n;
    return MC_OK;
}

/* The rest of a line that is too long is passed over, so that the next one is read in its place. */
static enum mc_rc skip_line(struct batch_lines *l, struct mc_err *e)
{
    while (find_end(l) == NULL && !l->at_end) {
        enum mc_rc rc;

        l->taken += l->to - l->from;
        l->from = l->to = 0;
        rc = fill(l, e);
        if (rc != MC_OK)
            return rc;
    }
    if (find_end(l) != NULL)
        l->from = (size_t)(find_end(l) - l->buf) + 1;
    return mc_fail(e, CA_E_REQUEST_FORM, NULL, "the line is longer than %d octets", BATCH_LINE_MAX);
}

static enum mc_rc lines_next(void *arg, char *buf, size_t cap, size_t *n, bool *end, struct mc_err *e)
{
    struct batch_lines *l = arg;
    char *stop;

    while ((stop = find_end(l)) == NULL && !l->at_end && l->to - l->from <= cap) {
        enum mc_rc rc = fill(l, e);

        if (rc != MC_OK)
            return rc;
    }
    if (stop == NULL && l->at_end && l->from == l->to) {
        *end = true;
        return MC_OK;
    }
    *n = (stop != NULL ? (size_t)(stop - l->buf) : l->to) - l->from;
    if (*n > cap)
        return skip_line(l, e);
    memcpy(buf, l->buf + l->from, *n);
    l->taken += *n + 1;
    l->given++;
    l->from += *n + (stop != NULL);
    if (*n > 0 && buf[*n - 1] == '\r')
        --*n;
    return MC_OK;
}

struct batch_source batch_lines_source(struct batch_lines *l)
{
    return (struct batch_source){lines_ready, lines_next, l, NULL};
}

#define CSR_FILE_MAX 65536

enum mc_rc batch_folder_open(struct batch_folder *d, const char *path, const char *rule, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;

    memset(d, 0, sizeof(*d));
    snprintf(d->rule, sizeof(d->rule), "%s", rule);
    if (strncmp(rule, "from:", 5) == 0)
        rc = mc_number_parse(rule + 5, 16, &d->next_node, e);
    else if (strcmp(rule, "next") != 0 && strcmp(rule, "name") != 0)
        rc = mc_fail(e, CA_E_USAGE, "--node-ids", "it takes next, from:0xID or name");
    if (rc == MC_OK)
        rc = io_list(path, &d->names, e);
    if (rc != MC_OK)
        return rc;
    d->raw = malloc(CSR_FILE_MAX + 1);
    d->scratch = malloc(CSR_FILE_MAX + 1);
    if (d->raw != NULL && d->scratch != NULL)
        return MC_OK;
    batch_folder_close(d);
    return mc_fail(e, MC_E_MEMORY, NULL, NULL);
}

void batch_folder_close(struct batch_folder *d)
{
    io_names_free(&d->names);
    free(d->raw);
    free(d->scratch);
    d->raw = d->scratch = NULL;
}

static bool folder_ready(void *arg)
{
    (void)arg;
    return true;
}

static void node_of(struct batch_folder *d, const char *name, char out[64])
{
    if (strcmp(d->rule, "next") == 0)
        snprintf(out, 64, "next");
    else if (strcmp(d->rule, "name") == 0)
        snprintf(out, 64, "%.*s", (int)strcspn(name, "."), name);
    else
        snprintf(out, 64, "0x%llX", (unsigned long long)d->next_node++);
}

#define BAD_FILE_MAX 64 /* octets of a file that is no CSR: enough to say so */

/*
 * The file as base64. Of what is no CSR its begin, so that the request is refused for what is wrong with the file; one
 * that cannot be read gives an empty CSR.
 */
static void csr_of(struct batch_folder *d, const char *path, char *out, size_t cap)
{
    struct mc_input in;
    size_t n = 0;

    out[0] = '\0';
    if (io_read_into(path, d->raw, CSR_FILE_MAX + 1, &n, NULL) != MC_OK)
        return;
    if (mc_input_decode(mc_span_of(d->raw, n), d->scratch, CSR_FILE_MAX + 1, &in, NULL) != MC_OK ||
        4 * ((in.bytes.n + 2) / 3) + 1 > cap)
        in.bytes = mc_span_of(d->raw, n < BAD_FILE_MAX ? n : BAD_FILE_MAX);
    mc_base64_encode(in.bytes.p, in.bytes.n, out);
}

static enum mc_rc folder_next(void *arg, char *buf, size_t cap, size_t *n, bool *end, struct mc_err *e)
{
    struct batch_folder *d = arg;
    char csr[4 * (MC_CSR_MAX / 3 + 2) + 8], node[64], id[512];
    const char *path, *name;
    json_t *o;

    (void)e;
    if (d->at == d->names.n) {
        *end = true;
        return MC_OK;
    }
    path = d->names.name[d->at++];
    name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    node_of(d, name, node);
    csr_of(d, path, csr, sizeof(csr));
    snprintf(id, sizeof(id), "file:%s", name);
    o = json_pack("{ss ss ss}", "id", id, "csr", csr, "node_id", node);
    *n = o != NULL ? json_dumpb(o, buf, cap, JSON_COMPACT) : 0;
    json_decref(o);
    /* A name that is not UTF-8 cannot be a request id: the line is empty and refused. */
    if (*n == 0 || *n > cap) {
        *n = (size_t)snprintf(buf, cap, "{}");
    }
    return MC_OK;
}

struct batch_source batch_folder_source(struct batch_folder *d)
{
    return (struct batch_source){folder_ready, folder_next, d, NULL};
}

enum mc_rc batch_writer_open(struct batch_writer *w, const char *path, bool dacs, bool dry_run, struct mc_err *e)
{
    int fd;

    memset(w, 0, sizeof(*w));
    w->dacs = dacs;
    w->dry_run = dry_run;
    if (strcmp(path, "-") == 0) {
        w->to_stdout = true;
        w->f = stdout;
        return MC_OK;
    }
    if (strlen(path) >= sizeof(w->path))
        return mc_fail(e, CA_E_OUTPUT, "out", "the path is too long");
    snprintf(w->path, sizeof(w->path), "%s", path);
    snprintf(w->part, sizeof(w->part), "%s.part", path);
    fd = open(w->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    w->f = fd >= 0 ? fdopen(fd, "w") : NULL;
    /* Only fewer system calls: without the buffer it works too. */
    w->buf = malloc(BATCH_WRITE_MAX);
    if (w->f != NULL && w->buf != NULL)
        (void)setvbuf(w->f, w->buf, _IOFBF, BATCH_WRITE_MAX);
    return w->f != NULL ? MC_OK : mc_fail(e, CA_E_OUTPUT, "out", "%s: %s", w->part, strerror(errno));
}

static void put_base64(FILE *f, struct mc_span octets)
{
    char text[4 * (SEALED_MAX / 3 + 1) + 1];

    mc_base64_encode(octets.p, octets.n, text);
    fputs(text, f);
}

/* To be called with errno as the failed call has left it. */
static enum mc_rc fail_output(const struct batch_writer *w, struct mc_err *e)
{
    return mc_fail(e, CA_E_OUTPUT, "out", "%s: %s", w->to_stdout ? "stdout" : w->part, strerror(errno));
}

static enum mc_rc write_issued(struct batch_writer *w, const struct batch_answer *a)
{
    const char *status = a->repeated ? "repeated" : "issued";
    char serial[2 * MC_SERIAL_MAX + 1];
    const struct issued *i = a->issued;

    if (w->dry_run && !a->repeated) {
        fprintf(w->f, ",\"status\":\"valid\"}\n");
        return MC_OK;
    }
    mc_hex_encode(i->serial, i->serial_n, serial);
    if (w->dacs)
        fprintf(w->f, ",\"status\":\"%s\",\"serial\":\"%s\",\"vid\":\"0x%04X\",\"pid\":\"0x%04X\",\"dac\":\"", status, serial,
            a->vid, a->pid);
    else
        fprintf(w->f, ",\"status\":\"%s\",\"serial\":\"%s\",\"node_id\":\"0x%016llX\",\"noc\":\"", status, serial,
            (unsigned long long)i->node_id);
    put_base64(w->f, mc_span_of(i->cert, i->cert_n));
    fprintf(w->f, "\",\"leaf\":%llu", (unsigned long long)i->seq);
    if (a->sealed.n != 0) {
        fputs(",\"sealed\":\"", w->f);
        put_base64(w->f, a->sealed);
        putc('"', w->f);
    } else if (w->dacs && a->repeated) {
        fputs(",\"sealed\":null", w->f); /* the secrets were handed over when it was issued */
    }
    fputs("}\n", w->f);
    return MC_OK;
}

static enum mc_rc write_refused(struct batch_writer *w, const struct batch_answer *a)
{
    char why[512];
    json_t *o;
    char *text;

    mc_err_format(a->why, why, sizeof(why));
    o = json_pack("{ss ss sI ss}", "status", "refused", "rule", mc_rc_rule(a->rc), "line", (json_int_t)a->line, "why", why);
    /* A reason that quotes octets that are no UTF-8 is told by its rule alone. */
    if (o == NULL)
        o = json_pack("{ss ss sI ss}", "status", "refused", "rule", mc_rc_rule(a->rc), "line", (json_int_t)a->line, "why",
            mc_rc_text(a->rc));
    text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    if (text == NULL)
        return MC_E_MEMORY;
    fprintf(w->f, ",%s\n", text + 1);
    free(text);
    return MC_OK;
}

/* Request ids are visible ASCII; only the quote and the backslash need an escape. */
static void write_id(FILE *f, const char *id)
{
    fputs("{\"id\":\"", f);
    for (; *id != '\0'; id++) {
        if (*id == '"' || *id == '\\')
            putc('\\', f);
        putc(*id, f);
    }
    putc('"', f);
}

enum mc_rc batch_writer_answer(void *arg, const struct batch_answer *a, struct mc_err *e)
{
    struct batch_writer *w = arg;
    enum mc_rc rc;

    if (a->id[0] != '\0')
        write_id(w->f, a->id);
    else
        fputs("{\"id\":null", w->f);
    rc = a->rc == MC_OK ? write_issued(w, a) : write_refused(w, a);
    if (rc == MC_OK && !ferror(w->f))
        return MC_OK;
    return rc == MC_OK ? fail_output(w, e) : mc_fail(e, rc, "out", NULL);
}

enum mc_rc batch_writer_flush(void *arg, struct mc_err *e)
{
    struct batch_writer *w = arg;

    return fflush(w->f) == 0 ? MC_OK : fail_output(w, e);
}

enum mc_rc batch_writer_finish(struct batch_writer *w, struct mc_err *e)
{
    bool ok = fflush(w->f) == 0;

    if (w->to_stdout)
        return ok ? MC_OK : fail_output(w, e);
    ok = ok && fsync(fileno(w->f)) == 0;
    ok = fclose(w->f) == 0 && ok;
    w->f = NULL;
    return ok && rename(w->part, w->path) == 0 ? MC_OK : mc_fail(e, CA_E_OUTPUT, "out", "%s: %s", w->path, strerror(errno));
}

void batch_writer_close(struct batch_writer *w)
{
    if (w->f != NULL && !w->to_stdout)
        fclose(w->f);
    w->f = NULL;
    free(w->buf);
    w->buf = NULL;
}
