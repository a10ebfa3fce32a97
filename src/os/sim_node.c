// sim_node.c -- the content of simulated files: what programs see, what is durable, and the changes
// between the two.
#include "os/sim_in.h"

Node *node_new(Sim *s, bool dir)
{
    Arena *a = arena_new(s->arena);
    Node *node = NEW(a, Node, 1);
    *node = (Node){.next = s->nodes,
                   .arena = a,
                   .journal = arena_new(a),
                   .dir = dir,
                   .live = buf_new(a),
                   .durable = buf_new(a),
                   .live_names = map_new(a),
                   .durable_names = map_new(a),
                   .modified = s->mono_ns / 1000 + s->wall_ahead};
    s->nodes = node;
    return node;
}

static void bytes_resize(Buf *b, int64_t n)
{
    if (n > b->n) buf_fill(b, 0, n - b->n);
    b->n = n;
}

static void bytes_put(Buf *b, int64_t at, Str s)
{
    if (at + s.n > b->n) bytes_resize(b, at + s.n);
    memcpy(b->p + at, s.p, (size_t)s.n);
}

static void write_apply(Buf *to, const Write *w)
{
    if (w->cut)
        bytes_resize(to, w->at);
    else
        bytes_put(to, w->at, w->bytes);
}

static void change(Sim *s, Node *node, Write w)
{
    int64_t before = node->live.n;
    write_apply(&node->live, &w);
    s->used += node->live.n - before;
    node->modified = s->mono_ns / 1000 + s->wall_ahead;
    w.bytes = str_copy(node->journal, w.bytes);
    // The system remembers where it should go; the disk puts it elsewhere.
    if (!w.cut && luck_strikes(s, LUCK_STRAY, s->faults.stray_write))
        w.at = SECTOR * luck_below(s, LUCK_STRAY, node->live.n / SECTOR + 1);
    vec_push(node->journal, &node->pending, w);
}

void node_write(Sim *s, Node *node, int64_t at, Str bytes)
{
    if (bytes.n) change(s, node, (Write){.at = at, .bytes = bytes});
}

void node_cut(Sim *s, Node *node, int64_t bytes)
{
    change(s, node, (Write){.at = bytes, .cut = true});
}

static void drop_pending(Node *node)
{
    arena_clear(node->journal);
    node->pending.v = NULL;
    node->pending.n = node->pending.cap = 0;
}

void node_sync(Node *node)
{
    for (int64_t i = 0; i < node->pending.n; i++) write_apply(&node->durable, &node->pending.v[i]);
    drop_pending(node);
}

void node_sync_failed(Sim *s, Node *node)
{
    for (int64_t i = 0; i < node->pending.n; i++)
        if (luck_below(s, LUCK_SYNC, 2)) write_apply(&node->durable, &node->pending.v[i]);
    drop_pending(node);
}

// The write reaches the disk in part: each sector by luck; the size grew before the content came,
// or only as far as that did.
static void write_torn(Sim *s, Buf *to, const Write *w)
{
    int64_t end = w->at + w->bytes.n;
    if (luck_below(s, LUCK_TORN, 2) && end > to->n) bytes_resize(to, end);
    int64_t stop = luck_below(s, LUCK_TORN, 2) ? w->at + luck_below(s, LUCK_TORN, w->bytes.n) : end;
    bool holes = stop == end; // else a clean prefix of sectors
    for (int64_t at = w->at; at < stop;) {
        int64_t next = MIN((at / SECTOR + 1) * SECTOR, end);
        if (!holes || luck_below(s, LUCK_TORN, 2))
            bytes_put(to, at, str_sub(w->bytes, at - w->at, next - at));
        at = next;
    }
}

static void keep_write(Sim *s, void *arg, int64_t i)
{
    Node *node = arg;
    const Write *w = &node->pending.v[i];
    if (!w->cut && luck_strikes(s, LUCK_TORN, s->faults.torn_write))
        write_torn(s, &node->durable, w);
    else
        write_apply(&node->durable, w);
}

void node_crash(Sim *s, Node *node)
{
    luck_survivors(s, node->pending.n, keep_write, node);
    drop_pending(node);
    node->live.n = 0;
    buf_put(&node->live, buf_str(&node->durable));
}

void node_forget(Sim *s, Node *node)
{
    if (!node->dir && node->links == 0 && node->handles == 0) s->used -= node->live.n;
}
