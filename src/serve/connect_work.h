// connect_work.h -- Work, what carries a decoded plan out for a session: decoding with the session
// locked, running with a copy of what the run needs; and Sender, rows on their way to a client.
#ifndef SERVE_CONNECT_WORK_H
#define SERVE_CONNECT_WORK_H
#include "fmt/arrow_write.h"
#include "op/observe.h"
#include "run/statement.h"
#include "serve/connect_session.h"

typedef struct Work {
    Client *client;
    Arena *arena;
    const Shared64 *cancel; // may be NULL
    bool locked;            // the client's lock is ours
    bool kept;              // a query, a view or a kept DataFrame has taken the arena over
    Observations observed;  // by the batches that ran
    ConnectEnv env;
} Work;
void work_begin(Work *w, Client *c, Arena *a, const Shared64 *cancel);
void work_lock(Work *w);
void work_keep(Work *w);   // the arena lives as long as the session, which is locked
void work_unlock(Work *w); // fine when it is not locked
Status work_decode(Work *w, ConnectPlan *p, Str plan); // leaves the session locked
// A batch query; the session is locked and is let go before the first row.
Status work_plan(Work *w, Rel *rel, Plan **plan); // with the lock
Status work_query(Work *w, Rel *rel, Answer *to);
// A statement; the session is let go at its end at the latest.
Status work_statement(Work *w, const Statement *st, Answer *to);

Session *work_fork(Work *w); // the session, for a run: what it observes comes to the work
// connect_observed.c
Status answer_observed(Operation *o, const Observations *seen);

typedef struct Sender {
    Answer answer;
    Arena *arena;
    Operation *operation; // NULL: all rows into one stream, for sender_local
    Str zone;
    ArrowWriter *writer;
    int64_t max_rows, sent, pieces;
} Sender;
void sender_begin(Sender *s, Arena *a, Operation *o, const Session *session);
Status sender_end(Sender *s);
// What was gathered, as bytes of a spark.connect.Relation with a LocalRelation.
Str sender_local(Sender *s);
// Answers of which nothing is kept.
Answer answer_sink(void);
#endif
