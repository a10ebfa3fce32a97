// seal.h -- a checksum over all of a file's bytes, inside the file, for formats that have none:
// eight digits among the file's free key-value pairs, which do not count themselves. Files without
// one are other writers'.
#ifndef FMT_SEAL_H
#define FMT_SEAL_H
#include "base/str.h"

#define SEAL_KEY   "kappa.crc32c"
#define SEAL_BLANK "--------" // what stands there before
enum { SEAL_DIGITS = 8 };
void seal_put(char *bytes, int64_t n, int64_t at); // at: of the digits
// `said` is the view into `bytes` of what the file has under SEAL_KEY.
bool seal_holds(Str bytes, Str said);
#endif
