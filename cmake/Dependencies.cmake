# The libraries nopo stands on, each as one imported target.
#
# Archives are preferred to shared objects: a client that loads gRPC's shared libraries spends 30 ms
# in the dynamic loader before main(), more than a whole warm `nopo list` may take.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# The archive of library `name`, or its shared object where no archive is installed.
function(nopo_find_archive out name)
  find_library(${out} NAMES lib${name}.a ${name} REQUIRED)
  mark_as_advanced(${out})
  set(${out} ${${out}} PARENT_SCOPE)
endfunction()

# Defines `target` as every archive that the pkg-config modules name, plus `EXTRA` ones that the
# modules forget. The linker resolves the group as a whole, because pkg-config's order is lossy.
function(nopo_static_group target)
  cmake_parse_arguments(arg "" "" "MODULES;EXTRA" ${ARGN})
  pkg_check_modules(${target}_pc REQUIRED ${arg_MODULES})
  set(archives)
  foreach(name IN LISTS ${target}_pc_STATIC_LIBRARIES arg_EXTRA)
    if(name MATCHES "^(dl|m|rt|pthread|atomic)$")
      continue()
    endif()
    nopo_find_archive(NOPO_ARCHIVE_${name} ${name})
    list(APPEND archives ${NOPO_ARCHIVE_${name}})
  endforeach()
  list(REMOVE_DUPLICATES archives)
  list(JOIN archives "," group)
  add_library(${target} INTERFACE)
  # One item, because CMake drops repeated ones, and with them a second group's brackets.
  target_link_libraries(${target} INTERFACE
    -Wl,--start-group,${group},--end-group Threads::Threads ${CMAKE_DL_LIBS} rt)
endfunction()

nopo_static_group(nopo_absl MODULES absl_status absl_statusor absl_strings absl_str_format absl_time
  absl_synchronization absl_flat_hash_map absl_flat_hash_set absl_cord absl_hash)
nopo_static_group(nopo_grpc MODULES grpc++_unsecure protobuf
  EXTRA grpc++_reflection grpc++_unsecure grpc_unsecure gpr upb address_sorting re2 cares z)
target_link_libraries(nopo_grpc INTERFACE nopo_absl)

find_package(Boost 1.81 REQUIRED COMPONENTS headers CONFIG)
nopo_find_archive(NOPO_BOOST_JSON boost_json)
nopo_find_archive(NOPO_BOOST_CONTAINER boost_container)
add_library(nopo_boost_json INTERFACE)
target_link_libraries(nopo_boost_json INTERFACE ${NOPO_BOOST_JSON} ${NOPO_BOOST_CONTAINER} Boost::headers)

nopo_find_archive(NOPO_YAML yaml)
add_library(nopo_yaml INTERFACE)
target_link_libraries(nopo_yaml INTERFACE ${NOPO_YAML})

nopo_find_archive(NOPO_SQLITE sqlite3)
add_library(nopo_sqlite INTERFACE)
target_link_libraries(nopo_sqlite INTERFACE ${NOPO_SQLITE} Threads::Threads ${CMAKE_DL_LIBS} m)

nopo_find_archive(NOPO_XXHASH xxhash)
add_library(nopo_xxhash INTERFACE)
target_link_libraries(nopo_xxhash INTERFACE ${NOPO_XXHASH})

nopo_find_archive(NOPO_SSL ssl)
nopo_find_archive(NOPO_CRYPTO crypto)
add_library(nopo_openssl INTERFACE)
target_link_libraries(nopo_openssl INTERFACE ${NOPO_SSL} ${NOPO_CRYPTO} Threads::Threads ${CMAKE_DL_LIBS})

nopo_find_archive(NOPO_ARCHIVE archive)
add_library(nopo_archive INTERFACE)
target_link_libraries(nopo_archive INTERFACE ${NOPO_ARCHIVE} nopo_openssl)

# Header-only spdlog, with the fmt it bundles: one library less to match by version.
find_path(NOPO_SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
find_package(fmt REQUIRED)
add_library(nopo_spdlog INTERFACE)
target_link_libraries(nopo_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)
target_compile_definitions(nopo_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)

# Debian has it as a shared object only.
find_library(NOPO_JQ jq REQUIRED)
add_library(nopo_jq INTERFACE)
target_link_libraries(nopo_jq INTERFACE ${NOPO_JQ})

find_path(NOPO_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
find_program(NOPO_PROTOC protoc REQUIRED)
find_program(NOPO_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

find_program(NOPO_CCACHE ccache)
if(NOPO_CCACHE)
  # A precompiled header changes its time stamp with every build tree, and a clone elsewhere is the
  # same source: ccache has to look past both.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${NOPO_CCACHE})
endif()
