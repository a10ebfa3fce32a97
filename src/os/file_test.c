// The same bodies in both worlds: what a test may count on in the simulated one is what the real
// one does.
#include "base/buf.h"
#include "base/hash.h"
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"
#include "os/sim.h"

#define BOTH_WORLDS(fn)                                                                            \
    static void fn##_body(Arena *a, Str dir);                                                      \
    TEST(fn##_real)                                                                                \
    {                                                                                              \
        Str dir;                                                                                   \
        CHECK_OK(dir_temp(&dir, a));                                                               \
        fn##_body(a, dir);                                                                         \
    }                                                                                              \
    TEST(fn##_sim)                                                                                 \
    {                                                                                              \
        Str dir;                                                                                   \
        sim_enter(sim_new(a, 7, NULL));                                                            \
        CHECK_OK(dir_temp(&dir, a));                                                               \
        fn##_body(a, dir);                                                                         \
        sim_leave();                                                                               \
    }                                                                                              \
    static void fn##_body(Arena *a, Str dir)

static Str read_all(Arena *a, Str path)
{
    Str s = {0};
    CHECK_OK(file_load(&s, a, path, 1 << 20));
    return s;
}

static void put(Arena *a, Str path, Str content)
{
    File *f;
    CHECK_OK(file_open(&f, a, path, FILE_WRITE));
    CHECK_OK(file_truncate(f, 0));
    CHECK_OK(file_write(f, 0, content));
    file_close(f);
}

// The names in a folder, one after the other; a slash after folders.
static Str names_of(Arena *a, Str dir)
{
    Entries list;
    Buf b = buf_new(a);
    CHECK_OK(dir_list(&list, a, dir));
    for (int64_t i = 0; i < list.n; i++)
        buf_fmt(&b, "%s" STR_FMT "%s", i ? " " : "", STR_ARG(list.v[i].name),
                list.v[i].kind == ENTRY_DIR ? "/" : "");
    return buf_str(&b);
}

BOTH_WORLDS(file_writes_and_reads)
{
    File *f;
    char got[16];
    int64_t n, size;
    Str path = path_join(a, dir, S("f"));
    CHECK_OK(file_open(&f, a, path, FILE_WRITE));
    CHECK_OK(file_write(f, 0, S("hello")));
    CHECK_OK(file_write(f, 8, S("you")));
    CHECK_OK(file_preallocate(f, 4096));
    CHECK_OK(file_sync(f));
    CHECK_OK(file_size(f, &size));
    CHECK_I64(size, 11);
    CHECK_OK(file_read(f, 4, got, 16, &n));
    CHECK_STR(str_of(got, n), S("o\0\0\0you"));
    CHECK_OK(file_read(f, 11, got, 16, &n));
    CHECK_I64(n, 0);
    CHECK_OK(file_read(f, 500, got, 16, &n));
    CHECK_I64(n, 0);
    CHECK_OK(file_truncate(f, 2));
    CHECK_OK(file_truncate(f, 4));
    CHECK_STR(file_path(f), path);
    file_close(f);
    file_close(f);
    CHECK_STR(read_all(a, path), S("he\0\0"));
}

BOTH_WORLDS(file_modes)
{
    static const struct {
        bool there;
        FileMode mode;
        Code want;
    } row[] = {
        {false, FILE_READ, ERR_NOT_FOUND},
        {false, FILE_WRITE, OK},
        {false, FILE_CREATE, OK},
        {true, FILE_READ, OK},
        {true, FILE_WRITE, OK},
        {true, FILE_CREATE, ERR_CONFLICT},
    };
    File *f;
    for (int64_t i = 0; i < COUNT(row); i++) {
        Str path = str_fmt(a, STR_FMT "/%d", STR_ARG(dir), (int)i);
        if (row[i].there) put(a, path, S("x"));
        CHECK_FAILS(file_open(&f, a, path, row[i].mode), row[i].want);
    }
    Str x = path_join(a, dir, S("3"));
    CHECK_FAILS(file_open(&f, a, dir, FILE_READ), ERR_IO);
    CHECK_FAILS(file_open(&f, a, dir, FILE_WRITE), ERR_IO);
    CHECK_FAILS(file_open(&f, a, path_join(a, x, S("y")), FILE_WRITE), ERR_IO);
    CHECK_FAILS(file_open(&f, a, path_join(a, dir, S("no/y")), FILE_WRITE), ERR_NOT_FOUND);
    CHECK_FAILS(file_open(&f, a, S(""), FILE_WRITE), ERR_NOT_FOUND);
    CHECK_OK(file_open(&f, a, x, FILE_READ));
    CHECK_FAILS(file_write(f, 0, S("y")), ERR_IO);
    CHECK_FAILS(file_truncate(f, 0), ERR_IO);
}

BOTH_WORLDS(file_failures_name_path_and_reason)
{
    File *f;
    Str path = path_join(a, dir, S("missing"));
    CHECK_FAILS(file_open(&f, a, path, FILE_READ), ERR_NOT_FOUND);
    Str want = str_fmt(a, "cannot open " STR_FMT ": No such file or directory", STR_ARG(path));
    CHECK_STR(str_z(fail_text()), want);
    CHECK_FAILS(path_rename(path, dir), ERR_NOT_FOUND);
    CHECK(str_find(str_z(fail_text()), S("missing to /")) > 0);
}

BOTH_WORLDS(file_replace_swaps)
{
    Str path = path_join(a, dir, S("conf")), other = path_join(a, dir, S(".conf.tmp"));
    CHECK_OK(file_replace(path, S("one")));
    CHECK_OK(file_replace(path, S("second")));
    CHECK_STR(read_all(a, path), S("second"));
    CHECK_STR(names_of(a, dir), S("conf"));
    put(a, path_join(a, dir, S(".conf.0123abcd.tmp")), S("left by a crash"));
    put(a, other, S("somebody's"));
    CHECK_OK(dir_clean(dir));
    CHECK_STR(names_of(a, dir), S(".conf.tmp conf"));
    CHECK_OK(dir_make(path_join(a, dir, S("full/x"))));
    CHECK_FAILS(file_replace(path_join(a, dir, S("full")), S("x")), ERR_IO);
    CHECK_STR(names_of(a, dir), S(".conf.tmp conf full/"));
    CHECK_FAILS(file_replace(path_join(a, dir, S("no/conf")), S("x")), ERR_NOT_FOUND);
    Str name = str_of(NEW(a, char, 255), 255); // a temporary name must not be longer than this
    memset((char *)name.p, 'n', 255);
    CHECK_OK(file_replace(path_join(a, dir, name), S("long")));
}

BOTH_WORLDS(file_load_is_bounded)
{
    Str path = path_join(a, dir, S("f")), s;
    put(a, path, S("12345"));
    CHECK_OK(file_load(&s, a, path, 5));
    CHECK_STR(s, S("12345"));
    CHECK_I64(s.p[5], 0);
    CHECK_FAILS(file_load(&s, a, path, 4), ERR_LIMIT);
    put(a, path, S(""));
    CHECK_OK(file_load(&s, a, path, 0));
    CHECK_I64(s.n, 0);
    CHECK_FAILS(file_load(&s, a, dir, 10), ERR_IO);
}

BOTH_WORLDS(file_lock_refuses_the_second)
{
    File *one, *two;
    Str path = path_join(a, dir, S("lock"));
    CHECK_OK(file_open(&one, a, path, FILE_WRITE));
    CHECK_OK(file_open(&two, a, path, FILE_WRITE));
    CHECK_OK(file_lock(one));
    CHECK_OK(file_lock(one));
    CHECK_FAILS(file_lock(two), ERR_CONFLICT);
    file_close(one);
    CHECK_OK(file_lock(two));
}

BOTH_WORLDS(names_move_and_go)
{
    Str f = path_join(a, dir, S("f")), g = path_join(a, dir, S("g"));
    Str sub = path_join(a, dir, S("sub")), in = path_join(a, sub, S("in"));
    put(a, f, S("content"));
    CHECK_OK(path_link(f, g));
    CHECK_FAILS(path_link(f, g), ERR_CONFLICT);
    CHECK_OK(path_rename(f, g)); // two names of one file: nothing happens
    CHECK_STR(names_of(a, dir), S("f g"));
    CHECK_OK(path_remove(g));
    CHECK_FAILS(path_remove(g), ERR_NOT_FOUND);
    CHECK_FAILS(path_rename(g, f), ERR_NOT_FOUND);
    CHECK_OK(dir_make(sub));
    CHECK_FAILS(path_link(sub, g), ERR_IO);
    CHECK_FAILS(path_rename(f, sub), ERR_IO);
    CHECK_FAILS(path_rename(sub, f), ERR_IO);
    CHECK_FAILS(path_rename(sub, path_join(a, sub, S("deeper"))), ERR_IO);
    CHECK_FAILS(path_remove(sub), ERR_IO);
    CHECK_OK(path_rename(f, in));
    CHECK_STR(read_all(a, path_join(a, dir, S("./sub//../sub/in"))), S("content"));
    CHECK_OK(dir_make(g));
    CHECK_FAILS(path_rename(g, sub), ERR_CONFLICT); // not empty
    CHECK_OK(path_rename(sub, g));
    CHECK_STR(names_of(a, dir), S("g/"));
    CHECK_STR(names_of(a, path_join(a, g, S("../g"))), S("in"));
    CHECK_OK(dir_sync(g));
    CHECK_FAILS(dir_sync(sub), ERR_NOT_FOUND);
    CHECK_FAILS(dir_sync(path_join(a, g, S("in"))), ERR_IO);
}

BOTH_WORLDS(folders_are_listed_by_name)
{
    Entries list;
    put(a, path_join(a, dir, S("b")), S("12345"));
    CHECK_OK(dir_make(path_join(a, dir, S("a/x/y"))));
    put(a, path_join(a, dir, S("a.b")), S(""));
    CHECK_STR(names_of(a, dir), S("a/ a.b b"));
    CHECK_OK(dir_list(&list, a, dir));
    CHECK_I64(list.v[2].bytes, 5);
    CHECK_I64(list.v[2].kind, ENTRY_FILE);
    CHECK(list.v[2].modified > 0 && list.v[2].modified <= clock_now());
    Entry e;
    CHECK_OK(path_stat(&e, dir));
    CHECK(e.kind == ENTRY_DIR && e.name.n == 0);
    CHECK_FAILS(path_stat(&e, path_join(a, dir, S("no"))), ERR_NOT_FOUND);
    CHECK_FAILS(dir_list(&list, a, path_join(a, dir, S("no"))), ERR_NOT_FOUND);
    CHECK_FAILS(dir_list(&list, a, path_join(a, dir, S("b"))), ERR_IO);
    CHECK(path_exists(dir) && !path_exists(path_join(a, dir, S("b/c"))));
}

BOTH_WORLDS(folders_are_made_and_removed_whole)
{
    Str deep = path_join(a, dir, S("x/y//z/"));
    CHECK_OK(dir_make(deep));
    CHECK_OK(dir_make(deep));
    put(a, path_join(a, deep, S("f")), S("1"));
    CHECK_FAILS(dir_make(path_join(a, deep, S("f"))), ERR_CONFLICT);
    CHECK(dir_make(path_join(a, deep, S("f/g"))).code != OK);
    CHECK_OK(dir_remove_all(path_join(a, dir, S("x"))));
    CHECK_OK(dir_remove_all(path_join(a, dir, S("x"))));
    CHECK_STR(names_of(a, dir), S(""));
}

static Str repeat(Arena *a, Str dir, Str part, int64_t n)
{
    Buf b = buf_new(a);
    buf_put(&b, dir);
    for (int64_t i = 0; i < n; i++) buf_put(&b, part);
    return buf_str(&b);
}

BOTH_WORLDS(long_paths)
{
    File *f;
    Str name255 = repeat(a, S(""), S("abcde"), 51);
    CHECK_OK(file_open(&f, a, path_join(a, dir, name255), FILE_WRITE));
    CHECK_FAILS(file_open(&f, a, path_join(a, dir, str_cat(a, name255, S("f"))), FILE_WRITE),
                ERR_IO);
    CHECK(str_find(str_z(fail_text()), S("too long")) > 0);
    Str deep = repeat(a, dir, S("/0123456789"), (4095 - dir.n) / 11 - 1);
    CHECK_OK(dir_make(deep));
    CHECK_OK(file_open(&f, a, path_join(a, deep, S("file")), FILE_CREATE));
    CHECK_FAILS(file_open(&f, a, repeat(a, deep, S("/012345"), 4), FILE_CREATE), ERR_IO);
    CHECK_OK(dir_remove_all(dir));
    CHECK(!path_exists(dir));
}

BOTH_WORLDS(a_nul_ends_no_path)
{
    File *f;
    put(a, path_join(a, dir, S("f")), S("1"));
    Str path = str_cat(a, path_join(a, dir, S("f")), S("\0.txt"));
    CHECK_FAILS(file_open(&f, a, path, FILE_READ), ERR_IO);
    CHECK_FAILS(path_remove(path), ERR_IO);
    CHECK_FAILS(dir_make(path), ERR_IO);
    CHECK_FAILS(dir_remove_all(path), ERR_IO);
    CHECK(!path_exists(path));
    CHECK_STR(names_of(a, dir), S("f"));
}

BOTH_WORLDS(absolute_paths)
{
    static const struct {
        Str add, want;
    } row[] = {
        {STR_INIT("x"), STR_INIT("/x")},
        {STR_INIT("./x/"), STR_INIT("/x")},
        {STR_INIT("no/such"), STR_INIT("/no/such")},
        {STR_INIT("no/../x"), STR_INIT("/x")},
        {STR_INIT("x//no/./y"), STR_INIT("/x/no/y")},
        {STR_INIT(""), STR_INIT("")},
    };
    Str top, got;
    CHECK_OK(path_absolute(&top, a, dir));
    CHECK_OK(dir_make(path_join(a, dir, S("x"))));
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(path_absolute(&got, a,
                               str_fmt(a, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(row[i].add))));
        CHECK_STR(got, str_cat(a, top, row[i].want));
    }
    CHECK_OK(path_absolute(&got, a, S("not-there/x")));
    CHECK(got.p[0] == '/' && str_ends(got, S("/not-there/x")));
    CHECK_OK(path_absolute(&got, a, S("/")));
    CHECK_STR(got, S("/"));
    CHECK_OK(path_absolute(&got, a, S("/..")));
    CHECK_STR(got, S("/"));
}

BOTH_WORLDS(free_bytes_of_what_is_not_yet_made)
{
    int64_t here, there;
    CHECK_OK(path_free_bytes(dir, &here));
    CHECK_OK(path_free_bytes(path_join(a, dir, S("no/such/folder")), &there));
    CHECK(here > 0 && there > here / 2);
    CHECK_OK(path_free_bytes(S("relative-and-missing"), &there));
}

BOTH_WORLDS(clock_and_chance)
{
    (void)dir;
    int64_t mono = clock_mono_ns();
    Micros wall = clock_now();
    clock_sleep(20000);
    clock_sleep(-1);
    CHECK(clock_mono_ns() - mono >= 20000000);
    CHECK(clock_now() > wall && wall > INT64_C(1700000000000000));
    CHECK(clock_cpu_ns() > 0);
    CHECK(rand_u64() != rand_u64());
    Str u = rand_uuid(a);
    CHECK_I64(u.n, 36);
    CHECK(u.p[8] == '-' && u.p[13] == '-' && u.p[14] == '4' && u.p[18] == '-' && u.p[23] == '-');
    CHECK(strchr("89ab", u.p[19]) && !str_eq(u, rand_uuid(a)));
    CHECK(zone_of_system(a).n > 0);
    char odd[13] = {0};
    rand_bytes(odd, 13);
    rand_bytes(odd, 0);
}

// A few hundred calls by chance, the same in both worlds; their codes and what is left are written
// down.
static Str play(Arena *a, Str dir, uint64_t seed)
{
    static const char *const name[] = {"a",   "b",   "c",     "d",   "d/a",
                                       "d/b", "d/e", "d/e/a", "a/x", "."};
    Buf log = buf_new(a);
    for (int64_t i = 0; i < 400; i++) {
        uint64_t luck = hash_mix(seed, (uint64_t)i);
        Str one = path_join(a, dir, str_z(name[luck % (uint64_t)COUNT(name)]));
        Str two = path_join(a, dir, str_z(name[luck / 64 % (uint64_t)COUNT(name)]));
        int64_t at = (int64_t)(luck >> 32) % 3000, n = 0;
        File *f;
        Status s = DONE;
        switch (luck >> 16 & 7) {
        case 0: s = path_rename(one, two); break;
        case 1: s = path_link(one, two); break;
        case 2: s = path_remove(one); break;
        case 3: s = dir_make(one); break;
        case 4:
            s = luck >> 20 & 3 ? dir_sync(one) : dir_remove_all(str_eq(one, dir) ? two : one);
            break;
        case 5: s = file_replace(one, str_fmt(a, "%lld", (long long)i)); break;
        case 6:
        case 7:
            s = file_open(&f, a, one, (FileMode)((luck >> 24) % 3));
            if (!s.code) s = file_write(f, at, S("some text"));
            if (!s.code && luck >> 28 & 1) s = file_truncate(f, at / 2);
            if (!s.code) s = file_size(f, &n);
        }
        Str text = s.code ? str_z(fail_text()) : S("");
        Str reason = str_from(text, MAX(str_rfind_char(text, ':'), 0));
        buf_fmt(&log, "%d %s %lld" STR_FMT " %d\n", (int)i, code_name(s.code), (long long)n,
                STR_ARG(reason), (int)(luck >> 16 & 7));
    }
    for (int64_t i = 0; i < COUNT(name); i++) {
        Str path = path_join(a, dir, str_z(name[i])), content = {0};
        Entry e;
        if (path_stat(&e, path).code) continue;
        if (e.kind == ENTRY_DIR)
            content = names_of(a, path);
        else
            CHECK_OK(file_load(&content, a, path, 1 << 20));
        buf_fmt(&log, "%s %d " STR_FMT "\n", name[i], (int)e.kind, STR_ARG(content));
    }
    return buf_str(&log);
}

TEST(both_worlds_answer_alike)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        Arena *b = arena_new(a);
        Str dir;
        CHECK_OK(dir_temp(&dir, b));
        Str real = play(b, dir, seed);
        sim_enter(sim_new(b, seed, NULL));
        CHECK_OK(dir_make(dir));
        Str simulated = play(b, dir, seed);
        sim_leave();
        CHECK(real.n > 4000);
        while (real.n && simulated.n) { // line by line, the first that differs is the finding
            Cut want = str_cut(real, '\n'), got = str_cut(simulated, '\n');
            CHECK_STR(got.head, want.head);
            if (!str_eq(got.head, want.head)) break;
            real = want.tail;
            simulated = got.tail;
        }
        CHECK_I64(simulated.n, real.n);
        arena_free(b);
    }
}

