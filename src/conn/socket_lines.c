// socket_lines.c -- the socket source: lines of UTF-8 from host:port, for trying things out. What
// was read is held in memory until its epoch is over; nothing survives a restart, as in Spark, and
// an offset is the number of the last line, from -1 on (semantics N3).
#include "base/civil.h"
#include "conn/list.h"
#include "conn/offset.h"
#include "os/clock.h"
#include "os/net.h"

#define CONNECT_WAIT (10 * MICROS_PER_SECOND)
enum { READ_BYTES = 64 << 10, LINE_BYTES_MAX = 128 << 20, LINES_MAX = 1 << 20 };

typedef struct SocketLine {
    Str text;
    Micros time;
} SocketLine;
typedef struct SocketOptions {
    Str host;
    int64_t port;
    bool time;
} SocketOptions;
typedef struct SocketSource {
    Source base;
    SocketOptions opt;
    Socket *socket; // NULL before the first epoch
    bool end;       // the peer is gone
    Arena *arena;   // of the lines
    VEC(SocketLine) line;
    int64_t first; // the number of line.v[0]
    Buf part;      // of a line that has not ended
} SocketSource;

#define AT(field) offsetof(SocketOptions, field)
static const OptSpec specs[] = {
    {STR_INIT("host"), OPT_STR, AT(host), STR_INIT(""), "where to connect to", 0, 0, NULL},
    {STR_INIT("port"), OPT_I64, AT(port), STR_INIT(""), "at which port", 1, 65535, NULL},
    {STR_INIT("includeTimestamp"), OPT_BOOL, AT(time), STR_INIT("false"),
     "a second column: when the line came", 0, 0, NULL},
};

static Status socket_source_open(Source *base, Arena *a, const SourceArgs *args)
{
    SocketSource *s = CONTAINER(base, SocketSource, base);
    Field field[2] = {field_of(S("value"), &type_string, true),
                      field_of(S("timestamp"), &type_timestamp, true)};
    TRY(options_parse(&s->opt, specs, COUNT(specs), args->options, connector_option, args->warn));
    if (!s->opt.host.n) return fail(ERR_INVALID, "a socket source needs the option host");
    if (!s->opt.port) return fail(ERR_INVALID, "a socket source needs the option port");
    if (args->schema)
        return fail(ERR_INVALID, "a socket source has its own schema; none can be given");
    base->schema = type_struct(a, field, s->opt.time ? 2 : 1);
    base->description = str_fmt(a, "TextSocketV2[host: " STR_FMT ", port: %lld]",
                                STR_ARG(s->opt.host), (long long)s->opt.port);
    s->arena = arena_new(a);
    s->part = buf_new(a);
    return DONE;
}

static Status socket_start(Source *base, Arena *a, Str *offset)
{
    (void)base;
    *offset = str_copy(a, S("-1"));
    return DONE;
}

// ---- lines -------------------------------------------------------------------------------------

static void add_line(SocketSource *s, Str text, Micros now)
{
    if (str_ends(text, S("\r"))) text.n--;
    vec_push(s->arena, &s->line, ((SocketLine){str_copy(s->arena, text), now}));
}

static Status take_bytes(SocketSource *s, Str bytes)
{
    Micros now = clock_now() / MICROS_PER_MS * MICROS_PER_MS;
    for (;;) {
        Cut c = str_cut(bytes, '\n');
        if (!c.ok) break;
        buf_put(&s->part, c.head);
        add_line(s, buf_str(&s->part), now);
        buf_clear(&s->part);
        bytes = c.tail;
    }
    buf_put(&s->part, bytes);
    if (s->part.n > LINE_BYTES_MAX)
        return fail(ERR_LIMIT, "a line of the socket is longer than %d bytes", LINE_BYTES_MAX);
    return DONE;
}

