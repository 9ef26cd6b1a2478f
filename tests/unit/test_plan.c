/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a plan: each rule where it holds, and where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ca/plan.h"

#define YEAR  INT64_C(31557600)
#define NOW   INT64_C(1790000000)
#define NEVER MC_TIME_NO_EXPIRY

/* A root without end and an ICA of 40 years; nothing to do. */
static struct plan healthy(void)
{
    struct plan p = {.name = "home", .root = 1, .ica = 2, .now_unix = NOW, .until_unix = NOW + 2 * YEAR, .noc_days = 7305,
        .n_authority = 2, .live = 3, .first_end_unix = NOW + 20 * YEAR};

    p.authority[0] = (struct plan_authority){.number = 1, .kind = MC_KIND_RCAC, .state = AUTHORITY_ACTIVE,
        .not_after_unix = NEVER, .first_end_unix = NEVER};
    p.authority[1] = (struct plan_authority){.number = 2, .issuer = 1, .kind = MC_KIND_ICAC, .state = AUTHORITY_ACTIVE,
        .not_after_unix = NOW + 40 * YEAR, .live = 3, .first_end_unix = NOW + 20 * YEAR};
    return p;
}

static struct plan_authority *add_ica(struct plan *p, enum authority_state state, uint64_t live)
{
    struct plan_authority *a = &p->authority[p->n_authority++];

    *a = (struct plan_authority){.number = p->n_authority, .issuer = 1, .kind = MC_KIND_ICAC, .state = state, .live = live,
        .not_after_unix = NOW + 30 * YEAR, .first_end_unix = live != 0 ? NOW + 5 * YEAR : NEVER};
    return a;
}

static const struct plan_finding *find(const struct plan *p, const char *rule)
{
    static struct plan_finding list[PLAN_FINDINGS_MAX];
    unsigned n = plan_findings(p, list);

    for (unsigned i = 0; i < n; i++)
        if (strcmp(list[i].rule, rule) == 0)
            return &list[i];
    return NULL;
}

static void a_healthy_fabric_has_nothing_to_do(void **state)
{
    struct plan p = healthy();
    struct plan_finding list[PLAN_FINDINGS_MAX];

    (void)state;
    assert_int_equal(plan_findings(&p, list), 0);
}

static void a_root_that_ends_is_told_in_time_and_the_examples_date_always(void **state)
{
    struct plan p = healthy();
    const struct plan_finding *f;

    (void)state;
    p.authority[0].not_after_unix = NOW + 50 * YEAR;
    assert_null(find(&p, "plan-root-ends"));
    p.until_unix = NOW + 51 * YEAR;
    f = find(&p, "plan-root-ends");
    assert_non_null(f);
    assert_true(f->by_unix == NOW + 50 * YEAR);
    p = healthy();
    assert_int_equal(mc_time_parse_text("2030-12-30T23:59:59Z", &p.authority[0].not_after_unix, NULL), MC_OK);
    assert_non_null(find(&p, "plan-2030"));
    assert_null(find(&p, "plan-root-ends"));
    assert_non_null(find(&p, "plan-ica-outlives-root"));
    assert_int_equal(mc_time_parse_text("2030-12-29T23:59:59Z", &p.authority[0].not_after_unix, NULL), MC_OK);
    assert_null(find(&p, "plan-2030"));
    p.authority[0].number = 7; /* the old one after a renewal */
    assert_null(find(&p, "plan-root-ends"));
}

static void an_ica_hands_over_while_a_whole_noc_fits(void **state)
{
    struct plan p = healthy();
    const struct plan_finding *f;

    (void)state;
    p.authority[1].not_after_unix = NOW + 21 * YEAR;
    f = find(&p, "plan-ica-short");
    assert_non_null(f);
    assert_true(f->by_unix == NOW + 21 * YEAR - 7305 * INT64_C(86400));
    p.authority[1].not_after_unix = NOW + 3 * YEAR;
    f = find(&p, "plan-ica-short");
    assert_non_null(f);
    assert_true(f->by_unix == NOW);
    p.authority[1].not_after_unix = NOW - 1;
    assert_null(find(&p, "plan-ica-short"));
    assert_non_null(find(&p, "plan-ica-ended"));
    p = healthy();
    p.noc_days = 0; /* NOCs without end fit below no ICA that has one */
    assert_non_null(find(&p, "plan-ica-short"));
    p.authority[1].not_after_unix = NEVER;
    assert_null(find(&p, "plan-ica-short"));
}

