"""Random SELECT statements on kappa and on real Spark: schema, rows or the whole error must agree.
   fuzz.py KAPPA SPARK_URL SEED N [KIND...]     KIND: expr query error (of all by default)
Starts the program KAPPA itself (again after a crash). Needs PySpark's client and a Spark Connect server (test/peers/spark.sh
connect-start). Spark's answers are kept in $FUZZ_CACHE (a file), so that the same seed asks kappa only."""
import logging, os, pickle, random, re, signal, subprocess, sys, tempfile, threading
from pyspark.sql import SparkSession

logging.disable(logging.CRITICAL)
TABLES = {
    "t": ("id:i bo:B by:by sh:sh i:i l:l f:f d:d dc:dec s:s bin:bin dt:date ts:ts nt:ntz iv:dti ym:ym ai:ai sa:sa m:m st:st", """
(1,true,1Y,1S,1,1L,float(1.5),1.5D,1.50,'a',x'01',date'2024-01-31',timestamp'2024-01-31 10:11:12.123456',timestamp_ntz'2024-01-31 10:11:12',interval '1 02:03:04' day to second,interval '1-2' year to month,array(1,2,3),array('a','b'),map('a',1,'b',2),named_struct('a',1,'b','x')),
(2,false,127Y,32767S,2147483647,9223372036854775807L,float('NaN'),double('NaN'),99999999.99,'Ärger ß 日本',x'',date'1969-12-31',timestamp'1969-12-31 23:59:59.999999',timestamp_ntz'1900-01-01 00:00:00',interval '-5' day,interval '-3' month,array(),array('',null),map(),named_struct('a',null,'b',null)),
(3,null,-128Y,-32768S,-2147483648,-9223372036854775808L,float('-Infinity'),double('Infinity'),-0.01,'  pad ',x'ff00',date'2000-02-29',timestamp'2000-02-29 00:00:00',timestamp_ntz'2000-02-29 12:30:00',interval '0' second,interval '0' month,array(null,5),null,map('x',null),null),
(4,true,0Y,0S,0,0L,float(-0.0),-0.0D,0.00,'',null,null,null,null,null,null,null,array('b','a'),null,named_struct('a',7,'b','y')),
(5,null,null,null,null,null,null,null,null,null,x'616263',date'9999-12-31',timestamp'2024-03-10 02:30:00',timestamp_ntz'2024-12-31 23:59:59.5',interval '100' hour,interval '10' year,array(3,3,-1),array(),map('k',9),named_struct('a',0,'b','')),
(6,false,7Y,-7S,42,42L,float(2.25),1e300D,12.34,'12',x'3132',date'2024-02-29',timestamp'2024-02-29 23:00:00',timestamp_ntz'2024-02-29 23:00:00',interval '1.5' second,interval '14' month,array(42),array('12','x','a'),map('12',12,'a',3),named_struct('a',42,'b','12'))"""),
    "u": ("id:i i:i l:l s:s d:d dt:date k:i", """
(1,1,10L,'a',1.5D,date'2024-01-31',1),(2,2,null,'b',-2.0D,date'2024-02-29',1),(2,null,30L,'c',0.0D,null,2),(7,42,40L,null,null,date'2020-01-01',2),(null,1,50L,'a',3.25D,date'2024-01-31',null)"""),
    "w": ("k:i s:s v:dec ar:sa", """
(1,'a',1.10,array('p','q')),(2,'b',null,array()),(2,'2024-01-01',20.00,null),(null,null,0.30,array('r')),(3,'a',-4.45,array('a','a'))"""),
}
NUM, ORD = "by sh i l f d dec".split(), "B by sh i l f d dec s bin date ts ntz dti ym ai".split()
ALL = ORD + "sa m st".split()
SQL = dict(B="boolean", by="tinyint", sh="smallint", i="int", l="bigint", f="float", d="double", dec="decimal(10,2)", s="string", bin="binary",
           date="date", ts="timestamp", ntz="timestamp_ntz", dti="interval day to second", ym="interval year to month",
           ai="array<int>", sa="array<string>", m="map<string,int>", st="struct<a:int,b:string>")
LITERALS = {k: v.split("~") for k, v in dict(
    B="true~false~null", by="1Y~-128Y~3Y", sh="5S~32767S", i="0~1~2~-3~7~2147483647~null~100", l="1L~9223372036854775807L~-2L~3000000000", f="1.5F~float('NaN')~0.1F",
    d="0.1D~1e10~-0.0D~double('Infinity')~2.5D", dec="1.50~0.01~123456.78~-7.5~1BD~12345678901234567890.12345~.5", s="'a'~''~'12'~' 7 '~'2024-02-30'~'abc'~'Ä日'~'1e3'~'2024-01-31'~'true'~null~'a,b'",
    bin="x'61'~x''~x'00ff'", date="date'2024-01-31'~date'1582-10-10'~date'2024-02-29'", ts="timestamp'2024-01-31 00:00:00'~timestamp'2024-06-30 12:00:00.5'",
    ntz="timestamp_ntz'2024-01-31 01:02:03'~timestamp_ntz'1970-01-01 00:00:00'", dti="interval 1 day~interval '1 02:03:04.5' day to second~interval -3 hours~interval '2:30' hour to minute",
    ym="interval 1 month~interval '1-6' year to month~interval -2 years", ai="array(1,2)~array()~array(3,null)~sequence(1,4)", sa="array('a','b')~split('a,b,c',',')~array('z')",
    m="map('a',1)~map('b',2,'c',null)", st="named_struct('a',5,'b','q')~struct(1 as a,'r' as b)").items()}
