// generate_test.c -- made-up events: their form, their numbers, and that a seed decides them all.
#include "base/civil.h"
#include "base/test.h"
#include "cli/generate.h"

static Status parse(GenerateOptions *o, Str line) // "events --count 3 --late=0.1/1h"
{
    const Command *command = &command_generate;
    Option option[20];
    Options given = {option, 0, COUNT(option)};
    Cut kind = str_cut(line, ' ');
    for (Str rest = kind.tail; rest.n;) {
        Cut word = str_cut(rest, ' '), c = str_cut(str_from(word.head, 2), '=');
        if (!c.ok) word = str_cut(word.tail, ' ');
        option[given.n++] = (Option){c.head, c.ok ? c.tail : word.head};
        rest = word.tail;
    }
    GenerateArgs g = {0};
    TRY(options_parse(&g, command->opts, command->nopts, &given, NULL, NULL));
    return generate_options(o, kind.head, &g, INT64_C(1700000000000000));
}

static Str lines(Arena *a, Str options, int32_t n)
{
    GenerateOptions o;
    Micros t;
    CHECK_OK(parse(&o, options));
    Generator g = generator_of(&o);
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        generator_next(&g, &b, &t);
        buf_char(&b, '\n');
    }
    return buf_str(&b);
}

TEST(generate_forms)
{
    static const struct {
        Str options, want; // ? stands for any digits or letters
    } row[] = {
        {STR_INIT("events"),
         STR_INIT("{\"event_id\": \"evt_000001\", \"event_type\": \"?\", \"duration_ms\": ?, "
                  "\"event_timestamp\": \"2025-01-17T10:00:00\", \"user_id\": \"user_?\", "
                  "\"session_id\": \"session_?\"}\n"
                  "{\"event_id\": \"evt_000002\", \"event_type\": \"?\", \"duration_ms\": ?, "
                  "\"event_timestamp\": \"2025-01-17T10:00:00.001000\", \"user_id\": \"user_?\", "
                  "\"session_id\": \"session_?\"}\n")},
        {STR_INIT("sensors --start 1969-12-31T23:59:59Z --step 1s"),
         STR_INIT("{\"sensor_id\": \"sensor_?\", \"temperature\": ?.?, \"timestamp\": "
                  "\"1969-12-31T23:59:59\", \"location\": \"zone_?\"}\n"
                  "{\"sensor_id\": \"sensor_?\", \"temperature\": ?.?, \"timestamp\": "
                  "\"1970-01-01T00:00:00\", \"location\": \"zone_?\"}\n")},
        {STR_INIT("devices --rate 4"),
         STR_INIT("{\"eventId\": \"evt_123456789\", \"eventType\": \"sensor_reading\", "
                  "\"eventVersion\": \"1.0\", \"timestamp\": \"2023-11-14T22:13:20Z\", "
                  "\"correlationId\": \"trace_?\", \"data\": {\"deviceId\": \"device_?\", "
                  "\"sensorId\": \"temp_sensor_?\", \"temperature\": ?.?, \"humidity\": ?.?, "
                  "\"location\": {\"lat\": 47.6062, \"lon\": -122.3321}, \"metadata\": "
                  "{\"firmwareVersion\": \"2.1.0\", \"batteryLevel\": ?}}, \"source\": "
                  "{\"system\": \"iot_platform\", \"region\": \"us-west-2\"}}\n")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Str want = row[i].want, got = lines(a, row[i].options, i < 2 ? 2 : 1);
        Buf shape = buf_new(a); // got, with what ? stands for replaced by it
        int64_t at = 0;
        for (int64_t k = 0; k < want.n && at <= got.n; k++) {
            buf_char(&shape, want.p[k] == '?' || at == got.n ? '?' : got.p[at]);
            if (want.p[k] != '?') at++;
            while (want.p[k] == '?' && at < got.n &&
                   (got.p[at] == '_' || (got.p[at] >= '0' && got.p[at] <= '9') ||
                    (got.p[at] >= 'a' && got.p[at] <= 'z')))
                at++;
        }
        CHECK_STR(buf_str(&shape), want);
        CHECK_I64(at, got.n);
    }
}

TEST(generate_is_decided_by_the_seed)
{
    Str one = lines(a, S("events --seed 7 --late 0.1/1h --out-of-order 0.5/1m"), 1000);
    CHECK(str_eq(one, lines(a, S("events --seed 7 --late 0.1/1h --out-of-order 0.5/1m"), 1000)));
    CHECK(!str_eq(one, lines(a, S("events --seed 8 --late 0.1/1h --out-of-order 0.5/1m"), 1000)));
}

TEST(generate_disturbs_times)
{
    GenerateOptions o;
    CHECK_OK(parse(&o, S("sensors --step 1s --out-of-order=0.25/30s --late=0.01/1h")));
    Generator g = generator_of(&o);
    Buf b = buf_new(a);
    int32_t late = 0, moved = 0, n = 100000;
    Micros most = 0;
    for (int32_t i = 0; i < n; i++) {
        Micros t, back;
        buf_clear(&b);
        generator_next(&g, &b, &t);
        back = o.start + i * o.step - t;
        CHECK(back >= 0 && back <= MICROS_PER_HOUR + 30 * MICROS_PER_SECOND);
        late += back >= MICROS_PER_HOUR;
        moved += back % MICROS_PER_HOUR > 0;
        most = MAX(most, back % MICROS_PER_HOUR);
    }
    CHECK(late > n / 125 && late < n / 80);
    CHECK(moved > n / 4 - n / 50 && moved < n / 4 + n / 50);
    CHECK(most > 29 * MICROS_PER_SECOND && most <= 30 * MICROS_PER_SECOND);
}

TEST(generate_reads_options)
{
    static const Str wrong[] = {
        STR_INIT(""),
        STR_INIT("event"), // names the nearest
        STR_INIT("events --count x"),
        STR_INIT("events --rate 0"),
        STR_INIT("events --rate fast"),
        STR_INIT("events --late 0.1"),
        STR_INIT("events --late 1.5/1h"),
        STR_INIT("events --late 0.1/soon"),
        STR_INIT("events --start yesterday"),
        STR_INIT("events --start 2025-02-30T00:00:00"),
        STR_INIT("events --step 5"),
        STR_INIT("events --partitions 0"),
    };
    GenerateOptions o;
    for (int64_t i = 0; i < COUNT(wrong); i++) CHECK_FAILS(parse(&o, wrong[i]), ERR_INVALID);
    CHECK_OK(parse(&o, S("events")));
    CHECK_I64(o.count, 500);
    CHECK_OK(parse(&o, S("events --rate=2000")));
    CHECK_I64(o.count, 0);
    CHECK_I64(o.step, 500);
    CHECK_I64(o.start, INT64_C(1700000000000000));
}
