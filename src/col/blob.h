// blob.h -- bytes of changing length that a state row owns: the text of a max(string), the elements
// of a collect_set, the rows of a join key. A Blob sits inside a row's payload (16 bytes,
// 8-aligned) and points into the pool of the row's table; the table knows at which offsets blobs
// sit, so it can copy, snapshot and free them. Content is flat bytes: no pointers inside.
#ifndef COL_BLOB_H
#define COL_BLOB_H
#include "base/base.h"

typedef struct Blob {
    char *p;
    uint32_t n, cap;
} Blob;
_Static_assert(sizeof(Blob) == 16, "a blob is two words of a payload");

// Memory in size classes with free lists, so that growing blobs reuse what they leave behind.
typedef struct BlobPool BlobPool;
#define BLOB_MAX ((int64_t)UINT32_MAX - 7) // bytes; who may come near must look before
BlobPool *blob_pool_new(Arena *a);
int64_t blob_pool_bytes(const BlobPool *p); // in use
void blob_pool_clear(BlobPool *p);          // nothing is out any more; the memory is kept
// Pieces for who keeps their size himself: 8-aligned, not zeroed; give takes the n of take.
char *blob_pool_take(BlobPool *p, int64_t n);
void blob_pool_give(BlobPool *p, char *piece, int64_t n);
void blob_reserve(BlobPool *p, Blob *b, int64_t cap); // content stays
char *blob_append(BlobPool *p, Blob *b, int64_t n);   // n bytes more, to be written now
void blob_set(BlobPool *p, Blob *b, Str content);     // content may not lie in b
void blob_free(BlobPool *p, Blob *b);                 // empty afterwards
static inline Str blob_str(const Blob *b) { return (Str){b->p, b->n}; }
#endif