RULES = {}
for line in """
n|{n} + {n}|{n} - {n}|{n} * {n}|{n} / {n}|{n} % {n}|- {n}|abs({n})|greatest({n},{n})|least({n},{n},{n})|coalesce({n},{n})|nvl({n},{n})|pmod({n},{n})|try_add({n},{n})|try_divide({n},{n})|try_multiply({n},{n})|try_subtract({n},{n})|nullif({n},{n})|if({B},{n},{n})|mod({n},{n})|try_mod({n},{n})|positive({n})|nvl2({A},{n},{n})|({n})|round({n},1)|bround({n})|round({n},-1)|nullifzero({n})|zeroifnull({n})
B|{O} = {=}|{O} < {=}|{O} >= {=}|{O} <> {=}|{O} <=> {=}|{n} > {n}|{n} = {s}|{date} < {s}|{ts} > {date}|{ntz} = {ts}|{A} is null|{A} is not null|{B} and {B}|{B} or {B}|not {B}|{O} in ({=},{=})|{O} not in ({=},null)|{O} between {=} and {=}|{s} like {pat}|{s} rlike {re}|{B} is true|{B} is not unknown|isnan({d})|contains({s},{s})|startswith({s},{s})|endswith({s},{s})|array_contains({ai},{i})|exists({ai}, x -> x > {i})|forall({ai}, x -> x > 0)|arrays_overlap({ai},{ai})|map_contains_key({m},{s})|{s} ilike {pat}|{s} like any ('a%','%b')|{B} is distinct from {B}|equal_null({O},{=})|({n},{s}) in (({n},{s}))|{n} in ({n},{s})|isnotnull({A})|cast({C} as boolean)
i|{i} + {i}|{i} - {i}|{i} * {i}|{i} div {i}|{i} % {i}|length({s})|ascii({s})|instr({s},{s})|locate({s},{s},{i})|levenshtein({s},{s})|size({ai})|cardinality({m})|year({date})|month({ts})|day({date})|dayofweek({date})|weekofyear({date})|quarter({date})|hour({ts})|minute({ntz})|datediff({date},{date})|extract(doy from {date})|extract(week from {ts})|extract(second from {ts})|{ai}[{i}]|element_at({ai},{i})|{m}[{s}]|{st}.a|try_element_at({ai},{i})|array_position({ai},{i})|sign({n})|{i} & {i}|{i} \\| {i}|{i} ^ {i}|~ {i}|shiftleft({i},{i})|bit_length({s})|crc32({s})|hash({O})|ceil({n})|floor({n})|floor({n},1)|array_max({ai})|array_min({ai})|aggregate({ai}, 0, (x,y) -> x + y)|case {i} when {i} then {i} else {i} end|find_in_set({s},{s})|position({s} in {s})|cast({C} as int)|cast({C} as tinyint)|cast({C} as smallint)|try_cast({C} as int)|int({s})|dayofyear({ntz})|months_between({date},{ts})|unix_date({date})|octet_length({s})|bit_count({i})|getbit({l},3)|array_size({sa})|get({ai},{i})|width_bucket({d},0,10,5)|datepart('days',{dti})|extract(month from {ym})|factorial({i})|{i} >> 1|{i} << 2|{i} >>> {i}|weekday({date})|regexp_count({s},{re})|regexp_instr({s},{re})
l|cast({C} as bigint)|unix_timestamp({ts})|unix_micros({ts})|{l} + {i}|{l} * {l}|xxhash64({O})|try_cast({C} as bigint)|unix_timestamp({s},'yyyy-MM-dd')|{l} div {n}|{dti} div {dti}|unix_millis({ts})|try_to_number({s},'99')|to_unix_timestamp({s})|timestampdiff(HOUR,{ts},{ts})|timestampdiff(MONTH,{date},{ts})|bigint({d})
d|cast({C} as double)|sqrt({n})|pow({n},{n})|exp({n})|log10({n})|ln({n})|{d} + {n}|{d} / {n}|{d} * {n}|atan2({n},{n})|cast({C} as float)|double({s})|degrees({n})|sin({n})|cbrt({n})|nanvl({d},{d})|rint({d})|try_cast({C} as double)|log({n},{n})|hypot({n},{n})|signum({dti})|{dti} / {dti}
dec|cast({C} as decimal(5,1))|cast({C} as decimal(38,10))|cast({n} as decimal(10,0))|{dec} + {dec}|{dec} * {dec}|{dec} / {dec}|{dec} % {dec}|{dec} - {i}|round({dec},1)|ceil({dec},1)|{dec} div {dec}|abs({dec})|{dec} * {l}|{dec} / {i}|to_number({s},'99')|try_cast({C} as decimal(4,2))|bround({dec})|avg_dummy
s|upper({s})|lower({s})|trim({s})|ltrim({s})|{s} \\|\\| {s}|concat({s},{s},{A0})|substring({s},{i},{i})|substr({s},{i})|left({s},{i})|right({s},{i})|lpad({s},5,'*')|rpad({s},{i},'ab')|replace({s},'a',{s})|translate({s},'ab','x')|reverse({s})|repeat({s},2)|initcap({s})|split_part({s},',',{i1})|regexp_replace({s},{re},'<$0>')|regexp_extract({s},'([a-z])(.)?',1)|cast({A} as string)|concat_ws(',',{s},{sa})|date_format({ts},{fmt})|date_format({date},'yyyy/MM/dd')|hex({i})|hex({s})|{st}.b|{sa}[{i}]|coalesce({s},{s})|if({B},{s},{s})|case when {B} then {s} when {B} then {s} end|decode({i},1,'one',2,{s},'def')|md5({s})|base64({bin})|overlay({s} placing {s} from 2)|format_string('%s-%d',{s},{i})|to_json({st})|array_join({sa},'-')|typeof({A})|trim(both 'a' from {s})|btrim({s},'a ')|space(2)|elt({i1},{s},{s})|chr({i})|soundex({s})|substring_index({s},',',1)|bin({l})|conv({s},10,16)|decode({bin},'utf-8')|string({n})|concat({s},{n})|nullif({s},{s})|to_char({dec},'999.99')|{O0} \\|\\| {s}|element_at({sa},{i})|mask({s})|quote({s})|unhex('41')::string|monthname({date})|dayname({date})|max_dummy|from_unixtime({l0})|url_encode({s})|sentences_dummy|to_varchar({dec},'99.9')|cast({s} as varchar(3))|cast({n} as char(6))|regexp_substr({s},{re})|lcase({s})|format_number({d},2)|printf('%05.2f',{d})|make_ym_dummy|schema_of_json('{{"a":1}}')|get_json_object('{{"a":[1,2]}}','$.a[0]')|current_database()
bin|cast({s} as binary)|unhex({s})|encode({s},'utf-8')|to_binary({s},'utf-8')|{bin} \\|\\| {bin}|substring({bin},1,1)|unbase64('YWI=')|cast({i} as binary)|coalesce({bin},{bin})|concat({bin},{bin})|lpad({bin},3)|aes_dummy
date|date_add({date},{i})|date_sub({date},{i0})|{date} + {i0}|{date} - {i0}|last_day({date})|next_day({date},'mon')|add_months({date},{i0})|trunc({date},'month')|to_date({s})|to_date({s},'yyyy-MM-dd')|make_date({i},{i},{i})|cast({C} as date)|{date} + {ym}|{ts}::date|greatest({date},{date})|try_cast({C} as date)|date_from_unix_date({i0})|coalesce({date},{s})|if({B},{date},{date})|try_to_date({s})|trunc({date},'week')|date({s})
ts|cast({C} as timestamp)|{ts} + {dti}|{ts} - {dti}|date_trunc('hour',{ts})|date_trunc('quarter',{ts})|to_timestamp({s})|to_timestamp({s},'yyyy-MM-dd HH:mm:ss')|{ts} + {ym}|{date} + {dti}|make_timestamp({i},1,2,3,4,5.5)|timestamp_seconds({l0})|from_utc_timestamp({ts},'Europe/Berlin')|to_utc_timestamp({ts},'America/New_York')|try_cast({C} as timestamp)|coalesce({ts},{date})|timestampadd(DAY,{i0},{ts})|dateadd(MONTH,{i0},{ts})|try_to_timestamp({s})|timestamp_millis({l0})|{ts} - interval 1 month 2 days|window_dummy|convert_timezone('UTC','Asia/Tokyo',{ntz})
ntz|cast({C} as timestamp_ntz)|{ntz} + {dti}|{ntz} - {ym}|to_timestamp_ntz({s})|date_trunc('day',{ntz})|make_timestamp_ntz(2024,{i},{i},1,2,3)|try_cast({C} as timestamp_ntz)|coalesce({ntz},{ntz})
dti|{dti} + {dti}|{dti} - {dti}|- {dti}|{dti} * {n}|{dti} / {n}|{ts} - {ts}|{date} - {date}|{ts} - {date}|make_dt_interval({i},{i},{i},{d})|abs({dti})|cast({s} as interval day to second)|{ntz} - {ntz}|cast({i} as interval hour)|try_add({dti},{dti})|if({B},{dti},{dti})|try_cast({C} as interval day to minute)
ym|{ym} + {ym}|- {ym}|{ym} * {n}|{ym} / {n}|make_ym_interval({i},{i})|cast({i} as interval month)|cast({s} as interval year to month)|abs({ym})|coalesce({ym},{ym})|cast({ym} as interval year)
ai|array({i},{i})|sort_array({ai})|sort_array({ai},false)|array_distinct({ai})|array_union({ai},{ai})|array_except({ai},{ai})|array_intersect({ai},{ai})|slice({ai},{i1},{i})|reverse({ai})|transform({ai}, x -> x + {i})|filter({ai}, x -> x > {i})|transform({ai}, (x,j) -> x * j)|concat({ai},{ai})|sequence({i1},{i1})|array_remove({ai},{i})|array_repeat({i},2)|map_values({m})|zip_with({ai},{ai}, (x,y) -> x + y)|array_append({ai},{i})|array_compact({ai})|flatten(array({ai},{ai}))|cast({sa} as array<int>)|array_prepend({ai},{i})|array_insert({ai},{i},{i})|array_sort({ai})|array_sort({ai}, (x,y) -> case when x < y then 1 when x > y then -1 else 0 end)|if({B},{ai},{ai})|coalesce({ai},{ai})
sa|split({s},',')|array({s},{s})|map_keys({m})|transform({ai}, x -> cast(x as string))|sort_array({sa})|array({s},{n})|regexp_extract_all({s},'([a-z])',1)|array_distinct({sa})|filter({sa}, x -> x is not null)|sa_dummy|array_except({sa},{sa})
m|map({s},{i})|map_concat({m},map('zz',{i}))|map_filter({m}, (k,v) -> v > {i})|transform_values({m}, (k,v) -> v + 1)|map_from_arrays(array('p','q'),array({i},{i}))|transform_keys({m}, (k,v) -> upper(k))|str_to_map('a:1,b:2')|coalesce({m},{m})|map_from_entries(array(struct({s},{i})))|map_zip_with({m},{m}, (k,a,b) -> coalesce(a,b))|if({B},{m},{m})
st|struct({i} as a,{s} as b)|named_struct('a',{i},'b',{s})|coalesce({st},{st})|from_json('{{"a":1,"b":"x"}}','a int, b string')|if({B},{st},{st})|cast({st} as struct<a:int,b:string>)|max_dummy
agg|count(*)|count({A})|sum({n})|avg({n})|min({O})|max({O})|count(distinct {O})|sum(distinct {n})|stddev({n})|var_pop({n})|bool_and({B})|every({B})|any({B})|max_by({s},{id})|min_by({A},{id})|bit_and({i})|bit_xor({i})|median({n})|percentile({n},0.5)|sum({n}) filter (where {B})|count_if({B})|sort_array(collect_list({i}))|sort_array(collect_set({s}))|sum({dti})|avg({dti})|max({ym})|first_dummy|sum({dec})|avg({dec})|try_sum({n})|try_avg({i})|max({st})|listagg({s},',') within group (order by {s})|percentile_cont(0.25) within group (order by {n})|approx_count_distinct({i})|max({n}) + min({n})|sum({i}) / count(*)|grouping_dummy|min({s}) \\|\\| max({s})|string_agg({s}) within group (order by {s} desc)|any_dummy|percentile_disc(0.5) within group (order by {n} desc)|avg({ym})|sum({ym})|bit_or({l})|max(distinct {n})|variance({n})|sum({n}) + sum({n})
win|row_number()|rank()|dense_rank()|percent_rank()|cume_dist()|ntile(3)|lag({A},1)|lead({i},2,0)|first_value({A})|last({i}) ignore nulls|nth_value({s},2)|sum({n})|avg({n})|count(*)|min({O})|max({O})|collect_list({i})|lag({s}) ignore nulls|stddev({n})|first({s}, true)|count({A})|lead({n},-1)|bool_or({B})
""".strip().split("\n"):
    kind, *rest = re.split(r"(?<!\\)\|", line.replace("\\\\", "\\"))
    RULES[kind] = [r.replace("\\|", "|") for r in rest if not r.endswith("_dummy")]
