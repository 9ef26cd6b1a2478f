/* SPDX-License-Identifier: Apache-2.0 */
/* mattercert: bytes in, bytes or findings out. No key store, no database, no configuration. */
#include "lib/cli/io.h"
#include "revocation.h"
#include "tool.h"
#include "trust.h"

static const struct cli_verb verbs[] = {
    {
        .name = "convert",
        .operands = "IN [OUT|IN...]",
        .summary = "convert certificates between X.509 and Matter TLV",
        .help = "  mattercert convert noc.pem noc.tlv --to tlv\n"
                "  mattercert convert --to pem --out pem-files tlv-files\n"
                "\n"
                "The form of IN is recognised: PEM, DER or Matter TLV, raw or as hex or base64.\n"
                "'-' is stdin or stdout; without OUT the result goes to stdout.\n"
                "\n"
                "With --out, every IN is a file or a directory of files, and DIR/NAME.tlv, .hex,\n"
                ".b64, .der or .pem is written for each. A file that cannot be converted does not\n"
                "stop the others; files that exist are not overwritten without --force.\n"
                "\n"
                "What converts, converts back to the same bytes. What cannot is refused, with the\n"
                "field and the rule that forbid it.\n",
        .options = tool_convert_options,
        .run = tool_convert,
    },
    {
        .name = "show",
        .operands = "IN...",
        .summary = "show certificates: operational, attestation, any X.509",
        .help = "  mattercert show noc.tlv\n"
                "\n"
                "With --json, one file gives one JSON object, several files give one a line.\n",
        .options = tool_show_options,
        .run = tool_show,
    },
    {
        .name = "verify",
        .operands = "NOC...",
        .summary = "verify a chain by the rules, and say what a node answers",
        .help = "  mattercert verify --root rcac.tlv --ica icac.tlv noc.tlv\n"
                "  mattercert verify --root rcac.pem nodes/\n"
                "  mattercert verify --root paa.der --ica pai.der dac.der\n"
                "\n"
                "The certificates may come in any mixture of forms. NOC may be a directory, whose files are\n"
                "judged by all processors. Two judges: the rules say what is right; the deployed SDK says\n"
                "what a node answers, which is printed where it differs or refuses. The status is 0 if all\n"
                "are valid by the rules (or, with --as sdk, accepted by the SDK), else 3.\n"
                "\n"
                "An attestation chain is recognised by itself; its verdict ends with the result that a\n"
                "commissioner gives. Only the DAC is judged by the time, PAI and PAA by the DAC's notBefore.\n"
                "With --revocation-set it is asked last whether DAC or PAI is revoked.\n",
        .options = tool_verify_options,
        .run = tool_verify,
    },
    {
        .name = "lint",
        .operands = "[FILE...]",
        .summary = "find what is wrong or unwise about certificates and CSRs",
        .help = "  mattercert lint noc.tlv\n"
                "  mattercert lint --as pai pai.pem\n"
                "  mattercert lint --issuer icac.tlv nodes/\n"
                "\n"
                "FILE is a certificate, a CSR or NOCSR elements in any form, or a folder of them. Each finding names\n"
                "its rule, what is wrong and the cure; --rules lists all rules. The status is 3 if there is an\n"
                "error, 4 if an object cannot be read, else 0.\n"
                "\n"
                "With --json, one file gives one JSON object, several files give one a line.\n",
        .options = tool_lint_options,
        .run = tool_lint,
    },
    {
        .name = "explain",
        .operands = "ANYTHING...",
        .summary = "say what an error, an answer, a log line or a file means, and what to do",
        .help = "  mattercert explain CHIP Error 0x0000004A\n"
                "  mattercert explain noc.tlv\n"
                "  mattercert explain --as noc-status 3\n"
                "  mattercert explain - < chip-tool.log\n"
                "\n"
                "ANYTHING is a file in any form, pasted hex or base64, the number or name of a CHIP error,\n"
                "a NOCResponse status or attestation result, a rule id, or words of a log or a question.\n"
                "The status is 0 if something of it is known, else 5.\n",
        .options = tool_explain_options,
        .run = tool_explain,
    },
    {
        .name = "diff",
        .operands = "A B",
        .summary = "compare two certificates of any forms, field by field",
        .help = "  mattercert diff noc.pem noc.tlv\n"
                "\n"
                "The status is 0 if both are the same certificate, be it in two encodings, else 3.\n",
        .options = tool_diff_options,
        .run = tool_diff,
    },
    {
        .name = "forge",
        .operands = "[KIND]",
        .summary = "make test certificates and requests: right, or wrong in one way",
        .help = "  mattercert forge noc --fault subject-fabricid-mismatch --out bad/\n"
                "  mattercert forge --all --out bad/\n"
                "  mattercert forge --list\n"
                "\n"
                "KIND is rcac, icac, noc, firmware-signing, vvsc, network-identity, paa, pai, dac,\n"
                "cd-signer, crl-signer, cd, csr or nocsr. A fault that is named like a rule is the one that\n"
                "this rule of lint finds. Each file is KIND-FAULT.tlv, .der or .pem; the valid certificates\n"
                "around a broken one come with it. DIR/expected.tsv says of each file which rule verify (csr\n"
                "check, attest verify) reports, which lint, and what the SDK answers.\n"
                "\n"
                "All keys are made for the run and thrown away; no key or token can be given. Common names\n"
                "begin with HEDDLE FORGED TEST, the fabric is 0xFFFFF06ED0000001, the vendor FFF1.\n",
        .options = tool_forge_options,
        .run = tool_forge,
    },
    {
        .name = "csr show",
        .operands = "IN",
        .summary = "show a CSR, or NOCSR elements with the CSR in them",
        .help = "  mattercert csr show node.csr\n",
        .options = tool_csr_show_options,
        .run = tool_csr_show,
    },
    {
        .name = "csr check",
        .operands = "IN",
        .summary = "check a CSR, or NOCSR elements as a node sent them",
        .help = "  mattercert csr check node.csr\n"
                "\n"
                "Checks form, algorithms, curve, point and self-signature of the CSR. For NOCSR\n"
                "elements also the nonce, with --nonce; and the attestation signature, with --dac,\n"
                "--challenge and --signature together.\n",
        .options = tool_csr_check_options,
        .run = tool_csr_check,
    },
    {
        .name = "payload show",
        .operands = "[IN]",
        .summary = "show what a QR code or a manual pairing code tells",
        .help = "  zbarimg -q --raw label.png | mattercert payload show\n"
                "\n"
                "IN is a file, '-' or nothing: stdin. Each line is the text of a QR code (MT:...), also one that\n"
                "joins several payloads, or a manual code of 11 or 21 digits. A code holds the passcode, so it is\n"
                "not taken as an argument. The status is 3 if a device may not have the payload, 4 if it is none.\n",
        .options = tool_payload_show_options,
        .run = tool_payload_show,
    },
    {
        .name = "payload make",
        .operands = "",
        .summary = "make the QR code text and the manual code of a device",
        .help = "  mattercert payload make --vid 0xFFF1 --pid 0x8000 --discriminator 3840 --passcode-file passcode\n"
                "\n"
                "Prints two lines: the text of the QR code and the manual code in groups.\n",
        .options = tool_payload_make_options,
        .run = tool_payload_make,
    },
    {
        .name = "attest verify",
        .operands = "",
        .summary = "verify a device's attestation as a commissioner does, step by step",
        .help = "  mattercert attest verify --dac dac.der --pai pai.der --trust paas/ --cd cd.der --vid 0xFFF1 --pid 0x8000\n"
                "  mattercert attest verify --dac dac.der --pai pai.der --trust paas/ --vid 0xFFF1 --pid 0x8000"
                " --elements elements.tlv --nonce HEX --challenge HEX --signature HEX\n"
                "\n"
                "Each step has two verdicts: the answer of a deployed commissioner, and whether the rules are\n"
                "kept. A commissioner stops at the first step that fails; its result is printed last. The steps\n"
                "behind it are judged too, so that all that is wrong is told at once. What is not given is not\n"
                "judged. The status is 0 if the result is 0 and the rules are kept (with --as commissioner: if the\n"
                "result is 0), else 3.\n"
                "\n"
                "--trust is a certificate, PEM with many, or a folder of PAAs, as chip-tool reads it. Of several with\n"
                "one key id that is taken whose name the PAI has as its issuer.\n",
        .options = tool_attest_verify_options,
        .run = tool_attest_verify,
    },
    {
        .name = "cd show",
        .operands = "IN",
        .summary = "show a certification declaration",
        .help = "  mattercert cd show cd.der\n"
                "\n"
                "IN is the declaration, attestation elements that hold one, or the TLV payload alone.\n",
        .options = tool_cd_show_options,
        .run = tool_cd_show,
    },
    {
        .name = "cd verify",
        .operands = "IN",
        .summary = "verify a certification declaration: envelope, signer, signature, content",
        .help = "  mattercert cd verify cd.der --vid 0xFFF1 --pid 0x8000\n"
                "\n"
                "The signers of the CSA are known. The published test key signs for development and is refused\n"
                "without --allow-test-cd, and always for official declarations. Verdicts and status are those of\n"
                "attest verify.\n",
        .options = tool_cd_verify_options,
        .run = tool_cd_verify,
    },
    {
        .name = "proof check",
        .operands = "PROOF",
        .summary = "check that an entry, and the certificate in it, is in a ledger",
        .help = "  mattercert proof check noc.proof --key audit.pem --cert noc.tlv\n"
                "\n"
                "Checks the signature of the checkpoint, the entry's way up to the signed root, and with\n"
                "--cert that the entry holds that certificate. Needs nothing of the CA but its audit key.\n",
        .options = tool_proof_check_options,
        .run = tool_proof_check,
    },
    {
        .name = "crl show",
        .operands = "IN",
        .summary = "show a certificate revocation list",
        .help = "  mattercert crl show pai.crl\n",
        .options = tool_crl_show_options,
        .run = tool_crl_show,
    },
    {
        .name = "crl verify",
        .operands = "IN",
        .summary = "check a CRL: form, Matter's profile, signer, signature, dates",
        .help = "  mattercert crl verify pai.crl --signer pai.pem\n"
                "  mattercert crl verify all.crl --signer delegate.pem --authority pai.pem\n"
                "\n"
                "A signer that is no CA must have the format of a delegate; with --authority its certificate\n"
                "must come from there. The status is 0 if all is right, else 3.\n",
        .options = tool_crl_verify_options,
        .run = tool_crl_verify,
    },
    {
        .name = "revocation make",
        .operands = "CRL|DIR...",
        .summary = "make a revocation set for commissioners from CRLs",
        .help = "  mattercert revocation make --cert certs/ crls/ --out revocation-set.json\n"
                "  mattercert revocation make --points dcl.json --cert paas/ crls/\n"
                "\n"
                "The set is the JSON that the Matter SDK reads. Each CRL must be signed by a PAA, a PAI or a\n"
                "delegate of one whose certificates are given, up to the PAA; its signature, profile and dates\n"
                "are checked. With --points, each record of the DCL is checked by the rules that the SDK's own\n"
                "script applies. What cannot be used is reported and left out; the status is then 10.\n",
        .options = tool_revocation_make_options,
        .run = tool_revocation_make,
    },
    {
        .name = "revocation show",
        .operands = "SET",
        .summary = "show a revocation set, and which entries commissioners cannot use",
        .help = "  mattercert revocation show revocation-set.json\n",
        .options = tool_revocation_show_options,
        .run = tool_revocation_show,
    },
    {
        .name = "revocation check",
        .operands = "SET",
        .summary = "say whether a commissioner with this set takes a DAC or PAI for revoked",
        .help = "  mattercert revocation check revocation-set.json --dac dac.der --pai pai.der\n"
                "\n"
                "Asks the set as the deployed SDK does, with its traps; `result` is the commissioner's code:\n"
                "302 DAC, 202 PAI, 208 both. The status is 0 if neither is revoked, else 3.\n",
        .options = tool_revocation_check_options,
        .run = tool_revocation_check,
    },
    {
        .name = "dcl check",
        .operands = "[FILE...]",
        .summary = "find what the DCL would refuse, before it is submitted",
        .help = "  mattercert dcl check --vid 0xFFF1 --ledger approved/ paa.pem pai.pem\n"
                "  mattercert dcl check --vid 0xFFF1 --ledger approved/ point.json\n"
                "  mattercert dcl check --vid 0xFFF1 --ledger approved/ --certificate pai.pem \\\n"
                "      --label acme-pai --data-url https://example.com/pai.crl\n"
                "\n"
                "FILE is a PAA, PAI or DAC as PEM, or JSON: a revocation distribution point, an array of them, or an\n"
                "unsigned transaction. They are judged in the order in which they will be submitted: one that was\n"
                "judged counts as on the ledger for those behind it. What only the ledger knows is given with\n"
                "--ledger, --pending and --points; a rule that needs more than is given is listed as not judged.\n"
                "Options of a distribution point are named as in dcld. The status is 3 if the ledger would refuse\n"
                "something, 4 if a file cannot be read, else 0.\n"
                "\n"
                "With --json, one FILE gives one JSON object, several give one a line.\n",
        .options = tool_dcl_check_options,
        .run = tool_dcl_check,
    },
    {
        .name = "trust make",
        .operands = "",
        .summary = "make a trust bundle: PAAs, signers of declarations, revocations, dated",
        .help = "  mattercert trust make --paa paas/ --cd-signer cd-certs/ --revocation-set set.json --out trust.json\n"
                "\n"
                "Files as they come from the DCL. What cannot be used is told and left out (status 10), and never\n"
                "blocks the rest. The text is canonical: the same things give the same bundle but for its date.\n"
                "'heddle trust sign' signs it.\n",
        .options = tool_trust_make_options,
        .run = tool_trust_make,
    },
    {
        .name = "trust show",
        .operands = "BUNDLE",
        .summary = "show a trust bundle, and check who signed it",
        .help = "  mattercert trust show trust.json --note trust.note --key audit.pem\n",
        .options = tool_trust_show_options,
        .run = tool_trust_show,
    },
    {
        .name = "trust check",
        .operands = "BUNDLE",
        .summary = "say what a commissioner with this bundle says of a device",
        .help = "  mattercert trust check trust.json --dac dac.der --pai pai.der --cd cd.der --vid 0xFFF1 --pid 0x8000\n"
                "\n"
                "Chain, declaration and revocation, step by step, as 'attest verify' judges them; what the device\n"
                "signs is not known here. The status is 0 or 3.\n",
        .options = tool_trust_check_options,
        .run = tool_trust_check,
    },
    {
        .name = "trust diff",
        .operands = "A B",
        .summary = "compare two trust bundles",
        .help = "  mattercert trust diff yesterday.json today.json\n"
                "\n"
                "The status is 0 if both trust the same, whatever their dates, else 3.\n",
        .options = tool_trust_diff_options,
        .run = tool_trust_diff,
    },
    {
        .name = "trust export",
        .operands = "BUNDLE",
        .summary = "write a bundle as the folders that chip-tool and Home Assistant read",
        .help = "  mattercert trust export trust.json --out store\n"
                "  chip-tool pairing ... --paa-trust-store-path store/paa-root-certs --cd-trust-store-path store/cd-certs\n"
                "\n"
                "DIR/paa-root-certs/*.der, DIR/cd-certs/*.der and DIR/revocation-set.json.\n",
        .options = tool_trust_export_options,
        .run = tool_trust_export,
    },
    {.name = NULL},
};

static const struct cli_program program = {
    .name = "mattercert",
    .summary = "reads, converts and checks Matter certificates",
    .example = "  mattercert show noc.tlv\n"
               "  mattercert convert noc.tlv noc.pem --to pem\n"
               "  mattercert csr check node.csr\n",
    .verbs = verbs,
};

int main(int argc, char **argv)
{
    io_cleanup_on_signals();
    return cli_main(&program, argc, argv);
}
