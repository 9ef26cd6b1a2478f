/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch of a command is run with: its input, whose certificates are issued, PIN, seed. */
#include "cmd_batch_job.h"

#include <inttypes.h>
#include <signal.h>

#include "batch_seed.h"
#include "lib/att_chain.h"

static volatile int stop_batch;

/* The first signal lets what is signed be recorded; the second acts as if there were no handler. */
static void on_stop(int sig)
{
    stop_batch = sig;
    signal(sig, SIG_DFL);
}

static void catch_stops(void)
{
    struct sigaction sa = {.sa_handler = on_stop};

    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
}

static enum mc_rc open_input(struct job *j, struct batch_source *source, struct mc_err *e)
{
    const struct batch_record *b = j->record;
    enum mc_rc rc;

    if (b->dacs) {
        rc = manifest_open(&j->manifest, b->in, e);
        *source = manifest_source(&j->manifest);
        return rc;
    }
    j->is_folder = strcmp(b->in, "-") != 0 && io_is_directory(b->in);
    if (j->is_folder) {
        if (b->node_ids[0] == '\0')
            return mc_fail(e, CA_E_USAGE, "--node-ids", "a folder of CSRs needs a rule for node ids");
        rc = batch_folder_open(&j->folder, b->in, b->node_ids, e);
        *source = batch_folder_source(&j->folder);
        return rc;
    }
    if (b->node_ids[0] != '\0')
        return mc_fail(e, CA_E_USAGE, "--node-ids", "it goes with a folder of CSRs");
    rc = batch_lines_open(&j->lines, b->in, e);
    *source = batch_lines_source(&j->lines);
    return rc;
}

static void close_input(struct job *j)
{
    if (j->record->dacs)
        manifest_close(&j->manifest);
    else if (j->is_folder)
        batch_folder_close(&j->folder);
    else
        batch_lines_close(&j->lines);
}

static enum mc_rc run_nocs(struct job *j, const struct batch_options *o, const struct batch_source *source,
    const struct batch_sink *sink, struct mc_err *e)
{
    struct batch_target target;
    struct ledger_fabric f;
    enum mc_rc rc = ledger_fabric_by_name(j->s->ledger, j->record->of, &f, e);

    if (rc != MC_OK)
        return rc == CA_E_NOT_FOUND ? mc_fail(e, rc, "fabric", "'%s'", j->record->of) : rc;
    target = batch_of_nocs(&f);
    return batch_run(j->s, &target, o, source, sink, &stop_batch, &j->record->counts, e);
}

/* The parts of a batch of DACs that its record names. */
struct dac_parts {
    struct ledger_authority pai;
    struct dac_batch batch;
    struct recipient *recipient;
    uint8_t crl_points[MC_CRL_POINTS_MAX];
};

/* What neither a line nor the command says follows from the PAI. */
static enum mc_rc take_product(struct dac_parts *p, struct mc_err *e)
{
    struct mc_att_ids ids;
    struct mc_cert cert;
    enum mc_rc rc = mc_cert_parse_der(mc_span_of(p->pai.cert_der, p->pai.cert_n), MC_RULES_X509, &cert, e);

    if (rc == MC_OK)
        rc = mc_att_ids_of(&cert, &ids, e);
    if (rc != MC_OK)
        return rc;
    if (!p->batch.has_vid && ids.has_vid) {
        p->batch.has_vid = true;
        p->batch.vid = ids.vid;
    }
    if (!p->batch.has_pid && ids.has_pid) {
        p->batch.has_pid = true;
        p->batch.pid = ids.pid;
    }
    return MC_OK;
}

static enum mc_rc open_parts(struct job *j, struct dac_parts *p, struct mc_err *e)
{
    const struct batch_dacs *d = &j->record->dac;
    enum mc_rc rc = attestation_find(j->s, j->record->of, MC_KIND_PAI, &p->pai, e);

    p->recipient = NULL;
    p->batch = (struct dac_batch){.pai_name = p->pai.name,
        .has_vid = d->has_vid,
        .has_pid = d->has_pid,
        .vid = d->vid,
        .pid = d->pid,
        .iterations = d->iterations,
        .flow = d->flow,
        .rendezvous = d->rendezvous};
    if (rc == MC_OK)
        rc = take_product(p, e);
    if (rc == MC_OK)
        rc = attestation_crl_points(j->s, d->crl_url, d->crl_signer, p->crl_points, &p->batch.crl_points, e);
    if (rc == MC_OK && d->recipient_n != 0)
        rc = recipient_new(mc_span_of(d->recipient, d->recipient_n), &p->recipient, e);
    p->batch.recipient = p->recipient;
    return rc;
}

static enum mc_rc run_dacs(struct job *j, const struct batch_options *o, const struct batch_source *source,
    const struct batch_sink *sink, struct mc_err *e)
{
    struct batch_target target;
    struct dac_parts p;
    enum mc_rc rc = open_parts(j, &p, e);

    if (rc == MC_OK && p.recipient != NULL && !o->dry_run)
        rc = batch_seed_get(j->s, o->pin, o->number, p.batch.seed, e);
    target = batch_of_dacs(p.pai.number, &p.batch);
    if (rc == MC_OK)
        rc = batch_run(j->s, &target, o, source, sink, &stop_batch, &j->record->counts, e);
    hsm_wipe(p.batch.seed, sizeof(p.batch.seed));
    recipient_free(p.recipient);
    return rc;
}

/*
 * A PIN that comes from a descriptor or a person is read once, here, for all processes that log in. at is room for the
 * source that gives it to them.
 */
