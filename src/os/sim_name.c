// sim_name.c -- the tree of names of the simulated disk, and how a crash prunes it.
#include "os/sim_in.h"
#include <errno.h>
#include <limits.h>

int name_place(Place *p, Sim *s, const char *path)
{
    *p = (Place){.node = s->root}; // the working folder is the root
    Str rest = str_z(path);
    if (rest.n == 0) return ENOENT;
    while (rest.n) {
        Cut c = str_cut(rest, '/');
        rest = c.tail;
        if (c.head.n == 0) continue;
        if (!p->node) return ENOENT;
        if (!p->node->dir) return ENOTDIR;
        if (c.head.n > NAME_MAX) return ENAMETOOLONG;
        if (str_eq(c.head, S(".")))
            *p = (Place){.node = p->node};
        else if (str_eq(c.head, S("..")))
            *p = (Place){.node = p->node->parent ? p->node->parent : s->root};
        else
            *p = (Place){p->node, c.head, map_get(&p->node->live_names, c.head)};
    }
    return 0;
}

int name_find(Node **node, Sim *s, const char *path)
{
    Place p;
    int err = name_place(&p, s, path);
    *node = p.node;
    return err ? err : p.node ? 0 : ENOENT;
}

static void set_live(Sim *s, Node *dir, Str name, Node *node)
{
    Node *old = node ? map_get(&dir->live_names, name) : map_remove(&dir->live_names, name);
    if (node) {
        map_set(&dir->live_names, name, node);
        node->links++;
        if (node->dir) node->parent = dir;
    }
    if (!old) return;
    old->links--;
    node_forget(s, old);
}

static void set_durable(const NameChange *c)
{
    for (int32_t i = 0; i < c->n; i++) {
        Map *names = &c->end[i].dir->durable_names;
        if (c->end[i].node)
            map_set(names, c->end[i].name, c->end[i].node);
        else
            map_remove(names, c->end[i].name);
    }
}

// A rename's new end comes first, so that its node is never without a name.
static void change(Sim *s, NameChange c)
{
    for (int32_t i = 0; i < c.n; i++) {
        c.end[i].name = str_copy(s->arena, c.end[i].name);
        set_live(s, c.end[i].dir, c.end[i].name, c.end[i].node);
    }
    vec_push(s->arena, &s->pending, c);
}

void name_add(Sim *s, const Place *p, Node *node)
{
    change(s, (NameChange){.end = {{p->dir, node, p->name}}, .n = 1});
}

// Whether c must reach the disk before `later` does: they change the same name.
static bool comes_before(const NameChange *c, const NameChange *later)
{
    for (int32_t i = 0; i < c->n; i++)
        for (int32_t j = 0; j < later->n; j++)
            if (c->end[i].dir == later->end[j].dir && str_eq(c->end[i].name, later->end[j].name))
                return true;
    return false;
}

void name_sync(Sim *s, Node *dir)
{
    for (int64_t i = s->pending.n - 1; i >= 0; i--) {
        NameChange *c = &s->pending.v[i];
        c->chosen = c->end[0].dir == dir || (c->n > 1 && c->end[1].dir == dir);
        for (int64_t j = i + 1; j < s->pending.n && !c->chosen; j++)
            c->chosen = s->pending.v[j].chosen && comes_before(c, &s->pending.v[j]);
    }
    int64_t left = 0;
    for (int64_t i = 0; i < s->pending.n; i++)
        if (s->pending.v[i].chosen)
            set_durable(&s->pending.v[i]);
        else
            s->pending.v[left++] = s->pending.v[i];
    s->pending.n = left;
}

static void keep_name(Sim *s, void *arg, int64_t i)
{
    (void)arg;
    set_durable(&s->pending.v[i]);
}

// Makes the durable tree below node the live one.
static void reach(Sim *s, Node *node)
{
    node->links++;
    if (node->reached) return;
    node->reached = true;
    s->used += node->live.n;
    node->live_names = map_new(node->arena);
    for (int64_t i = 0; i < node->durable_names.n; i++) {
        MapEntry *e = &node->durable_names.entry[i];
        Node *kid = e->value;
        map_set(&node->live_names, e->key, kid);
        if (kid->dir) kid->parent = node;
        reach(s, kid);
    }
}

void name_crash(Sim *s)
{
    luck_survivors(s, s->pending.n, keep_name, NULL);
    s->pending.n = 0;
    s->used = 0;
    for (Node *node = s->nodes; node; node = node->next) {
        node->links = 0;
        node->reached = false;
    }
    reach(s, s->root);
    for (Node **at = &s->nodes; *at;) {
        Node *node = *at;
        if (node->reached) {
            at = &node->next;
            continue;
        }
        *at = node->next;
        arena_free(node->arena);
    }
}

static bool below(const Node *node, const Node *dir)
{
    while (node && node != dir) node = node->parent;
    return node == dir;
}

