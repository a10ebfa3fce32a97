// icu_in.h -- the few functions of ICU that are used, loaded when first needed. Declared here and
// not by ICU's headers, whose names change with each version.
#ifndef EXPR_ICU_IN_H
#define EXPR_ICU_IN_H
#include "os/lib.h"

typedef struct IcuTime { // libicui18n: time zone rules
    void *(*open)(const uint16_t *zone, int32_t len, const char *locale, int type, int *status);
    void (*close)(void *cal);
    void (*set_millis)(void *cal, double millis, int *status);
    int32_t (*get)(const void *cal, int field, int *status);
    int8_t (*transition)(const void *cal, int type, double *at, int *status);
    int32_t (*canonical)(const uint16_t *id, int32_t len, uint16_t *result, int32_t capacity,
                         int8_t *is_system, int *status);
} IcuTime;
typedef struct IcuText { // libicuuc: letters of all scripts
    void *(*case_open)(const char *locale, uint32_t options, int *status);
    void (*case_close)(void *map);
    int32_t (*to_upper)(const void *map, char *to, int32_t capacity, const char *from, int32_t len,
                        int *status);
    int32_t (*to_lower)(const void *map, char *to, int32_t capacity, const char *from, int32_t len,
                        int *status);
    int32_t (*title)(uint32_t cp);
    int32_t (*lower)(uint32_t cp);
    int8_t (*category)(int32_t cp); // 1 Lu, 2 Ll, 3 Lt, 9 Nd
} IcuText;
Status icu_time(IcuTime *icu);
Status icu_text(IcuText *icu);
#endif
