/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chaos.c - a PKCS#11 module that stands before a real one ($CHAOS_MODULE) and fails as it is told. It is
 * loaded as a module, or preloaded, where it takes the place of the embedded SoftHSM.
 *
 * $CHAOS_ORDERS is a file of orders, one `NAME VALUE [VALUE]` a line, read anew before every call, so that a
 * test may change it at any time:
 *
 *     after N          the orders below act once N signatures were asked for (by all processes together)
 *     times N          and only for N signatures; then the token is well again
 *     gone             the token is not there: nothing works
 *     lost             the session ends: CKR_SESSION_HANDLE_INVALID, and it is closed indeed
 *     logout           the login ends: CKR_USER_NOT_LOGGED_IN, and it has ended indeed
 *     sign RV          C_Sign answers RV (a number)
 *     stall            C_Sign never comes back
 *     flip             one bit of the signature is wrong
 *     zero-r, zero-s   signatures whose r (s) begins with a zero octet: valid and rare
 *     high-s, low-s    signatures with s above (below) half of the order: both valid
 *     other LABEL      signs with the key of this label instead of the one asked for
 *     kill             the process is killed before the signature is made
 *     kill-signed      and after it
 *  always:
 *     slow MS          a signature takes so long
 *     sessions N       the token has N sessions for all processes together
 *     flags N          set in the flags of the token's information
 *     login RV         C_Login answers RV
 *     kill-call N      the process is killed before its N-th call
 *
 * $CHAOS_COUNTS is a file of counters that all processes share. $CHAOS_LOG gets a line for each signature
 * asked for, `sign PID KEY-LABEL DIGEST`, written before it is made, for each one that a fault meets, `fault
 * PID`, and for each login, `login PID`.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#define PROCESSES 128
#define HANDLES   256
#define HALF_SIG  32
#define TRIES     20000

struct counts {
    atomic_ulong signatures;
    atomic_ulong faults;
    struct {
        _Atomic pid_t pid;
        atomic_uint sessions;
    } process[PROCESSES];
};

struct orders {
    unsigned long after, times, slow, sessions, flags, login, sign, kill_call;
    bool gone, lost, logout, stall, flip, zero_r, zero_s, high_s, low_s, kill, kill_signed;
    char other[64];
};

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST list;
static struct counts *counts;
static int log_fd = -1;
static atomic_ulong calls;

/* What the key of a session's running signature is called. */
static struct {
    CK_SESSION_HANDLE session;
    char label[64];
} signing[HANDLES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- orders ---------------------------------------------------------------------------------------- */

static void read_number(struct orders *o, const char *name, unsigned long value)
{
    const struct {
        const char *name;
        unsigned long *at;
    } numbers[] = {{"after", &o->after}, {"times", &o->times}, {"slow", &o->slow}, {"sessions", &o->sessions},
        {"flags", &o->flags}, {"login", &o->login}, {"sign", &o->sign}, {"kill-call", &o->kill_call}};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strcmp(name, numbers[i].name) == 0)
            *numbers[i].at = value;
}

static void read_switch(struct orders *o, const char *name)
{
    const struct {
        const char *name;
        bool *at;
    } switches[] = {{"gone", &o->gone}, {"lost", &o->lost}, {"logout", &o->logout}, {"stall", &o->stall},
        {"flip", &o->flip}, {"zero-r", &o->zero_r}, {"zero-s", &o->zero_s}, {"high-s", &o->high_s},
        {"low-s", &o->low_s}, {"kill", &o->kill}, {"kill-signed", &o->kill_signed}};

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (strcmp(name, switches[i].name) == 0)
            *switches[i].at = true;
}

static struct orders read_orders(void)
{
    const char *path = getenv("CHAOS_ORDERS");
    FILE *f = path != NULL ? fopen(path, "re") : NULL;
    struct orders o = {.times = ~0UL};
    char line[128], name[64], value[64];

    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        int n = sscanf(line, "%63s %63s", name, value);

        if (n == 2 && strcmp(name, "other") == 0)
            snprintf(o.other, sizeof(o.other), "%s", value);
        else if (n == 2)
            read_number(&o, name, strtoul(value, NULL, 0));
        else if (n == 1)
            read_switch(&o, name);
    }
    if (f != NULL)
        fclose(f);
    return o;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Every call of the module goes through here first. */
