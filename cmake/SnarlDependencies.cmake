# The libraries snarl builds on, each as an imported target. Debian's package names are in
# cmake/packages.txt.
find_package(PkgConfig REQUIRED)
pkg_check_modules(TALLOC REQUIRED IMPORTED_TARGET talloc)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)

# Debian keeps each LLVM in a root of its own.
set(llvm_root /usr/lib/llvm-${SNARL_LLVM_VERSION})
find_path(LIBCLANG_INCLUDE_DIR clang-c/Index.h PATHS ${llvm_root}/include)
find_library(LIBCLANG_LIBRARY NAMES clang-${SNARL_LLVM_VERSION} clang PATHS ${llvm_root}/lib)
if(NOT LIBCLANG_INCLUDE_DIR OR NOT LIBCLANG_LIBRARY)
  message(FATAL_ERROR "libclang ${SNARL_LLVM_VERSION} not found: install "
                      "libclang-${SNARL_LLVM_VERSION}-dev or set SNARL_LLVM_VERSION")
endif()
add_library(snarl_libclang INTERFACE)
target_include_directories(snarl_libclang SYSTEM INTERFACE ${LIBCLANG_INCLUDE_DIR})
target_link_libraries(snarl_libclang INTERFACE ${LIBCLANG_LIBRARY})
# Clang's own headers (stddef.h, stdatomic.h): libclang looks beside itself, this is the fallback.
find_path(LIBCLANG_RESOURCE_DIR include/stddef.h
          PATHS ${llvm_root}/lib/clang/${SNARL_LLVM_VERSION} NO_DEFAULT_PATH)