static Status take_what_is_there(SocketSource *s)
{
    char bytes[READ_BYTES];
    if (!s->socket)
        TRY(socket_connect(
            &s->socket, s->base.arena,
            str_fmt(s->arena, STR_FMT ":%lld", STR_ARG(s->opt.host), (long long)s->opt.port),
            CONNECT_WAIT));
    while (!s->end && s->line.n < LINES_MAX) {
        int64_t got = 0;
        TRY(socket_read(s->socket, bytes, sizeof bytes, &got, &s->end));
        TRY(take_bytes(s, str_of(bytes, got)));
        if (s->end && s->part.n) TRY(take_bytes(s, S("\n")));
        if (got == 0) break;
    }
    return DONE;
}

static Status socket_latest(Source *base, Arena *a, Str from, const Admission *adm, Str *to,
                            Str *latest)
{
    SocketSource *s = CONTAINER(base, SocketSource, base);
    int64_t at, cap = INT64_MAX;
    TRY(offset_number(from, &at));
    if (adm->cap.n) TRY(offset_number(adm->cap, &cap));
    if (s->line.n == 0) s->first = at + 1; // after a restart the numbers go on
    TRY(take_what_is_there(s));
    int64_t last = s->first + s->line.n - 1;
    *latest = str_fmt(a, "%lld", (long long)last);
    *to = str_fmt(a, "%lld", (long long)MAX(MIN(last, cap), at));
    return DONE;
}

static Status socket_lanes(Source *base, Arena *a, Str from, Str to, Lanes *lanes)
{
    const SocketSource *s = CONTAINER(base, SocketSource, base);
    int64_t begin, end;
    TRY(offset_number(from, &begin));
    TRY(offset_number(to, &end));
    begin++;
    end++;
    if (begin < end && (begin < s->first || end > s->first + s->line.n))
        return fail(ERR_INVALID,
                    "lines %lld to %lld of the socket were read before a restart, and are gone",
                    (long long)begin, (long long)end - 1);
    for (; begin < end; begin += LANE_ROWS) {
        int64_t upto = MIN(begin + LANE_ROWS, end);
        vec_push(a, lanes, ((Lane){0, begin, upto, upto - begin, NULL}));
    }
    return DONE;
}

static Status socket_rows(Source *base, const Lane *lane, Arena *scratch, Out *out)
{
    const SocketSource *s = CONTAINER(base, SocketSource, base);
    Batch b = batch_new(scratch, base->schema, BATCH_ROWS);
    for (int64_t at = lane->from; at < lane->to; at += b.rows) {
        b.rows = (int32_t)MIN(lane->to - at, BATCH_ROWS);
        for (int32_t i = 0; i < b.rows; i++) {
            const SocketLine *line = &s->line.v[at + i - s->first];
            COLUMN_DATA(&b.col[0], Str)[i] = line->text;
            if (b.cols > 1) COLUMN_DATA(&b.col[1], Micros)[i] = line->time;
        }
        for (int32_t k = 0; k < b.cols; k++) b.col[k].rows = b.rows;
        TRY(out_put(out, &b));
    }
    return DONE;
}

// Lines up to it go, once all that was read is over or it is much.
static void socket_forget(Source *base, Str upto)
{
    SocketSource *s = CONTAINER(base, SocketSource, base);
    int64_t last;
    if (offset_number(upto, &last).code) return;
    int64_t over = MIN(last + 1 - s->first, s->line.n), left = s->line.n - over;
    if (over <= 0 || (left > 0 && over < LANE_ROWS)) return;
    Arena *keep = arena_new(s->base.arena);
    const SocketLine *old = s->line.v + over;
    s->line.v = NULL;
    s->line.n = s->line.cap = 0;
    for (int64_t i = 0; i < left; i++)
        vec_push(keep, &s->line, ((SocketLine){str_copy(keep, old[i].text), old[i].time}));
    arena_free(s->arena);
    s->arena = keep;
    s->first += over;
}

const SourceKind source_socket = {
    .name = STR_INIT("socket"),
    .size = sizeof(SocketSource),
    .opts = specs,
    .nopts = COUNT(specs),
    .streams = true,
    .doc = "lines of text from host and port, for trying things out",
    .open = socket_source_open,
    .start = socket_start,
    .latest = socket_latest,
    .lanes = socket_lanes,
    .read = socket_rows,
    .forget = socket_forget,
};