FIXED = dict(pat="'a%'~'%a%'~'_'~'%'~'a\\\\_'", re="'a'~'[0-9]+'~'^ *$'~'(a)(b)?'", fmt="'yyyy-MM-dd HH:mm'~'EEE d MMM yy'~'hh:mm a'~'D'~'SSS'~'QQQ'~'e'", i0="1~-1~30~0",
             i1="1~2~-1~3", l0="0L~1L~1700000000L~-1L")
FIXED = {k: v.split("~") for k, v in FIXED.items()}


class Gen:
    def __init__(self, seed, wrong):
        self.r, self.wrong, self.n = random.Random(seed), wrong, 0

    def pick(self, xs): return self.r.choice(xs)
    def p(self, x): return self.r.random() < x

    def expr(self, kind, scope, depth):
        if kind in FIXED: return self.pick(FIXED[kind])
        if kind == "id": return self.expr("i", scope, 0)
        if kind in ("A0", "O0"): kind = self.pick("s i d date B dec".split())
        if kind == "C": kind, depth = self.pick(ALL[:15]), min(depth, 1)
        if kind == "A": kind = self.pick(ALL)
        if kind == "O": kind = self.pick(ORD)
        if self.p(self.wrong): kind = self.pick(ALL)
        rule = kind
        if kind == "n":
            if depth <= 0 or self.p(0.4): kind = rule = self.pick(NUM)
        if rule in ("by", "sh", "f"): rule = {"f": "d"}.get(rule, "i")
        if depth <= 0 or self.p(0.25):
            mine = [c for c in scope if c[1] == kind or kind == "n" and c[1] in NUM]
            if mine and self.p(0.8): return self.pick(mine)[0]
            return self.pick(LITERALS.get(kind, LITERALS["i"]))
        out = self.fill(self.pick(RULES[rule]), scope, depth - 1)
        return f"({out})" if re.search(r" |^-", out) and not out.startswith(("case ", "array(")) else out

    def fill(self, rule, scope, depth):
        last = [None]
        def one(m):
            kind = m.group(1)
            if kind == "O": kind = last[0] = self.pick(ORD)
            elif kind == "=": kind = last[0] if self.p(0.85) else self.pick(NUM)
            return self.expr(kind, scope, depth)
        return re.sub(r"\{([A-Za-z0-9=]+)\}", one, rule.replace("{{", "\1").replace("}}", "\2")).replace("\1", "{").replace("\2", "}")

    def name(self):
        self.n += 1
        return self.pick(["x", "y", "a", "id", "s"]) if self.p(0.1) else f"c{self.n}"

    # relations: text and its scope, a list of (text of the column, kind)
    def table(self, depth, outer=()):
        if depth > 0 and self.p(0.2):
            text, cols = self.select(depth - 1)
            a = self.pick("pqr") + str(self.r.randrange(10))
            return f"({text}) {a}", [(f"{a}.{n}", k) for n, k in cols]
        base = self.pick("ttuuw")
        a = self.pick([base, base, "a", "b", "c"])
        cols = [c.split(":") for c in TABLES[base][0].split()]
        return base if a == base else f"{base} {self.pick(['', 'AS '])}{a}", [(f"{a}.{n}", k) for n, k in cols]

    def relation(self, depth):
        text, scope = self.table(depth)
        for _ in range(self.pick([0, 0, 0, 1, 1, 2, 2])):
            right, more = self.table(depth - 1)
            if more[0][0].split(".")[0] in {c[0].split(".")[0] for c in scope} and self.p(0.95): continue
            how = self.pick(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL OUTER JOIN", "LEFT SEMI JOIN", "ANTI JOIN", "CROSS JOIN", "INNER JOIN"])
            names = {c[0].split(".")[1] for c in scope} & {c[0].split(".")[1] for c in more}
            form = self.pick(["on", "using", "using", "natural", "comma", "lateral"])
            if form == "using" and names and how != "CROSS JOIN":
                text += f" {how} {right} USING ({', '.join(self.r.sample(sorted(names), self.pick([1, min(2, len(names))])))})"
            elif form == "natural" and how != "CROSS JOIN": text += f" NATURAL {how} {right}"
            elif form == "comma": text, how = f"{text}, {right}", "JOIN"
            elif form == "lateral":
                sub = f"SELECT {self.expr('n', scope + more, 1)} AS z1, {self.pick(more)[0]} AS z2 FROM {right} WHERE {self.cond(scope, more)}"
                text, how, more = f"{text} {self.pick(['JOIN', 'LEFT JOIN'])} LATERAL ({sub}) lz", "JOIN", [("lz.z1", "n"), ("lz.z2", "i")]
            elif how == "CROSS JOIN": text += f" CROSS JOIN {right}"
            else: text += f" {how} {right} ON {self.cond(scope, more)}"
            if "SEMI" not in how and "ANTI" not in how: scope = scope + more
        if self.p(0.08):
            text, scope = self.pick([(f"{text} LATERAL VIEW explode({self.expr('ai', scope, 1)}) e AS ex", scope + [("e.ex", "i")]),
                                     (f"{text} LATERAL VIEW OUTER posexplode({self.expr('sa', scope, 1)}) e AS px, ex", scope + [("e.px", "i"), ("e.ex", "s")]),
                                     (f"{text} LATERAL VIEW inline(array({self.expr('st', scope, 1)})) e", scope + [("e.a", "i"), ("e.b", "s")])])
        return text, scope

    def cond(self, scope, more=()):
        if more and self.p(0.7):
            a = self.pick(scope)
            same = [c for c in more if c[1] == a[1] and c[1] not in ("m",)] or [c for c in more if c[1] in NUM]
            if same: return f"{a[0]} {self.pick(['=', '=', '<=>', '<', '>='])} {self.pick(same)[0]}" + (f" AND {self.expr('B', list(scope) + list(more), 1)}" if self.p(0.3) else "")
        return self.expr("B", list(scope) + list(more), self.pick([1, 2]))

    def short(self, scope):  # columns by their bare names where these are unique
        names = [c[0].split(".")[-1] for c in scope]
        return [(n if names.count(n) == 1 and self.p(0.5) else c[0], c[1]) for c, n in zip(scope, names)]

    def subquery(self, scope, depth):
        text, inner = self.table(0)
        if inner[0][0].split(".")[0] in {c[0].split(".")[0] for c in scope}:
            a = inner[0][0].split(".")[0]
            text, inner = text.split()[0] + " sq", [("sq." + c[0].split(".")[1], c[1]) for c in inner]
        on = f" WHERE {self.cond(scope, inner)}" if self.p(0.6) else ""
        kind = self.pick(NUM[2:] + ["s", "date"])
        e, f = self.expr(kind, inner, 1), self.expr(kind, scope, 1)
        return self.pick([f"{f} IN (SELECT {e} FROM {text}{on})", f"{f} NOT IN (SELECT {e} FROM {text}{on})", f"EXISTS (SELECT * FROM {text}{on})",
                          f"NOT EXISTS (SELECT 1 FROM {text}{on})", f"{f} > (SELECT {self.pick(['max', 'min', 'count', 'sum'])}({e}) FROM {text}{on})"])

    def select(self, depth, sub=0.15):
        rel, scope = self.relation(depth)
        scope = self.short(scope)
        where = f" WHERE {self.subquery(scope, depth) if self.p(sub) else self.cond(scope)}" if self.p(0.45) else ""
        how = self.pick(["plain", "plain", "plain", "group", "group", "window", "star", "pivot", "distinct"])
        kinds = [self.pick(ALL) for _ in range(self.pick([1, 1, 2, 3]))]
        out, tail = [], ""
        if how in ("plain", "distinct"):
            out = [(self.expr(k, scope, self.pick([1, 2, 2])), self.name(), k) for k in kinds]
            if self.p(0.1): out.append((f"{out[0][1]} IS NULL", self.name(), "B"))
            if self.p(0.1): out.append((f"(SELECT max({self.pick('ikl') if False else 'k'}) FROM w WHERE {self.cond(scope, [('w.s', 's'), ('w.v', 'dec'), ('w.k', 'i')])})", self.name(), "i"))
        elif how == "group":
            keys = [(self.pick(scope)[0] if self.p(0.6) else self.expr(self.pick(ORD), scope, 1)) for _ in range(self.pick([0, 1, 1, 2, 3]))]
            keys = list(dict.fromkeys(keys))
            out = [(k, self.name(), "i") for k in keys if self.p(0.8)]
            out += [(self.fill(self.pick(RULES["agg"]), scope, self.pick([0, 0, 1])), self.name(), "n") for _ in range(self.pick([1, 1, 2]))]
            ks, form = ", ".join(keys), self.pick(["plain", "plain", "plain", "rollup", "cube", "sets", "all", "ordinals", "with"])
            if keys:
                tail = {"plain": ks, "rollup": f"ROLLUP({ks})", "cube": f"CUBE({ks})", "sets": f"GROUPING SETS (({ks}), ({keys[0]}), ())", "all": "ALL",
                        "ordinals": ", ".join(str(i + 1) for i, o in enumerate(out) if o[0] in keys) or ks, "with": f"{ks} WITH ROLLUP"}[form]
                if form in ("rollup", "cube", "sets") and self.p(0.5): out.append((self.pick([f"grouping({keys[0]})", "grouping_id()"]), self.name(), "i"))
                tail = " GROUP BY " + tail
            if self.p(0.25) and not re.search("ROLLUP|CUBE|SETS", tail): tail += f" HAVING {self.pick(['count(*) > 1', 'max(%s) is not null' % scope[0][0], 'sum(1) < 3 OR ' + (keys[0] if keys else '1') + ' IS NULL', out[-1][1] + ' IS NOT NULL'])}"
        elif how == "window":
            ids = ", ".join(c[0] for c in scope if c[1] not in ("m", "st"))
            for _ in range(self.pick([1, 1, 2])):
                f = self.fill(self.pick(RULES["win"]), scope, self.pick([0, 1]))
                part = f"PARTITION BY {self.pick(scope)[0]} " if self.p(0.5) else ""
                ranked = re.match("row_|rank|dense|percent_|cume|ntile|lag|lead", f)
                frame = "" if ranked else self.pick(["", "", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                                                     " ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING", " ROWS 2 PRECEDING", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"])
                order = f"ORDER BY {ids}" + self.pick(["", " DESC", " DESC NULLS FIRST", " NULLS LAST"])
                if not ranked and self.p(0.2):
                    one = self.pick([c for c in scope if c[1] in NUM + ["date", "ts"]] or scope)
                    by = {"date": "interval 1 day", "ts": "interval 1 hour"}.get(one[1], self.pick(["1", "2", "1.5"]))
                    if not re.match("first|last|nth|collect", f): order, frame = f"ORDER BY {one[0]}", f" RANGE BETWEEN {by} PRECEDING AND {self.pick(['CURRENT ROW', by + ' FOLLOWING'])}"
                out.append((f"{f} OVER ({part}{order}{frame})" if self.p(0.8) or tail else f"{f} OVER w1", self.name(), "n"))
                if out[-1][0].endswith("w1"): tail = f" WINDOW w1 AS ({part}{order}{frame})"
            out.append((self.pick(scope)[0], self.name(), "i"))
        elif how == "star":
            a = self.pick(scope)[0]
            text = self.pick(["*", "*", f"* EXCEPT ({a})", f"{rel.split()[0]}.*", f"*, {self.expr('n', scope, 1)} AS sx"])
            return f"SELECT {text} FROM {rel}{where}", scope
        else:
            num = [c for c in scope if c[1] in NUM]
            if self.p(0.5) and num:
                c, v = self.pick([c for c in scope if c[1] in ORD] or scope), self.pick(num)
                values, other = self.r.sample(LITERALS.get(c[1], LITERALS["i"]), 2)
                text = f"SELECT * FROM (SELECT {c[0]} AS pk, {v[0]} AS pv, {self.pick(scope)[0]} AS pg FROM {rel}{where}) PIVOT ({self.pick(['sum(pv)', 'count(*)', 'max(pv) AS mx, min(pv) AS mn', 'avg(pv)'])} FOR pk IN ({values} AS p1, {other}))"
                return text, [("pg", "i"), ("p1", "n")]
            cs = [self.expr("i", scope, 1) for _ in range(2)]
            return f"SELECT * FROM (SELECT {cs[0]} AS u1, {cs[1]} AS u2, {self.pick(scope)[0]} AS ug FROM {rel}{where}) UNPIVOT {self.pick(['', 'INCLUDE NULLS '])}(val FOR nam IN (u1, u2{self.pick(['', ' AS two'])}))", [("ug", "i"), ("nam", "s"), ("val", "i")]
        items = ", ".join(f"{e} AS {n}" if self.p(0.8) or i else e for i, (e, n, _) in enumerate(out)) if depth <= 0 or True else ""
        return f"SELECT {'DISTINCT ' if how == 'distinct' else ''}{items} FROM {rel}{where}{tail}", [(n, k) for _, n, k in out]

    def query(self):
        text, cols = self.select(self.pick([0, 0, 1]))
        if self.p(0.12):
            kinds = [self.pick(ALL) for _ in range(self.pick([1, 2]))]
            part = lambda: self.pick([lambda: "SELECT " + ", ".join(self.expr(k, [(f"t.{c.split(':')[0]}", c.split(":")[1]) for c in TABLES["t"][0].split()], 1) for k in kinds) + " FROM t",
                                      lambda: "VALUES (" + ", ".join(self.expr(self.pick([k, k, "n", "s"]), [], 1) for k in kinds) + ")"])()
            text = part() + "".join(f" {self.pick(['UNION ALL', 'UNION', 'INTERSECT', 'EXCEPT', 'EXCEPT ALL', 'MINUS', 'INTERSECT ALL'])} {part()}" for _ in range(self.pick([1, 1, 2])))
            cols = []
        if self.p(0.12):
            text = f"WITH v AS ({text}){self.pick(['', ', t AS (SELECT * FROM u)', ', x AS (SELECT count(*) AS n FROM v)'])} SELECT {self.pick(['*', 'v.*', 'count(*)'])} FROM v{self.pick(['', ', t', ' WHERE 1 = (SELECT count(*) FROM w)'])}"
            cols = []
        if cols and self.p(0.25):
            text += " ORDER BY " + ", ".join(self.pick([str(self.r.randrange(len(cols)) + 1), self.pick(cols)[0], f"{self.pick(cols)[0]} DESC", f"{self.pick(cols)[0]} IS NULL", f"{self.pick(cols)[0]} NULLS LAST"])
                                             for _ in range(self.pick([1, 2])))
        if self.p(0.04): text += " ORDER BY ALL LIMIT 3" + self.pick(["", " OFFSET 1"]) if " ORDER BY " not in text[-60:] else ""
        return text


def statement(seed, kind):
    g = Gen(seed, 0.12 if kind == "error" else 0.01)
    if kind == "query": return g.query()
    scope = [(c.split(":")[0], c.split(":")[1]) for c in TABLES["t"][0].split()]
    one = " WHERE id = " + str(g.r.randrange(6) + 1) if g.p(0.7) else ""
    return "SELECT " + ", ".join(g.expr(g.pick(ALL + ["n", "n", "B", "s"]), scope, g.pick([1, 1, 2, 3])) for _ in range(g.pick([1, 1, 2]))) + " FROM t" + one


def setup(spark):
    for name, (cols, rows) in TABLES.items():
        spark.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM VALUES {rows} AS v({', '.join(c.split(':')[0] for c in cols.split())})")
        cast = ", ".join(f"CAST({c.split(':')[0]} AS {SQL[c.split(':')[1]]}) AS {c.split(':')[0]}" for c in cols.split())
        spark.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {cast} FROM VALUES {rows} AS v({', '.join(c.split(':')[0] for c in cols.split())})")
    for k, v in (("spark.sql.shuffle.partitions", "1"), ("spark.sql.leafNodeDefaultParallelism", "1"), ("spark.sql.session.timeZone", "UTC")):
        try: spark.conf.set(k, v)
        except Exception: pass
    return spark


def shown(v):  # the last digits of exp() and its like are the platform's
    if isinstance(v, float): return float(f"{v:.13g}")
    if isinstance(v, (list, tuple)): return type(v)(map(shown, v))
    return {k: shown(x) for k, x in v.items()} if isinstance(v, dict) else v


def answer(spark, sql):
    try:
        table, schema = spark.sql(sql)._to_table()
        try: rows = [repr(shown(tuple(c[i].as_py() for c in table.columns))) for i in range(table.num_rows)]
        except Exception as e: rows = [f"client: {type(e).__name__}"]
        return "rows", [(f.name, f.dataType.simpleString()) for f in schema.fields], sorted(rows)
    except Exception as e:
        if not hasattr(e, "getCondition") or not e.getCondition():
            gone = re.search("UNAVAILABLE|refused|Connection|Socket|reset", str(e))
            return "crash" if gone else "error", type(e).__name__, None, None, {} if "getCondition" in dir(e) else str(e)[:200], []
        context = [c.fragment() for c in e.getQueryContext()]
        return "error", type(e).__name__, e.getCondition(), e.getSqlState(), dict(e.getMessageParameters() or {}), context


def kappa_start(program):
    dir = tempfile.mkdtemp(prefix="sqlfuzz")
    out = open(dir + "/out", "w+")
    p = subprocess.Popen([program, "serve", "--data", dir + "/data", "--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0"], stdout=out, stderr=subprocess.STDOUT)
    for _ in range(300):
        url = re.search(r"sc://127.0.0.1:\d+", open(dir + "/out").read())
        if url: break
        signal.sigtimedwait([], 0.1)
    spark = SparkSession.builder.remote(url.group()).create()
    spark.client.set_retry_policies([])
    return p, dir, setup(spark)


def difference(a, b):
    if b[0] == "crash": return "1 CRASH"
    if a[0] != b[0]: return f"3 REFUSED {b[2]}" if a[0] == "rows" else f"4 RUNS {a[2]}"
    if a[0] == "rows": return None if a == b else "2 SCHEMA" if a[1] != b[1] else "2 ROWS"
    if a[1:4] != b[1:4]: return f"5 CONDITION {a[1]} {a[2]} / {b[1]} {b[2]}"
    return None if a == b else f"6 PARAMETERS {a[2]}" if a[4] != b[4] else f"7 CONTEXT {a[2]}"


def main():
    program, url, seed, n, kinds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:] or ["expr", "query", "error"]
    path = os.environ.get("FUZZ_CACHE")
    cache = pickle.load(open(path, "rb")) if path and os.path.exists(path) else {}
    real, (p, dir, mine), found, ran = None, kappa_start(program), {}, 0
    for ansi in ("true", "false"):
        mine.conf.set("spark.sql.ansi.enabled", ansi)
        if real: real.conf.set("spark.sql.ansi.enabled", ansi)
        for i in range(n):
            if (i % 4 == 3) != (ansi == "false"): continue
            sql = statement(seed * 1000003 + i, kinds[i % len(kinds)])
            if (ansi, sql) not in cache:
                if not real:
                    real = setup(SparkSession.builder.remote(url).create())
                    real.conf.set("spark.sql.ansi.enabled", ansi)
                cache[ansi, sql] = answer(real, sql)
                if path and len(cache) % 200 == 0: pickle.dump(cache, open(path, "wb"))
            want, got = cache[ansi, sql], answer(mine, sql)
            ran += want[0] == "rows"
            if got[0] == "crash" or p.poll() is not None:
                got = ("crash", open(dir + "/out").read()[-300:])
                p.kill(); p.wait()
                p, dir, mine = kappa_start(program)
                mine.conf.set("spark.sql.ansi.enabled", ansi)
            what = difference(want, got)
            if what: found.setdefault(what, []).append((i, ansi, sql, want, got))
    if path: pickle.dump(cache, open(path, "wb"))
    p.terminate(); p.wait()
    for what in sorted(found):
        for i, ansi, sql, want, got in found[what]:
            print(f"{what}  [{i}{'' if ansi == 'true' else ' not ansi'}]\n  {sql}")
            if want[0] == got[0] == "rows" and want[1] == got[1]:
                want, got = [r for r in want[2] if r not in got[2]] or len(want[2]), [r for r in got[2] if r not in want[2]] or len(got[2])
            print(f"  spark {str(want[1:] if isinstance(want, tuple) else want)[:1200]}\n  kappa {str(got[1:] if isinstance(got, tuple) else got)[:1200]}")
    for what in sorted(found): print(f"{len(found[what]):5} {what}")
    bad = sum(map(len, found.values()))
    print(f"{n} statements, {n - bad} alike, {bad} differ ({ran} ran on Spark)")


main()
