// topic_writer.h -- how commands reach topics: the log in the data folder, when nobody has it open,
// else the server that has, else brokers that the user names.
#ifndef CLI_TOPIC_WRITER_H
#define CLI_TOPIC_WRITER_H
#include "cli/cli.h"
#include "conn/kafka_client.h"
#include "log/log.h"

typedef struct TopicDoor { // one of the two is set
    Log *log;
    KafkaClient *client;
    Str servers; // the client's; empty with log
} TopicDoor;
// bootstrap: "host:port", or empty. A producer's client can also make and remove topics.
Status topic_door_open(TopicDoor *d, Cli *cli, Str bootstrap);

typedef struct TopicWriter {
    TopicDoor door;
    Arena *arena;
    Str topic;
    Topic *local;          // of door.log
    RecordsWriter *writer; // one a partition
    Buf batch;
    RecordsCodec codec;
    int64_t records;
} TopicWriter;
// A topic that is not there is made, with so many partitions (0: the default). A client packs as
// its options say, not by the codec.
Status topic_writer_open(TopicWriter *w, Cli *cli, Str bootstrap, Str topic, int64_t partitions,
                         RecordsCodec codec);
// key.p NULL: none, and the partitions get their records in turn.
Status topic_writer_put(TopicWriter *w, Str key, Str value);
Status topic_writer_flush(TopicWriter *w); // on its way
Status topic_writer_sync(TopicWriter *w);  // durable, or acknowledged
#endif
