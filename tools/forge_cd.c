/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge: certification declarations, right or wrong in one way (matter-attestation 4). They are judged by `attest verify`
 * with the forged DAC, PAI, PAA and signer, VID FFF1 and PID 8000.
 */
#include "forge.h"
#include "lib/der.h"

#define SHA256    "300B0609608648016503040201"
#define SHA1      "300706052B0E03021A"
#define OID_DATA  "06092A864886F70D010701"
#define OID_SIGNED "06092A864886F70D010702"
#define ID_TEXT   "435341303030303053574330303030302D3030" /* CSA00000SWC00000-00 */
#define OTHER_ID  "FF0102030405060708090A0B0C0D0E0F10111213"

void forge_cd_fill(struct forge_draft *d)
{
    d->cd = (struct forge_cd){
        .begin = "15",
        .version = "240001",
        .vid = "2501F1FF",
        .pids = "360205008018",
        .device_type = "25030001",
        .id = "2C0413" ID_TEXT,
        .level = "240500",
        .information = "240600",
        .number = "240701",
        .type = "240800",
        .end = "18",
        .content_type = OID_SIGNED,
        .cms_version = "020103",
        .digests = "310D" SHA256,
        .econtent_type = OID_DATA,
        .before_signers = "",
        .signer_version = "020103",
        .signer_digest = SHA256,
        .signed_attributes = "",
        .algorithm = "300A06082A8648CE3D040302",
        .after_signature = "",
        .after_signer = "",
    };
}

/* --- writing --------------------------------------------------------------------------------------- */

static void put_payload(struct mc_out *o, const struct forge_cd *cd)
{
    const char *const parts[] = {cd->begin, cd->version, cd->vid, cd->pids, cd->device_type, cd->id, cd->level, cd->information,
        cd->number, cd->type, cd->lists, cd->end};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        forge_put_hex(o, parts[i]);
}

static void put_octets(struct mc_out *o, struct mc_span octets)
{
    size_t mark = mc_der_begin(o, MC_DER_OCTET_STRING);

    mc_out_put(o, octets.p, octets.n);
    mc_der_close(o, mark);
}

static void put_signer(struct mc_out *o, const struct forge_draft *d, const uint8_t sig[MC_SIG_LEN])
{
    uint8_t der[MC_SIG_DER_MAX];
    size_t set = mc_der_begin(o, MC_DER_SET), seq = mc_der_begin(o, MC_DER_SEQUENCE);

    forge_put_hex(o, d->cd.signer_version);
    if (d->cd.sid != NULL)
        forge_put_hex(o, d->cd.sid);
    else
        mc_der_put(o, MC_DER_CONTEXT, d->signer->id, MC_KEY_ID_LEN);
    forge_put_hex(o, d->cd.signer_digest);
    forge_put_hex(o, d->cd.signed_attributes);
    forge_put_hex(o, d->cd.algorithm);
    put_octets(o, d->cd.raw_signature ? mc_span_of(sig, MC_SIG_LEN) : mc_span_of(der, mc_sig_to_der(sig, der)));
    forge_put_hex(o, d->cd.after_signature);
    mc_der_close(o, seq);
    forge_put_hex(o, d->cd.after_signer);
    mc_der_close(o, set);
}

enum mc_rc forge_cd_write(const struct forge_draft *d, struct forge_bytes *out, struct mc_err *e)
{
    static struct forge_bytes payload;
    struct mc_out p = mc_out_of(payload.p, sizeof(payload.p)), o = mc_out_of(out->p, sizeof(out->p));
    uint8_t sig[MC_SIG_LEN];
    size_t whole, explicit, data, info, content;
    enum mc_rc rc;