static CK_RV enter(struct orders *o, bool needs_token)
{
    *o = read_orders();
    if (o->kill_call != 0 && atomic_fetch_add(&calls, 1) + 1 == o->kill_call)
        die();
    if (o->gone && needs_token && atomic_load(&counts->signatures) >= o->after)
        return CKR_DEVICE_REMOVED;
    return CKR_OK;
}

#define ENTER(needs_token)                                                                                   \
    struct orders o;                                                                                         \
    CK_RV entered = enter(&o, needs_token);                                                                  \
    if (entered != CKR_OK)                                                                                   \
    return entered

/* --- sessions that all processes share ------------------------------------------------------------- */

static unsigned sessions_open(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < PROCESSES; i++) {
        pid_t pid = atomic_load(&counts->process[i].pid);

        if (pid != 0 && kill(pid, 0) != 0)
            atomic_store(&counts->process[i].pid, 0);
        else if (pid != 0)
            n += atomic_load(&counts->process[i].sessions);
    }
    return n;
}

static void count_session(int change)
{
    for (size_t i = 0; i < PROCESSES; i++) {
        pid_t none = 0, self = getpid();

        if (atomic_load(&counts->process[i].pid) == self ||
            atomic_compare_exchange_strong(&counts->process[i].pid, &none, self)) {
            if (none == 0 && change > 0 && atomic_load(&counts->process[i].sessions) > HANDLES)
                atomic_store(&counts->process[i].sessions, 0);
            atomic_fetch_add(&counts->process[i].sessions, (unsigned)change);
            return;
        }
    }
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *s)
{
    CK_RV rv;
    ENTER(true);

    if (o.sessions != 0 && sessions_open() >= o.sessions)
        return CKR_SESSION_COUNT;
    rv = real->C_OpenSession(slot, flags, app, notify, s);
    if (rv == CKR_OK)
        count_session(1);
    return rv;
}

static CK_RV close_session(CK_SESSION_HANDLE s)
{
    CK_RV rv;
    ENTER(false);

    rv = real->C_CloseSession(s);
    if (rv == CKR_OK)
        count_session(-1);
    return rv;
}

static CK_RV finalize(void *args)
{
    for (size_t i = 0; i < PROCESSES; i++)
        if (atomic_load(&counts->process[i].pid) == getpid()) {
            atomic_store(&counts->process[i].sessions, 0);
            atomic_store(&counts->process[i].pid, 0);
        }
    return real->C_Finalize(args);
}

/* --- the token ------------------------------------------------------------------------------------- */

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
    ENTER(false);

    if (o.gone && atomic_load(&counts->signatures) >= o.after) {
        *n = 0;
        return CKR_OK;
    }
    return real->C_GetSlotList(present, slots, n);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv;
    ENTER(true);

    rv = real->C_GetTokenInfo(slot, info);
    if (rv == CKR_OK)
        info->flags |= o.flags;
    return rv;
}

static CK_RV get_session_info(CK_SESSION_HANDLE s, CK_SESSION_INFO *info)
{
    ENTER(true);

    return real->C_GetSessionInfo(s, info);
}

static CK_RV login(CK_SESSION_HANDLE s, CK_USER_TYPE user, unsigned char *pin, CK_ULONG n)
{
    ENTER(true);

    if (log_fd >= 0)
        dprintf(log_fd, "login %d\n", getpid());
    return o.login != 0 ? o.login : real->C_Login(s, user, pin, n);
}

static CK_RV find_objects_init(CK_SESSION_HANDLE s, CK_ATTRIBUTE *want, CK_ULONG n)
{
    ENTER(true);

    return real->C_FindObjectsInit(s, want, n);
}

static CK_RV generate_pair(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *pub, CK_ULONG pub_n,
    CK_ATTRIBUTE *priv, CK_ULONG priv_n, CK_OBJECT_HANDLE *a, CK_OBJECT_HANDLE *b)
{
    ENTER(true);

    return real->C_GenerateKeyPair(s, m, pub, pub_n, priv, priv_n, a, b);
}

static CK_RV generate_key(
    CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *a, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
    ENTER(true);

    return real->C_GenerateKey(s, m, a, n, out);
}

