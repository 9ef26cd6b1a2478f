/* SPDX-License-Identifier: Apache-2.0 */
#include "revset_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "io.h"
#include "json_read.h"

static const char *const members[] = {"type", "issuer_subject_key_id", "issuer_name", "revoked_serial_numbers",
    "crl_signer_cert", "crl_signer_delegator", NULL};

/* Where the octets and serials of the next object go. */
struct filling {
    struct revset_file *f;
    size_t n_serial, cap_serial, n_octets, cap_octets;
    char where[48]; /* "[3]" */
    struct mc_err *e;
};

enum { ENTRY_OCTETS = MC_KEY_ID_LEN + MC_REVSET_NAME_MAX + 2 * MC_CERT_DER_MAX };

static enum mc_rc wrong(struct filling *x, const char *member, const char *why)
{
    char path[80];

    snprintf(path, sizeof(path), "%s.%s", x->where, member);
    return mc_fail(x->e, MC_E_REVSET, path, "%s", why);
}

static struct mc_span keep(struct filling *x, size_t n)
{
    struct mc_span s = mc_span_of(x->f->octets + x->n_octets, n);

    x->n_octets += n;
    return s;
}

static bool is_upper_hex(const char *text)
{
    return strspn(text, "0123456789ABCDEF") == strlen(text);
}

static enum mc_rc take_key_id(struct filling *x, const struct json_t *object, struct mc_revset_entry *entry)
{
    const char *text = "";
    size_t n = 0;
    enum mc_rc rc = json_read_string(object, x->where, members[1], &text, x->e);

    if (rc == MC_OK)
        rc = json_read_hex(object, x->where, members[1], x->f->octets + x->n_octets, MC_KEY_ID_LEN, &n, x->e);
    if (rc != MC_OK)
        return rc;
    if (n != MC_KEY_ID_LEN || !is_upper_hex(text))
        return wrong(x, members[1], "40 upper-case hex digits are wanted");
    entry->issuer_key_id = keep(x, n);
    return MC_OK;
}

static enum mc_rc take_octets(
    struct filling *x, const struct json_t *object, const char *member, size_t cap, struct mc_span *out)
{
    size_t n = 0;
    enum mc_rc rc = json_read_base64(object, x->where, member, x->f->octets + x->n_octets, cap, &n, x->e);

    if (rc == MC_OK && n == 0)
        return wrong(x, member, "it is empty");
    if (rc == MC_OK)
        *out = keep(x, n);
    return rc;
}

static enum mc_rc take_serial(struct filling *x, const struct json_t *list, size_t i)
{
    uint8_t *at = x->f->octets + x->n_octets;
    const char *text = "";
    enum mc_rc rc = json_read_string_at(list, x->where, i, &text, x->e);
    size_t digits = strlen(text);

    if (rc != MC_OK)
        return rc;
    if (digits == 0 || digits % 2 != 0 || digits > 2 * MC_SERIAL_MAX || !is_upper_hex(text) ||
        !mc_hex_decode(text, digits / 2, at))
        return wrong(x, members[3], "1 to 20 pairs of upper-case hex digits are wanted");
    if (at[0] == 0 && digits > 2)
        return wrong(x, members[3], "a serial number has a leading zero octet: commissioners never find it");
    x->f->serial[x->n_serial++] = keep(x, digits / 2);
    return MC_OK;
}

static enum mc_rc take_serials(struct filling *x, const struct json_t *object, struct mc_revset_entry *entry)
{
    const struct json_t *list = NULL;
    enum mc_rc rc = json_read_array(object, x->where, members[3], &list, x->e);

    entry->serial = x->f->serial + x->n_serial;
    for (size_t i = 0; rc == MC_OK && i < json_read_count(list); i++)
        rc = take_serial(x, list, i);
    if (rc == MC_OK)
        entry->n_serial = json_read_count(list);
    return rc;
}

static enum mc_rc take_delegator(struct filling *x, const struct json_t *object, struct mc_revset_entry *entry)
{
    entry->has_delegator = json_read_has(object, members[5]);
    if (!entry->has_delegator || json_read_is_null(object, members[5]))
        return MC_OK;
    return take_octets(x, object, members[5], MC_CERT_DER_MAX, &entry->delegator);
}

