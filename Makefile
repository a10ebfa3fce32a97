# Every source is found by wildcard: adding a file needs no edit here.
#   make [MODE=debug|release|asan|tsan|fuzz|cover]   the program build/$(MODE)/kappa
#   make unit golden oracle test faults lint tsan peers bench run install
CC      ?= cc
MODE    ?= debug
ARCH    ?= -march=x86-64-v2
MODE_debug   = -O1 -g3
MODE_release = -O3 -g
MODE_asan    = -O1 -g3 -DSANITIZED -fsanitize=address,undefined -fno-sanitize-recover=all
MODE_tsan    = -O1 -g3 -fsanitize=thread
# gcc 12's TSan cannot place its shadow when the kernel scatters addresses as far as newer ones do.
RUN_tsan     = $(shell setarch -R true 2>/dev/null && echo setarch -R)
MODE_fuzz    = -O1 -g3 -DSANITIZED -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all \
               -fno-sanitize=pointer-overflow # clang's counts NULL + 0, which an empty Str does
MODE_cover   = -O0 -g3 --coverage
PKGS    = libzstd liblz4 snappy zlib libxxhash sqlite3 jansson libssl libcrypto libpcre2-8 libnghttp2
WARN    = -Wall -Wextra -Wshadow -Wvla -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes \
          -Wconversion -Wno-sign-conversion -Werror
CFLAGS  = -std=gnu17 -D_GNU_SOURCE -Isrc $(ARCH) -fno-strict-aliasing $(WARN) $(MODE_$(MODE)) $(CFLAGS_EXTRA)
LDLIBS  = $(shell pkg-config --libs $(PKGS) 2>/dev/null || echo -lzstd -llz4 -lsnappy -lz -lxxhash -lsqlite3 -ljansson -lssl -lcrypto -lpcre2-8 -lnghttp2) -lpthread -lm -ldl

BUILD   = build/$(MODE)
SRC     = $(wildcard src/*/*.c)
TESTS   = $(filter %_test.c src/base/test.c,$(SRC))
MAIN    = src/cli/main.c
TOOLS   = src/run/feed.c $(addprefix src/cli/,golden.c oracle.c slt.c sqlgold.c)
CODE    = $(filter-out $(TESTS) $(MAIN) $(TOOLS),$(SRC))
OBJ     = $(CODE:src/%.c=$(BUILD)/%.o)
TOBJ    = $(TESTS:src/%.c=$(BUILD)/%.o)

all: $(BUILD)/kappa
$(BUILD)/kappa: $(OBJ) $(MAIN:src/%.c=$(BUILD)/%.o)
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/unit: $(OBJ) $(TOBJ) $(BUILD)/run/feed.o
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/golden: $(OBJ) $(patsubst %,$(BUILD)/%.o,cli/golden run/feed cli/slt)
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/oracle: $(OBJ) $(patsubst %,$(BUILD)/%.o,cli/oracle run/feed)
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/sqlgold: $(OBJ) $(BUILD)/cli/sqlgold.o
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(OBJ:.o=.d) $(TOBJ:.o=.d) $(MAIN:src/%.c=$(BUILD)/%.d) $(TOOLS:src/%.c=$(BUILD)/%.d)

run:
	@tools/deps build
	@$(MAKE) -s -j2 MODE=release build/release/kappa
	@tools/demo
test:
	@$(MAKE) -s -j2 build/debug/kappa build/debug/unit build/debug/golden build/debug/oracle
	$(MAKE) -s unit golden oracle
	test/cli/demo.sh
	test/cli/serve.sh
	test/cli/remote.sh
	test/cli/shell.py
	test/cli/files.sh
	test/cli/bad_input.sh
	test/faults/kill.py 20
	$(MAKE) asan
asan tsan:
	$(MAKE) -s -j2 MODE=$@ build/$@/unit build/$@/golden
	$(MAKE) -s MODE=$@ unit golden
# 200 times kill -9 and start again; and that this would find the fault that it is for.
faults:
	@$(MAKE) -s -j2 build/debug/kappa
	test/faults/kill.py 200
	test/faults/planted.sh
peers:
	@$(MAKE) -s -j2 MODE=release build/release/kappa
	test/peers/tables.sh
	test/peers/iceberg.sh check
	test/peers/altered.sh
	@$(MAKE) -s -j2 build/debug/kappa
	test/peers/files.sh
	test/peers/remote.sh
	test/connect/run.sh
	test/ddl/run.sh
	test/connect/security.sh
	tools/sqlgold
	-test/peers/kafka_clients.sh install kcat python java
	test/peers/kafka_kappa.sh
unit: $(BUILD)/unit
	$(RUN_$(MODE)) $<
golden: $(BUILD)/golden
	$(RUN_$(MODE)) $< $(sort $(wildcard test/sql/*/*.slt))
