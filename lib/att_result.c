/* SPDX-License-Identifier: Apache-2.0 */
/* The results of attestation (matter-attestation 2.4). */
#include <strings.h>

#include "att_chain.h"

static const struct mc_att_result results[] = {
    {0, "Success"},
    {100, "PaaUntrusted"},
    {101, "PaaNotFound"},
    {102, "PaaExpired"},
    {103, "PaaSignatureInvalid"},
    {104, "PaaRevoked"},
    {105, "PaaFormatInvalid"},
    {106, "PaaArgumentInvalid"},
    {200, "PaiExpired"},
    {201, "PaiSignatureInvalid"},
    {202, "PaiRevoked"},
    {203, "PaiFormatInvalid"},
    {204, "PaiArgumentInvalid"},
    {205, "PaiVendorIdMismatch"},
    {206, "PaiAuthorityNotFound"},
    {207, "PaiMissing"},
    {208, "PaiAndDacRevoked"},
    {300, "DacExpired"},
    {301, "DacSignatureInvalid"},
    {302, "DacRevoked"},
    {303, "DacFormatInvalid"},
    {304, "DacArgumentInvalid"},
    {305, "DacVendorIdMismatch"},
    {306, "DacProductIdMismatch"},
    {307, "DacAuthorityNotFound"},
    {400, "FirmwareInformationMismatch"},
    {401, "FirmwareInformationMissing"},
    {500, "AttestationSignatureInvalid"},
    {501, "AttestationElementsMalformed"},
    {502, "AttestationNonceMismatch"},
    {503, "AttestationSignatureInvalidFormat"},
    {600, "CertificationDeclarationNoKeyId"},
    {601, "CertificationDeclarationNoCertificateFound"},
    {602, "CertificationDeclarationInvalidSignature"},
    {603, "CertificationDeclarationInvalidFormat"},
    {604, "CertificationDeclarationInvalidVendorId"},
    {605, "CertificationDeclarationInvalidProductId"},
    {606, "CertificationDeclarationInvalidPAA"},
    {700, "NoMemory"},
    {701, "InvalidArgument"},
    {702, "InternalError"},
    {703, "NotImplemented"},
};

const struct mc_att_result *mc_att_result_find(uint32_t number)
{
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (results[i].number == number)
            return &results[i];
    return NULL;
}

const struct mc_att_result *mc_att_result_find_name(const char *name)
{
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        if (strcasecmp(name, results[i].name) == 0 ||
            ((*name == 'k' || *name == 'K') && strcasecmp(name + 1, results[i].name) == 0))
            return &results[i];
    return NULL;
}
