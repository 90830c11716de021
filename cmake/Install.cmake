# cmake --install: program, data, manual page, desktop entry.
install(TARGETS attnscope RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY assets/fonts assets/schema DESTINATION ${CMAKE_INSTALL_DATADIR}/attnscope/assets)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DATADIR}/attnscope/examples
        PATTERN "train" EXCLUDE)
install(FILES assets/man/attnscope.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
