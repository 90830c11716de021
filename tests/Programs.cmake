# Tests that run the built program. Each section stands for itself; a section without its program is left out.

# ---- the command line and its numbers, by Python's standard library ----
if(TARGET attnscope)
  find_package(Python3 COMPONENTS Interpreter)
  if(Python3_FOUND)
    foreach(name test_options test_convert test_dump test_forms test_render test_surroundings test_text test_unusable test_examples test_man test_json_suite recompute_links)
      add_test(NAME cli_${name} COMMAND ${Python3_EXECUTABLE} -B
               ${CMAKE_CURRENT_SOURCE_DIR}/cli/${name}.py WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
      set_tests_properties(cli_${name} PROPERTIES LABELS script TIMEOUT 300
        ENVIRONMENT "ATTNSCOPE_PROGRAM=$<TARGET_FILE:attnscope>;ATTNSCOPE_SIMD=scalar;LC_ALL=C.UTF-8")
    endforeach()
    # PyTorch comes with the system's own interpreter, which need not be the first in PATH.
    find_program(SYSTEM_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH)
    add_test(NAME cli_test_export COMMAND $<IF:$<BOOL:${SYSTEM_PYTHON3}>,${SYSTEM_PYTHON3},${Python3_EXECUTABLE}> -B
             ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_export.py WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(cli_test_export PROPERTIES LABELS script TIMEOUT 300
      ENVIRONMENT "ATTNSCOPE_PROGRAM=$<TARGET_FILE:attnscope>;ATTNSCOPE_SIMD=scalar;LC_ALL=C.UTF-8")
  else()
    message(STATUS "tests/cli is skipped: needs python3")
  endif()
endif()

# ---- scripted sessions: tests/scripts/NAME.txt; its line `# play: EXAMPLE [OPTION…]` says on what ----
if(TARGET attnscope)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/scripts/*.txt)
  foreach(script ${scripts})
    get_filename_component(name ${script} NAME_WE)
    file(STRINGS ${script} play REGEX "^# play:" LIMIT_COUNT 1)
    string(REGEX REPLACE "^# play: *" "" play "${play}")
    separate_arguments(play UNIX_COMMAND "${play}")
    add_test(NAME play_${name} COMMAND attnscope play ${script} ${play}
             -o ${CMAKE_BINARY_DIR}/play/${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(play_${name} PROPERTIES LABELS script TIMEOUT 390
      ENVIRONMENT "ATTNSCOPE_SIMD=scalar;LC_ALL=C.UTF-8")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
  endforeach()
endif()

# ---- tests/app/test_opening.c holds the reading thread at a gate of its own ----
if(TARGET test_app_opening)
  target_link_options(test_app_opening PRIVATE -Wl,--wrap=load_document)
endif()

# ---- tests/load/test_npz_faults.c lets libzip fail, and see other archives than we do ----
if(TARGET test_load_npz_faults)
  foreach(call dup zip_fdopen zip_get_num_entries zip_stat_index zip_fopen_index zip_fread zip_file_get_error)
    target_link_options(test_load_npz_faults PRIVATE -Wl,--wrap=${call})
  endforeach()
endif()

# ---- tests/load/test_read_faults.c lets each look into a file fail, and each file end early ----
if(TARGET test_load_read_faults)
  foreach(call file_open file_read_at file_unchanged lines_seek lines_next)
    target_link_options(test_load_read_faults PRIVATE -Wl,--wrap=${call})
  endforeach()
endif()

# ---- tests/load/test_out_of_memory.c lets each request to an arena fail, not only each block of one ----
if(TARGET test_load_out_of_memory)
  target_link_options(test_load_out_of_memory PRIVATE -Wl,--wrap=arena_alloc -Wl,--wrap=arena_text)
endif()
