/* log.h - what snarl tells its developers, on stderr, when SNARL_DEBUG is set. */
#pragma once

/* Prints one line "snarl: debug: ..." when the environment has SNARL_DEBUG; otherwise nothing. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
