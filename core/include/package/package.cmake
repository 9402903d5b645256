# SPDX-License-Identifier: Apache-2.0
# What lets a plugin be built outside this tree: interval.pc and a CMake package.
include(CMakePackageConfigHelpers)
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../interval/plugin.h lines REGEX "define ITV_ABI_M[AI][JN]OR")
string(REGEX REPLACE ".*MAJOR ([0-9]+)u.*MINOR ([0-9]+)u.*" "\\1.\\2.0" ITV_ABI_VERSION "${lines}")
set(include_dir ${CMAKE_INSTALL_INCLUDEDIR})
set(plugin_dir ${CMAKE_INSTALL_LIBDIR}/interval/plugins)
set(out ${CMAKE_BINARY_DIR}/generated)
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/interval.pc.in ${out}/interval.pc @ONLY)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/IntervalConfig.cmake.in
  ${out}/IntervalConfig.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Interval
  PATH_VARS include_dir plugin_dir NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${out}/IntervalConfigVersion.cmake
  VERSION ${ITV_ABI_VERSION} COMPATIBILITY SameMajorVersion)
install(FILES ${out}/interval.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
install(FILES ${out}/IntervalConfig.cmake ${out}/IntervalConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Interval COMPONENT dev)
