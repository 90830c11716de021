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
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(attn_options INTERFACE -fstack-protector-strong -fstack-clash-protection
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(attn_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
