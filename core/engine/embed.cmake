# SPDX-License-Identifier: Apache-2.0
# config/fulfilment.xml as bytes: what holds where a site's folder lacks the file.
set(fulfilment_file ${CMAKE_SOURCE_DIR}/config/fulfilment.xml)
file(READ ${fulfilment_file} fulfilment_hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," fulfilment_bytes "${fulfilment_hex}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated-engine/fulfilment-file.h CONTENT
  "/* Made from config/fulfilment.xml by core/engine/embed.cmake. */\nstatic const unsigned char fulfilment_file[] = {@fulfilment_bytes@};\n" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${fulfilment_file})
target_include_directories(itv-engine PRIVATE ${CMAKE_BINARY_DIR}/generated-engine)
