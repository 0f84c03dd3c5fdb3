# cmake/library.cmake: the one shared library that C++ programs link to, and how it is installed.
#
# All layers go into libtupelo whole. Installed are the headers that include/tupelo/*.h reach:
# include/tupelo/tupelo.h, and beside it engine/*.h and types/*.h as in src/.
include(CMakePackageConfigHelpers)

set(archives "")
foreach(name IN LISTS TUPELO_LAYERS)
  get_target_property(kind tupelo_${name} TYPE)
  if(kind STREQUAL "STATIC_LIBRARY")
    list(APPEND archives tupelo_${name})
  endif()
endforeach()
file(GLOB public_headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/include/tupelo/*.h)

if(public_headers AND "tupelo_engine" IN_LIST archives)
  # A library needs a source of its own; all else comes from the archives.
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/library_stem.cpp CONTENT "// Empty on purpose.\n")
  add_library(tupelo SHARED ${CMAKE_BINARY_DIR}/library_stem.cpp)
  add_library(Tupelo::tupelo ALIAS tupelo)
  set(exports ${CMAKE_CURRENT_SOURCE_DIR}/cmake/library.map)
  target_link_libraries(tupelo PRIVATE -Wl,--whole-archive ${archives} -Wl,--no-whole-archive)
  target_link_options(tupelo PRIVATE -Wl,--version-script=${exports} -Wl,-Bsymbolic-functions)
  target_include_directories(tupelo INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tupelo>)
  target_compile_features(tupelo INTERFACE cxx_std_20)
  set_target_properties(tupelo PROPERTIES LINK_DEPENDS ${exports}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tupelo)
  install(TARGETS tupelo EXPORT TupeloTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
  install(CODE "
    set(TUPELO_SOURCE_DIR [[${CMAKE_CURRENT_SOURCE_DIR}]])
    set(TUPELO_INCLUDE_DIR [[${CMAKE_INSTALL_INCLUDEDIR}]])
    include([[${CMAKE_CURRENT_SOURCE_DIR}/cmake/install_headers.cmake]])"
    COMPONENT library)
  install(EXPORT TupeloTargets NAMESPACE Tupelo:: DESTINATION ${package_dir} COMPONENT library)
  configure_package_config_file(cmake/TupeloConfig.cmake.in ${CMAKE_BINARY_DIR}/TupeloConfig.cmake
    INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/TupeloConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/TupeloConfig.cmake ${CMAKE_BINARY_DIR}/TupeloConfigVersion.cmake
    DESTINATION ${package_dir} COMPONENT library)
endif()
