/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The storage of other controllers. The first octet says what the others are: a file of its own (chip-tool's ini,
 * chip.json, matter.js's JSON, a database), or one in a folder of matter.js. A storage is refused with a reason, or gives
 * certificates that have both forms, and each node and NOC once; told again in another of the tools' layouts it gives the
 * same fabric. Nothing of it is left in memory afterwards.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca/foreign_internal.h"
#include "fuzz.h"

enum { AGAIN_SHARE = 2, PATH_LEN = 64 };

/* Files are named once and then written over: in memory where there is such a folder. */
struct place {
    char mode;
    const char *folder, *name; /* folder "": the file itself is the storage */
    char path[PATH_LEN], storage[PATH_LEN];
    int fd;
};
static struct place places[] = {{'f', "", "storage", "", "", -1}, {'j', "json", "storage.json", "", "", -1},
    {'s', "snapshot", "snapshot.json", "", "", -1}, {'w', "wal", "wal/00000001.jsonl", "", "", -1},
    {'z', "packed", "wal/00000001.jsonl.gz", "", "", -1}};
#define PLACES (sizeof(places) / sizeof(places[0]))

static char top[32];

static void must(bool ok)
{
    if (ok)
        return;
    perror("fuzz_storage");
    abort();
}

static void make_folder(const char *name)
{
    char path[PATH_LEN];

    snprintf(path, sizeof(path), "%s/%s", top, name);
    must(mkdir(path, 0700) == 0);
}

static void remove_all(void)
{
    static const char *const folders[] = {"packed/wal", "wal/wal", "packed", "wal", "snapshot", "json"};
    char path[PATH_LEN];

    for (size_t i = 0; i < PLACES; i++)
        (void)unlink(places[i].path);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
        (void)rmdir(path);
    }
    (void)rmdir(top);
}

