/* What libpq, and what it stands on, may read while a connection is made. */
#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

/* Finding hosts, users and certificates. The directories are there for what replaces a file in
 * them; the files for the case that a directory has to be left out. */
static const char *const system_paths[] = {
    "/usr",
    "/lib",
    "/lib64",
    "/etc",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/group",
    "/etc/localtime",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/krb5.conf",
    "/etc/krb5.conf.d",
    "/etc/postgresql-common",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/run/nscd",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
};

static const char *const home_paths[] = { ".pgpass", ".pg_service.conf", ".postgresql" };

/* Words of a connection string, and variables of the environment, that name files. */
static const char *const words[] = { "passfile", "sslcert",     "sslkey",
                                     "sslcrl",   "sslcrldir",   "sslrootcert" };
static const char *const variables[] = { "PGPASSFILE",    "PGSSLCERT",     "PGSSLKEY",
                                         "PGSSLCRL",      "PGSSLCRLDIR",   "PGSSLROOTCERT",
                                         "PGSERVICEFILE", "PGSYSCONFDIR",  "OPENSSL_CONF",
                                         "SSL_CERT_FILE", "SSL_CERT_DIR",  "KRB5_CONFIG" };

static bool names_a_file(const char *word)
{
    for (size_t i = 0; i < LK_COUNT_OF(words); i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

void lk_store_postgres_paths(const char *url,
                             void (*visit)(void *context, const char *path, bool write),
                             void *context)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    const char *home = getenv("HOME");
    char path[PATH_MAX];

    for (size_t i = 0; i < LK_COUNT_OF(system_paths); i++)
        visit(context, system_paths[i], false);
    for (size_t i = 0; i < LK_COUNT_OF(variables); i++)
        if (getenv(variables[i]) != NULL)
            visit(context, getenv(variables[i]), false);
    for (size_t i = 0; home != NULL && i < LK_COUNT_OF(home_paths); i++)
        if (snprintf(path, sizeof path, "%s/%s", home, home_paths[i]) < (int)sizeof path)
            visit(context, path, false);
    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
        if (o->val != NULL && o->val[0] != '\0' && names_a_file(o->keyword))
            visit(context, o->val, false);
    PQconninfoFree(options);
}
