"""Random DataFrame programs, asked of kappa and of real Spark by one client, and where the answers differ.
dataframe_fuzz.py --seed S --n N [--kappa URL] [--spark URL] [--record FILE] [--replay FILE] [--show K]
A program is one Python expression. It grows call by call, by the schema that Spark gives what there is so far; a call that Spark refuses mostly is
tried anew, and ends the program else. --record keeps programs and Spark's answers, --replay asks kappa alone for them (no Java needed then)."""
import argparse, datetime, decimal, json, logging, math, random, re, sys, warnings
from pyspark.sql import SparkSession, functions as F, types as T
from pyspark.sql.window import Window as W

D, N, day, when = decimal.Decimal, None, datetime.date, datetime.datetime
INPUTS = {
    "A": ([(1, 10, 1.5, D("1.25"), "x", day(2024, 1, 31), when(2024, 1, 31, 10, 30), True, [1, 2, N], (7, "u"), {"k": 1, "l": 9}),
           (2, -3, math.nan, D("-7.50"), "yy", day(2023, 12, 1), when(1969, 12, 31, 23, 59, 59, 500000), False, [], (N, "v"), {}),
           (2, N, -0.0, N, "", N, when(2024, 2, 29), N, N, N, N), (3, 5, 0.0, D("0.00"), N, day(1970, 1, 1), N, True, [3], (1, N), {"a b": 5}),
           (N, 4000000000, math.inf, D("99999999.99"), "X%_", day(2024, 2, 29), when(2024, 1, 31, 10, 30), False, [5, 5], (7, "u"), {"k": -2})],
          "id int, n long, x double, p decimal(10,2), s string, d date, ts timestamp, f boolean, arr array<int>, st struct<u:int,v:string>, m map<string,int>"),
    "B": ([(1, "x", 1, 2.5, ["a", N]), (2, "yy", N, -1.0, []), (2, "z", 7, N, N), (4, N, 0, math.nan, ["q", "a"])], "id int not null, s string, N int, y double, tags array<string>"),
    "C": ([("x", 1, (1, (2.5, "in"))), ("w", 3, (N, N)), (N, 2, N)], "`a b` string, id long, o struct<id:int,i:struct<y:double,z:string>>"),
}
# What an expression of a class may be, in Python; {i} is an expression of class i, {ki} a constant.
COLUMN = {
    "i": ["{ki}", "({i} + {i})", "({i} - {n})", "({i} * F.lit({ki}))", "({i} % F.lit(3))", "-{i}", "F.size({ai})", "F.length({s})", "F.year({d})", "F.abs({i})",
          "{x}.cast('long')", "F.when({b}, {i}).otherwise({i})", "F.when({b}, {i})", "F.coalesce({i}, {i})", "F.greatest({i}, {i})", "F.datediff({d}, {d})", "{ai}[0]", "{ai}.getItem(1)",
          "F.element_at({ai}, -1)", "{st}.u", "{st}['u']", "{st}.getField('u')", "{m}['k']", "{m}.getItem('k')", "F.aggregate({ai}, F.lit(0), lambda p, q: p + F.coalesce(q, {i}))", "{s}.try_cast('int')",
          "F.ifnull({i}, F.lit(0))", "F.nullif({i}, {i})", "F.instr({s}, 'y')", "F.expr('{SQLi}')", "{i}.bitwiseAND(3)", "F.array_max({ai})", "F.ceil({x})", "F.hash({s})", "{b}.cast('int')",
          "F.monotonically_increasing_id() * 0", "F.unix_timestamp({t})", "F.pmod({i}, F.lit(4))", "F.hour({t})"],
    "x": ["F.lit(0.5)", "({i} / F.lit(4))", "({x} + {i})", "({x} * {x})", "F.round({x}, 1)", "{i}.cast('double')", "F.sqrt({x})", "F.expr('{SQLx}')", "F.nanvl({x}, F.lit(1.0))", "F.when({b}, {x}).otherwise(0)",
          "{p}.cast('double')", "F.pow({x}, 2)", "F.try_divide({i}, {i})"],
    "p": ["F.lit(D('1.5'))", "({p} + {p})", "({p} * {i})", "({p} / {p})", "{i}.cast('decimal(12,1)')", "F.round({p}, 1)", "F.abs({p})", "F.coalesce({p}, {i})", "({p} % 2)", "-{p}"],
    "s": ["F.lit('x')", "F.concat({s}, {s})", "F.upper({s})", "{s}.substr(1, 2)", "F.substring({s}, 2, 1)", "{i}.cast('string')", "{x}.cast('string')", "{d}.cast('string')", "{t}.cast('string')",
          "F.concat_ws('-', {s}, {as})", "F.lit(None).cast('string')", "F.coalesce({s}, F.lit('none'))", "{st}.v", "{as}[0]", "F.when({b}, {s}).when({b}, 'w').otherwise({s})", "F.date_format({d}, 'yyyy-MM')",
          "F.expr('{SQLs}')", "F.regexp_replace({s}, 'x', 'q')", "F.lpad({s}, 4, '*')", "F.trim({s})", "{ai}.cast('string')", "{st}.cast('string')", "F.to_json({st})", "F.split({s}, 'y')[0]", "{b}.cast('string')",
          "F.array_join({as}, ',')", "F.reverse({s})", "F.format_string('%s-%s', {s}, {i})", "{p}.cast('string')", "{m}.cast('string')", "F.typeof({i})"],
    "b": ["F.lit(True)", "({i} > {i})", "({i} == {n})", "({s} == 'x')", "({x} >= {x})", "({b} & {b})", "({b} | {b})", "~{b}", "{i}.isNull()", "{s}.isNotNull()", "{i}.isin(1, 2, 5)", "{s}.isin(['x', 'z'])",
          "{i}.between(1, 3)", "{s}.like('%y%')", "{s}.rlike('^x')", "{s}.startswith('x')", "{s}.contains({s})", "F.isnan({x})", "{i}.eqNullSafe({i})", "({d} < '2024-01-15')", "({t} > F.lit('2024-01-01'))",
          "F.exists({ai}, lambda e: e > 1)", "F.forall({ai}, lambda e: e > {i})", "F.array_contains({ai}, 5)", "F.expr('{SQLb}')", "({st} == {st})", "{s}.ilike('X%')", "({p} > {i})", "({ai} == {ai})", "{x}.isNaN()"],
    "d": ["F.lit('2024-03-01').cast('date')", "F.date_add({d}, 1)", "{s}.try_cast('date')", "{t}.cast('date')", "F.last_day({d})", "F.add_months({d}, {i})", "F.lit(day(2020, 5, 5))", "F.trunc({d}, 'month')", "F.coalesce({d}, {d})"],
    "t": ["F.lit(when(2021, 1, 1, 5))", "F.try_to_timestamp({s})", "{d}.cast('timestamp')", "F.date_trunc('day', {t})", "F.coalesce({t}, {d})", "({t} + F.expr('interval 1 day'))"],
    "ai": ["F.array({i}, {i})", "F.sort_array({ai})", "F.array_distinct({ai})", "F.transform({ai}, lambda e: e + 1)", "F.filter({ai}, lambda e: e.isNotNull())", "F.transform({ai}, lambda e, j: e * j)", "F.sequence(F.lit(1), F.lit(3))",
           "F.concat({ai}, {ai})", "F.slice({ai}, 1, 2)", "F.array_except({ai}, {ai})", "F.zip_with({ai}, {ai}, lambda p, q: p + q)", "F.map_values({m})", "F.array_sort({ai})", "F.reverse({ai})"],
    "as": ["F.array({s}, F.lit('c'))", "F.split({s}, '')", "F.map_keys({m})", "F.transform({ai}, lambda e: e.cast('string'))", "F.array_union({as}, {as})", "F.array_compact({as})"],
    "st": ["F.struct({i}.alias('u'), {s}.alias('v'))", "F.named_struct(F.lit('u'), {i}, F.lit('v'), {s})", "{st}.withField('u', {i})", "F.expr('struct(1 as u, \"k\" as v)')", "F.when({b}, {st})"],
    "so": ["{st}.withField('w', {i})", "{st}.dropFields('u')", "F.struct({i}, {s})", "F.struct('*')", "F.arrays_zip({ai}, {as})", "F.struct({st}, {x}.alias('y'))", "F.named_struct(F.lit('q'), {d})"],
    "m": ["F.create_map(F.lit('k'), F.coalesce({i}, F.lit(0)))", "F.map_from_entries(F.arrays_zip(F.array(F.lit('a')), F.array({i})))", "F.map_filter({m}, lambda k, v: v > 0)", "F.transform_values({m}, lambda k, v: v + 1)", "F.map_concat({m}, F.create_map(F.lit('z'), F.lit(4)))"],
}
SQL = {"i": ["{ki}", "{i} + {i}", "{i} * 2", "size({ai})", "length({s})", "if({b}, {i}, {i})", "case when {b} then {i} end", "{ai}[0]", "{i} div 2", "nvl({i}, 0)", "-{i}", "try_cast({s} as int)", "aggregate({ai}, 0, (p, q) -> p + q)", "{st}.u"],
       "x": ["{i} / 2", "cast({i} as double)", "{x} + 1", "0.5D", "1e0", "1.5"], "s": ['"x"', "upper({s})", "{s} || {s}", "cast({i} as string)", "substr({s}, 2)", "{st}.v", "concat({s}, {i})"],
       "b": ["{i} > {i}", "{s} = \"x\"", "{b} and {b}", "not {b}", "{i} is null", "{i} in (1, 2)", "{s} like \"%y%\"", "{i} between 1 and 3", "{x} > 1", "{d} > \"2024-01-01\"", "exists({ai}, e -> e > 2)", "{b} or {i} = {i}", "{s} = {i}"],
       "ai": ["array({i}, 2)", "transform({ai}, e -> e + {i})", "filter({ai}, e -> e > 1)"], "st": ["named_struct(\"u\", {i}, \"v\", {s})"], "d": ["date\"2024-01-01\"", "{d} + 1"], "p": ["1.25", "{p} + 1"]}
