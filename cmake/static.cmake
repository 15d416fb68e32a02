# SPDX-License-Identifier: LGPL-2.1-or-later
# scrun_static: makes an executable static, with musl where gcc can use it (its -specs file from musl-tools), with glibc otherwise.
# A static musl program starts in a third of the time of a static glibc one, and start-up is most of what a launcher costs.
set(SCRUN_MUSL_SPECS "/usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl/musl-gcc.specs" CACHE FILEPATH
  "gcc specs file of musl; static executables use glibc where it does not exist")

if(EXISTS ${SCRUN_MUSL_SPECS} AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # The -idirafter pair finds <linux/...> behind musl's own headers.
  set(SCRUN_MUSL_OPTIONS -specs=${SCRUN_MUSL_SPECS} "SHELL:-idirafter /usr/include" "SHELL:-idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}")
else()
  message(STATUS "scrun will be static with glibc: it works, but a launch costs several times more than with musl (gcc and the package musl-tools)")
endif()

function(scrun_static target)
  if(SCRUN_SANITIZE)
    return() # the sanitizers' run time is dynamic
  endif()
  if(SCRUN_MUSL_OPTIONS)
    target_compile_options(${target} PRIVATE ${SCRUN_MUSL_OPTIONS})
    target_link_options(${target} PRIVATE -specs=${SCRUN_MUSL_SPECS})
  endif()
  target_compile_options(${target} PRIVATE -fno-pie)
  target_link_options(${target} PRIVATE -static)
endfunction()

# scrun_optimize: what every launch waits for is optimized as a whole, in builds that are optimized at all.
include(CheckIPOSupported)
check_ipo_supported(RESULT SCRUN_IPO LANGUAGES C OUTPUT SCRUN_IPO_PROBLEM)
function(scrun_optimize target)
  if(SCRUN_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
    return()
  endif()
  target_compile_options(${target} PRIVATE -O3)
  if(SCRUN_IPO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION TRUE)
  endif()
endfunction()
