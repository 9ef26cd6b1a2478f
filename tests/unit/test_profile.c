/* SPDX-License-Identifier: Apache-2.0 */
#include "shipped.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct mc_mistakes mistakes;

#define RCAC_TOP                                                                                             \
    "[profile]\nkind = rcac\nvalidity = no-expiry\nbackdate = 0\n[subject]\nmatter-rcac-id = required\n"
#define AUTHORITY_KU "keyUsage = critical, keyCertSign, cRLSign\n"
#define KEY_IDS      "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
#define RCAC_EXT     "[extensions]\nbasicConstraints = critical, CA:TRUE\n" AUTHORITY_KU KEY_IDS
#define ICAC_TOP                                                                                             \
    "[profile]\nkind = icac\nvalidity = 10 days\nbackdate = 0\n[subject]\nmatter-icac-id = required\n"
#define ICAC_EXT    "[extensions]\nbasicConstraints = critical, CA:TRUE, pathlen:0\n" AUTHORITY_KU KEY_IDS
#define NOC_PROFILE "[profile]\nkind = noc\nvalidity = 10 days\nbackdate = 0\n"
#define NOC_IDS     "matter-node-id = required\nmatter-fabric-id = required\n"
#define NOC_TOP     NOC_PROFILE "[subject]\n" NOC_IDS
#define LEAF_BC     "basicConstraints = critical, CA:FALSE\n"
#define LEAF_KU     "keyUsage = critical, digitalSignature\n"
#define NOC_EKU     "extendedKeyUsage = critical, clientAuth, serverAuth\n"
#define NOC_EXT     "[extensions]\n" LEAF_BC LEAF_KU NOC_EKU KEY_IDS
#define FW_TOP                                                                                               \
    "[profile]\nkind = firmware-signing\nvalidity = 10 days\nbackdate = 0\n[subject]\n"                      \
    "matter-firmware-signing-id = required\n"
#define FW_EXT "[extensions]\n" LEAF_BC LEAF_KU "extendedKeyUsage = critical, codeSigning\n" KEY_IDS
#define VVSC_TOP                                                                                             \
    "[profile]\nkind = vvsc\nvalidity = 10 days\nbackdate = 0\n[subject]\nmatter-vvs-id = required\n"
#define VVSC_EXT "[extensions]\n" LEAF_BC LEAF_KU KEY_IDS

static enum mc_rc read_text(const char *text, struct mc_profile *p)
{
    return mc_profile_parse(mc_span_of(text, strlen(text)), p, &mistakes);
}

static const struct {
    const char *name, *text;
} good_texts[] = {
    {"rcac", RCAC_TOP RCAC_EXT},
    {"rcac with fabric id", RCAC_TOP "matter-fabric-id = required\n" RCAC_EXT},
    {"icac", ICAC_TOP ICAC_EXT},
    {"noc", NOC_TOP NOC_EXT},
    {"noc with CATs", NOC_TOP "matter-noc-cat = optional\n" NOC_EXT},
    {"noc with compulsory CATs", NOC_TOP "commonName = required\nmatter-noc-cat = required\n" NOC_EXT},
    {"noc with fixed texts", NOC_TOP "O = \"My Home\"\nL = PRINTABLE:Attic (left)\n" NOC_EXT},
    {"firmware-signing", FW_TOP FW_EXT},
    {"vvsc", VVSC_TOP VVSC_EXT},
    {"purposes in the other order", NOC_TOP "[extensions]\n" LEAF_BC LEAF_KU
                                            "extendedKeyUsage = critical, serverAuth, clientAuth\n" KEY_IDS},
    {"extensions in another order",
        RCAC_TOP "[extensions]\n" KEY_IDS AUTHORITY_KU "basicConstraints=CA:TRUE,critical\n"},
    {"sections in another order", RCAC_EXT RCAC_TOP},
    {"longest validity", "[profile]\nkind=rcac\nvalidity=49710 days\nbackdate=604800\n"
                         "[subject]\nmatter-rcac-id=required\n" RCAC_EXT},
};

static void good_profiles_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_texts); i++) {
        struct mc_profile p;

        if (read_text(good_texts[i].text, &p) != MC_OK)
            fail_msg("%s: line %u: %s: %s", good_texts[i].name, mistakes.list[0].line, mistakes.list[0].field,
                mistakes.list[0].what);
    }
}

