# The tests that run under ThreadSanitizer (preset tsan): target tsan_tests builds exactly them, label tsan names
# them. In: what reads on a thread of its own while the window goes on, and the pool that computes rows.
#
#   cmake --preset tsan && cmake --build --preset tsan --target tsan_tests && ctest --preset tsan
add_custom_target(tsan_tests)
foreach(name load_load_thread load_load load_load_json load_load_npy load_load_safetensors load_npz load_tensors
        load_dump load_dump_tell load_dump_links load_gather load_foreign doc_corpus core_threads core_pipeline
        app_opening app_saving app_reading app_documents app_navigator_sentences)
  if(TARGET test_${name})
    set_property(TEST ${name} APPEND PROPERTY LABELS tsan)
    add_dependencies(tsan_tests test_${name})
  endif()
endforeach()
