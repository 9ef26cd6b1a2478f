/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line of a batch of NOCs. The reader in place takes nothing that jansson does not take, and as the same; a request
 * that is taken keeps the rules of ids, node ids and CATs, and written anew from what was understood it is the same
 * request.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ca/batch_chunk.h"
#include "ca/batch_line.h"
#include "fuzz.h"
#include "lib/cert_parse.h"
#include "lib/dn.h"

enum { SIGNATURE_SHARE = 8, CSR_OF_INTEREST = 150 };

static const struct ledger_fabric fabric = {.number = 7};
static const struct batch_target target = {.ops = &batch_noc_ops, .fabric = &fabric};
static const struct batch_side side = {.target = &target};

/* --- the two readers ----------------------------------------------------------------------------------------- */

static bool same_string(struct mc_span a, struct mc_span b)
{
    return (a.p == NULL) == (b.p == NULL) && mc_span_eq(a, b);
}

static void compare_readers(struct mc_span text, const struct batch_line *quick)
{
    struct batch_line slow;

    REQUIRE(batch_line_parse_json(text, &slow, NULL) == MC_OK);
    REQUIRE(same_string(quick->id, slow.id) && same_string(quick->csr, slow.csr) && same_string(quick->node_id, slow.node_id));
    REQUIRE(quick->cats == slow.cats && quick->n_cat == slow.n_cat && slow.unknown == NULL && quick->unknown == NULL);
    for (size_t i = 0; i < quick->n_cat; i++)
        REQUIRE(same_string(quick->cat[i], slow.cat[i]));
    batch_line_clear(&slow);
}

/* --- the request --------------------------------------------------------------------------------------------- */

static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= 0x20 || *text > 0x7E)
            return false;
    return true;
}

static void check_item(const struct batch_item *item)
{
    REQUIRE(item->state == (item->err.rc == MC_OK ? ITEM_CHECKED : ITEM_REFUSED));
    REQUIRE(item->identified == (item->id[0] != '\0') && strlen(item->id) <= ENTRY_REQUEST_MAX && is_visible(item->id));
    if (item->state == ITEM_REFUSED) {
        fuzz_check_err(item->err.rc, &item->err, SIZE_MAX / 2);
        return;
    }
    REQUIRE(item->identified && item->n_cat <= MC_CAT_MAX && item->id_hash != 0 && item->key_hash != 0);
    REQUIRE(item->next || mc_node_id_check(item->node_id) == MC_OK);
    for (unsigned i = 0; i < item->n_cat; i++)
        REQUIRE((item->cat[i] & 0xFFFF) != 0);
}

/* {"id":...,"csr":...,"node_id":...,"cats":[...]} from the item, with quotes and backslashes escaped. */
static size_t write_anew(const struct batch_item *item, struct mc_span csr, char *out, size_t cap)
{
    FILE *f = fmemopen(out, cap, "w");
    size_t n;

    if (f == NULL)
        abort();
    fputs("{\"cats\":[", f);
    for (unsigned i = 0; i < item->n_cat; i++)
        fprintf(f, "%s\"0x%08" PRIX32 "\"", i == 0 ? "" : ",", item->cat[i]);
    fputs("],\"id\":\"", f);
    for (const char *p = item->id; *p != '\0'; p++)
        fprintf(f, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    if (item->next)
        fputs("\",\"node_id\":\"next\",\"csr\":\"", f);
    else
        fprintf(f, "\",\"node_id\":\"%" PRIu64 "\",\"csr\":\"", item->node_id);
    for (size_t i = 0; i < csr.n; i++)
        fprintf(f, csr.p[i] == '\n' ? "\\n" : csr.p[i] == '\r' ? "\\r" : csr.p[i] == '\t' ? "\\t" : "%c", csr.p[i]);
    fputs("\"}", f);
    n = (size_t)ftell(f);
    fclose(f);
    return n;
}

static void parse_item(const char *text, size_t n, struct batch_item *item)
{
    item->text_at = 0;
    item->text_n = (uint32_t)n;
    batch_parse(&side, fuzz_verifier(), text, item);
    check_item(item);
}

static void check_request(struct mc_span text, const struct batch_line *l)
{
    static struct batch_item item, again;
    static char line[4 * BATCH_LINE_MAX];
    size_t n;

    parse_item((const char *)text.p, text.n, &item);
    if (item.state != ITEM_CHECKED)
        return;
    REQUIRE(mc_span_eq(l->id, mc_span_of(item.id, strlen(item.id))) && item.next == mc_span_eq(l->node_id, mc_span_of("next", 4)));
    REQUIRE(l->unknown == NULL && l->cats != CATS_NO_LIST && l->n_cat == item.n_cat);
    n = write_anew(&item, l->csr, line, sizeof(line));
    parse_item(line, n, &again);
    REQUIRE(again.state == ITEM_CHECKED && strcmp(again.id, item.id) == 0 && again.next == item.next);
    REQUIRE(item.next || again.node_id == item.node_id);
    REQUIRE(again.n_cat == item.n_cat && memcmp(again.cat, item.cat, item.n_cat * sizeof(item.cat[0])) == 0);
    REQUIRE(memcmp(again.point, item.point, sizeof(item.point)) == 0);
    REQUIRE(memcmp(again.input_sha256, item.input_sha256, sizeof(item.input_sha256)) == 0);
    REQUIRE(memcmp(again.content_sha256, item.content_sha256, sizeof(item.content_sha256)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span text = mc_span_of(data, n);
    struct batch_line l;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = batch_line_parse(text, &l, &e);
    fuzz_check_err(rc, &e, n);
    if (rc == MC_OK && l.json == NULL)
        compare_readers(text, &l);
    /* A verification costs as much as a hundred lines: of those with a CSR in them a sample. */
    if (rc != MC_OK || l.csr.n < CSR_OF_INTEREST || fuzz_sampled(text, SIGNATURE_SHARE))
        check_request(text, &l);
    batch_line_clear(&l);
    return 0;
}
