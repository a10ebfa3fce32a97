// icu.c -- which symbols of ICU stand behind icu_in.h.
#include "expr/icu_in.h"

enum { ICU_NEWEST = 90, ICU_OLDEST = 67 };

Status icu_time(IcuTime *icu)
{
    static const LibSymbol symbols[] = {
        {"ucal_open", offsetof(IcuTime, open)},
        {"ucal_close", offsetof(IcuTime, close)},
        {"ucal_setMillis", offsetof(IcuTime, set_millis)},
        {"ucal_get", offsetof(IcuTime, get)},
        {"ucal_getTimeZoneTransitionDate", offsetof(IcuTime, transition)},
        {"ucal_getCanonicalTimeZoneID", offsetof(IcuTime, canonical)},
    };
    static const LibSpec spec = {"libicui18n", ICU_NEWEST, ICU_OLDEST,    true,
                                 "libicu72",   symbols,    COUNT(symbols)};
    return lib_open(icu, &spec);
}

Status icu_text(IcuText *icu)
{
    static const LibSymbol symbols[] = {
        {"ucasemap_open", offsetof(IcuText, case_open)},
        {"ucasemap_close", offsetof(IcuText, case_close)},
        {"ucasemap_utf8ToUpper", offsetof(IcuText, to_upper)},
        {"ucasemap_utf8ToLower", offsetof(IcuText, to_lower)},
        {"u_totitle", offsetof(IcuText, title)},
        {"u_tolower", offsetof(IcuText, lower)},
        {"u_charType", offsetof(IcuText, category)},
    };
    static const LibSpec spec = {"libicuuc", ICU_NEWEST, ICU_OLDEST,    true,
                                 "libicu72", symbols,    COUNT(symbols)};
    return lib_open(icu, &spec);
}
