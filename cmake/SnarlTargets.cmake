# How a folder of snarl becomes a library.
add_library(snarl_flags INTERFACE)
target_compile_options(snarl_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wcast-qual -Wwrite-strings -Wswitch-enum -Wformat=2 -Wundef -Wvla)
target_compile_definitions(snarl_flags INTERFACE _GNU_SOURCE SNARL_VERSION="${PROJECT_VERSION}")
target_include_directories(snarl_flags INTERFACE ${CMAKE_SOURCE_DIR}/analyzer ${CMAKE_SOURCE_DIR})
if(SNARL_WERROR)
  target_compile_options(snarl_flags INTERFACE -Werror)
endif()
if(SNARL_SANITIZE)
  target_compile_options(snarl_flags INTERFACE -fsanitize=${SNARL_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(snarl_flags INTERFACE -fsanitize=${SNARL_SANITIZE})
endif()
if(SNARL_COVERAGE)
  target_compile_options(snarl_flags INTERFACE --coverage)
  target_link_options(snarl_flags INTERFACE --coverage)
endif()

# snarl_folder(NAME SOURCES a.c b.c USES base ir PRIVATE PkgConfig::SQLITE)
# One static library per folder. USES names the snarl folders it builds on; PRIVATE the outside
# libraries that only this folder may include.
function(snarl_folder name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE;PUBLIC" ${ARGN})
  add_library(snarl_${name} STATIC ${arg_SOURCES})
  target_link_libraries(snarl_${name} PUBLIC snarl_flags ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  foreach(used IN LISTS arg_USES)
    target_link_libraries(snarl_${name} PUBLIC snarl_${used})
  endforeach()
endfunction()

# snarl_embed(TARGET SYMBOL FILES...): compiles the bytes of FILES into TARGET as the table
# `const struct embedded_file SYMBOL[]`, which ends with an entry whose name is NULL.
function(snarl_embed target symbol)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} "-DFILES=${ARGN}"
            -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# snarl_digest(TARGET SYMBOL FILES...): `extern const char SYMBOL[]` is a hash of what is in FILES.
function(snarl_digest target symbol)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} "-DFILES=${ARGN}"
            -P ${CMAKE_SOURCE_DIR}/cmake/Digest.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/Digest.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
