/* SPDX-License-Identifier: Apache-2.0
 *
 * engine/protocol.h - the post-operative protocols of config/protocols.
 */
#ifndef ITV_ENGINE_PROTOCOL_H
#define ITV_ENGINE_PROTOCOL_H

#include "model/protocol.h"

/* Every *.xml of the folder, by name; ItvProtocol, owned.  A missing folder is an
 * empty list.  NULL with ITV_ERROR_CONFIG: file, line, what was expected. */
GPtrArray *itv_protocols_load(const char *folder, const char *xsd_path, GError **error);

#endif
