# `cpack -G DEB` in a release build: a package for the Debian it is built on.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME snarl)
set(CPACK_PACKAGE_VENDOR "snarl")
set(CPACK_PACKAGE_CONTACT "The snarl maintainers <snarl@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds concurrency hazards in C programs")
set(CPACK_PACKAGE_DESCRIPTION
"snarl reads what the compiler compiles, joins all files to one program, and
reports check-then-act races, lock-order cycles, data races, calls that wait
inside event-loop callbacks, and misuses of locks. Each finding is told as a
story: which thread does what, holding which locks.")
set(CPACK_PACKAGE_FILE_NAME snarl_${PROJECT_VERSION}_${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# The shared libraries by dpkg-shlibdeps; clang's own headers (stddef.h) are not a library.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS libclang-common-${SNARL_LLVM_VERSION}-dev)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git, libc6-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bear, graphviz, pre-commit")
include(CPack)
