/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/protocol.h - the follow-up protocols of config/protocols, read.
 */
#ifndef ITV_ENGINE_PROTOCOL_H
#define ITV_ENGINE_PROTOCOL_H

#include "model/protocol.h"

/* Every *.xml of the folder, by name; `xsd` is its schema.  Owned array of
 * ItvProtocol (owned), empty when the folder is missing.  NULL with
 * ITV_ERROR_CONFIG: file, line, what was expected. */
GPtrArray *itv_protocols_load(const char *dir, const char *xsd, GError **error);
/* One of them by name; NULL when there is none. */
const ItvProtocol *itv_protocols_find(const GPtrArray *protocols, const char *name);

#endif
