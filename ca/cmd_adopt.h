/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_adopt.h - between the parts of the verb `fabric adopt`. */
#ifndef CA_CMD_ADOPT_H
#define CA_CMD_ADOPT_H

#include "backup.h"
#include "cmd.h"
#include "foreign.h"
#include "lib/lint.h"

#define ADOPT_DEFECTS_MAX 64

/* What lint says of what is adopted; NOCs share a line for each rule. */
struct adopt_defect {
    const struct mc_rule *rule;
    const char *of; /* "root", "ICA", "NOC" */
    size_t n;       /* of NOCs that have it */
    char what[160]; /* of the first */
};
struct adopt_defects {
    struct adopt_defect d[ADOPT_DEFECTS_MAX];
    unsigned n;
};
void adopt_find_defects(struct mc_verifier *v, const struct adopt_order *o, struct adopt_defects *out);

/* What is told when all is done. */
struct adopt_report {
    const struct adopt_order *order;
    const struct adopt_result *result;
    const struct adopt_defects *defects;
    const struct foreign *from; /* NULL: from files that were named one by one */
    enum foreign_ipk ipk;
    const char *const *key_file; /* that were named one by one */
    size_t n_key_file;
    const char *backup; /* NULL: none was made */
    const struct backup_facts *backup_facts;
};
void adopt_tell(const struct cli *c, const struct adopt_report *r);

#endif
