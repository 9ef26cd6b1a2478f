/* SPDX-License-Identifier: Apache-2.0 */
#include "foreign_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cli/json_why.h"

#define WIDE_DIGITS 19 /* 2^63 has as many */

/* --- memory that is wiped ------------------------------------------------------------------------------------- */

/* Keeps what follows as aligned as malloc's. */
union head {
    size_t n;
    max_align_t align;
};

static void *wiped_malloc(size_t n)
{
    union head *h = n <= SIZE_MAX - sizeof(*h) ? malloc(sizeof(*h) + n) : NULL;

    if (h == NULL)
        return NULL;
    h->n = n;
    return h + 1;
}

static void wiped_free(void *p)
{
    union head *h = p;

    if (p == NULL)
        return;
    h--;
    hsm_wipe(p, h->n);
    free(h);
}

void foreign_json_begin(void)
{
    json_set_alloc_funcs(wiped_malloc, wiped_free);
}

void foreign_json_end(void)
{
    json_set_alloc_funcs(malloc, free);
}

/* --- numbers that JSON libraries in C do not take ------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind the string that begins at i. */
static size_t skip_string(const char *text, size_t n, size_t i)
{
    for (i++; i < n && text[i] != '"'; i++)
        if (text[i] == '\\')
            i++;
    return i < n ? i + 1 : n;
}

/* Behind the digits at i; *integer is false if a fraction or an exponent follows. */
static size_t skip_digits(const char *text, size_t n, size_t i, bool *integer)
{
    while (i < n && is_digit(text[i]))
        i++;
    *integer = i == n || (text[i] != '.' && text[i] != 'e' && text[i] != 'E');
    return i;
}

static bool starts(const char *text, size_t n, size_t i, const char *word)
{
    size_t m = strlen(word);

    return n - i >= m && memcmp(text + i, word, m) == 0;
}

/* out has room for n + n / 9 + 2 octets. */
static size_t tame(const char *text, size_t n, char *out)
{
    size_t at = 0, end;
    bool integer = false;

    for (size_t i = 0; i < n; i = end) {
        if (text[i] == '"') {
            end = skip_string(text, n, i);
        } else if (is_digit(text[i])) {
            end = skip_digits(text, n, i, &integer);
            if (integer && end - i >= WIDE_DIGITS && (i == 0 || (text[i - 1] != '-' && text[i - 1] != '.'))) {
                out[at++] = '"';
                memcpy(out + at, text + i, end - i);
                at += end - i;
                out[at++] = '"';
                continue;
            }
        } else if (starts(text, n, i, "NaN") || starts(text, n, i, "Infinity") || starts(text, n, i, "-Infinity")) {
            memcpy(out + at, "null", 4);
            at += 4;
            end = i + (text[i] == 'N' ? 3 : text[i] == 'I' ? 8 : 9);
            continue;
        } else {
            end = i + 1;
        }
        memcpy(out + at, text + i, end - i);
        at += end - i;
    }
    return at;
}

enum mc_rc foreign_json_parse(const char *text, size_t n, json_t **out, struct mc_err *e)
{
    size_t cap = n + n / 2 + 8, tamed;
    char *copy = wiped_malloc(cap);
    json_error_t why;
    enum mc_rc rc = MC_OK;

    if (copy == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    tamed = tame(text, n, copy);
    *out = json_why_load(copy, tamed, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &why);
    if (*out == NULL && json_why_memory(&why))
        rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
    else if (*out == NULL)
        /* The library's sentence may repeat the text near the mistake, and that may be a key. */
        rc = mc_fail(e, CA_E_FOREIGN, NULL, "no well-formed JSON: line %d, column %d", why.line, why.column);
    wiped_free(copy);
    return rc;
}

/* --- files ---------------------------------------------------------------------------------------------------- */

static enum mc_rc read_exactly(int fd, uint8_t *p, size_t n, struct mc_err *e)
{
    while (n != 0) {
        ssize_t got = read(fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return mc_fail(e, CA_E_READ, NULL, "%s", got < 0 ? strerror(errno) : "it became shorter while it was read");
        p += got;
        n -= (size_t)got;
    }
    return MC_OK;
}

/* Regular files only: a pipe or a device in somebody's folder must hold up nobody. */
static enum mc_rc read_file(int fd, size_t max, uint8_t **text, size_t *n, struct mc_err *e)
{
    struct stat st;
    uint8_t *p;
    enum mc_rc rc;

    if (fstat(fd, &st) != 0)
        return mc_fail(e, CA_E_READ, NULL, "%s", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return mc_fail(e, CA_E_IS_DIRECTORY, NULL, NULL);
    if (!S_ISREG(st.st_mode))
        return mc_fail(e, CA_E_FOREIGN_FORM, NULL, "no regular file");
    if (st.st_size > (off_t)max)
        return mc_fail(e, MC_E_TOO_BIG, NULL, "a storage has at most %zu MiB", FOREIGN_MAX >> 20);
    p = malloc((size_t)st.st_size + 1);
    if (p == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = read_exactly(fd, p, (size_t)st.st_size, e);
    if (rc != MC_OK) {
        foreign_unload(p, (size_t)st.st_size);
        return rc;
    }
    *text = p;
    *n = (size_t)st.st_size;
    return MC_OK;
}

enum mc_rc foreign_load(struct foreign_reader *r, const char *path, uint8_t **text, size_t *n, struct mc_err *e)
{
    enum mc_rc rc;
    int fd;

    snprintf(r->f->where, sizeof(r->f->where), "%s", path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return mc_fail(e, errno == ENOENT || errno == ENOTDIR ? CA_E_FILE_NOT_FOUND : CA_E_READ, NULL, "%s", strerror(errno));
    rc = read_file(fd, r->left, text, n, e);
    if (rc == MC_OK)
        r->left -= *n;
    close(fd);
    return rc;
}

void foreign_unload(uint8_t *text, size_t n)
{
    if (text != NULL)
        hsm_wipe(text, n);
    free(text);
}

enum mc_rc foreign_json_load(struct foreign_reader *r, const char *path, json_t **out, struct mc_err *e)
{
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = foreign_load(r, path, &text, &n, e);

    if (rc == MC_OK)
        rc = foreign_json_parse((const char *)text, n, out, e);
    foreign_unload(text, n);
    return rc;
}

bool foreign_json_uint(const json_t *v, uint64_t *out)
{
    uint64_t n = 0;
    size_t len;
    const char *text;

    if (json_is_integer(v) && json_integer_value(v) >= 0) {
        *out = (uint64_t)json_integer_value(v);
        return true;
    }
    text = json_string_value(v);
    len = json_string_length(v);
    if (text == NULL || len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]) || n > (UINT64_MAX - (uint64_t)(text[i] - '0')) / 10)
            return false;
        n = 10 * n + (uint64_t)(text[i] - '0');
    }
    *out = n;
    return true;
}