static CK_RV set_attribute(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE obj, CK_ATTRIBUTE *a, CK_ULONG n)
{
    ENTER(true);

    return real->C_SetAttributeValue(s, obj, a, n);
}

static CK_RV copy_object(
    CK_SESSION_HANDLE s, CK_OBJECT_HANDLE obj, CK_ATTRIBUTE *a, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
    ENTER(true);

    return real->C_CopyObject(s, obj, a, n, out);
}

static CK_RV encrypt_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    ENTER(true);

    return real->C_EncryptInit(s, m, key);
}

/* --- signatures ------------------------------------------------------------------------------------ */

static size_t slot_of(CK_SESSION_HANDLE s)
{
    size_t i = s % HANDLES;

    while (signing[i].session != 0 && signing[i].session != s)
        i = (i + 1) % HANDLES;
    return i;
}

static void keep_label(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE key)
{
    char label[64] = "";
    CK_ATTRIBUTE a = {CKA_LABEL, label, sizeof(label) - 1};

    if (real->C_GetAttributeValue(s, key, &a, 1) != CKR_OK || a.ulValueLen >= sizeof(label))
        a.ulValueLen = 0;
    label[a.ulValueLen] = '\0';
    for (char *c = label; *c != '\0'; c++)
        if (*c == ' ')
            *c = '_';
    pthread_mutex_lock(&lock);
    signing[slot_of(s)].session = s;
    memcpy(signing[slot_of(s)].label, label, sizeof(label));
    pthread_mutex_unlock(&lock);
}

static CK_OBJECT_HANDLE find_other(CK_SESSION_HANDLE s, const char *label, CK_OBJECT_HANDLE key)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE want[] = {
        {CKA_CLASS, &class, sizeof(class)}, {CKA_LABEL, (void *)(size_t)label, strlen(label)}};
    CK_ULONG n = 0;

    if (real->C_FindObjectsInit(s, want, 2) != CKR_OK)
        return key;
    real->C_FindObjects(s, &key, 1, &n);
    real->C_FindObjectsFinal(s);
    return key;
}

/* Faults of signatures are numbered by all of them, so that orders can name the first and how many. */
static bool acts(const struct orders *o, unsigned long number)
{
    return number > o->after && number - o->after <= o->times;
}

static CK_RV sign_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    ENTER(true);

    if (log_fd >= 0)
        keep_label(s, key);
    if (o.other[0] != '\0' && acts(&o, atomic_load(&counts->signatures) + 1))
        key = find_other(s, o.other, key);
    return real->C_SignInit(s, m, key);
}