    put_payload(&p, &d->cd);
    rc = p.rc == MC_OK ? forge_sign(d, mc_span_of(payload.p, p.n), sig, e) : mc_fail(e, p.rc, NULL, NULL);
    if (rc != MC_OK)
        return rc;
    whole = mc_der_begin(&o, MC_DER_SEQUENCE);
    forge_put_hex(&o, d->cd.content_type);
    explicit = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    data = mc_der_begin(&o, MC_DER_SEQUENCE);
    forge_put_hex(&o, d->cd.cms_version);
    forge_put_hex(&o, d->cd.digests);
    info = mc_der_begin(&o, MC_DER_SEQUENCE);
    forge_put_hex(&o, d->cd.econtent_type);
    content = mc_der_begin(&o, MC_DER_CONTEXT_CONSTRUCTED);
    put_octets(&o, mc_span_of(payload.p, p.n));
    mc_der_close(&o, content);
    mc_der_close(&o, info);
    forge_put_hex(&o, d->cd.before_signers);
    put_signer(&o, d, sig);
    mc_der_close(&o, data);
    mc_der_close(&o, explicit);
    mc_der_close(&o, whole);
    if (d->trailing)
        mc_out_byte(&o, 0);
    out->n = o.n;
    return o.rc == MC_OK ? MC_OK : mc_fail(e, o.rc, NULL, NULL);
}

/* --- faults ---------------------------------------------------------------------------------------- */

#define SET(name, member, value)                                               \
    static void name(struct forge_draft *d, const struct forge_world *w)        \
    {                                                                          \
        (void)w;                                                               \
        d->cd.member = value;                                                  \
    }
#define ADD(name, hex)                                                         \
    static void name(struct forge_draft *d, const struct forge_world *w)        \
    {                                                                          \
        (void)w;                                                               \
        snprintf(d->cd.lists, sizeof(d->cd.lists), "%s", hex);                 \
    }

static void valid(struct forge_draft *d, const struct forge_world *w)
{
    (void)d;
    (void)w;
}

SET(as_list, begin, "17")
SET(version_missing, version, "")
SET(version_2, version, "240002")
SET(version_signed, version, "200001")
SET(vid_missing, vid, "")
SET(vid_other, vid, "24010E")
SET(vid_wide, vid, "2601F1FF0100")
SET(pids_missing, pids, "")
SET(pids_none, pids, "360218")
SET(pids_other, pids, "360205018018")
SET(device_type_missing, device_type, "")
SET(id_missing, id, "")
SET(id_long, id, "2C0414" ID_TEXT "30")
SET(id_octets, id, "300413" ID_TEXT)
SET(level_missing, level, "")
SET(level_wrong, level, "2405FF")
SET(information_missing, information, "")
SET(information_wrong, information, "2506FFFF")
SET(number_missing, number, "")
SET(type_missing, type, "")
SET(type_wrong, type, "2408FF")
SET(type_provisional, type, "240801")
SET(type_official, type, "240802")
SET(behind_end, end, "1800")
SET(content_type_data, content_type, OID_DATA)
SET(cms_version_1, cms_version, "020101")
SET(digests_sha1, digests, "3109" SHA1)
SET(digests_null, digests, "310F300D06096086480165030402010500")
SET(econtent_signed, econtent_type, OID_SIGNED)
SET(certificates, before_signers, "A0023000")
SET(crls, before_signers, "A1023000")
SET(signer_version_1, signer_version, "020101")
SET(signer_sha1, signer_digest, SHA1)
SET(attributes, signed_attributes, "A0023000")
SET(algorithm_sha1, algorithm, "300906072A8648CE3D0401")
SET(unsigned_attributes, after_signature, "A1023000")
SET(second_signer, after_signer, "3000")
SET(sid_other, sid, "8014" OTHER_ID)
SET(sid_short, sid, "8013000102030405060708090A0B0C0D0E0F101112")
SET(sid_serial, sid, "30053000020101")
SET(raw, raw_signature, true)
ADD(origin, "2509F1FF250A0080")
ADD(origin_no_vid, "250A0080")
ADD(origin_no_pid, "2509F1FF")
ADD(origin_other_vid, "2509F2FF250A0080")
ADD(origin_other_pid, "2509F1FF250A0180")
ADD(paas_none, "360B18")
ADD(paas_other, "360B1014" OTHER_ID "18")
ADD(paas_short, "360B1013000102030405060708090A0B0C0D0E0F10111218")
ADD(unknown, "240CFF")
ADD(behind_unknown, "240CFF2509F1FF250A0080")

