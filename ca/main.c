/* SPDX-License-Identifier: Apache-2.0 */
/* The program heddle: its table of verbs. */
#include "cmd.h"
#include "cmd_attestation.h"
#include "cmd_revocation.h"

#include <signal.h>

static const struct cli_verb verbs[] = {
    {"init", "", "make the state: token, ledger, configuration",
        "  heddle init\n"
        "  heddle init --module /usr/lib/pkcs11/vendor.so --token CA --pin-file /run/secrets/pin\n"
        "\n"
        "Without options the keys live in an embedded SoftHSM token inside the state directory. A state that "
        "exists is never touched.",
        init_options, cmd_init},
    {"fabric create", "NAME", "make a fabric: root key, ICA key, RCAC, ICAC, IPK",
        "  heddle fabric create home --fabric-id 0xFAB1\n"
        "\n"
        "The keys are made inside the token and cannot leave it.",
        fabric_create_options, cmd_fabric_create},
    {"fabric adopt", "NAME", "take over a fabric that was made elsewhere, from its keys and certificates",
        "  heddle fabric adopt home --from ~/.matter_server --backup home.backup\n"
        "  heddle fabric adopt home --root-cert rcac.pem --root-key root.key --ica-cert icac.pem --ica-key ica.key --no-backup\n"
        "\n"
        "The storage of chip-tool, of the Python controller and of matter.js is recognised. The keys go into the token and "
        "cannot leave it; defects of the certificates are told and do not stop it. Nodes keep what they have.",
        fabric_adopt_options, cmd_fabric_adopt},
    {"fabric list", "", "list the fabrics", NULL, no_options, cmd_fabric_list},
    {"fabric show", "NAME", "show a fabric and its authorities", NULL, no_options, cmd_fabric_show},
    {"fabric export", "NAME", "write the certificates of root and ICA",
        "  heddle fabric export home --out chain --format all", fabric_export_options, cmd_fabric_export},
    {"fabric ipk", "NAME", "give out the epoch key (IPK) that AddNOC needs",
        "  heddle fabric ipk home --out ipk.hex --why 'commissioner in building 7'\n"
        "\n"
        "The fact is recorded in the ledger before the key leaves.",
        fabric_ipk_options, cmd_fabric_ipk},
    {"noc issue", "NAME", "issue one NOC from a CSR",
        "  heddle noc issue home --csr node.csr --node-id next --out node1\n"
        "\n"
        "Prints the serial number. A CSR gives a public key and nothing else; names come from the request and "
        "the profile. The same request gives the same bytes again.",
        noc_issue_options, cmd_noc_issue},
    {"noc batch", "NAME", "issue NOCs for many requests",
        "  heddle noc batch home --in requests.jsonl --out results.jsonl\n"
        "  heddle noc batch home --in csrs/ --node-ids next --out results.jsonl\n"
        "\n"
        "A request is one line: {\"id\": \"...\", \"csr\": \"<PEM or base64 DER>\", \"node_id\": \"0x...\", \"cats\": "
        "[\"0x...\"]}. Its answer has the same id and status issued, repeated or refused. A bad request does not stop "
        "the others (status 10). A batch that was interrupted is resumed by its name; the same requests give the "
        "same bytes.",
        noc_batch_options, cmd_noc_batch},
    {"noc renew", "NAME", "issue a node's next NOC",
        "  heddle noc renew home --node-id 0x12 --csr node.csr --out node12\n"
        "\n"
        "With the CATs of the NOC before, in the versions on record. Without --csr for the key that the node has, which "
        "suits a controller that keeps its own storage; the same command gives the same bytes for the rest of the day.",
        noc_renew_options, cmd_noc_renew},
    {"ica rotate", "NAME", "change the ICA that signs NOCs for a new one",
        "  heddle ica rotate home\n"
        "  heddle ica rotate home --prepare-only\n"
        "\n"
        "Makes a key and an ICAC under the same root and lets it sign from now on. The old ICA drains: its nodes go on "
        "working and get new NOCs in their own time ('heddle campaign'). Interrupted, the same command goes on.",
        ica_rotate_options, cmd_ica_rotate},
    {"ica activate", "NAME [AUTHORITY]", "let a prepared or draining ICA sign NOCs", NULL, pin_options, cmd_ica_activate},
    {"ica rollback", "NAME", "undo the last step of a rotation, while no node depends on it", NULL, pin_options,
        cmd_ica_rollback},
    {"ica retire", "NAME [AUTHORITY]", "end a draining ICA from which no live NOC hangs", NULL, ica_retire_options,
        cmd_ica_retire},
    {"campaign", "NAME", "list the nodes that need a new NOC, and how many are done",
        "  heddle campaign home\n"
        "  heddle campaign home --requests > requests.jsonl\n"
        "\n"
        "A node is on the list while its NOC hangs from another ICA than the one that signs now, carries a CAT below the "
        "version on record, or is not known (an adopted node). It leaves the list when its new NOC is issued.",
        campaign_options, cmd_campaign},
    {"root renew", "NAME", "a new RCAC for the root's key and name; the fabric stays what it is", NULL, pin_options,
        cmd_root_renew},
    {"root replace", "NAME", "a fabric with a new root in place of this one, and the plan for each node",
        "  heddle root replace home --to home2\n"
        "\n"
        "A new root key is a new fabric. Makes it, records that it takes the place of the old one, and prints for each "
        "node what is left to do. Run it again to see the progress.",
        root_replace_options, cmd_root_replace},
    {"cat bump", "NAME", "raise the version of a CASE authenticated tag, and list who needs a new NOC",
        "  heddle cat bump home --cat 0x00010003", cat_bump_options, cmd_cat_bump},
    {"node list", "NAME", "list the nodes of a fabric", NULL, node_list_options, cmd_node_list},
    {"node show", "NAME", "show a node and its NOCs", NULL, node_show_options, cmd_node_show},
    {"node remove", "NAME", "issue no NOC to a node any more, and print what stops it",
        "  heddle node remove home --node-id 0x12 --why 'sold'\n"
        "\n"
        "Matter has no revocation of NOCs. The fact is recorded, and the steps are printed that take a node out of its "
        "fabric, each with what it stops.",
        node_remove_options, cmd_node_remove},
    {"plan", "[NAME]", "show what expires when, and what to do first",
        "  heddle plan home --until 2031-01-01", plan_options, cmd_plan},
    {"paa create", "NAME", "make a PAA: the root of product attestation, its key in the token",
        "  heddle paa create acme-paa --vid 0xFFF1\n"
        "\n"
        "With --vid it is for one vendor. FFF1 to FFF4 are the vendors of tests.",
        paa_create_options, cmd_paa_create},
    {"paa list", "", "list the PAAs", NULL, no_options, cmd_paa_list},
    {"paa show", "NAME", "show a PAA", NULL, no_options, cmd_paa_show},
    {"paa export", "NAME", "write a PAA's certificate", "  heddle paa export acme-paa --out trust", attestation_export_options,
        cmd_paa_export},
    {"pai create", "NAME", "make a PAI, which signs DACs",
        "  heddle pai create acme-pai --paa acme-paa --vid 0xFFF1 --pid 0x8000\n"
        "  heddle pai create acme-pai --csr-out acme-pai.csr --vid 0xFFF1\n"
        "\n"
        "With --csr-out the key is made and signs a CSR, for the PAA of somebody else.",
        pai_create_options, cmd_pai_create},
    {"pai import", "NAME", "take in a PAI that somebody else's PAA signed, for a key made here",
        "  heddle pai import acme-pai --cert pai.pem --paa paa.pem\n"
        "\n"
        "It is judged with its PAA as commissioners judge it, before anything is recorded.",
        pai_import_options, cmd_pai_import},
    {"pai list", "", "list the PAIs", NULL, no_options, cmd_pai_list},
    {"pai show", "NAME", "show a PAI", NULL, no_options, cmd_pai_show},
    {"pai export", "NAME", "write a PAI's certificate, and that of its PAA if it is here",
        "  heddle pai export acme-pai --out chain --format pem", attestation_export_options, cmd_pai_export},
    {"dac issue", "PAI", "issue one DAC, from a CSR or with a key made for the device",
        "  heddle dac issue acme-pai --pid 0x8000 --csr device.csr --out device1\n"
        "  heddle dac issue acme-pai --pid 0x8000 --make-key --recipient line.pem --out device1\n"
        "\n"
        "Prints the serial number. With --recipient all that a factory writes into the device goes to device.cms, sealed: "
        "'openssl cms -decrypt -inform DER -in device.cms -inkey line.key' opens it, and so does 'heddle factory open'. A key "
        "that is made here is in no other place. A command that was interrupted is finished by giving it again with the same "
        "--request-id.",
        dac_issue_options, cmd_dac_issue},
    {"dac batch", "PAI", "issue DACs for a production line",
        "  heddle dac batch acme-pai --pid 0x8000 --in manifest.jsonl --recipient line.pem --out results.jsonl\n"
        "\n"
        "A device is one line: {\"id\": \"...\"}, with \"vid\", \"pid\", \"serial_number\", \"csr\", \"discriminator\", "
        "\"passcode\" where they are not to be chosen; or {\"count\": 1000, \"prefix\": \"lot7-\"} for many. Its answer has "
        "the same id. With --recipient each device gets all that a factory writes into it, sealed; without, only lines with a "
        "\"csr\" can be answered. A batch that was interrupted is resumed by its name; when its answers are complete, what could make the "
        "devices' keys again is destroyed.",
        dac_batch_options, cmd_dac_batch},
    {"cd-signer create", "NAME", "make a signer of certification declarations, for tests",
        "  heddle cd-signer create lab-cd\n"
        "\n"
        "Commissioners in production believe the alliance's signers alone. With --paa it hangs from a root, as those do.",
        cd_signer_create_options, cmd_cd_signer_create},
    {"cd-signer list", "", "list the signers of certification declarations", NULL, no_options, cmd_cd_signer_list},
    {"cd-signer show", "NAME", "show a signer of certification declarations", NULL, no_options, cmd_cd_signer_show},
    {"cd-signer export", "NAME", "write its certificate", NULL, attestation_export_options, cmd_cd_signer_export},
    {"cd sign", "SIGNER", "sign a certification declaration",
        "  heddle cd sign lab-cd --vid 0xFFF1 --pid 0x8000 --device-type 0x0100 --out cd.der\n"
        "  heddle cd sign lab-cd --in cd.json --out cd.der\n"
        "\n"
        "The JSON has the members that 'mattercert cd show --json' prints under \"cd\". Declarations are numbered; what is "
        "signed is on record before the token is asked. Commissioners in production believe the alliance's signers alone.",
        cd_sign_options, cmd_cd_sign},
    {"crl-signer create", "NAME", "make a signer of the CRLs of a PAA or PAI, in its place",
        "  heddle crl-signer create acme-crl --for acme-pai",
        crl_signer_create_options, cmd_crl_signer_create},
    {"crl-signer list", "", "list the delegated signers of CRLs", NULL, no_options, cmd_crl_signer_list},
    {"crl-signer show", "NAME", "show a delegated signer of CRLs", NULL, no_options, cmd_crl_signer_show},
    {"crl-signer export", "NAME", "write its certificate", NULL, attestation_export_options, cmd_crl_signer_export},
    {"batch list", "", "list the batches", NULL, no_options, cmd_batch_list},
    {"batch show", "NAME", "show a batch", NULL, no_options, cmd_batch_show},
    {"batch resume", "NAME", "go on with a batch that was stopped or killed", NULL, batch_resume_options,
        cmd_batch_resume},
    {"revoke", "[SERIAL...]", "revoke DACs or PAIs that were issued here",
        "  heddle revoke 4000000000000007... --why 'key found in a firmware image'\n"
        "  heddle revoke --cert dac.der\n"
        "\n"
        "The fact comes on record and cannot be taken back; all of them do, or none. A CRL makes it known: sign one next.",
        revoke_options, cmd_revoke},
    {"crl sign", "AUTHORITY", "sign the CRL of a PAA or PAI, with everything that it has revoked",
        "  heddle crl sign acme-pai --out acme-pai.crl --next-update 30d\n"
        "  heddle crl sign acme-pai --signer acme-delegate --uri https://example.com/acme.crl --out acme.crl\n"
        "\n"
        "CRLs are numbered; number and content are on record before the token is asked. A number whose CRL was not "
        "written is burned: the same command again makes the next.",
        crl_sign_options, cmd_crl_sign},
    {"crl due", "", "list the CRLs that must be signed anew, and why",
        "  heddle crl due --within 14d\n"
        "\n"
        "A CRL is missing (something was revoked and none was given out), incomplete (something was revoked since), "
        "expired, or soon to be.",
        crl_due_options, cmd_crl_due},
    {"trust sign", "BUNDLE", "sign a trust bundle with the audit key",
        "  heddle trust sign trust.json --out trust.note\n"
        "\n"
        "Writes a C2SP signed note over the hash of the bundle, which 'mattercert trust make' made. Whoever has the audit "
        "key ('heddle ledger key') checks it: 'mattercert trust show --note --key'.",
        trust_sign_options, cmd_trust_sign},
    {"ledger list", "", "list the entries of the ledger", NULL, ledger_list_options, cmd_ledger_list},
    {"ledger show", "SERIAL", "show one entry, by serial number or entry number", NULL, no_options, cmd_ledger_show},
    {"ledger status", "", "show what was issued, and what expires when", NULL, ledger_status_options, cmd_ledger_status},
    {"ledger search", "", "find entries",
        "  heddle ledger search --fabric home --node-id 0x12\n"
        "  heddle ledger search --type refused --issued-after 2026-11-01\n"
        "\n"
        "All options must fit. Serial, node id, key and request id are found by an index (which holds issued "
        "certificates), a time by halving; for anything else entries are read one by one.",
        ledger_search_options, cmd_ledger_search},
    {"ledger export", "", "write all entries as JSON Lines or CSV, or all certificates",
        "  heddle ledger export --format csv --out ledger.csv\n"
        "\n"
        "Works while other processes issue: the entries that were there at the start are written.",
        ledger_export_options, cmd_ledger_export},
    {"ledger verify", "", "recompute the whole ledger from its entries and compare it with its checkpoints",
        "  heddle ledger verify --checkpoint witness.note --key audit.pem\n"
        "\n"
        "The first bad entry is named (status 9). Copies of checkpoints that others kept also find a state that was "
        "exchanged as a whole.",
        ledger_verify_options, cmd_ledger_verify},
    {"ledger checkpoint", "", "sign the head of the ledger",
        "  heddle ledger checkpoint --out witness.note\n"
        "\n"
        "Give the copy to somebody else: with it they can show whether entries were changed or removed later.",
        ledger_checkpoint_options, cmd_ledger_checkpoint},
    {"ledger prove", "SERIAL", "prove that an entry is in the ledger, by serial number or entry number",
        "  heddle ledger prove 4000000000000003... --out noc.proof\n"
        "  mattercert proof check noc.proof --key audit.pem --cert noc.tlv",
        ledger_prove_options, cmd_ledger_prove},
    {"ledger key", "", "give out the public key that checkpoints are signed with",
        "  heddle ledger key --out audit.pem", ledger_key_options, cmd_ledger_key},
    {"backup", "", "write the whole state into one encrypted file, while the CA issues",
        "  heddle backup --out heddle-2026-11-23.backup --passphrase-file /run/secrets/backup\n"
        "\n"
        "Configuration, profiles, ledger, checkpoint and, with the embedded token, the keys. The ledger is verified and "
        "the file is read again before it gets its name. With an outside token the keys are not in it: the note names "
        "what to do.",
        backup_options, cmd_backup},
    {"restore", "FILE", "make a state from a backup, or only check it",
        "  heddle restore heddle-2026-11-23.backup --check\n"
        "  heddle --state /srv/ca restore heddle-2026-11-23.backup --checkpoint witness.note\n"
        "\n"
        "Proves that checkpoint, ledger and keys belong together before the state gets its name; one that exists is never "
        "touched. Two states from one backup must never both issue: see docs/backup.md.",
        restore_options, cmd_restore},
    {"factory open", "", "open the sealed records of a batch for the line",
        "  heddle factory open --key line.key --in results.jsonl | heddle factory write --format esp-nvs --insecure-dir flash\n"
        "\n"
        "Prints one record a line, heddle.device/1, checked in all its parts. It needs no state. A record holds the "
        "device's private key and passcode in clear: keep it in a pipe.",
        factory_open_options, cmd_factory_open},
    {"factory write", "", "write factory data in the form that the line flashes",
        "  heddle factory write --format nrf --key line.key --in results.jsonl --insecure-dir flash --vendor-name ACME "
        "--product-name Lamp --hw-ver 1 --hw-ver-str 1.0\n"
        "\n"
        "esp-nvs: CSV of ESP-IDF's NVS partition generator, namespace chip-factory. nrf: factory data JSON of the nRF "
        "Connect SDK. json: the record. csv: one line a device. Sealed records are opened with --key, so nothing need "
        "be stored in clear before. A line that fails does not stop the others (status 10).",
        factory_write_options, cmd_factory_write},
    {"factory check", "", "say what a commissioner will answer, before anything is flashed",
        "  heddle factory check --key line.key --in results.jsonl --trust paa.der --cd product-cd.der\n"
        "\n"
        "DAC, PAI, PAA, declaration, ids and payload of each device are judged as a commissioner does it, and by the "
        "rules. Devices that would be refused are told with the result code (605 CertificationDeclarationInvalidProductId), "
        "each failed step and its cure. The status is 0 if all are accepted, else 3.",
        factory_check_options, cmd_factory_check},
    {"factory label", "", "make the labels of devices: QR code, manual code, name, serial number",
        "  heddle factory label --format svg --key line.key --in results.jsonl --out labels --name 'ACME Lamp'\n"
        "  heddle factory label --format png --sheet a4 --key line.key --in results.jsonl --out labels\n"
        "\n"
        "One file a label, or sheets of them; term shows the QR code on the terminal. Labels show the passcode, so "
        "their files have mode 0600.",
        factory_label_options, cmd_factory_label},
    {"hsm status", "", "show the token", NULL, pin_options, cmd_hsm_status},
    {"hsm doctor", "", "try what the CA needs of the token, and how fast it is",
        "  heddle hsm doctor\n"
        "\n"
        "Works with keys that live as long as their session: nothing is left in the token. Status 7 if something is "
        "missing that the CA cannot do without.",
        pin_options, cmd_hsm_doctor},
    {"hsm keys", "", "list the keys in the token, and which certificates name them",
        "  heddle hsm keys\n"
        "\n"
        "Unused: no certificate names it, as after a command that was cut short. Missing: an authority's key that the "
        "token does not hold; the status is then 7.",
        pin_options, cmd_hsm_keys},
    {0},
};

static const struct cli_option options[] = {
    {"state", "DIR", "the state directory; default $HEDDLE_STATE, else ~/.local/state/heddle", false, false, 0},
    {"json", NULL, "print JSON", false, false, 0},
    {0},
};

int main(int argc, char **argv)
{
    static const struct cli_program program = {
        .name = "heddle",
        .summary = "certificate authority of Matter fabrics",
        .example = "  heddle init\n"
                   "  heddle fabric create home --fabric-id 0xFAB1\n"
                   "  heddle noc issue home --csr node.csr --node-id next --out node1\n",
        .options = options,
        .verbs = verbs,
    };

    hsm_harden_process();
    io_cleanup_on_signals();
    /* A limit on file sizes is a failed write like any other, not an end with a half-made state. */
    signal(SIGXFSZ, SIG_IGN);
    return cli_main(&program, argc, argv);
}
