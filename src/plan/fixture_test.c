// fixture_test.c -- see fixture_in.h.
#include "base/test.h"
#include "plan/fixture_in.h"

Rel *fixture_relation(Session *s, const char *ddl, bool streaming)
{
    ReadNode *node = NEW(s->arena, ReadNode, 1);
    const Schema *schema;
    CHECK_OK(schema_parse(&schema, s->arena, str_z(ddl)));
    *node = (ReadNode){.kind = READ_SOURCE, .format = S("fixture"), .name = S("memory")};
    node->schema = schema;
    node->id = s->next_read++;
    Rel *r = rel_new(s->arena, REL_READ, (Origin){0}, NULL);
    r->read = node;
    r->streaming = streaming;
    return r;
}

void fixture_view(Session *s, const char *name, Rel *r)
{
    CHECK_OK(analyse(s, s->arena, &r));
    CHECK_OK(session_create_view(s, str_z(name), r, true));
}

Session *fixture_session(Arena *a)
{
    static const char events[] =
        "ts TIMESTAMP, k STRING, v INT, d DOUBLE, j STRUCT<a:INT,b:STRING>, "
        "tags ARRAY<STRING>, m MAP<STRING,INT>";
    Session *s = session_new(a, NULL);
    Rel *w = rel_new(a, REL_WITH_WATERMARK, (Origin){0}, fixture_relation(s, events, true));
    w->expr = NEW(a, Expr *, 1);
    w->expr[0] = expr_name(a, S("ts"));
    w->nexprs = 1;
    w->delay = 10000000;
    fixture_view(s, "events", w);
    fixture_view(s, "plain", fixture_relation(s, events, true));
    fixture_view(s, "x", fixture_relation(s, events, false));
    Rel *table = fixture_relation(s, "k STRING, b TINYINT, n BIGINT, t TIMESTAMP, d DOUBLE", false);
    ReadNode *node = NEW(a, ReadNode, 1);
    *node = *table->read;
    node->kind = READ_TABLE;
    table->read = node;
    fixture_view(s, "lake", table);
    fixture_view(s, "u", fixture_relation(s, "k STRING, name STRING", false));
    return s;
}