AGG = ["F.sum({i})", "F.count('*')", "F.count({s})", "F.avg({i})", "F.min({s})", "F.max({d})", "F.max({x})", "F.sum({p})", "F.count_distinct({i})", "F.sort_array(F.collect_set({s}))", "F.max_by({i}, {i})", "F.expr('sum({SQLi})')",
       "F.sum({i}) + F.lit(1)", "F.bool_or({b})", "F.avg({p})", "F.stddev({i})", "F.min({st})", "F.sum(F.when({b}, 1))", "F.sort_array(F.collect_list({i}))", "F.sum({x})", "F.expr('count(distinct {SQLs})')", "F.count_if({b})", "F.median({i})",
       "F.expr('sum({SQLi}) filter (where {SQLb})')", "F.grouping_id()", "F.round(F.avg({i}), 2)", "F.mode({s}, True)", "F.first({i})"]
WINDOWED = ["F.row_number().over({w})", "F.rank().over({o})", "F.lag({i}).over({w})", "F.lead({s}, 2, 'none').over({w})", "F.sum({i}).over({w}.rowsBetween(-1, 0))", "F.sum({i}).over({o})", "F.count('*').over(W.partitionBy({g}))",
            "F.max({s}).over({w}.rowsBetween(W.unboundedPreceding, W.unboundedFollowing))", "F.dense_rank().over({o})", "F.ntile(2).over({w})", "F.avg({i}).over({o})", "F.sum(F.sum({i})).over({o})", "F.first({i}, True).over({w})",
            "({i} - F.min({i}).over(W.partitionBy({g})))", "F.percent_rank().over({o})", "F.row_number().over(W.partitionBy({g}))"]
