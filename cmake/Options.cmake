# Compiler options shared by every target, carried by the interface library attn_options.
option(ATTNSCOPE_WERROR "Treat warnings as errors" OFF)
set(ATTNSCOPE_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(ATTNSCOPE_COVERAGE "Instrument for gcov" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_library(attn_options INTERFACE)
target_compile_definitions(attn_options INTERFACE _GNU_SOURCE)
# -ffast-math would remove the guards that keep NaN out of the weights, and a contracted multiply-add
# would make pictures differ between machines: neither may ever be switched on.
target_compile_options(attn_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wvla -Wstrict-prototypes -Wswitch-enum
  -Wmissing-prototypes -Wpointer-arith -Wundef -fno-fast-math -ffp-contract=off)
if(ATTNSCOPE_WERROR)
  target_compile_options(attn_options INTERFACE -Werror)
endif()

if(ATTNSCOPE_SANITIZE)
  target_compile_options(attn_options INTERFACE -fsanitize=${ATTNSCOPE_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(attn_options INTERFACE -fsanitize=${ATTNSCOPE_SANITIZE})
endif()
if(ATTNSCOPE_COVERAGE)
  target_compile_options(attn_options INTERFACE --coverage)
  target_link_options(attn_options INTERFACE --coverage)
endif()
# Every optimised build is hardened, so that the one that is tested is the one that is used; tests/check
# reads the result back from the binary. Sanitizers bring their own checks and clash with fortified calls.
set(ATTNSCOPE_HARDENED OFF)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT ATTNSCOPE_SANITIZE AND NOT ATTNSCOPE_COVERAGE)
  set(ATTNSCOPE_HARDENED ON)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES C)
  include(CheckCCompilerFlag)
  target_compile_options(attn_options INTERFACE -U_FORTIFY_SOURCE)
  foreach(flag -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
          -ftrivial-auto-var-init=zero)
    string(MAKE_C_IDENTIFIER "has${flag}" has)
    check_c_compiler_flag(${flag} ${has})
    if(${has})
      target_compile_options(attn_options INTERFACE ${flag})
    endif()
  endforeach()
  if(NOT APPLE)
    target_link_options(attn_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  endif()
endif()