oracle: # make oracle N=60 SEED=7001 [KIND=joins]: new cases, recorded on Spark now
	$(if $(N),tools/oracle_fresh $(N) $(SEED) $(KIND),tools/oracle)
sqlgold: # Spark's public SQL golden files, read from a jar of the Maven registry
	tools/sqlgold
docs: $(BUILD)/kappa # doc/*.md that are made from the program's tables
	for p in functions options settings errors; do $< docs $$p > doc/$$p.md || exit 1; done
lint:
	tools/lint
clang-check: $(SRC:src/%.c=$(BUILD)/%.ok)
$(BUILD)/%.ok: src/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -MF $(@:.ok=.okd) -MT $@ -c -o $@ $<
-include $(SRC:src/%.c=$(BUILD)/%.okd)
# FUZZ_SECONDS of each fuzzer; what they find stays in build/fuzz.
FUZZERS = $(patsubst fuzz/%.c,build/fuzz/%,$(wildcard fuzz/*_fuzz.c))
FUZZ_SECONDS = 60
build/fuzz/%_fuzz: fuzz/%_fuzz.c $(OBJ)
	@$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
fuzzers: $(FUZZERS)
fuzz:
	$(MAKE) MODE=fuzz CC=clang-14 fuzzers
	for f in $(FUZZERS); do mkdir -p $$f.corpus && $$f -max_total_time=$(FUZZ_SECONDS) -timeout=20 \
	  -rss_limit_mb=3000 -artifact_prefix=$$f- -verbosity=0 $$f.corpus || exit 1; done
bench: build/floor
	$(MAKE) MODE=release
	bench/run $(BENCH)
build/floor: bench/floor.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -O3 -march=native -o $@ $< $(shell pkg-config --libs liblz4 2>/dev/null || echo -llz4) -lpthread
FLOOR_SRC = bench/connect_constants.c $(filter-out %_test.c src/base/test.c,$(wildcard src/base/*.c src/os/*.c)) src/wire/http2.c src/wire/grpc.c src/wire/protobuf.c
build/connect_constants: $(FLOOR_SRC)
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 -D_GNU_SOURCE -Isrc -O3 -fno-strict-aliasing -o $@ $^ $(LDLIBS)
bench-connect: build/connect_constants # beside real Spark Connect
	$(MAKE) MODE=release
	test/peers/pyspark_client.sh python bench/connect.py $(ROWS)
format:
	@clang-format-14 -i $(wildcard src/*/*.[ch] fuzz/*.[ch])
clean:
	rm -rf build
.PHONY: all run test faults asan tsan peers unit golden oracle sqlgold lint bench bench-connect format clean fuzz fuzzers docs
# What takes minutes: test/long/, tests like those of `unit`.
LONG    = $(wildcard test/long/*.c)
$(BUILD)/long: $(OBJ) $(TOBJ) $(BUILD)/run/feed.o $(LONG:%.c=$(BUILD)/%.o)
	$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/test/%.o: test/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
long: $(BUILD)/long
	$< long_