GENERATORS = ["F.explode({ai})", "F.explode_outer({ai})", "F.posexplode({as})", "F.explode({m})", "F.explode({as}).alias('e')", "F.posexplode({ai}).alias('p', 'e')", "F.inline(F.arrays_zip({ai}, {as}))", "F.explode_outer({m}).alias('k', 'v')", "F.stack(F.lit(2), {i}, {i})", "F.expr('explode({SQLai}) as g')"]
CLASSES = {"int": "i", "bigint": "i", "double": "x", "string": "s", "boolean": "b", "date": "d", "timestamp": "t", "array<int>": "ai", "array<bigint>": "ai", "array<string>": "as", "struct<u:int,v:string>": "st", "map<string,int>": "m"}

class Maker:
    """One program: text so far, its schema, the names that DataFrames have been given."""
    def __init__(self, r, spark):
        self.r, self.spark, self.q = r, spark, 0
        self.start()

    def start(self):
        r = self.r
        self.text = r.choice(["A", "A", "A", "A", "B", "B", "C", "spark.range(5)", "spark.table('V')", "A.alias('t')", "B.alias('u')", "spark.sql('select * from V where id > 1')"])
        self.frames = {n: INPUTS[n][1] for n in INPUTS}
        self.named, self.aliases, self.ordered = {}, [], False
        self.columns = self.ask(self.text)
        self.gone = list(self.columns)

    def ask(self, text):
        s = run_schema(self.spark, text)
        return [(f.name, f.dataType.simpleString()) for f in s.fields]

    def of(self, cls):
        return [c for c in self.columns if CLASSES.get(c[1], "p" if c[1].startswith("decimal") else "?") == cls]

    def leaf(self, cls):
        r = self.r
        if cls == "ki": return str(r.choice([0, 1, 2, 3, 5, -1, 100]))
        if cls == "n": return r.choice(["1", "2", "F.lit(None)", "0"])
        pool = self.of(cls)
        if r.random() < 0.04: pool = self.gone or self.columns
        if not pool: return None
        return r.choice(pool)[0]

    def name(self, c):
        return "`%s`" % c if re.search(r"\W", c) else c

    def column(self, cls, depth=2):
        r = self.r
        if cls == "ki": return "F.lit(%s)" % self.leaf(cls)
        if cls == "n": return self.leaf(cls)
        if cls == "g": return self.column(r.choice("isdbi"), 0)
        if cls == "w": return "W.partitionBy(%s).orderBy(%s)" % (self.column(r.choice("isb"), 0), self.total())
        if cls == "o": return r.choice(["W.partitionBy({g}).orderBy({i})", "W.orderBy({s})", "W.orderBy(F.desc({s}))", "W.partitionBy({s}).orderBy({d}.desc_nulls_last(), {i})"]).replace("{g}", self.column("i", 0)).replace("{i}", self.column("i", 0)).replace("{s}", self.column("s", 0)).replace("{d}", self.column("d", 0))
        c = self.leaf(cls) if depth <= 0 or r.random() < 0.55 else None
        if c is not None:
            owners = [v for v, cs in self.named.items() if any(c == n for n, _ in cs)]
            forms = ["F.col(%r)" % self.name(c)] * 4
            if owners: v = r.choice(owners); forms += ["%s[%r]" % (v, self.name(c))] * 3 + (["%s.%s" % (v, c)] if c.isidentifier() else [])
            if self.aliases: forms.append("F.col(%r)" % (r.choice(self.aliases) + "." + self.name(c)))
            return r.choice(forms)
        return self.fill(r.choice(COLUMN.get(cls) if depth > 0 or cls == "so" else COLUMN[cls][:1]), depth - 1)

    def sql(self, cls, depth=2):
        c = self.leaf(cls) if depth <= 0 or self.r.random() < 0.5 or cls not in SQL else None
        if c is not None: return (self.r.choice(self.aliases) + "." if self.aliases and self.r.random() < 0.3 else "") + self.name(c) if cls != "ki" else c
        if cls not in SQL: return "null"
        return re.sub(r"\{(\w+)\}", lambda g: self.sql(g[1], depth - 1), self.r.choice(SQL[cls] if depth > 0 else SQL[cls][:1]))

    def fill(self, template, depth=1):
        return re.sub(r"\{(SQL)?(\w+)\}", lambda g: self.sql(g[2], depth).replace("'", '"') if g[1] else self.column(g[2], depth), template)

    def any(self, depth=2): return self.column(self.r.choice(["i", "i", "i", "s", "s", "s", "x", "p", "b", "d", "t", "ai", "as", "st", "so", "m"]), depth)
    def total(self): return ", ".join("F.col(%r)" % self.name(n) for n, t in self.columns if "map<" not in t) or "F.lit(1)"
    def names(self, k=None):
        cs = [n for n, _ in self.columns if self.r.random() < 0.97] + (["nope"] if self.r.random() < 0.05 else [])
        self.r.shuffle(cs)
        return cs[:k or self.r.randint(1, 3)] or ["id"]

    def other(self):
        r = self.r
        return r.choice(["A", "B", "B", "C", "spark.table('V')", "A.select('id', 's')", "B.withColumnRenamed('id', 'n')", "spark.range(3)", "A.groupBy('id').count()", "B.where('id > 1')", "A.alias('o')", "B.alias('o')"] + list(self.named))

    def step(self):
        """One call more: the text of the longer program."""
        r, t, fill = self.r, self.text, self.fill
        ns = lambda k=None: ", ".join(repr(self.name(n)) for n in self.names(k))
        new = lambda: r.choice(["z", "id", "s", "new", "S", "a.b"] + [self.names(1)[0]])
        kind = r.choice("select select select2 selectsql where where wheresql wheresql withColumn withColumn withColumns renamed drop toDF alias alias join join join union set distinct dedup group group rollup pivot aggall order order within limit na describe generate "
                        "window window having named named named unpivot transform colregex cache aggdict crossjoin missing lateral misc".split())
        wh = lambda: r.choice([".where(%s)", ".filter(%s)"])
        if kind == "select": return t + ".select(%s)" % ns()
        if kind == "select2": return t + ".select(%s)" % ", ".join(r.choice([self.any(), self.any() + ".alias(%r)" % new(), repr(self.name(self.names(1)[0])), "'*'", self.any(0), *["'%s.*'" % a for a in self.aliases], *["%s['*']" % v for v in self.named], "'st.*'", "'st.u'", "'o.i.y'"]) for _ in range(r.randint(1, 3)))
        if kind == "selectsql": return t + ".selectExpr(%s)" % ", ".join(repr(self.sql(r.choice(["i", "s", "b", "x", "ai", "st", "d"])) + r.choice(["", " as " + r.choice(["z", "id", "`p q`"])])) for _ in range(r.randint(1, 3)))
        if kind == "where": return t + wh() % self.column("b")
        if kind == "wheresql": return t + wh() % repr(self.sql("b"))
        if kind == "withColumn": return t + ".withColumn(%r, %s)" % (new(), self.any())
        if kind == "withColumns": return t + ".withColumns({%r: %s, %r: %s})" % (new(), self.any(), new(), self.any())
        if kind == "renamed": return t + r.choice([".withColumnRenamed(%r, %r)", ".withColumnsRenamed({%r: %r})"]) % (self.names(1)[0], new())
        if kind == "drop": return t + ".drop(%s)" % r.choice([ns(), self.any(0), ns(1)])
        if kind == "toDF": return t + ".toDF(%s)" % ", ".join(repr(r.choice(["c%d" % i, n, "c%d" % i])) for i, (n, _) in enumerate(self.columns))
        if kind == "alias": a = r.choice("tuq"); self.pending = a; return t + ".alias(%r)" % a
        if kind == "named": self.q += 1; v = "q%d" % self.q; self.pending_name = v; return "(%s := %s)" % (v, t)
        if kind == "join":
            o = self.other(); how = r.choice(["inner", "left", "right", "full", "left_semi", "left_anti", "outer", "inner"])
            on = r.choice(["'id'", "['id']", "['id', 's']", "F.col('id') == F.col('o.id')", "F.expr('id = N')", *["%s.id == %s.id" % (v, o) for v in list(self.named)[-1:] for _ in "12"], "(F.col('t.id') == F.col('u.id')) & (F.col('t.id') > 1)", "'s'", *(["F.col('%s.id') == F.col('o.id')" % a for a in self.aliases] * 2)])
            if o in ("A", "B"): self.named.setdefault(o, None)
            return t + ".join(%s, %s, %r)" % (o, on, how)
        if kind == "crossjoin": return t + r.choice([".crossJoin(%s)", ".join(%s)"]) % (self.other() + r.choice([".limit(1)", "", ".select('id')"]))
        if kind == "union": return t + r.choice([".union(%s)" % r.choice([t if len(t) < 60 else "B", self.other()]), ".unionByName(%s, allowMissingColumns=True)" % self.other(), ".unionByName(%s)" % self.other(), ".union(%s.limit(0))" % self.other()])
        if kind == "set": return t + ".%s(%s)" % (r.choice(["intersect", "intersectAll", "exceptAll", "subtract"]), r.choice([t if len(t) < 60 else "B", t + wh() % self.column("b") if len(t) < 60 else "B", self.other()]))
        if kind == "distinct": return t + ".distinct()"
        if kind == "dedup": n = ns(); return t + ".dropDuplicates([%s]).select(%s)" % (n, n)
        aggs = lambda: ", ".join(fill(r.choice(AGG), 1) + r.choice(["", "", ".alias(%r)" % new()]) for _ in range(r.randint(1, 3)))
        keys = lambda: r.choice([ns(r.randint(1, 2)), self.any(0), self.any(1), ns(1) + ", " + self.any(1)])
        if kind == "group": return t + ".groupBy(%s)" % keys() + r.choice([".agg(%s)" % aggs()] * 4 + [".count()", ".sum()", ".max(%s)" % ns(1), ".avg('id')", ".min()"])
        if kind == "rollup": return t + ".%s(%s).agg(%s)" % (r.choice(["rollup", "cube"]), keys(), aggs())
        if kind == "pivot": return t + ".groupBy(%s).pivot(%s%s)" % (ns(1), ns(1), r.choice(["", ", [1, 2]", ", ['x', 'yy']"])) + r.choice([".count()", ".agg(%s)" % aggs(), ".sum('id')"])
        if kind == "aggall": return t + ".agg(%s)" % aggs()
        if kind == "aggdict": return t + r.choice([".agg({%r: %r})", ".groupBy('id').agg({%r: %r})"]) % (self.names(1)[0], r.choice(["sum", "max", "count", "avg", "nope"]))
        if kind == "having": return t + ".groupBy(%s).agg(%s)" % (keys(), aggs()) + r.choice([wh() % repr(r.choice(["sum({i}) > 0", "count(1) > 1", "max({s}) is not null", "{i} > 0"]).replace("{i}", self.sql("i", 0)).replace("{s}", self.sql("s", 0))), wh() % fill(r.choice(["F.sum({i}) > 0", "F.count('*') > F.lit(1)", "{b}"]), 0), ".orderBy(%s)" % fill(r.choice(["F.max({i})", "{i}", "F.count('*').desc()"]), 0)])
        if kind == "order": return t + r.choice([".orderBy", ".sort"]) + "(%s)" % r.choice([ns(), self.any(1), self.column("i", 0) + ".desc()", self.column("s", 0) + ".asc_nulls_last(), " + self.column("i"), ns(1) + ", ascending=False", self.total()])
        if kind == "within": return t + ".sortWithinPartitions(%s)" % ns()
        if kind == "limit": return t + ".orderBy(%s)" % self.total() + r.choice([".limit(2)", ".offset(1)", ".limit(3).offset(1)", ".limit(0)", ".offset(1).limit(2)"])
        if kind == "na": return t + r.choice([".fillna(0)", ".fillna('none')", ".na.fill({%r: 7})" % self.names(1)[0], ".fillna(1.5, [%s])" % ns(), ".dropna()", ".dropna('all')", ".na.drop(thresh=3)", ".dropna(subset=[%s])" % ns(), ".replace(2, 20)", ".replace(['x', 'yy'], ['X', 'Y'])", ".replace({1: 11, 2: None}, subset=[%s])" % ns(1), ".fillna(True)", ".replace(float('nan'), 0.0)"])
        if kind == "describe": return t + r.choice([".describe()", ".describe(%s)" % ns(), ".summary('count', 'min', 'max')", ".summary()"])
        if kind == "generate": return t + ".select(%s)" % ", ".join(r.sample([fill(r.choice(GENERATORS), 1), self.any(0), "'*'"], r.randint(1, 2))) if r.random() < 0.7 else t + ".withColumn(%r, %s)" % (new(), fill(r.choice(GENERATORS), 1))
        if kind == "window": w = fill(r.choice(WINDOWED), 0); return t + r.choice([".withColumn(%r, %s)" % (new(), w), ".select(%s, %s)" % (self.any(0), w), ".withColumn('w', %s).where('w > 1')" % w, ".select('*', %s.alias('w'))" % w])
        if kind == "unpivot": return t + r.choice([".unpivot([%s], [%s], 'var', 'val')", ".melt([%s], [%s], 'var', 'val')"]) % (ns(1), ns(2)) if r.random() < 0.8 else t + ".unpivot('id', None, 'var', 'val')"
        if kind == "transform": return t + ".transform(lambda df: df.where(df[%r].isNotNull()))" % self.name(self.names(1)[0])
        if kind == "colregex": return t + r.choice([".select(%s.colRegex('`(i|s).*`'))" % (list(self.named) or ["A"])[-1], ".to(T.StructType.fromDDL('id long, s string'))", ".withMetadata('id', {'a': 1})"])
        if kind == "cache": return t + r.choice([".hint('broadcast')", ".repartition(2)", ".coalesce(1)", ".repartition(2, 'id')", ".checkpoint()" if 0 else ".repartitionByRange(2, 'id')"])
        if kind == "missing": return t + r.choice([".drop('nope')", ".select('id').where(%r)" % self.sql("b", 0), ".select('id', 's').orderBy(%s)" % self.any(0), ".select('nope')", ".drop('id').where(%s)" % self.column("b", 1), ".select(%s).distinct().orderBy(%s)" % (ns(), self.any(0))])
        if kind == "lateral" and ("id", "int") in self.columns: return t + r.choice([".where(F.col('id').isin([1, 2]))", ".where(F.exists(A.where(A.id == F.col('id').outer())))", ".where(F.col('id') == A.agg(F.min('id')).scalar())", ".lateralJoin(A.where(A.id == F.col('id').outer()).select('s'))", ".where(F.col('id').isin(B.select('id')))"])
        return t + r.choice([".sample(1.0, seed=3)", ".select(F.lit(1), F.lit('a'), F.lit(None), F.lit([1, 2]))", ".select(F.struct('*').alias('r')).select('r.*')", ".select(F.count('*').over(W.partitionBy()))", ".select(F.broadcast(A).id)" if 0 else ".select(F.expr('*'))", ".freqItems(['id'])" if 0 else ".crosstab('id', 's')" if 0 else ".isEmpty() or A"])

    def grow(self):
        """The program, after its beginnings: 2 to 8 calls; whether it ends with one that Spark refuses is drawn first."""
        r, refused, all = self.r, self.r.random() < 0.3, [self.text]
        for n in range(r.randint(2, 8)):
            for _ in range(6):
                self.pending = self.pending_name = None
                named = dict(self.named)
                text = self.step()
                self.named = named
                try: cs = self.ask(text)
                except Exception as e:
                    if refused and n > 0 and r.random() < 0.5 and getattr(e, "getCondition", None): return all + [text]
                    continue
                if len(cs) > 30: continue
                if max(len(c) for c, _ in cs + [("", 0)]) > 30 and not self.pending and r.random() < 0.8:
                    text += ".toDF(%s)" % ", ".join(repr(c if len(c) < 20 else "c%d" % i) for i, (c, _) in enumerate(cs))
                    cs = self.ask(text)
                self.gone += [c for c in self.columns if c not in self.gone]
                self.text, self.columns = text, cs
                all.append(text)
                if self.pending: self.aliases = [self.pending] + self.aliases[:1]
                if self.pending_name: self.named[self.pending_name] = cs
                self.named.update({v: self.ask(v) for v in INPUTS if re.search(r"\b%s\b" % v, text) and v not in self.named})
                break
        return all + [self.text + r.choice([""] * 12 + [".count()", ".columns", ".orderBy(%s).tail(2)" % self.total(), ".orderBy(%s).head(2)" % self.total(), ".isEmpty()", ".orderBy(%s).first()" % self.total()])]

