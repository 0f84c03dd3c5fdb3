# cmake/layer.cmake: layer(name below...) declares one layer of src/, its tests and its fuzzers.
#
# A layer is a library tupelo_<name> of src/<name>/*.cpp. It links to the layers it names, and so
# sees those they name. Naming a layer that was not declared before is an error: there is no cycle.
# <name>_test, made of *_test.cpp, links to the layer and to nothing above it.
set(TUPELO_LAYERS "")

# Headers of others that most sources include; reading them is a third of the time that compiling
# takes. None of ours: a change of one would compile everything again.
set(TUPELO_COMMON_HEADERS <algorithm> <array> <bit> <cassert> <cmath> <cstdint> <cstring>
  <functional> <limits> <memory> <optional> <span> <string> <string_view> <unordered_map> <utility>
  <vector>)

# precompiled(target first header...): the headers are compiled once, for the target named `first`,
# and taken from it by all others with the same compiler options.
function(precompiled target first)
  if(target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()

function(layer name)
  foreach(below IN LISTS ARGN)
    if(NOT below IN_LIST TUPELO_LAYERS)
      message(FATAL_ERROR "layer(${name}) names '${below}', which is not declared above it")
    endif()
  endforeach()
  set(directory ${CMAKE_CURRENT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(target tupelo_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(sources)
    target_compile_options(${target} PRIVATE ${TUPELO_OPTIONS_${name}})
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_CURRENT_SOURCE_DIR}/src)
  if(name STREQUAL "engine")
    target_include_directories(${target} ${scope} ${CMAKE_CURRENT_SOURCE_DIR}/include)
  endif()
  if(sources)
    precompiled(${target} tupelo_base ${TUPELO_COMMON_HEADERS})
  endif()
  list(TRANSFORM ARGN PREPEND tupelo_ OUTPUT_VARIABLE below_targets)
  target_link_libraries(${target} ${scope} ${below_targets} ${TUPELO_LIBRARIES_${name}})

  if(BUILD_TESTING AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} GTest::gtest_main)
    # What is tested is optimized; the tests themselves need only be compiled soon.
    target_compile_options(${name}_test PRIVATE -O0)
    precompiled(${name}_test base_test ${TUPELO_COMMON_HEADERS} <gtest/gtest.h>)
    add_test(NAME ${name}_test COMMAND ${name}_test --gtest_brief=1)
  endif()
  if(TUPELO_FUZZ)
    fuzzers(${name})
  endif()
  set(TUPELO_LAYERS ${TUPELO_LAYERS} ${name} PARENT_SCOPE)
endfunction()

# One libFuzzer program <layer>_<file> for each src/<layer>/fuzz/<file>.cpp.
function(fuzzers name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/${name}/fuzz/*.cpp)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    add_executable(${name}_${stem} ${source})
    target_link_libraries(${name}_${stem} PRIVATE tupelo_${name})
    target_link_options(${name}_${stem} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name}_${stem} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  endforeach()
endfunction()
