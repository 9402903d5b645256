/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/playbook.h - the RadLex Playbook as its publisher's CSV gives it: what
 * a procedure code (RPID) is called.  The file is the site's own copy: its
 * licence lets everybody use it and nobody but the publisher hand it on.
 */
#ifndef ITV_ENGINE_PLAYBOOK_H
#define ITV_ENGINE_PLAYBOOK_H

#include <glib.h>

typedef struct ItvPlaybook ItvPlaybook;

/* Columns: RPID, short code, short name, long name, automated short name,
 * automated long name, ...  Lines that do not begin with an RPID are passed over.
 * NULL with ITV_ERROR_CONFIG where the file cannot be read or holds no RPID. */
ItvPlaybook *itv_playbook_load(const char *path, GError **error);
void itv_playbook_free(ItvPlaybook *playbook);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItvPlaybook, itv_playbook_free)

/* What "RPID123" or "rpid123" is called; NULL for what is no known code. */
const char *itv_playbook_name(const ItvPlaybook *playbook, const char *code);

#endif
