# SPDX-License-Identifier: Apache-2.0
# plugins/template as C strings, for `interval plugin new`.
set(template_dir ${CMAKE_SOURCE_DIR}/plugins/template)
set(template_header "/* Made from plugins/template by core/plugin/embed.cmake. */\n")
foreach(pair c:template.c xml:plugin.xml cmake:CMakeLists.txt.in readme:README.md
             sample:samples/one.size)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 symbol)
  list(GET pair 1 file)
  file(READ ${template_dir}/${file} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  string(APPEND template_header "static const char template_${symbol}[] =\n\"${text}\";\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${template_dir}/${file})
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/template-files.h CONTENT "@template_header@" @ONLY)
target_include_directories(itv-plugin PRIVATE ${CMAKE_BINARY_DIR}/generated)
