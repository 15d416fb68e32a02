# SPDX-License-Identifier: LGPL-2.1-or-later
# scrun_static_json: for an executable that is compiled with the sources that use json-c. Static where the library can be had that way:
# half of what a JSON policy costs would otherwise be the dynamic loader. With the allocator of scrun, and hardened and optimized as scrun is.
find_library(SCRUN_JSON_STATIC libjson-c.a)
set(SCRUN_GLIBC_NAMES ${PROJECT_SOURCE_DIR}/runner/oci/glibc_names.c)

# With musl where the archive, which was made for glibc, asks for nothing that cannot be given to it (glibc_names.c): the probe links and
# runs. Starting glibc is most of what a policy in JSON costs.
function(scrun_probe_json_musl)
  if(DEFINED SCRUN_JSON_MUSL OR NOT SCRUN_MUSL_OPTIONS)
    return()
  endif()
  set(probe ${PROJECT_BINARY_DIR}/json/probe.c)
  file(WRITE ${probe} "#include <json-c/json_tokener.h>\n#include <json-c/json_object.h>\n"
    "int main(void) { return json_object_get_uint64(json_tokener_parse(\"18446744073709551615\")) != 18446744073709551615u; }\n")
  try_run(probe_status SCRUN_JSON_MUSL ${PROJECT_BINARY_DIR}/json/probe
    SOURCES ${probe} ${SCRUN_GLIBC_NAMES}
    COMPILE_DEFINITIONS -D_GNU_SOURCE -specs=${SCRUN_MUSL_SPECS} -fno-pie -idirafter /usr/include
    CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}
    LINK_OPTIONS -specs=${SCRUN_MUSL_SPECS} -static LINK_LIBRARIES ${SCRUN_JSON_STATIC})
  if(NOT "${probe_status}" STREQUAL "0")
    set(SCRUN_JSON_MUSL FALSE CACHE INTERNAL "")
  endif()
endfunction()

function(scrun_static_json target)
  add_dependencies(${target} scrun_tables)
  target_link_libraries(${target} PRIVATE scrun_flags)
  target_include_directories(${target} SYSTEM PRIVATE ${SCRUN_JSON_INCLUDE})
  scrun_optimize(${target})
  if(SCRUN_SANITIZE OR NOT SCRUN_JSON_STATIC)
    target_link_libraries(${target} PRIVATE scrun_json_c)
  else()
    target_link_libraries(${target} PRIVATE ${SCRUN_JSON_STATIC})
    scrun_probe_json_musl()
    if(SCRUN_JSON_MUSL)
      target_sources(${target} PRIVATE ${SCRUN_GLIBC_NAMES})
      scrun_static(${target})
    else()
      target_compile_options(${target} PRIVATE -fno-pie)
      target_link_options(${target} PRIVATE -static)
    endif()
  endif()
  if(NOT SCRUN_SANITIZE)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/runner/allocator.c ${PROJECT_SOURCE_DIR}/runner/heap.c)
    target_compile_options(${target} PRIVATE -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free)
  endif()
endfunction()
