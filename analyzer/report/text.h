/* text.h - a finding as people read it, for formats that carry such a text. */
#pragma once

#include "report/report.h"
#include "report/source.h"

/* What text_write() says of a finding below its first line: the source line, the story, the cure,
 * how sure it is. In lines that end in a newline, without colours; owned by `owner`. */
char *text_of_finding(void *owner, const struct report *report, struct sources *sources,
                      const struct finding *finding);
