/* SPDX-License-Identifier: Apache-2.0
 *
 * Guideline files and the folder they lie in; the list of what is wrong with one.
 */
#include "engine/guideline.h"

#include <string.h>

#include "base/error.h"

/* ---- faults --------------------------------------------------------------------------- */

static void
clear_fault(ItvFault *f)
{
  g_free(f->text);
}

GArray *
itv_faults_new(void)
{
  GArray *faults = g_array_new(FALSE, TRUE, sizeof(ItvFault));
  g_array_set_clear_func(faults, (GDestroyNotify)clear_fault);
  return faults;
}

void
itv_fault_add(GArray *faults, ItvFaultSeverity severity, const char *kind, int line,
              const char *format, ...)
{
  va_list args;
  va_start(args, format);
  const ItvFault f = {severity, kind, line, g_strdup_vprintf(format, args)};
  va_end(args);
  g_array_append_val(faults, f);
}

const ItvFault *
itv_faults_error(const GArray *faults)
{
  for (guint i = 0; i < faults->len; i++)
    if (g_array_index(faults, ItvFault, i).severity == ITV_FAULT_ERROR)
      return &g_array_index(faults, ItvFault, i);
  return NULL;
}

/* ---- files ---- */

ItvGuideline *
itv_guideline_load(const char *path, const char *xsd, GArray *faults, GError **error)
{
  g_autoptr(ItvXml) xml = itv_xml_read(path, xsd, error);
  return xml ? itv_guideline_read(xml, path, faults) : NULL;
}

/* ---- the folder
 * ------------------------------------------------------------------------------------ */

static int
compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static gboolean
load_into(GPtrArray *guidelines, const char *path, const char *xsd, GError **error)
{
  g_autoptr(ItvXml) any = itv_xml_read(path, NULL, error);
  if (!any)
    return FALSE;
  if (strcmp(any->name, "guideline") != 0)
    return TRUE; /* another kind of rule file: its own reader takes it */
  g_autoptr(GArray) faults = itv_faults_new();
  g_autoptr(ItvGuideline) g = itv_guideline_load(path, xsd, faults, error);
  const ItvFault *fault = g ? itv_faults_error(faults) : NULL;
  if (!g)
    return FALSE;
  if (fault)
    return itv_fail(error, ITV_ERROR_CONFIG, "%s:%d: %s", path, fault->line, fault->text);
  if (itv_guidelines_find(guidelines, g->id))
    return itv_fail(error, ITV_ERROR_CONFIG, "%s: there is another guideline \"%s\"", path, g->id);
  g_ptr_array_add(guidelines, g_steal_pointer(&g));
  return TRUE;
}

GPtrArray *
itv_guidelines_load(const char *dir, const char *xsd, GError **error)
{
  g_autoptr(GPtrArray) guidelines =
      g_ptr_array_new_with_free_func((GDestroyNotify)itv_guideline_free);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
  for (const char *name = NULL; folder && (name = g_dir_read_name(folder));)
    if (g_str_has_suffix(name, ".xml"))
      g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(dir, names->pdata[i], NULL);
    if (!load_into(guidelines, path, xsd, error))
      return NULL;
  }
  return g_steal_pointer(&guidelines);
}

const ItvGuideline *
itv_guidelines_find(const GPtrArray *guidelines, const char *id)
{
  for (guint i = 0; guidelines && id && i < guidelines->len; i++)
    if (strcmp(((const ItvGuideline *)guidelines->pdata[i])->id, id) == 0)
      return guidelines->pdata[i];
  return NULL;
}

gboolean
itv_guideline_valid_on(const ItvGuideline *g, ItvDate day)
{
  return day != ITV_DATE_NONE && day >= g->valid_from &&
         (g->valid_until == ITV_DATE_NONE || day <= g->valid_until);
}
