// version.h -- what this program is, and which Spark it answers as: the only place for both.
#ifndef BASE_VERSION_H
#define BASE_VERSION_H
#define KAPPA_VERSION "0.1.0"
#define SPARK_VERSION "4.1.4"
#endif
