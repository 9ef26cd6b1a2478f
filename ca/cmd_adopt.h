/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_adopt.h - between the parts of the verb `fabric adopt`. */
#ifndef CA_CMD_ADOPT_H
#define CA_CMD_ADOPT_H

#include "backup.h"
#include "cmd.h"
#include "foreign.h"
#include "lib/lint.h"

/* Nodes, as the command line and the storage name them: NOCs of --noc (files and folders), ids of --nodes. */
struct adopt_members {
    struct adopt_cert **noc;
    size_t n_noc;
    uint64_t *node;
    size_t n_node;
};
/* CA_E_FILE_NOT_FOUND, CA_E_READ, MC_E_*; c->where is then the file. The caller clears *m in any case. */
MC_MUST_CHECK enum mc_rc adopt_read_nocs(struct cli *c, struct adopt_members *m, struct mc_err *e);
MC_MUST_CHECK enum mc_rc adopt_read_nodes(struct cli *c, struct adopt_members *m, struct mc_err *e);
MC_MUST_CHECK enum mc_rc adopt_add_node(struct adopt_members *m, uint64_t node_id, struct mc_err *e);
void adopt_members_clear(struct adopt_members *m);

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
