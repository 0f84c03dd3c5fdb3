# cmake/compiler.cmake: language level, warnings, sanitizers, compiler cache and linker.
option(TUPELO_WERROR "Treat warnings as errors" OFF)
option(TUPELO_FUZZ "Build the libFuzzer programs (needs clang)" OFF)
option(TUPELO_LTO "Optimize across translation units" OFF)
set(TUPELO_SANITIZE "" CACHE STRING "Value of -fsanitize=, such as address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${TUPELO_LTO})

# What a shared object shows is said by its *.map file alone. Its calls to itself stay direct: the
# compiler need not reckon with another definition, and the linker binds what is not exported.
add_compile_options(-fno-semantic-interposition)

# Of all, as some libraries ask for it: precompiled headers are good for the same macros only.
add_compile_options(-pthread)

# a * b + c is rounded twice, as it is written, whatever instructions a processor has. On x86-64
# only loops for newer processors (base/vector_level.h) have one for it.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-ffp-contract=off)
endif()
set(TUPELO_OPTIONS_functions -ffp-contract=off)

# No -Wpedantic: 38-digit numbers are __int128.
add_compile_options(-Wall -Wextra)
# GCC 12 warns wrongly of std::string's operator+ at -O3 (its bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options($<$<CONFIG:Release>:-Wno-restrict>)
endif()
if(TUPELO_WERROR)
  add_compile_options(-Werror)
endif()

if(TUPELO_SANITIZE)
  # Little optimization: the checks make code that takes long to optimize, and hardly gets faster.
  add_compile_options(-fsanitize=${TUPELO_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${TUPELO_SANITIZE})
  # The optimizer that is left does not see through std::optional.
  add_compile_options(-Wno-maybe-uninitialized)
  if(TUPELO_SANITIZE MATCHES "undefined")
    # What these three would find, the hardware or AddressSanitizer finds as well, and they double
    # the time that compiling takes.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null,object-size,vptr)
  endif()
endif()

if(TUPELO_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TUPELO_FUZZ needs clang: configure with -DCMAKE_CXX_COMPILER=clang++")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(TUPELO_CCACHE ccache)
if(TUPELO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # It takes precompiled headers for a reason not to look, unless told that no source says
  # __DATE__ or #defines something before them.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TUPELO_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)  # so that ccache sees which precompiled headers are used
endif()

find_program(TUPELO_MOLD mold)
find_program(TUPELO_LLD ld.lld)
if(TUPELO_LTO)
  # The compiler's own linker plugin belongs to its own linker.
elseif(TUPELO_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(TUPELO_LLD)
  add_link_options(-fuse-ld=lld)
endif()