static void trailing(struct forge_draft *d, const struct forge_world *w)
{
    (void)w;
    d->trailing = true;
}

static void flipped(struct forge_draft *d, const struct forge_world *w)
{
    (void)w;
    d->signature = FORGE_FLIPPED;
}

/* Another key, though the signer's id is named. */
static void other_key(struct forge_draft *d, const struct forge_world *w)
{
    static char sid[2 * MC_KEY_ID_LEN + 5];

    memcpy(sid, "8014", 4);
    mc_hex_encode_upper(w->key[MC_KIND_CD_SIGNER].id, MC_KEY_ID_LEN, sid + 4);
    d->cd.sid = sid;
    d->signer = &w->stranger;
}

/* 8000 and the products after it. */
static void products(struct forge_draft *d, unsigned n)
{
    static char pids[1024];
    size_t at = (size_t)snprintf(pids, sizeof(pids), "3602");

    for (unsigned i = 0; i < n; i++)
        at += (size_t)snprintf(pids + at, sizeof(pids) - at, "05%02X80", i);
    snprintf(pids + at, sizeof(pids) - at, "18");
    d->cd.pids = pids;
}

static void pids_100(struct forge_draft *d, const struct forge_world *w)
{
    (void)w;
    products(d, 100);
}

static void pids_101(struct forge_draft *d, const struct forge_world *w)
{
    (void)w;
    products(d, 101);
}

/* The PAA of the world, last of n. */
static void paas(struct forge_draft *d, const struct forge_world *w, unsigned n)
{
    char id[2 * MC_KEY_ID_LEN + 1];
    size_t at = (size_t)snprintf(d->cd.lists, sizeof(d->cd.lists), "360B");

    mc_hex_encode_upper(w->key[MC_KIND_PAA].id, MC_KEY_ID_LEN, id);
    for (unsigned i = 0; i < n; i++)
        at += (size_t)snprintf(d->cd.lists + at, sizeof(d->cd.lists) - at, "1014%s", i + 1 == n ? id : OTHER_ID);
    snprintf(d->cd.lists + at, sizeof(d->cd.lists) - at, "18");
}

static void paas_1(struct forge_draft *d, const struct forge_world *w)
{
    paas(d, w, 1);
}

static void paas_10(struct forge_draft *d, const struct forge_world *w)
{
    paas(d, w, 10);
}

static void paas_11(struct forge_draft *d, const struct forge_world *w)
{
    paas(d, w, 11);
}

#define ROW(name, apply, rule, result) {name, FORGE_BIT(FORGE_CD), FORGE_DER, apply, rule, result, NULL, MC_OK}

