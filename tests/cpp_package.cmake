# tests/cpp_package.cmake: installs Tupelo, builds the C++ example against it and runs it.
#
# Run by ctest with BUILD (Tupelo's build directory), EXAMPLE (its source) and COMPILER set.
set(stage ${BUILD}/cpp_package)
file(REMOVE_RECURSE ${stage})

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${stage}/prefix --component library)
run(${CMAKE_COMMAND} -S ${EXAMPLE} -B ${stage}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${stage}/prefix -DCMAKE_CXX_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${stage}/build)
run(${stage}/build/flights)