TEST(path_parts)
{
    static const struct {
        Str path, dir, base;
    } row[] = {
        {STR_INIT("a/b"), STR_INIT("a"), STR_INIT("b")},
        {STR_INIT("/a"), STR_INIT("/"), STR_INIT("a")},
        {STR_INIT("a"), STR_INIT("."), STR_INIT("a")},
        {STR_INIT("/"), STR_INIT("/"), STR_INIT("/")},
        {STR_INIT("a//b//"), STR_INIT("a"), STR_INIT("b")},
        {STR_INIT(""), STR_INIT("."), STR_INIT("")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_STR(path_dir(row[i].path), row[i].dir);
        CHECK_STR(path_base(row[i].path), row[i].base);
    }
    CHECK_STR(path_join(a, S("a"), S("b")), S("a/b"));
    CHECK_STR(path_join(a, S("/"), S("b")), S("/b"));
    CHECK_STR(path_join(a, S(""), S("b")), S("b"));
    CHECK_STR(path_join(a, S("a/"), S("/b")), S("/b"));
}

TEST(lock_holds_against_another_process)
{
    Str dir;
    File *f;
    Child *c;
    int code;
    CHECK_OK(dir_temp(&dir, a));
    Str path = path_join(a, dir, S("lock"));
    CHECK_OK(file_open(&f, a, path, FILE_WRITE));
    CHECK_OK(file_lock(f));
    Str argv[] = {S("flock"), S("-n"), path, S("true")};
    CHECK_OK(child_start(&c, a, argv, 4, NULL, 0));
    CHECK_OK(child_wait(c, &code));
    CHECK_I64(code, 1);
    file_close(f);
    CHECK_OK(child_start(&c, a, argv, 4, NULL, 0));
    CHECK_OK(child_wait(c, &code));
    CHECK_I64(code, 0);
}

TEST(remove_all_follows_no_link)
{
    Str dir, kept;
    Child *c;
    int code;
    CHECK_OK(dir_temp(&dir, a));
    kept = path_join(a, dir, S("kept"));
    CHECK_OK(dir_make(kept));
    put(a, path_join(a, kept, S("f")), S("1"));
    Str victim = path_join(a, dir, S("victim"));
    CHECK_OK(dir_make(victim));
    Str argv[] = {S("ln"), S("-s"), kept, S("/nowhere/at/all"), victim};
    CHECK_OK(child_start(&c, a, argv, 5, NULL, 0));
    CHECK_OK(child_wait(c, &code));
    CHECK_I64(code, 0);
    CHECK_STR(names_of(a, victim), S("all kept/")); // the link to nothing is listed
    CHECK_STR(read_all(a, path_join(a, victim, S("kept/f"))), S("1"));
    Str real;
    CHECK_OK(path_absolute(&real, a, path_join(a, victim, S("kept/no"))));
    CHECK(str_ends(real, S("/kept/no")) && str_find(real, S("victim")) < 0);
    CHECK_OK(dir_remove_all(victim));
    CHECK_STR(names_of(a, dir), S("kept/"));
    CHECK_STR(names_of(a, kept), S("f"));
}

TEST(files_without_a_size_load)
{
    Str s;
    CHECK_OK(file_load(&s, a, S("/proc/self/status"), 1 << 20));
    CHECK(str_starts(s, S("Name:")) && s.n > 500);
}

TEST(temp_folders_go_with_their_arena)
{
    Arena *b = arena_new(a);
    Str dir;
    CHECK_OK(dir_temp(&dir, b));
    dir = str_copy(a, dir);
    CHECK_OK(dir_make(path_join(a, dir, S("x/y"))));
    arena_free(b);
    CHECK(!path_exists(dir));
}

TEST(a_full_disk_is_named)
{
    File *f;
    CHECK_OK(file_open(&f, a, S("/dev/full"), FILE_WRITE));
    CHECK_FAILS(file_write(f, 0, S("x")), ERR_IO);
    CHECK_STR(str_z(fail_text()), S("cannot write /dev/full: no space left on the disk"));
}