static enum mc_rc hold_pin(
    struct job *j, struct batch_options *o, struct hsm_pin_source *at, struct hsm_held_pin **held, struct mc_err *e)
{
    const struct hsm_pin_source asked = {.fd = -1, .prompt = true}, *from = o->pin != NULL ? o->pin : &asked;
    bool seed = j->record->dacs && j->record->dac.recipient_n != 0, embedded = j->s->config.module[0] == '\0';
    enum mc_rc rc;

    *held = NULL;
    if (o->dry_run || from->file != NULL || (o->pin == NULL && embedded))
        return MC_OK;
    rc = hsm_pin_hold(from, j->s->config.label, batch_workers(o) + seed, held, e);
    *at = (struct hsm_pin_source){.held = *held, .fd = -1};
    if (rc == MC_OK)
        o->pin = at;
    return rc;
}

static enum mc_rc run_opened(struct job *j, const struct batch_options *o, const struct batch_source *source, struct mc_err *e)
{
    struct batch_sink sink = {batch_writer_answer, batch_writer_flush, job_progress, &j->writer, j};
    enum mc_rc rc = j->record->dacs ? run_dacs(j, o, source, &sink, e) : run_nocs(j, o, source, &sink, e);

    if (rc == MC_OK)
        rc = batch_writer_finish(&j->writer, e);
    return rc;
}

/*
 * The answers are durable: now that no kill can lose them, the seed is destroyed. First the batch's file says so, so
 * that a resume after a kill goes on here.
 */
static enum mc_rc end_seed(struct job *j, struct mc_err *e)
{
    struct batch_record *b = j->record;
    struct ledger_authority pai;
    enum mc_rc rc;

    if (!b->dacs || b->dac.recipient_n == 0)
        return MC_OK;
    b->dac.delivered = true;
    rc = batch_file_save(j->s, b, e);
    if (rc == MC_OK)
        rc = attestation_find(j->s, b->of, MC_KIND_PAI, &pai, e);
    return rc == MC_OK ? batch_seed_destroy(j->s, pai.number, b->number, e) : rc;
}

/* The end of a batch is signed over; where no worker could, they are gone, and the token may be opened here. */
static void sign_end(struct job *j, const struct batch_options *o)
{
    struct mc_err why;
    char text[400];

    mc_err_init(&why);
    if (state_open_token(j->s, o->pin, &why) == MC_OK) {
        cmd_checkpoint(j->c, j->s, false);
        return;
    }
    mc_err_format(&why, text, sizeof(text));
    cli_note(j->c, "note: all is on record, but no new checkpoint could be signed: %s", text);
}

enum mc_rc job_run(struct job *j, struct batch_options *o, struct mc_err *e)
{
    struct batch_record *b = j->record;
    const struct hsm_pin_source *given = o->pin;
    struct hsm_pin_source shared;
    struct hsm_held_pin *held = NULL;
    struct batch_source source;
    enum mc_rc rc = open_input(j, &source, e), saved = MC_OK;

    o->number = b->number;
    o->unordered = b->unordered;
    if (rc == MC_OK)
        rc = batch_writer_open(&j->writer, b->out, b->dacs, o->dry_run, e);
    job_begin_progress(j);
    j->dry_run = o->dry_run;
    if (rc == MC_OK)
        rc = hold_pin(j, o, &shared, &held, e);
    catch_stops();
    if (rc == MC_OK)
        rc = run_opened(j, o, &source, e);
    hsm_pin_release(held);
    o->pin = given;
    if (rc == MC_OK && !o->dry_run)
        rc = end_seed(j, e);
    job_clear_progress(j);
    if (!o->dry_run && b->counts.issued != 0 && !b->counts.signed_over)
        sign_end(j, o);
    b->done = rc == MC_OK;
    b->ended_unix = ca_now();
    if (!o->dry_run)
        saved = batch_file_save(j->s, b, rc == MC_OK ? e : NULL);
    if (rc == MC_OK || rc == CA_E_SIGNAL)
        job_print_summary(j, o->dry_run);
    if (!o->dry_run)
        job_print_way_on(j, rc);
    batch_writer_close(&j->writer);
    close_input(j);
    if (rc == MC_OK)
        rc = saved;
    if (rc == MC_OK && b->counts.refused > 0)
        rc = mc_fail(e, CA_E_PARTIAL, NULL, "%" PRIu64 " of %" PRIu64 " requests were refused", b->counts.refused,
            b->counts.issued + b->counts.repeated + b->counts.refused);
    return rc;
}

enum mc_rc job_check(struct job *j, struct mc_err *e)
{
    struct batch_source source;
    struct ledger_fabric f;
    struct dac_parts p = {.recipient = NULL};
    enum mc_rc rc = j->record->dacs ? open_parts(j, &p, e) : ledger_fabric_by_name(j->s->ledger, j->record->of, &f, e);

    recipient_free(p.recipient);
    if (rc != MC_OK)
        return rc == CA_E_NOT_FOUND && !j->record->dacs ? mc_fail(e, rc, "fabric", "'%s'", j->record->of) : rc;
    rc = open_input(j, &source, e);
    close_input(j);
    return rc;
}

enum mc_rc job_finish_delivered(struct job *j, struct mc_err *e)
{
    enum mc_rc rc = end_seed(j, e);

    if (rc == MC_OK) {
        j->record->done = true;
        j->record->ended_unix = ca_now();
        rc = batch_file_save(j->s, j->record, e);
    }
    if (rc == MC_OK)
        job_print_summary(j, false);
    return rc;
}