def world(url):
    """The names that programs use, in a session."""
    spark = SparkSession.builder.remote(url).create()
    g = dict(F=F, W=W, T=T, D=D, day=day, when=when, spark=spark)
    for n, (rows, schema) in INPUTS.items(): g[n] = spark.createDataFrame(rows, schema)
    g["A"].createOrReplaceTempView("V")
    return g

def run_schema(g, text): return eval(text, g).schema

def plain(v):
    if isinstance(v, T.Row): return "(" + ", ".join("%s=%s" % (n, plain(x)) for n, x in zip(getattr(v, "__fields__", [str(i) for i in range(len(v))]), v)) + ")"
    if isinstance(v, (list, tuple)): return "[" + ", ".join(map(plain, v)) + "]"
    if isinstance(v, dict): return "{" + ", ".join(sorted("%s: %s" % (plain(k), plain(x)) for k, x in v.items())) + "}"
    return repr(v)

def tell(v): return re.sub(r"#\d+L?", "#N", re.sub(r"plan_id=\d+", "plan_id", re.sub(r"\b_w\d+|lambda \w+_\d+|\b([xyijpqekv])_\d+", r"\1_N", str(v))))

def answer(g, text):
    """What a session says: schema and rows, or the failure with its parameters."""
    stage = "schema"
    try:
        v = eval(text, g)
        if not hasattr(v, "collect"): return ["value", plain(v)]
        schema = ", ".join("%s %s%s" % (f.name, f.dataType.simpleString(), "" if f.nullable else " not null") for f in v.schema.fields)
        stage = "rows"
        rows = [plain(x) for x in v.collect()]
        return ["rows", schema, rows if re.search(r"\.(orderBy|sort)\(", text[-1:]) else sorted(rows)]
    except Exception as e:
        if not getattr(e, "getCondition", None): return ["error", stage, type(e).__name__, str(e)[:200]]
        params = {k: tell(x) for k, x in (e.getMessageParameters() or {}).items() if k != "expression" or e.getCondition() != "CAST_INVALID_INPUT"} # of any row
        return ["error", stage, type(e).__name__, str(e.getCondition()), str(e.getSqlState()), params or str(e)[:120]]

