/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <string.h>

#include "worker/worker.h"

static const char *
or_none(const char *s)
{
  return s && *s ? s : "(none)";
}

/* Sizes are compared with those of ABI 1.0, frozen, so that a plugin built then
 * loads for as long as the major number stays. */
static bool
fits_abi(ItvWorker *worker, const itv_plugin *p)
{
  if (p->abi_major != ITV_ABI_MAJOR)
    itv_worker_refuse(worker, "is built for plugin ABI %u, this program has %u: build it anew",
                      p->abi_major, ITV_ABI_MAJOR);
  else if (p->struct_size < ITV_PLUGIN_SIZE_1_0)
    itv_worker_refuse(worker,
                      "says that its itv_plugin has %u bytes, but ABI 1.0 has %u: begin it with "
                      "ITV_PLUGIN_HEADER",
                      p->struct_size, ITV_PLUGIN_SIZE_1_0);
  else if (!p->get_kind)
    itv_worker_refuse(worker, "has no get_kind()");
  else
    return true;
  return false;
}

static bool
is_who_it_says(ItvWorker *worker, const itv_plugin *p, const char *id, const char *version)
{
  if (!p->id || strcmp(p->id, id) != 0)
    itv_worker_refuse(worker, "calls itself \"%s\", but its plugin.xml says \"%s\"", or_none(p->id),
                      id);
  else if (!p->version || strcmp(p->version, version) != 0)
    itv_worker_refuse(worker, "is version \"%s\", but its plugin.xml says \"%s\"",
                      or_none(p->version), version);
  else
    return true;
  return false;
}

const itv_plugin *
itv_worker_load(ItvWorker *worker, const char *object, const char *id, const char *version)
{
  void *so = dlopen(object, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!so) {
    const char *why = dlerror();
    itv_worker_refuse(worker, "cannot be loaded: %s%s", why,
                      strstr(why, "undefined symbol") ? " (link the library that has it)" : "");
    return NULL;
  }
  const itv_plugin *p = dlsym(so, "itv_plugin_entry");
  if (!p) {
    itv_worker_refuse(worker, "does not export itv_plugin_entry: define it with ITV_EXPORT");
    return NULL;
  }
  return fits_abi(worker, p) && is_who_it_says(worker, p, id, version) ? p : NULL;
}

const itv_kind *
itv_worker_kind(ItvWorker *worker, const char *kind)
{
  const itv_kind *k = worker->plugin->get_kind(kind);
  if (!k)
    itv_worker_refuse(worker, "names kind \"%s\" in plugin.xml but get_kind() does not offer it",
                      kind);
  else if (k->struct_size < ITV_KIND_SIZE_1_0)
    itv_worker_refuse(worker,
                      "says that its itv_kind has %u bytes, but ABI 1.0 has %u: begin it with "
                      "ITV_KIND_HEADER",
                      k->struct_size, ITV_KIND_SIZE_1_0);
  else if (!k->run)
    itv_worker_refuse(worker, "has no run() for kind \"%s\"", kind);
  else if (strcmp(kind, ITV_KIND_IMPORTER) == 0 && !k->probe)
    itv_worker_refuse(worker, "is an importer without probe()");
  else
    return k;
  return NULL;
}