static void make_places(void)
{
    snprintf(top, sizeof(top), "%s/heddle-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(top) != NULL && atexit(remove_all) == 0);
    make_folder("json");
    make_folder("snapshot");
    make_folder("wal");
    make_folder("packed");
    make_folder("wal/wal");
    make_folder("packed/wal");
    for (size_t i = 0; i < PLACES; i++) {
        struct place *p = &places[i];

        snprintf(p->storage, sizeof(p->storage), "%s/%s", top, p->folder[0] != '\0' ? p->folder : p->name);
        snprintf(p->path, sizeof(p->path), "%s/%s%s%s", top, p->folder, p->folder[0] != '\0' ? "/" : "", p->name);
        p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        must(p->fd >= 0);
    }
}

static const struct place *put(char mode, const void *text, size_t n)
{
    const struct place *p = &places[0];

    for (size_t i = 0; i < PLACES; i++)
        if (places[i].mode == mode)
            p = &places[i];
    must(ftruncate(p->fd, 0) == 0 && pwrite(p->fd, text, n, 0) == (ssize_t)n);
    return p;
}

/* --- what was read --------------------------------------------------------------------------------------------------- */

static void check_cert(const struct adopt_cert *c)
{
    uint8_t out[MC_CERT_DER_MAX];
    size_t n = 0;

    REQUIRE(mc_cert_encode_der(&c->cert, out, sizeof(out), &n, NULL) == MC_OK && n == c->der_n && memcmp(out, c->der, n) == 0);
    REQUIRE(mc_cert_encode_tlv(&c->cert, out, sizeof(out), &n, NULL) == MC_OK && n == c->tlv_n && memcmp(out, c->tlv, n) == 0);
}

static void check_found(const struct foreign *f)
{
    check_cert(&f->root);
    if (f->has_ica)
        check_cert(&f->ica);
    REQUIRE(f->tool != NULL && f->n_noc <= FOREIGN_NODES && f->n_node <= FOREIGN_NODES && f->n_key_file >= 1);
    for (size_t i = 0; i < f->n_noc; i++) {
        check_cert(f->noc[i]);
        for (size_t k = 0; k < i; k++)
            REQUIRE(f->noc[i]->tlv_n != f->noc[k]->tlv_n || memcmp(f->noc[i]->tlv, f->noc[k]->tlv, f->noc[i]->tlv_n) != 0);
    }
    for (size_t i = 0; i < f->n_node; i++)
        for (size_t k = 0; k < i; k++)
            REQUIRE(f->node[i] != f->node[k]);
}

static void require_same_cert(const struct adopt_cert *a, const struct adopt_cert *b)
{
    REQUIRE(mc_span_eq(mc_span_of(a->tlv, a->tlv_n), mc_span_of(b->tlv, b->tlv_n)));
}

static void require_same(const struct foreign *a, const struct foreign *b)
{
    require_same_cert(&a->root, &b->root);
    REQUIRE(a->has_ica == b->has_ica && a->has_root_key == b->has_root_key);
    if (a->has_ica)
        require_same_cert(&a->ica, &b->ica);
    REQUIRE(memcmp(a->root_key, b->root_key, HSM_SCALAR_LEN) == 0 && memcmp(a->ica_key, b->ica_key, HSM_SCALAR_LEN) == 0);
    REQUIRE(a->has_fabric_id == b->has_fabric_id && a->fabric_id == b->fabric_id);
    REQUIRE(a->has_ipk == b->has_ipk && a->has_operational_ipk == b->has_operational_ipk);
    REQUIRE(memcmp(a->ipk, b->ipk, MC_IPK_LEN) == 0 && memcmp(a->operational_ipk, b->operational_ipk, MC_IPK_LEN) == 0);
    REQUIRE(a->n_noc == b->n_noc && a->n_node == b->n_node && a->unread == b->unread);
    for (size_t i = 0; i < a->n_noc; i++)
        require_same_cert(a->noc[i], b->noc[i]);
    for (size_t i = 0; i < a->n_node; i++)
        REQUIRE(a->node[i] == b->node[i]);
}

/* --- told again ------------------------------------------------------------------------------------------------------- */

static void read_again(char mode, const char *text, size_t n, const struct foreign *want)
{
    static struct foreign got;
    static const struct foreign_choice any;

    REQUIRE(foreign_read(put(mode, text, n)->storage, &any, &got, NULL) == MC_OK);
    require_same(want, &got);
    foreign_clear(&got);
}

/* The keys and values of chip.json as chip-tool's ini, where an ini file can hold them. */
static void as_ini(const json_t *values, const struct foreign *want)
{
    FILE *f;
    const char *key;
    char *text = NULL;
    json_t *v;
    size_t n = 0;

    json_object_foreach((json_t *)(uintptr_t)values, key, v) {
        if (!json_is_string(v) || strlen(key) > 63 || strlen(json_string_value(v)) != json_string_length(v) || key[0] == '\0' ||
            strpbrk(json_string_value(v), " \t\r\n") != NULL)
            return;
    }
    f = open_memstream(&text, &n);
    must(f != NULL);
    fputs("; told again\r\n[Default]\r\n", f);
    json_object_foreach((json_t *)(uintptr_t)values, key, v) {
        for (const char *p = key; *p != '\0'; p++)
            fprintf(f, (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '/' ? "%c" : "\\x%02x", (unsigned char)*p);
        fprintf(f, " = %s\r\n", json_string_value(v));
    }
    fclose(f);
    read_again('f', text, n, want);
    free(text);
}

static void as_json(json_t *all, char mode, const struct foreign *want)
{
    char *text = json_dumps(all, JSON_INDENT(1));

    REQUIRE(text != NULL);
    read_again(mode, text, strlen(text), want);
    free(text);
}

/* A storage as values, and then in the layout of the neighbour. */
static void tell_again(const struct place *p, struct mc_span in, const struct foreign *want)
{
    struct foreign_reader r = {calloc(1, sizeof(struct foreign)), NULL, FOREIGN_MAX};
    json_t *all = NULL;
    const json_t *values;

    must(r.f != NULL);
    if (p->folder[0] != '\0') {
        REQUIRE(foreign_matterjs_load(&r, p->storage, &all, NULL) == MC_OK);
        as_json(all, p->mode == 'j' ? 'f' : 'j', want);
    } else if (strcmp(want->tool, "chip-tool") == 0) {
        REQUIRE(foreign_ini_parse((const char *)in.p, in.n, &all, NULL) == MC_OK);
        all = json_pack("{s:o}", "sdk-config", all);
        as_json(all, 'f', want);
    } else if (!foreign_is_sqlite(in.p, in.n)) {
        REQUIRE(foreign_json_parse((const char *)in.p, in.n, &all, NULL) == MC_OK);
        values = json_object_get(all, "sdk-config");
        if (values == NULL)
            as_json(all, 'j', want);
        else if (json_object_get(all, "repl-config") == NULL)
            as_ini(values, want);
    }
    json_decref(all);
    foreign_clear(r.f);
    free(r.f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct foreign f, zeros;
    static const struct foreign_choice any;
    const struct place *p;
    struct mc_err e;
    enum mc_rc rc;

    if (n == 0)
        return 0;
    if (top[0] == '\0')
        make_places();
    p = put((char)data[0], data + 1, n - 1);
    mc_err_init(&e);
    rc = foreign_read(p->storage, &any, &f, &e);
    fuzz_check_err(rc, &e, n);
    REQUIRE(f.where[0] != '\0');
    if (rc == MC_OK) {
        check_found(&f);
        if (fuzz_sampled(mc_span_of(data, n), AGAIN_SHARE))
            tell_again(p, mc_span_of(data + 1, n - 1), &f);
    }
    foreign_clear(&f);
    REQUIRE(memcmp(&f, &zeros, sizeof(f)) == 0);
    return 0;
}
