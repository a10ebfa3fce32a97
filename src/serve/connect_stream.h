// connect_stream.h -- streaming over Connect: starting queries, asking them, the manager, the bus
// of listeners.
#ifndef SERVE_CONNECT_STREAM_H
#define SERVE_CONNECT_STREAM_H
#include "serve/connect_work.h"

Status write_batch(Work *w, const ConnectWrite *write); // df.write, of batches
Status stream_start(Operation *o, Work *w, const ConnectStream *s);
Status stream_query(Operation *o, Work *w, const ConnectQuery *q);
Status stream_manager(Operation *o, Work *w, const ConnectManager *m);
Status stream_listen(Operation *o, Work *w); // stays until it is removed
Status stream_unlisten(Work *w);
// -- connect_listen.c
void streams_heard(void *ctx, const Progress *p); // QuerySpec.listen; ctx is the Client
bool streams_have_listener(Client *c);
void streams_tell_ends(Client *c); // at once: a client that stops a query may go next
#endif