static void every_state_of_an_ica_has_its_next_step(void **state)
{
    struct plan p = healthy();
    struct plan_authority *a = add_ica(&p, AUTHORITY_PREPARED, 0);
    const struct plan_finding *f;

    (void)state;
    assert_non_null(find(&p, "plan-ica-prepared"));
    a->state = AUTHORITY_DRAINING;
    assert_null(find(&p, "plan-ica-prepared"));
    assert_non_null(find(&p, "plan-ica-drained"));
    assert_null(find(&p, "plan-nodes-unknown"));
    p.unknown = 1;
    assert_null(find(&p, "plan-ica-drained"));
    f = find(&p, "plan-nodes-unknown");
    assert_non_null(f);
    assert_true(f->by_unix == NOW);
    p.unknown = 0;
    a->live = 2;
    a->first_end_unix = NOW + 5 * YEAR;
    f = find(&p, "plan-campaign");
    assert_non_null(f);
    assert_true(f->by_unix == NOW + 5 * YEAR);
    assert_null(find(&p, "plan-ica-drained"));
    a->state = AUTHORITY_RETIRED;
    assert_non_null(find(&p, "plan-campaign"));
    a->live = 0;
    assert_null(find(&p, "plan-campaign"));
}

static void nodes_that_end_are_told_with_the_first_of_them(void **state)
{
    struct plan p = healthy();
    const struct plan_finding *f;

    (void)state;
    p.ending = 2;
    p.first_end_unix = NOW + YEAR;
    f = find(&p, "plan-nodes-end");
    assert_non_null(f);
    assert_true(f->by_unix == NOW + YEAR);
    p.expired = 1;
    assert_non_null(find(&p, "plan-nodes-ended"));
    p.authority[1].outlived = 4;
    assert_non_null(find(&p, "plan-noc-outlives"));
    strcpy(p.successor, "next");
    assert_non_null(find(&p, "plan-replaced"));
    p.live = 0;
    assert_null(find(&p, "plan-replaced"));
}

static void the_most_urgent_comes_first(void **state)
{
    struct plan p = healthy();
    struct plan_finding list[PLAN_FINDINGS_MAX];
    unsigned n;

    (void)state;
    add_ica(&p, AUTHORITY_PREPARED, 0);
    add_ica(&p, AUTHORITY_DRAINING, 3);
    add_ica(&p, AUTHORITY_DRAINING, 0);
    p.expired = 1;
    p.authority[0].not_after_unix = NOW + YEAR;
    n = plan_findings(&p, list);
    assert_true(n >= 5);
    for (unsigned i = 1; i < n; i++)
        assert_true(list[i - 1].by_unix <= list[i].by_unix);
}

static void a_chain_ends_with_the_first_of_noc_and_icac(void **state)
{
    struct plan p = healthy();
    struct ledger_node n = {.node_id = 1, .authority = 2, .not_after_unix = NOW + 41 * YEAR};

    (void)state;
    assert_true(plan_chain_end(&p, &n) == NOW + 40 * YEAR);
    n.not_after_unix = NOW + 39 * YEAR;
    assert_true(plan_chain_end(&p, &n) == NOW + 39 * YEAR);
    n.authority = 1; /* the root's end is tolerated */
    p.authority[0].not_after_unix = NOW + YEAR;
    assert_true(plan_chain_end(&p, &n) == NOW + 39 * YEAR);
    n.authority = 99;
    assert_true(plan_chain_end(&p, &n) == NOW + 39 * YEAR);
}

static void there_is_room_for_every_finding(void **state)
{
    struct plan p = healthy();
    struct plan_finding list[PLAN_FINDINGS_MAX];

    (void)state;
    while (p.n_authority < PLAN_AUTHORITIES_MAX) {
        struct plan_authority *a = add_ica(&p, AUTHORITY_DRAINING, 1);

        a->outlived = 1;
    }
    p.authority[0].not_after_unix = NOW + YEAR;
    p.ending = p.expired = 1;
    strcpy(p.successor, "next");
    assert_true(plan_findings(&p, list) < PLAN_FINDINGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_fabric_has_nothing_to_do),
        cmocka_unit_test(a_root_that_ends_is_told_in_time_and_the_examples_date_always),
        cmocka_unit_test(an_ica_hands_over_while_a_whole_noc_fits),
        cmocka_unit_test(every_state_of_an_ica_has_its_next_step),
        cmocka_unit_test(nodes_that_end_are_told_with_the_first_of_them),
        cmocka_unit_test(the_most_urgent_comes_first),
        cmocka_unit_test(a_chain_ends_with_the_first_of_noc_and_icac),
        cmocka_unit_test(there_is_room_for_every_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
