# cmake/python_extension.cmake: the CPython extension module tupelo._tupelo.
file(GLOB extension_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/python/ext/*.cpp)
if(extension_sources)
  find_package(Python3 COMPONENTS Interpreter Development.Module)
endif()

if(extension_sources AND Python3_Development.Module_FOUND)
  Python3_add_library(_tupelo MODULE WITH_SOABI ${extension_sources})
  target_include_directories(_tupelo PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/python)
  target_link_libraries(_tupelo PRIVATE tupelo_engine)
  set(exports ${CMAKE_CURRENT_SOURCE_DIR}/cmake/python_extension.map)
  target_link_options(_tupelo PRIVATE -Wl,--version-script=${exports})
  set_target_properties(_tupelo PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/python LINK_DEPENDS ${exports})
  # Only `pip install` asks for it: a plain `cmake --install` is for C++ programs.
  install(TARGETS _tupelo LIBRARY DESTINATION tupelo COMPONENT python EXCLUDE_FROM_ALL)
endif()
