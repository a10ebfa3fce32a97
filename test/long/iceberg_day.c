// iceberg_day.c -- a day of a one-second trigger: 86,400 commits by a simulated clock.
#include "lake/fixture_test.h"

TEST(long_iceberg_day) { fixture_seconds(a, 86400); }
