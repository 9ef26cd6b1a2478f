/* SPDX-License-Identifier: Apache-2.0 */
/* VID and PID of attestation certificates, in both encodings (matter-attestation 1.3, 1.4). */
#include "att_chain.h"

enum { DIGITS = 4, PREFIX_LEN = 5, CN_MAX = 64 };

static bool take_digits(const uint8_t *p, uint16_t *value)
{
    unsigned v = 0;

    for (unsigned i = 0; i < DIGITS; i++) {
        if (p[i] >= '0' && p[i] <= '9')
            v = v << 4 | (p[i] - '0');
        else if (p[i] >= 'A' && p[i] <= 'F')
            v = v << 4 | (p[i] - 'A' + 10u);
        else
            return false;
    }
    *value = (uint16_t)v;
    return true;
}

/* The first prefix with four digits behind it counts; a prefix without any is an error. */
static bool scan(struct mc_span text, const char *prefix, bool *has, uint16_t *value)
{
    bool seen = false;

    for (size_t i = 0; i + PREFIX_LEN <= text.n; i++) {
        if (memcmp(text.p + i, prefix, PREFIX_LEN) != 0)
            continue;
        seen = true;
        if (text.n - i - PREFIX_LEN < DIGITS)
            break;
        if (take_digits(text.p + i + PREFIX_LEN, value)) {
            *has = true;
            return true;
        }
    }
    return !seen;
}

static enum mc_rc take_common_name(struct mc_span text, struct mc_att_ids *in_cn, struct mc_err *e)
{
    if (text.n == 0)
        return mc_fail(e, MC_E_ATT_ID, "subject.commonName", "it is empty");
    if (in_cn->has_vid || in_cn->has_pid)
        return MC_OK;
    text.n = text.n > CN_MAX ? CN_MAX : text.n;
    if (!scan(text, "Mvid:", &in_cn->has_vid, &in_cn->vid))
        return mc_fail(e, MC_E_ATT_ID, "subject.commonName", "Mvid: without four upper-case hex digits");
    if (!scan(text, "Mpid:", &in_cn->has_pid, &in_cn->pid))
        return mc_fail(e, MC_E_ATT_ID, "subject.commonName", "Mpid: without four upper-case hex digits");
    return MC_OK;
}

static enum mc_rc take_attribute(
    const struct mc_attr *a, enum mc_attr_id id, bool *has, uint16_t *value, struct mc_err *e)
{
    const char *field = id == MC_ATTR_VID ? "subject.VID" : "subject.PID";

    if (*has)
        return mc_fail(e, MC_E_ATT_ID, field, "it stands twice");
    if (a->text.n != DIGITS || !take_digits(a->text.p, value))
        return mc_fail(e, MC_E_ATT_ID, field, "not four upper-case hex digits");
    *has = true;
    return MC_OK;
}

enum mc_rc mc_att_ids_of(const struct mc_cert *c, struct mc_att_ids *ids, struct mc_err *e)
{
    struct mc_att_ids in_cn = {.in_common_name = true};
    enum mc_rc rc = MC_OK;

    memset(ids, 0, sizeof(*ids));
    for (unsigned i = 0; rc == MC_OK && i < c->subject.n; i++) {
        const struct mc_attr *a = &c->subject.attr[i];
        /* A reader of X.509 keeps only the OID of an attribute whose value is not well-formed. */
        enum mc_attr_id id = a->id != MC_ATTR_UNKNOWN ? a->id : mc_attr_find(a->oid);

        if (id == MC_ATTR_VID)
            rc = take_attribute(a, id, &ids->has_vid, &ids->vid, e);
        else if (id == MC_ATTR_PID)
            rc = take_attribute(a, id, &ids->has_pid, &ids->pid, e);
        else if (id == MC_ATTR_COMMON_NAME)
            rc = take_common_name(a->text, &in_cn, e);
    }
    /* The two encodings do not mix: one attribute, and the common name does not count. */
    if (rc == MC_OK && !ids->has_vid && !ids->has_pid && (in_cn.has_vid || in_cn.has_pid))
        *ids = in_cn;
    return rc;
}
