/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lint found as SARIF 2.1.0 (OASIS), with what GitHub code scanning wants beyond it: help and a full
 * description of each rule, a region in each location, fingerprints that stay the same from run to run.
 */
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cli/json.h"
#include "lint.h"

enum { URI_MAX = 4096 * 3, FINGERPRINT_LEN = 16 /* octets */ };

/* The one document stays open while file after file is linted. */
static struct json sarif;

static void put_message(struct json *j, const char *key, const char *text)
{
    json_object(j, key);
    json_string(j, "text", text);
    json_end_object(j);
}

static const char *level(const struct mc_rule *r)
{
    return r->severity == MC_NOTICE ? "note" : mc_severity_name(r->severity);
}

static void put_rule(struct json *j, const struct mc_rule *r)
{
    char text[1024];

    json_object(j, NULL);
    json_string(j, "id", r->id);
    put_message(j, "shortDescription", r->text);
    snprintf(text, sizeof(text), "%s Source: %s. Since Matter %s.", r->text, r->source, r->since);
    put_message(j, "fullDescription", text);
    snprintf(text, sizeof(text), "Cure: %s.", r->cure);
    put_message(j, "help", text);
    json_object(j, "defaultConfiguration");
    json_string(j, "level", level(r));
    json_end_object(j);
    json_object(j, "properties");
    json_array(j, "tags");
    json_string(j, NULL, "matter");
    json_string(j, NULL, "certificate");
    json_end_array(j);
    json_string(j, "precision", "very-high");
    json_string(
        j, "problem.severity", r->severity == MC_NOTICE ? "recommendation" : mc_severity_name(r->severity));
    json_end_object(j);
    json_end_object(j);
}

void lint_sarif_begin(void)
{
    const struct mc_rule *r;
    struct json *j = &sarif;

    json_init(j, stdout, false);
    json_object(j, NULL);
    json_string(j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_string(j, "version", "2.1.0");
    json_array(j, "runs");
    json_object(j, NULL);
    json_object(j, "tool");
    json_object(j, "driver");
    json_string(j, "name", "mattercert");
    json_string(j, "version", CLI_VERSION);
    json_string(j, "semanticVersion", CLI_VERSION);
    json_array(j, "rules");
    for (size_t i = 0; (r = mc_lint_rule(i)) != NULL; i++)
        put_rule(j, r);
    json_end_array(j);
    json_end_object(j);
    json_end_object(j);
    json_string(j, "columnKind", "unicodeCodePoints");
    json_array(j, "results");
}

/* A path as a URI: an absolute one as file:, else relative; what is not unreserved or '/' is escaped. */
static void put_uri(struct json *j, const char *path)
{
    char uri[URI_MAX + sizeof("file://")];
    size_t n = (size_t)snprintf(uri, sizeof(uri), "%s", path[0] == '/' ? "file://" : "");

    while (strncmp(path, "./", 2) == 0)
        path += 2 + strspn(path + 2, "/");
    for (const char *p = path; *p != '\0' && n + 3 < sizeof(uri); p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     strchr("-._~/", c) != NULL;

        if (plain)
            uri[n++] = (char)c;
        else
            n += (size_t)snprintf(uri + n, 4, "%%%02X", c);
    }
    uri[n] = '\0';
    json_string(j, "uri", uri);
}

/* A certificate has no lines that matter: its first character stands for all of it. */
static void put_location(struct json *j, const char *file)
{
    json_array(j, "locations");
    json_object(j, NULL);
    json_object(j, "physicalLocation");
    json_object(j, "artifactLocation");
    put_uri(j, file);
    json_end_object(j);
    json_object(j, "region");
    json_number(j, "startLine", 1);
    json_number(j, "startColumn", 1);
    json_number(j, "endLine", 1);
    json_number(j, "endColumn", 2);
    json_end_object(j);
    json_end_object(j);
    json_end_object(j);
    json_end_array(j);
}

/* The same for one finding of one object, in whatever form it comes: its hash, and which of the rule's
 * findings it is. */
static void put_fingerprint(struct json *j, const struct lint_report *r, unsigned at)
{
    char text[2 * FINGERPRINT_LEN + 16];
    unsigned nth = 1;

    for (unsigned i = 0; i < at; i++)
        nth += r->list[i].rule == r->list[at].rule;
    mc_hex_encode(r->digest, FINGERPRINT_LEN, text);
    snprintf(text + 2 * FINGERPRINT_LEN, sizeof(text) - 2 * FINGERPRINT_LEN, ":%u", nth);
    json_object(j, "partialFingerprints");
    json_string(j, "primaryLocationLineHash", text);
    json_end_object(j);
}

static size_t index_of(const struct mc_rule *rule)
{
    size_t i = 0;

    while (mc_lint_rule(i) != NULL && mc_lint_rule(i) != rule)
        i++;
    return i;
}

void lint_sarif_put(const struct lint_report *r)
{
    char text[1024];

    for (unsigned i = 0; i < r->n; i++) {
        const struct mc_finding *f = &r->list[i];

        snprintf(text, sizeof(text), "%s%s%s%s Cure: %s.", f->rule->text, f->what[0] != '\0' ? " Here: " : "",
            f->what, f->what[0] != '\0' ? "." : "", f->rule->cure);
        json_object(&sarif, NULL);
        json_string(&sarif, "ruleId", f->rule->id);
        json_number(&sarif, "ruleIndex", (int64_t)index_of(f->rule));
        json_string(&sarif, "level", level(f->rule));
        put_message(&sarif, "message", text);
        put_location(&sarif, r->file);
        put_fingerprint(&sarif, r, i);
        json_end_object(&sarif);
    }
}

void lint_sarif_end(void)
{
    json_end_array(&sarif);
    json_end_object(&sarif);
    json_end_array(&sarif);
    json_end_object(&sarif);
}