static enum mc_rc take_entry(struct filling *x, const struct json_t *object, struct mc_revset_entry *entry)
{
    const char *type = "";
    enum mc_rc rc = json_read_object(object, x->where, members, x->e);

    if (rc == MC_OK)
        rc = json_read_string(object, x->where, members[0], &type, x->e);
    if (rc == MC_OK && strcmp(type, "revocation_set") != 0)
        return wrong(x, members[0], "it is not \"revocation_set\"");
    if (rc == MC_OK)
        rc = take_key_id(x, object, entry);
    if (rc == MC_OK)
        rc = take_octets(x, object, members[2], MC_REVSET_NAME_MAX, &entry->issuer_name);
    if (rc == MC_OK)
        rc = take_serials(x, object, entry);
    if (rc == MC_OK)
        rc = take_octets(x, object, members[4], MC_CERT_DER_MAX, &entry->signer);
    return rc == MC_OK ? take_delegator(x, object, entry) : rc;
}

static size_t count_serials(const struct json_t *object)
{
    const struct json_t *list;

    return json_read_array(object, "", members[3], &list, NULL) == MC_OK ? json_read_count(list) : 0;
}

static enum mc_rc make_room(struct revset_file *f, size_t n, size_t serials, struct mc_err *e)
{
    f->entry = calloc(n + 1, sizeof(*f->entry));
    f->serial = calloc(serials + 1, sizeof(*f->serial));
    f->octets = malloc(n * ENTRY_OCTETS + serials * MC_SERIAL_MAX + 1);
    if (f->entry == NULL || f->serial == NULL || f->octets == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    return MC_OK;
}

static enum mc_rc fill(const struct json_t *root, struct revset_file *f, struct mc_err *e)
{
    size_t n = json_read_count(root), serials = 0;
    struct filling x = {.f = f, .e = e};
    enum mc_rc rc;

    if (!json_read_is_array(root))
        return mc_fail(e, MC_E_REVSET, NULL, "an array is wanted");
    for (size_t i = 0; i < n; i++)
        serials += count_serials(json_read_at(root, i));
    rc = make_room(f, n, serials, e);
    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        snprintf(x.where, sizeof(x.where), "[%zu]", i);
        rc = take_entry(&x, json_read_at(root, i), &f->entry[i]);
    }
    f->set = (struct mc_revset){f->entry, n};
    return rc;
}

enum mc_rc revset_file_take(const struct json_t *object, const char *where, struct revset_file *f, struct mc_err *e)
{
    struct filling x = {.f = f, .e = e};
    enum mc_rc rc;

    *f = (struct revset_file){0};
    snprintf(x.where, sizeof(x.where), "%s", where);
    rc = make_room(f, 1, count_serials(object), e);
    if (rc == MC_OK)
        rc = take_entry(&x, object, f->entry);
    f->set = (struct mc_revset){f->entry, 1};
    if (rc != MC_OK)
        revset_file_clear(f);
    return rc;
}

static enum mc_rc fill_or_clear(struct json_t *root, struct revset_file *f, struct mc_err *e)
{
    enum mc_rc rc = fill(root, f, e);

    json_read_free(root);
    if (rc != MC_OK)
        revset_file_clear(f);
    return rc;
}

enum mc_rc revset_file_parse(struct mc_span text, struct revset_file *f, struct mc_err *e)
{
    struct json_t *root = NULL;
    enum mc_rc rc = json_read_text(text, &root, e);

    *f = (struct revset_file){0};
    return rc == MC_OK ? fill_or_clear(root, f, e) : rc;
}

enum mc_rc revset_file_read(const char *path, struct revset_file *f, struct mc_err *e)
{
    struct json_t *root = NULL;
    enum mc_rc rc = json_read_file(path, REVSET_FILE_MAX, &root, e);

    *f = (struct revset_file){0};
    return rc == MC_OK ? fill_or_clear(root, f, e) : rc;
}

void revset_file_clear(struct revset_file *f)
{
    free(f->entry);
    free(f->serial);
    free(f->octets);
    *f = (struct revset_file){0};
}
