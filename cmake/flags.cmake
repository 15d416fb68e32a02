# SPDX-License-Identifier: LGPL-2.1-or-later
# scrun_flags: language, warnings and hardening for every target of the project. Errors out of warnings are the dev preset's choice.
include(CheckCCompilerFlag)

add_library(scrun_flags INTERFACE)
target_compile_features(scrun_flags INTERFACE c_std_11)
target_compile_definitions(scrun_flags INTERFACE _GNU_SOURCE SCRUN_VERSION="${PROJECT_VERSION}")
target_include_directories(scrun_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(scrun_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla -Wcast-qual -Wwrite-strings
  -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes -Werror=unused-result -fno-common)

foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -ftrivial-auto-var-init=zero)
  string(MAKE_C_IDENTIFIER "SCRUN_HAS${flag}" known)
  check_c_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(scrun_flags INTERFACE ${flag})
  endif()
endforeach()
target_link_options(scrun_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
target_compile_options(scrun_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)

if(SCRUN_SANITIZE)
  target_compile_options(scrun_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(scrun_flags INTERFACE -fsanitize=address,undefined)
endif()
