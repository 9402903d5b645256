/* SPDX-License-Identifier: Apache-2.0
 *
 * A host for one plugin in this process: for unit tests, fuzz targets and
 * debuggers.  It confines nothing and checks no record; it keeps copies of
 * what the plugin emitted.  One job at a time, one thread.
 */
#ifndef INTERVAL_TEST_HOST_H
#define INTERVAL_TEST_HOST_H

#include <glib.h>

#include "interval/plugin.h"

typedef struct TestHost TestHost;

/* `plugin` is usually &itv_plugin_entry.  Aborts when create() fails. */
TestHost *test_host_new(const itv_plugin *plugin);
/* Before test_host_new is not possible: config and resources are asked for in
 * create(), so pass them with the variants below. */
TestHost *test_host_new_with(const itv_plugin *plugin,
                             const char *const *config /* key, value ... NULL */,
                             const char *const *resources /* name, path ... NULL */);
void test_host_free(TestHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestHost, test_host_free)

/* Runs one job; records, volumes and the error of the job before are gone. */
itv_status test_host_run(TestHost *host, const char *kind, const itv_input *input);
int32_t test_host_probe(TestHost *host, const void *head, size_t n, const char *name);
/* The same with one source whose bytes are given. */
itv_status test_host_import(TestHost *host, const void *bytes, size_t n, const char *name);

const char *test_host_error(const TestHost *host); /* "" if none was set */
size_t test_host_n_records(const TestHost *host);
const itv_record *test_host_record(const TestHost *host, size_t i);
/* The n-th record of that name, NULL when there are fewer. */
const itv_record *test_host_find(const TestHost *host, const char *name, size_t n);
/* A volume that the plugin made, by the id it got; NULL if there is none. */
const itv_volume *test_host_volume(const TestHost *host, int64_t id);

/* A source over bytes in memory (borrowed), or over an open descriptor. */
itv_source test_source_bytes(GBytes *bytes, const char *name);

#endif