def alike(a, b): return a[2:] == b[2:] if a[0] == b[0] == "error" else a == b # when a failure comes depends on which schemas the client knows

def cause(a, b):
    """What differs, in a few words, to group by."""
    if a[0] != b[0]: return "%s here: %s" % (a[0], " ".join(map(str, (b if b[0] == "error" else a)[2:4])))[:110]
    if a[0] != "error": return "schema" if a[1] != b[1] and a[0] == "rows" else "rows"
    if a[2:5] != b[2:5]: return "condition %s not %s" % (a[3], b[3])
    return "parameters of " + a[3]

def main():
    p = argparse.ArgumentParser()
    for o, v in (("seed", 1), ("n", 100), ("show", 20)): p.add_argument("--" + o, type=int, default=v)
    for o, v in (("kappa", "sc://127.0.0.1:15076"), ("spark", "sc://127.0.0.1:15098"), ("record", ""), ("replay", "")): p.add_argument("--" + o, default=v)
    o = p.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    kappa, groups, same, refused = world(o.kappa), {}, 0, 0
    spark = None if o.replay else world(o.spark)
    known = (json.loads(line) for line in open(o.replay)) if o.replay else None
    keep = open(o.record, "a") if o.record else None
    for i in range(o.n) if spark else known:
        if spark:
            all = Maker(random.Random(o.seed * 1000003 + i), spark).grow()
            for text in all[-1:] + all: # the whole; then, if that differs, its shortest beginning that does
                want, got = answer(spark, text), answer(kappa, text)
                if alike(got, want) == (text is all[-1]): break
            if keep: keep.write(json.dumps([text, want]) + "\n"); keep.flush()
        else:
            text, want = i
            got = answer(kappa, text)
        refused += want[0] == "error"
        if alike(got, want): same += 1
        else: groups.setdefault(cause(got, want), []).append((text, got, want))
    for what, of in sorted(groups.items(), key=lambda x: -len(x[1])):
        print("==== %d %s" % (len(of), what))
        for text, got, want in sorted(of, key=lambda x: len(x[0]))[:o.show]: print("  %s\n    kappa %s\n    spark %s" % (text, json.dumps(got)[:600], json.dumps(want)[:600]))
    total = same + sum(map(len, groups.values()))
    print("%d refused by Spark\n%d programs, %d alike, %d differ" % (refused, total, same, total - same))

if __name__ == "__main__":
    sys.exit(main())