static void log_signature(CK_SESSION_HANDLE s, const unsigned char *digest, CK_ULONG n)
{
    char hex[2 * 64 + 1] = "", line[320];
    int len;

    if (log_fd < 0)
        return;
    for (CK_ULONG i = 0; i < n && i < 64; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    pthread_mutex_lock(&lock);
    len = snprintf(line, sizeof(line), "sign %d %s %s\n", getpid(), signing[slot_of(s)].label, hex);
    pthread_mutex_unlock(&lock);
    if (write(log_fd, line, (size_t)len) != len)
        abort();
}

/* Half of the order of P-256, rounded down; its first octets tell all but one s in 2^32 apart. */
static bool is_high(const unsigned char *s)
{
    static const unsigned char half[] = {0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00, 0x00};

    return memcmp(s, half, sizeof(half)) > 0;
}

static bool is_wanted(const struct orders *o, const unsigned char *sig)
{
    return (!o->zero_r || sig[0] == 0) && (!o->zero_s || sig[HALF_SIG] == 0) &&
           (!o->high_s || is_high(sig + HALF_SIG)) && (!o->low_s || !is_high(sig + HALF_SIG));
}

/* A signature of this digest that has the wanted form: tokens choose a new nonce each time. */
static CK_RV sign_until_wanted(const struct orders *o, CK_SESSION_HANDLE s, unsigned char *in, CK_ULONG n,
    unsigned char *sig, CK_ULONG *sig_n)
{
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    char label[64];
    CK_OBJECT_HANDLE key;
    CK_RV rv = real->C_Sign(s, in, n, sig, sig_n);

    if (rv != CKR_OK || is_wanted(o, sig))
        return rv;
    pthread_mutex_lock(&lock);
    memcpy(label, signing[slot_of(s)].label, sizeof(label));
    pthread_mutex_unlock(&lock);
    for (char *c = label; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    key = find_other(s, label, 0);
    for (int i = 0; rv == CKR_OK && !is_wanted(o, sig) && i < TRIES; i++) {
        rv = real->C_SignInit(s, &ecdsa, key);
        if (rv == CKR_OK)
            rv = real->C_Sign(s, in, n, sig, sig_n);
    }
    atomic_fetch_add(&counts->faults, 1);
    return rv;
}

static void nap(unsigned long ms)
{
    struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    while (nanosleep(&t, &t) != 0)
        continue;
}

/* What stands in the way of a signature. */
static CK_RV before_signing(const struct orders *o, CK_SESSION_HANDLE s)
{
    if (o->kill)
        die();
    while (o->stall)
        pause();
    if (o->lost) {
        real->C_CloseSession(s);
        count_session(-1);
        return CKR_SESSION_HANDLE_INVALID;
    }
    if (o->logout) {
        real->C_Logout(s);
        return CKR_USER_NOT_LOGGED_IN;
    }
    return o->sign;
}

static CK_RV sign(CK_SESSION_HANDLE s, unsigned char *in, CK_ULONG n, unsigned char *sig, CK_ULONG *sig_n)
{
    bool bad;
    CK_RV rv = CKR_OK;
    ENTER(true);

    bad = acts(&o, atomic_fetch_add(&counts->signatures, 1) + 1);
    log_signature(s, in, n);
    if (bad && log_fd >= 0)
        dprintf(log_fd, "fault %d\n", getpid());
    if (bad && o.slow != 0)
        nap(o.slow);
    if (bad)
        rv = before_signing(&o, s);
    if (rv == CKR_OK)
        rv = bad ? sign_until_wanted(&o, s, in, n, sig, sig_n) : real->C_Sign(s, in, n, sig, sig_n);
    if (rv == CKR_OK && bad && o.flip)
        sig[*sig_n - 1] ^= 1;
    if (bad && o.kill_signed)
        die();
    return rv;
}

/* --- loading --------------------------------------------------------------------------------------- */

static void *(*libc_dlopen)(const char *path, int flags);

static void *open_real(const char *path)
{
    if (libc_dlopen == NULL)
        *(void **)&libc_dlopen = dlsym(RTLD_NEXT, "dlopen");
    return libc_dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static bool open_shared(void)
{
    const char *path = getenv("CHAOS_COUNTS"), *log = getenv("CHAOS_LOG");
    int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (fd < 0 || ftruncate(fd, sizeof(*counts)) != 0)
        return false;
    counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (log != NULL)
        log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return counts != MAP_FAILED;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
    const char *path = getenv("CHAOS_MODULE");
    void *dl = path != NULL ? open_real(path) : NULL;
    CK_C_GetFunctionList get = NULL;

    if (dl != NULL)
        *(void **)&get = dlsym(dl, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK || (counts == NULL && !open_shared()))
        return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_Finalize = finalize;
    list.C_GetSlotList = get_slot_list;
    list.C_GetTokenInfo = get_token_info;
    list.C_OpenSession = open_session;
    list.C_CloseSession = close_session;
    list.C_GetSessionInfo = get_session_info;
    list.C_Login = login;
    list.C_FindObjectsInit = find_objects_init;
    list.C_GenerateKeyPair = generate_pair;
    list.C_GenerateKey = generate_key;
    list.C_SetAttributeValue = set_attribute;
    list.C_CopyObject = copy_object;
    list.C_EncryptInit = encrypt_init;
    list.C_SignInit = sign_init;
    list.C_Sign = sign;
    *out = &list;
    return CKR_OK;
}

/* Preloaded: whoever loads SoftHSM gets this module, which loads it in its turn. */
void *dlopen(const char *path, int flags)
{
    Dl_info self;

    if (libc_dlopen == NULL)
        *(void **)&libc_dlopen = dlsym(RTLD_NEXT, "dlopen");
    if (path != NULL && getenv("CHAOS_MODULE") != NULL && strstr(path, "libsofthsm2.so") != NULL &&
        dladdr((void *)(size_t)C_GetFunctionList, &self) != 0)
        path = self.dli_fname;
    return libc_dlopen(path, flags);
}