static int rename_refused(const Place *from, const Place *to)
{
    if (!from->dir || !to->dir) return EBUSY;
    if (!from->node) return ENOENT;
    if (from->node->dir && below(to->dir, from->node)) return EINVAL;
    if (!to->node || to->node == from->node) return 0;
    if (to->node->dir && below(from->dir, to->node)) return ENOTEMPTY;
    if (to->node->dir && !from->node->dir) return EISDIR;
    if (!to->node->dir && from->node->dir) return ENOTDIR;
    return to->node->dir && to->node->live_names.n ? ENOTEMPTY : 0;
}

static int do_rename(Sim *s, const char *from_path, const char *to_path)
{
    Place from, to;
    int err = name_place(&from, s, from_path);
    if (!err) err = name_place(&to, s, to_path);
    if (!err) err = rename_refused(&from, &to);
    if (err || from.node == to.node) return err; // two names of one file: nothing happens
    change(s, (NameChange){.end = {{to.dir, from.node, to.name}, {from.dir, NULL, from.name}},
                           .n = 2});
    return 0;
}

static int do_link(Sim *s, const char *from_path, const char *to_path)
{
    Node *from;
    Place to;
    int err = name_find(&from, s, from_path);
    if (!err) err = name_place(&to, s, to_path);
    if (err) return err;
    if (to.node) return EEXIST;
    if (from->dir) return EPERM;
    name_add(s, &to, from);
    return 0;
}

static int do_remove(Sim *s, const char *path, bool folder)
{
    Place p;
    int err = name_place(&p, s, path);
    if (err) return err;
    if (!p.node) return ENOENT;
    if (!folder && p.node->dir) return EISDIR;
    if (folder && !p.node->dir) return ENOTDIR;
    if (!p.dir) return p.node == s->root ? EBUSY : EINVAL;
    if (p.node->live_names.n) return ENOTEMPTY;
    change(s, (NameChange){.end = {{p.dir, NULL, p.name}}, .n = 1});
    return 0;
}

static int do_make(Sim *s, const char *path)
{
    Place p;
    int err = name_place(&p, s, path);
    if (err) return err;
    if (p.node) return EEXIST;
    name_add(s, &p, node_new(s, true));
    return 0;
}

static int do_sync(Sim *s, const char *path)
{
    Node *dir;
    int err = name_find(&dir, s, path);
    if (err) return err;
    if (!dir->dir) return ENOTDIR;
    if (!luck_strikes(s, LUCK_LOST, s->faults.lost_sync)) name_sync(s, dir);
    return 0;
}

static Entry entry_of(const Node *node)
{
    return (Entry){.kind = node->dir ? ENTRY_DIR : ENTRY_FILE,
                   .bytes = node->live.n,
                   .modified = node->modified};
}

static int do_list(Entries *list, Arena *a, Sim *s, const char *path)
{
    Node *dir;
    int err = name_find(&dir, s, path);
    if (err) return err;
    if (!dir->dir) return ENOTDIR;
    for (int64_t i = 0; i < dir->live_names.n; i++) {
        Entry e = entry_of(dir->live_names.entry[i].value);
        e.name = str_copy(a, dir->live_names.entry[i].key);
        vec_push(a, list, e);
    }
    return 0;
}

static int do_stat(Entry *e, Sim *s, const char *path)
{
    Node *node;
    int err = name_find(&node, s, path);
    if (!err) *e = entry_of(node);
    return err;
}

// One operation of the current simulation: `call` when nothing goes wrong before it.
#define OPERATION(op, path, n, call)                                                               \
    do {                                                                                           \
        Sim *s = sim_now();                                                                        \
        int err = op_begin(s, op);                                                                 \
        if (!err) err = (call);                                                                    \
        return op_end(s, op, str_z(path), (n), err);                                               \
    } while (0)
static int sim_list(Entries *list, Arena *a, const char *path)
{
    OPERATION(SIM_LIST, path, list->n, do_list(list, a, s, path));
}
static int sim_stat(Entry *e, const char *path)
{
    OPERATION(SIM_STAT, path, 0, do_stat(e, s, path));
}
static int sim_make(const char *path) { OPERATION(SIM_MAKE, path, 0, do_make(s, path)); }
static int sim_sync_names(const char *path)
{
    OPERATION(SIM_SYNC_NAMES, path, 0, do_sync(s, path));
}
static int sim_rename(const char *from, const char *to)
{
    OPERATION(SIM_RENAME, to, 0, do_rename(s, from, to));
}
static int sim_link(const char *from, const char *to)
{
    OPERATION(SIM_LINK, to, 0, do_link(s, from, to));
}
static int sim_remove(const char *path, bool folder)
{
    OPERATION(SIM_REMOVE, path, folder, do_remove(s, path, folder));
}

const DiskKind disk_sim = {sim_file_open,  sim_list,   sim_stat, sim_make,
                           sim_sync_names, sim_rename, sim_link, sim_remove};
