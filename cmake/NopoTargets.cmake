# One target per folder, each saying which folders it may use. No globbing, no global flags.

add_library(nopo_flags INTERFACE)
target_compile_features(nopo_flags INTERFACE cxx_std_20)
target_include_directories(nopo_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(nopo_flags INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # gcc 12 sees overruns in std::string and use-after-free in std::variant that are not there.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overread>)
target_compile_definitions(nopo_flags INTERFACE NOPO_VERSION="${PROJECT_VERSION}")
target_compile_options(nopo_flags INTERFACE -ffunction-sections -fdata-sections)
target_link_options(nopo_flags INTERFACE -Wl,--gc-sections)
if(NOPO_SANITIZE)
  target_compile_options(nopo_flags INTERFACE -fsanitize=${NOPO_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(nopo_flags INTERFACE -fsanitize=${NOPO_SANITIZE})
endif()

# nopo_library(NAME SOURCES a.cc b.cc [USES folder ...] [LIBRARIES third_party ...] [PRECOMPILE header ...])
#
# Defines target nopo_NAME. USES names folders of the project, LIBRARIES targets of Dependencies.cmake.
function(nopo_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES;PRECOMPILE" ${ARGN})
  add_library(nopo_${name} STATIC ${arg_SOURCES})
  list(TRANSFORM arg_USES PREPEND nopo_)
  target_link_libraries(nopo_${name} PUBLIC nopo_flags ${arg_USES} ${arg_LIBRARIES})
  if(arg_PRECOMPILE)
    target_precompile_headers(nopo_${name} PRIVATE ${arg_PRECOMPILE})
    nopo_cache_precompiled(nopo_${name})
  endif()
endfunction()

# ccache can only reuse a precompiled header that carries no time stamps.
function(nopo_cache_precompiled target)
  target_compile_options(${target} PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> $<$<CXX_COMPILER_ID:Clang>:-fpch-validate-input-files-content>)
endfunction()

# nopo_proto_library(NAME [PROTOS a.proto ...] [SERVICES b.proto ...] [USES other_proto ...])
#
# Generates C++ from .proto files (paths from the proto folder) into target nopo_NAME; for SERVICES
# also the stubs, each of which costs a compiler 10 s in gRPC's headers. Generated code is not ours
# to warn about.
function(nopo_proto_library name)
  cmake_parse_arguments(arg "" "" "PROTOS;SERVICES;USES" ${ARGN})
  set(root ${PROJECT_SOURCE_DIR}/proto)
  set(out ${PROJECT_BINARY_DIR}/generated)
  set(generated)
  foreach(proto IN LISTS arg_PROTOS arg_SERVICES)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(files ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
    set(grpc_options)
    if(proto IN_LIST arg_SERVICES)
      list(APPEND files ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
      set(grpc_options --plugin=protoc-gen-grpc=${NOPO_GRPC_CPP_PLUGIN} --grpc_out=${out})
    endif()
    add_custom_command(
      OUTPUT ${files}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND ${NOPO_PROTOC} -I ${root} --cpp_out=${out} ${grpc_options} ${root}/${proto}
      DEPENDS ${root}/${proto}
      VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  add_library(nopo_${name} STATIC ${generated})
  target_compile_features(nopo_${name} PUBLIC cxx_std_20)
  target_include_directories(nopo_${name} SYSTEM PUBLIC ${out})
  list(TRANSFORM arg_USES PREPEND nopo_)
  target_link_libraries(nopo_${name} PUBLIC ${arg_USES} nopo_grpc)
  target_compile_options(nopo_${name} PRIVATE -w -ffunction-sections -fdata-sections)
  if(NOPO_SANITIZE)
    target_compile_options(nopo_${name} PRIVATE -fsanitize=${NOPO_SANITIZE})
  endif()
endfunction()

# Has a test program take GoogleTest's headers, half of what its files cost a compiler, from one
# precompiled header that all of them share.
function(nopo_reuse_test_headers name)
  if(NOT TARGET nopo_test_headers)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cc CONTENT "")
    add_library(nopo_test_headers OBJECT ${PROJECT_BINARY_DIR}/test_headers.cc)
    target_link_libraries(nopo_test_headers PRIVATE nopo_flags GTest::gmock)
    target_precompile_headers(nopo_test_headers PRIVATE
      <gmock/gmock.h> <gtest/gtest.h> <functional> <map> <memory> <optional> <string> <vector>)
    nopo_cache_precompiled(nopo_test_headers)
  endif()
  target_precompile_headers(${name} REUSE_FROM nopo_test_headers)
  nopo_cache_precompiled(${name})
  # From a precompiled header gcc 12 tells of overruns in std::string, too, that are not there.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
endfunction()

# nopo_test(NAME SOURCES a_test.cc ... USES folder ... [LIBRARIES ...] [LABELS integration])
#
# One GoogleTest program; ctest lists its cases one by one.
function(nopo_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;USES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  list(TRANSFORM arg_USES PREPEND nopo_)
  target_link_libraries(${name} PRIVATE nopo_flags ${arg_USES} ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  nopo_reuse_test_headers(${name})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()
