# The tests that scripts/test.sh runs a second time, in build/asan under AddressSanitizer and UBSan: target
# asan_tests builds exactly them, label asan names them.
#
#   attnscope_asan_test(TEST TARGET…)   a test and the programs it runs
#
# All programs of the floors that read what strangers wrote, and of those that compute and lay out over
# sizes and masks of any kind, are in; longer ones name themselves.
add_custom_target(asan_tests)

function(attnscope_asan_test test)
  if(NOT TEST ${test})
    message(FATAL_ERROR "attnscope_asan_test: there is no test ${test}")
  endif()
  set_property(TEST ${test} APPEND PROPERTY LABELS asan)
  add_dependencies(asan_tests ${ARGN})
endfunction()

foreach(floor base image core doc draw load view app)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${floor}/test_*.c)
  foreach(source ${tests})
    get_filename_component(name ${source} NAME_WE)
    string(REPLACE "test_" "${floor}_" name ${name})
    attnscope_asan_test(${name} test_${name})
  endforeach()
endforeach()
