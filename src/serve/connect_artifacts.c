// connect_artifacts.c -- what clients upload: blobs of big local relations, named by their hash and
// kept in memory as long as their session.
#include "serve/connect_session.h"
#include <zlib.h>

enum { BLOBS_MAX = 1 << 30 }; // bytes of a session's
typedef struct Upload {
    Buf data;       // of the artifact that comes in chunks
    Str name;       // its name; empty: none
    int64_t chunks; // still to come
    bool sound;     // so far
    Buf summary;    // the answer's artifacts
} Upload;

static Status upload_keep(Rpc *r, Upload *u, Str name, Str data, bool sound)
{
    Client *c = r->client;
    int64_t summary = proto_begin(&u->summary, 1);
    proto_put_str(&u->summary, 1, name);
    proto_put_int(&u->summary, 2, sound);
    proto_end(&u->summary, summary);
    if (!sound) return DONE;
    if (!str_starts(name, S("cache/")))
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(r->arena, "artifact " STR_FMT, STR_ARG(name))),
                     P("needs", S("files and Python modules cannot be sent to the server; local "
                                  "data can")));
    if (c->blob_bytes + data.n > BLOBS_MAX)
        return fail(ERR_LIMIT, "the session's local data are more than %d bytes", BLOBS_MAX);
    mutex_lock(c->door->lock);
    if (!map_get(&c->blobs, name)) {
        Str *kept = NEW(c->blob_arena, Str, 1);
        *kept = str_copy(c->blob_arena, data);
        map_set(&c->blobs, str_copy(c->blob_arena, name), kept);
        c->blob_bytes += data.n;
    }
    mutex_unlock(c->door->lock);
    return DONE;
}
static bool is_sound(const Proto *chunk)
{
    Str data = proto_str(chunk, 1);
    uint64_t crc = crc32_z(crc32(0, NULL, 0), (const Bytef *)data.p, (size_t)data.n);
    return crc == (uint64_t)proto_int(chunk, 2);
}
static Status take_batch(Rpc *r, Upload *u, const Proto *batch)
{
    for (ProtoEach e = proto_each(batch, 1); proto_more(&e);) {
        Proto artifact, chunk;
        TRY(proto_item(batch, &e, &artifact));
        TRY(proto_sub(&artifact, 2, &chunk));
        TRY(upload_keep(r, u, proto_str(&artifact, 1), proto_str(&chunk, 1), is_sound(&chunk)));
    }
    return DONE;
}
static Status take_chunk(Rpc *r, Upload *u, const Proto *chunk)
{
    if (!u->name.n) return fail(ERR_INVALID, "a chunk of no artifact");
    buf_put(&u->data, proto_str(chunk, 1));
    u->sound &= is_sound(chunk);
    if (u->data.n > BLOBS_MAX)
        return fail(ERR_LIMIT, "an artifact of more than %d bytes", BLOBS_MAX);
    if (--u->chunks > 0) return DONE;
    Str name = u->name;
    u->name = (Str){0};
    return upload_keep(r, u, name, buf_str(&u->data), u->sound);
}
static Status take_begin(Rpc *r, Upload *u, const Proto *begin)
{
    Proto chunk;
    if (u->name.n) return fail(ERR_INVALID, "an artifact begins within another");
    u->name = str_copy(r->arena, proto_str(begin, 1));
    u->chunks = proto_int(begin, 3);
    u->sound = true;
    buf_clear(&u->data);
    if (!u->name.n) return fail(ERR_INVALID, "an artifact without a name");
    TRY(proto_sub(begin, 4, &chunk));
    return take_chunk(r, u, &chunk);
}
Status artifacts_message(Rpc *r, Str request)
{
    Proto p, batch, begin, chunk;
    Upload *u = r->state;
    if (!u) {
        u = r->state = NEW(r->arena, Upload, 1);
        u->data = u->summary = buf_new(r->arena);
    }
    TRY(proto_open(&p, request));
    TRY(proto_sub(&p, 3, &batch));
    TRY(proto_sub(&p, 4, &begin));
    TRY(proto_sub(&p, 5, &chunk));
    if (batch.present) return take_batch(r, u, &batch);
    if (begin.present) return take_begin(r, u, &begin);
    if (chunk.present) return take_chunk(r, u, &chunk);
    return fail(ERR_INVALID, "an upload without an artifact");
}
Status artifacts_end(Rpc *r, Str request, Buf *answer)
{
    const Upload *u = r->state;
    (void)request;
    if (u) buf_put(answer, buf_str(&u->summary));
    proto_put_str(answer, 2, r->client->id);
    proto_put_str(answer, 3, r->client->server_id);
    return DONE;
}
Status artifacts_status(Rpc *r, Str request, Buf *answer)
{
    Proto p;
    TRY(proto_open(&p, request));
    Client *c = r->client;
    mutex_lock(c->door->lock);
    for (ProtoEach e = proto_each(&p, 4); proto_more(&e);) {
        int64_t pair = proto_begin(answer, 1);
        proto_put_str(answer, 1, e.field.bytes);
        int64_t status = proto_begin(answer, 2);
        proto_put_int(answer, 1, map_get(&c->blobs, e.field.bytes) != NULL);
        proto_end(answer, status);
        proto_end(answer, pair);
    }
    mutex_unlock(c->door->lock);
    proto_put_str(answer, 2, c->id);
    proto_put_str(answer, 3, c->server_id);
    return DONE;
}
