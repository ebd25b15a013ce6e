/* xml.h - text as XML 1.0 takes it.
 *
 * Invalid UTF-8 and characters that XML has no way to write (section 2.2: most control characters,
 * U+FFFE, U+FFFF) become U+FFFD.
 */
#pragma once

#include <stdio.h>

/* Between tags. */
void xml_text(FILE *out, const char *text);

/* ` name="value"`: line ends and tabs in the value are kept, as character references. */
void xml_attribute(FILE *out, const char *name, const char *value);