const struct forge_fault forge_cd_faults[] = {
    ROW("valid", valid, MC_OK, 0),
    ROW("format-version-missing", version_missing, MC_E_TLV_ORDER, 603),
    ROW("format-version-2", version_2, MC_E_CD_VERSION, 501),
    ROW("format-version-signed", version_signed, MC_E_TLV_TYPE, 603),
    ROW("vid-missing", vid_missing, MC_E_TLV_ORDER, 603),
    ROW("vid-mismatch", vid_other, MC_E_CD_VENDOR, 604),
    ROW("vid-17-bits", vid_wide, MC_E_TLV_RANGE, 603),
    ROW("pid-array-missing", pids_missing, MC_E_TLV_ORDER, 603),
    ROW("pid-array-count0", pids_none, MC_E_CD_COUNT, 605),
    ROW("pid-array-mismatch", pids_other, MC_E_CD_PRODUCT, 605),
    ROW("pid-array-count100", pids_100, MC_OK, 0),
    ROW("pid-array-count101", pids_101, MC_E_CD_COUNT, 0),
    ROW("device-type-id-missing", device_type_missing, MC_E_TLV_ORDER, 603),
    ROW("cert-id-missing", id_missing, MC_E_TLV_ORDER, 603),
    ROW("cert-id-len-wrong", id_long, MC_E_CD_ID, 603),
    ROW("cert-id-octets", id_octets, MC_E_TLV_TYPE, 603),
    ROW("security-level-missing", level_missing, MC_E_TLV_ORDER, 603),
    ROW("security-level-wrong", level_wrong, MC_OK, 0),
    ROW("security-info-missing", information_missing, MC_E_TLV_ORDER, 603),
    ROW("security-info-wrong", information_wrong, MC_OK, 0),
    ROW("version-number-missing", number_missing, MC_E_TLV_ORDER, 603),
    ROW("cert-type-missing", type_missing, MC_E_TLV_ORDER, 603),
    ROW("cert-type-wrong", type_wrong, MC_E_CD_TYPE, 501),
    ROW("provisional", type_provisional, MC_OK, 0),
    ROW("official", type_official, MC_OK, 0),
    ROW("dac-origin-vid-pid-present", origin, MC_OK, 0),
    ROW("dac-origin-vid-missing-pid-present", origin_no_vid, MC_E_CD_ORIGIN, 603),
    ROW("dac-origin-vid-present-pid-missing", origin_no_pid, MC_E_CD_ORIGIN, 603),
    ROW("dac-origin-vid-mismatch", origin_other_vid, MC_E_CD_VENDOR, 604),
    ROW("dac-origin-pid-mismatch", origin_other_pid, MC_E_CD_PRODUCT, 605),
    ROW("authorized-paa-list-count0", paas_none, MC_E_CD_COUNT, 606),
    ROW("authorized-paa-list-count1-valid", paas_1, MC_OK, 0),
    ROW("authorized-paa-list-count1-invalid", paas_other, MC_E_CD_PAA, 606),
    ROW("authorized-paa-list-count10-valid", paas_10, MC_OK, 0),
    ROW("authorized-paa-list-count11", paas_11, MC_E_CD_COUNT, 0),
    ROW("authorized-paa-list-19-octets", paas_short, MC_E_TLV_LENGTH, 603),
    ROW("unknown-element", unknown, MC_OK, 0),
    ROW("known-behind-unknown-element", behind_unknown, MC_E_TLV_ORDER, 0),
    ROW("payload-list", as_list, MC_E_TLV_TYPE, 603),
    ROW("payload-trailing", behind_end, MC_E_TLV_TRAILING, 603),
    ROW("cms-content-type", content_type_data, MC_E_CMS_TYPE, 602),
    ROW("cms-v1", cms_version_1, MC_E_CMS_VERSION, 602),
    ROW("cms-digest-algo-sha1", digests_sha1, MC_E_CMS_DIGEST, 602),
    ROW("cms-digest-algo-null-parameters", digests_null, MC_E_CMS_EXTRA, 0),
    ROW("cms-econtent-type", econtent_signed, MC_E_CMS_TYPE, 602),
    ROW("cms-certificates", certificates, MC_E_CMS_EXTRA, 600),
    ROW("cms-crls", crls, MC_E_CMS_EXTRA, 600),
    ROW("cms-trailing-octets", trailing, MC_E_DER_TRAILING, 0),
    ROW("signer-info-v1", signer_version_1, MC_E_CMS_VERSION, 600),
    ROW("signer-info-digest-algo-sha1", signer_sha1, MC_E_CMS_DIGEST, 600),
    ROW("signer-info-signed-attributes", attributes, MC_E_CMS_EXTRA, 600),
    ROW("signer-info-unsigned-attributes", unsigned_attributes, MC_E_CMS_EXTRA, 0),
    ROW("signer-info-twice", second_signer, MC_E_CMS_EXTRA, 0),
    ROW("signer-info-skid-unknown", sid_other, MC_E_CD_KEY, 601),
    ROW("signer-info-skid-19-octets", sid_short, MC_E_CMS_KEY_ID, 601),
    ROW("signer-info-issuer-and-serial", sid_serial, MC_E_CMS_KEY_ID, 600),
    ROW("sig-algo-ecdsa-with-sha1", algorithm_sha1, MC_E_CMS_SIG_ALG, 600),
    ROW("signature-wrong", flipped, MC_E_CMS_SIGNATURE, 602),
    ROW("signature-of-another-key", other_key, MC_E_CMS_SIGNATURE, 602),
    ROW("signature-raw", raw, MC_E_SIGNATURE_FORM, 600),
    {.name = NULL},
};