static void a_profile_says_what_its_text_says(void **state)
{
    struct mc_profile p;

    (void)state;
    assert_int_equal(
        read_text("[profile]\nkind = noc\nvalidity = 365 days\nbackdate = 3600\n[subject]\n" NOC_IDS
                  "commonName = optional\nO = \"My Home\"\nL = PRINTABLE:Attic\n"
                  "matter-noc-cat = optional\n" NOC_EXT,
            &p),
        MC_OK);
    assert_int_equal(p.kind, MC_KIND_NOC);
    assert_int_equal(p.validity_days, 365);
    assert_int_equal(p.backdate_seconds, 3600);
    assert_false(p.is_ca);
    assert_false(p.path_len_present);
    assert_int_equal(p.ku, MC_KU_DIGITAL_SIGNATURE);
    assert_int_equal(p.n_eku, 2);
    assert_int_equal(p.eku[0], MC_EKU_CLIENT_AUTH);
    assert_int_equal(p.eku[1], MC_EKU_SERVER_AUTH);
    assert_int_equal(p.n_attr, 6);
    assert_int_equal(p.attr[0].id, MC_ATTR_NODE_ID);
    assert_int_equal(p.attr[0].presence, MC_REQUIRED);
    assert_int_equal(p.attr[2].presence, MC_OPTIONAL);
    assert_int_equal(p.attr[3].text_len, 7);
    assert_memory_equal(p.attr[3].text, "My Home", 7);
    assert_false(p.attr[3].printable);
    assert_true(p.attr[4].printable);
    assert_int_equal(p.n_ext, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(p.ext[i], i + 1);
}

static const struct {
    const char *name, *text;
    enum mc_rc rc;
    unsigned line;
    const char *field;
} bad_texts[] = {
    {"unknown kind", "[profile]\nkind = root\nvalidity = no-expiry\nbackdate = 0\n", MC_E_CONF_VALUE, 2,
        "kind"},
    {"kind that has no profile", "[profile]\nkind = network-identity\nvalidity = no-expiry\nbackdate = 0\n",
        MC_E_CONF_VALUE, 2, "kind"},
    {"no kind", "[profile]\nvalidity = no-expiry\nbackdate = 0\n", MC_E_CONF_MISSING, 0, "kind"},
    {"no validity", "[profile]\nkind = vvsc\nbackdate = 0\n[subject]\nmatter-vvs-id = required\n" VVSC_EXT,
        MC_E_CONF_MISSING, 2, "validity"},
    {"no backdate",
        "[profile]\nkind = vvsc\nvalidity = 1 days\n[subject]\nmatter-vvs-id = required\n" VVSC_EXT,
        MC_E_CONF_MISSING, 2, "backdate"},
    {"validity without unit",
        "[profile]\nvalidity = 10\nkind = rcac\nbackdate = 0\n[subject]\nmatter-rcac-id = "
        "required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "validity"},
    {"validity of 0 days",
        "[profile]\nvalidity = 0 days\nkind = rcac\nbackdate = 0\n[subject]\nmatter-rcac-id = "
        "required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "validity"},
    {"validity beyond Matter time",
        "[profile]\nvalidity = 49711 days\nkind = rcac\nbackdate = 0\n[subject]\n"
        "matter-rcac-id = required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "validity"},
    {"validity in hex",
        "[profile]\nvalidity = 0x10 days\nkind = rcac\nbackdate = 0\n[subject]\n"
        "matter-rcac-id = required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "validity"},
    {"negative backdate",
        "[profile]\nbackdate = -1\nkind = rcac\nvalidity = no-expiry\n[subject]\nmatter-rcac-id = "
        "required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "backdate"},
    {"backdate beyond a week",
        "[profile]\nbackdate = 604801\nkind = rcac\nvalidity = no-expiry\n[subject]\n"
        "matter-rcac-id = required\n" RCAC_EXT,
        MC_E_CONF_VALUE, 2, "backdate"},
    {"unknown key", RCAC_TOP RCAC_EXT "subjectAltName = x\n", MC_E_CONF_KEY, 12,
        "subjectAltName"},
    {"unknown key of the profile",
        "[profile]\ndays = 7\nkind = rcac\nvalidity = no-expiry\nbackdate = 0\n[subject]\n"
        "matter-rcac-id = required\n" RCAC_EXT,
        MC_E_CONF_KEY, 2, "days"},
    {"unknown attribute", RCAC_TOP "emailAddress = \"a\"\n" RCAC_EXT, MC_E_CONF_KEY, 7, "emailAddress"},
    {"attestation attribute", RCAC_TOP "matter-vid = required\n" RCAC_EXT, MC_E_PROFILE_RULE, 7, "matter-vid"},
    {"unknown section", RCAC_TOP RCAC_EXT "[policy]\nx = y\n", MC_E_CONF_KEY, 12, ""},
    {"unknown section without keys", RCAC_TOP RCAC_EXT "[policy]\n", MC_E_CONF_KEY, 12, ""},
    {"key before the sections", "kind = rcac\n" RCAC_TOP RCAC_EXT, MC_E_CONF_KEY, 1, "kind"},
    {"not configuration text", RCAC_TOP RCAC_EXT "what\n", MC_E_CONF_SYNTAX, 12, ""},
    {"key twice", RCAC_TOP RCAC_EXT "subjectKeyIdentifier = hash\n", MC_E_CONF_TWICE, 12, ""},
    {"a section three times", RCAC_TOP RCAC_EXT RCAC_EXT RCAC_EXT, MC_E_CONF_TWICE, 12, ""},
    {"attribute twice under two names", RCAC_TOP "CN = \"a\"\ncommonName = \"b\"\n" RCAC_EXT, MC_E_CONF_TWICE,
        8, "commonName"},
    {"own id as text",
        "[profile]\nkind = vvsc\nvalidity = no-expiry\nbackdate = 0\n[subject]\n"
        "matter-vvs-id = \"1\"\n" VVSC_EXT,
        MC_E_CONF_VALUE, 6, "matter-vvs-id"},
    {"standard attribute from the request", RCAC_TOP "O = optional\n" RCAC_EXT, MC_E_CONF_VALUE, 7, "O"},
    {"unquoted text", RCAC_TOP "CN = Root\n" RCAC_EXT, MC_E_CONF_VALUE, 7, "CN"},
    {"empty text", RCAC_TOP "CN = \"\"\n" RCAC_EXT, MC_E_CONF_VALUE, 7, "CN"},
    {"text of 65 octets",
        RCAC_TOP "CN = \"12345678901234567890123456789012345678901234567890123456789012345\"\n" RCAC_EXT,
        MC_E_CONF_VALUE, 7, "CN"},
    {"text with a tab", RCAC_TOP "CN = \"a\tb\"\n" RCAC_EXT, MC_E_CONF_VALUE, 7, "CN"},
    {"PrintableString with other characters", RCAC_TOP "CN = PRINTABLE:a@b\n" RCAC_EXT, MC_E_CONF_VALUE, 7,
        "CN"},
    {"unknown word of basicConstraints",
        ICAC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE, pathlen:0, x\n" AUTHORITY_KU KEY_IDS,
        MC_E_CONF_VALUE, 8, "basicConstraints"},
    {"unknown key usage",
        RCAC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE\n" KEY_IDS
                 "keyUsage = critical, keyCertSign, cRLSign, sign\n",
        MC_E_CONF_VALUE, 11, "keyUsage"},
    {"purpose twice",
        FW_TOP "[extensions]\n" LEAF_BC LEAF_KU KEY_IDS
               "extendedKeyUsage = critical, codeSigning, codeSigning\n",
        MC_E_CONF_VALUE, 12, "extendedKeyUsage"},
    {"subject key id as number",
        VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU
                 "authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = 1234\n",
        MC_E_CONF_VALUE, 11, "subjectKeyIdentifier"},
    {"authority key id with issuer",
        VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU
                 "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid, issuer\n",
        MC_E_CONF_VALUE, 11, "authorityKeyIdentifier"},
    {"word that is very long",
        VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU "subjectKeyIdentifier = hash\n"
                 "authorityKeyIdentifier = keyidkeyidkeyidkeyidkeyidkeyidkeyidkeyid\n",
        MC_E_CONF_VALUE, 11, "authorityKeyIdentifier"},
    {"not critical", RCAC_TOP "[extensions]\nbasicConstraints = CA:TRUE\n" AUTHORITY_KU KEY_IDS,
        MC_E_PROFILE_RULE, 8, "basicConstraints"},
    {"critical key id",
        VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU
                 "authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = critical, hash\n",
        MC_E_PROFILE_RULE, 11, "subjectKeyIdentifier"},
    {"no own id",
        "[profile]\nkind = vvsc\nvalidity = no-expiry\nbackdate = 0\n[subject]\nCN = required\n" VVSC_EXT,
        MC_E_PROFILE_RULE, 2, "matter-vvs-id"},
    {"optional own id",
        "[profile]\nkind = vvsc\nvalidity = no-expiry\nbackdate = 0\n[subject]\n"
        "matter-vvs-id = optional\n" VVSC_EXT,
        MC_E_PROFILE_RULE, 6, "matter-vvs-id"},
    {"id of another kind", RCAC_TOP "matter-icac-id = optional\n" RCAC_EXT, MC_E_PROFILE_RULE, 7,
        "matter-icac-id"},
    {"NOC without fabric", NOC_PROFILE "[subject]\nmatter-node-id = required\n" NOC_EXT, MC_E_PROFILE_RULE, 2,
        "matter-fabric-id"},
    {"NOC with optional fabric",
        NOC_PROFILE "[subject]\nmatter-node-id = required\nmatter-fabric-id = optional\n" NOC_EXT,
        MC_E_PROFILE_RULE, 7, "matter-fabric-id"},
    {"VVSC with fabric", VVSC_TOP "matter-fabric-id = optional\n" VVSC_EXT, MC_E_PROFILE_RULE, 7,
        "matter-fabric-id"},
    {"CAT in an authority", ICAC_TOP "matter-noc-cat = optional\n" ICAC_EXT, MC_E_PROFILE_RULE, 7,
        "matter-noc-cat"},
    {"CAT that is not last", NOC_TOP "matter-noc-cat = optional\nCN = optional\n" NOC_EXT, MC_E_PROFILE_RULE,
        8, "matter-noc-cat"},
    {"domainComponent", RCAC_TOP "DC = \"example\"\n" RCAC_EXT, MC_E_PROFILE_RULE, 7, "domainComponent"},
    {"six attributes", NOC_TOP "CN = required\nO = \"a\"\nL = \"b\"\nST = \"c\"\n" NOC_EXT, MC_E_PROFILE_RULE,
        11, "subject"},
    {"no basicConstraints", RCAC_TOP "[extensions]\n" AUTHORITY_KU KEY_IDS, MC_E_PROFILE_RULE, 2,
        "basicConstraints"},
    {"no keyUsage", RCAC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE\n" KEY_IDS,
        MC_E_PROFILE_RULE, 2, "keyUsage"},
    {"no extendedKeyUsage", NOC_TOP "[extensions]\n" LEAF_BC LEAF_KU KEY_IDS, MC_E_PROFILE_RULE, 2,
        "extendedKeyUsage"},
    {"no subjectKeyIdentifier", VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU "authorityKeyIdentifier = keyid\n",
        MC_E_PROFILE_RULE, 2, "subjectKeyIdentifier"},
    {"no authorityKeyIdentifier", VVSC_TOP "[extensions]\n" LEAF_BC LEAF_KU "subjectKeyIdentifier = hash\n",
        MC_E_PROFILE_RULE, 2, "authorityKeyIdentifier"},
    {"root that is no CA", RCAC_TOP "[extensions]\n" LEAF_BC AUTHORITY_KU KEY_IDS, MC_E_PROFILE_RULE, 8,
        "basicConstraints"},
    {"NOC that is a CA",
        NOC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE\n" LEAF_KU NOC_EKU KEY_IDS,
        MC_E_PROFILE_RULE, 9, "basicConstraints"},
    {"root with a path length", RCAC_TOP ICAC_EXT, MC_E_PROFILE_RULE, 8, "basicConstraints"},
    {"NOC with a path length",
        NOC_TOP "[extensions]\nbasicConstraints = critical, CA:FALSE, pathlen:0\n" LEAF_KU NOC_EKU KEY_IDS,
        MC_E_PROFILE_RULE, 9, "basicConstraints"},
    {"ICAC without path length", ICAC_TOP RCAC_EXT, MC_E_PROFILE_RULE, 8, "basicConstraints"},
    {"ICAC with path length 1",
        ICAC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE, pathlen:1\n" AUTHORITY_KU KEY_IDS,
        MC_E_PROFILE_RULE, 8, "basicConstraints"},
    {"root that signs data",
        RCAC_TOP "[extensions]\nbasicConstraints = critical, CA:TRUE\n" KEY_IDS
                 "keyUsage = critical, keyCertSign, cRLSign, digitalSignature\n",
        MC_E_PROFILE_RULE, 11, "keyUsage"},
    {"NOC that signs certificates",
        NOC_TOP "[extensions]\n" LEAF_BC NOC_EKU KEY_IDS
                "keyUsage = critical, digitalSignature, keyCertSign\n",
        MC_E_PROFILE_RULE, 13, "keyUsage"},
    {"root with purposes", RCAC_TOP RCAC_EXT NOC_EKU, MC_E_PROFILE_RULE, 12, "extendedKeyUsage"},
    {"NOC for servers only",
        NOC_TOP "[extensions]\n" LEAF_BC LEAF_KU KEY_IDS "extendedKeyUsage = critical, serverAuth\n",
        MC_E_PROFILE_RULE, 13, "extendedKeyUsage"},
    {"firmware signing for servers",
        FW_TOP "[extensions]\n" LEAF_BC LEAF_KU KEY_IDS "extendedKeyUsage = critical, serverAuth\n",
        MC_E_PROFILE_RULE, 12, "extendedKeyUsage"},
};

static void each_mistake_is_reported_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_texts); i++) {
        struct mc_profile p;
        enum mc_rc rc = read_text(bad_texts[i].text, &p);
        bool found = rc != MC_OK && rc == mistakes.list[0].rc;

        for (unsigned k = 0; found && k < mistakes.n; k++) {
            const struct mc_err *e = &mistakes.list[k];

            if (e->rc == bad_texts[i].rc && e->line == bad_texts[i].line &&
                strcmp(e->field, bad_texts[i].field) == 0)
                break;
            found = k + 1 < mistakes.n;
        }
        if (!found)
            fail_msg("%s: %u mistakes, first in line %u: %s %s %s", bad_texts[i].name, mistakes.n,
                mistakes.list[0].line, mc_rc_symbol(mistakes.list[0].rc), mistakes.list[0].field,
                mistakes.list[0].what);
    }
}

static void all_mistakes_come_at_once_in_order(void **state)
{
    struct mc_profile p;

    (void)state;
    assert_int_not_equal(read_text("[profile]\nkind = noc\nvalidity = soon\nbackdate = 0\n[subject]\n" NOC_IDS
                                   "DC = \"x\"\n[policy]\n[extensions]\nkeyUsage = digitalSignature\n",
                             &p),
        MC_OK);
    assert_true(mistakes.n >= 7);
    for (unsigned i = 1; i < mistakes.n; i++)
        assert_true(mistakes.list[i - 1].line <= mistakes.list[i].line);
}

static void an_empty_profile_is_refused(void **state)
{
    struct mc_profile p;

    (void)state;
    assert_int_equal(read_text("", &p), MC_E_CONF_MISSING);
}

static void the_shipped_profiles_are_good(void **state)
{
    static struct mc_profile shipped[SHIPPED];

    (void)state;
    assert_int_equal(shipped_read(shipped), 0);
    for (int i = 0; i < SHIPPED; i++)
        assert_int_equal(shipped[i].kind, shipped_kinds[i]);
    assert_int_equal(shipped[RCAC].validity_days, 0);
    assert_true(shipped[ICAC].validity_days >= 2 * shipped[NOC].validity_days);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_profiles_are_read),
        cmocka_unit_test(a_profile_says_what_its_text_says),
        cmocka_unit_test(each_mistake_is_reported_with_its_line),
        cmocka_unit_test(all_mistakes_come_at_once_in_order),
        cmocka_unit_test(an_empty_profile_is_refused),
        cmocka_unit_test(the_shipped_profiles_are_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
