# cmake/libraries.cmake: the libraries that Tupelo stands on, as the distribution ships them.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(absl REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

find_path(TUPELO_XXHASH_INCLUDE xxhash.h REQUIRED)
find_path(TUPELO_FAST_FLOAT_INCLUDE fast_float/fast_float.h REQUIRED)

# What a layer uses beside the layers below it. Those above see it too.
set(TUPELO_LIBRARIES_base fmt::fmt-header-only Threads::Threads PkgConfig::zlib PkgConfig::zstd)
set(TUPELO_LIBRARIES_types PkgConfig::utf8proc absl::time)
set(TUPELO_LIBRARIES_functions PkgConfig::re2)

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
