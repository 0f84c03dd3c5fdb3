# cmake/build_type.cmake: the optimization flags of each build type; included before project().
#
# RelWithDebInfo is the type for work and for tests: optimized, with asserts.
# Release is the type for measuring and for wheels: without asserts.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, RelWithDebInfo or Release" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g" CACHE STRING "Flags of Debug")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1" CACHE STRING "Flags of RelWithDebInfo")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG -g1" CACHE STRING "Flags of Release")
