/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin/elf.h - which symbols a shared object offers, read without loading it.
 * Private to core/plugin.
 */
#ifndef ITV_PLUGIN_ELF_H
#define ITV_PLUGIN_ELF_H

#include <glib.h>

/* Names of the defined dynamic symbols (char *, owned).  NULL with
 * ITV_ERROR_PLUGIN when the file is no 64-bit shared object of this machine's
 * byte order, or is damaged. */
GPtrArray *itv_elf_exports(const char *path, GError **error);

#endif
