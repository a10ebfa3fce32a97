// connect_status.c -- GetStatus: what the operations of a session are doing, and how the last ones
// ended.
#include "serve/connect_session.h"

static void put_state(Buf *b, Str id, OpState state)
{
    int64_t one = proto_begin(b, 3);
    proto_put_str(b, 1, id);
    proto_put_int(b, 2, (int64_t)state);
    proto_end(b, one);
}
static const Ended *ended_at(const Client *c, int32_t i) // NULL: there are not so many
{
    return i < MIN(c->nended, ENDED_KEPT) ? &c->ended[i] : NULL;
}
static OpState state_of(Client *c, Str id)
{
    Operation *o = map_get(&c->operations, id);
    if (o) return operation_state(o);
    const Ended *e;
    for (int32_t i = 0; (e = ended_at(c, i)); i++)
        if (str_eq(str_of(e->id, UUID_BYTES), id)) return e->state;
    return OP_UNKNOWN;
}
static void put_all(Client *c, Buf *answer)
{
    const Ended *e;
    for (int64_t i = 0; i < c->operations.n; i++) {
        Operation *o = c->operations.entry[i].value;
        put_state(answer, o->id, operation_state(o));
    }
    for (int32_t i = 0; (e = ended_at(c, i)); i++)
        put_state(answer, str_of(e->id, UUID_BYTES), e->state);
}
Status connect_status(Rpc *r, Str request, Buf *answer)
{
    Proto p, wanted;
    TRY(proto_open(&p, request));
    TRY(proto_sub(&p, 5, &wanted));
    put_session(r, answer, 1, 2);
    if (!wanted.present) return DONE;
    mutex_lock(r->client->door->lock);
    for (ProtoEach e = proto_each(&wanted, 1); proto_more(&e);)
        put_state(answer, e.field.bytes, state_of(r->client, e.field.bytes));
    if (!proto_count(&wanted, 1)) put_all(r->client, answer);
    mutex_unlock(r->client->door->lock);
    return DONE;
}
