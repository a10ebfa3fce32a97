// zone_names.java -- prints src/expr/zone_names.def: the names of time zones as Java 17 (which Spark
// runs on) writes and reads them in English.   java tools/zone_names.java > src/expr/zone_names.def
import java.text.ParsePosition;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.*;

class ZoneNames {
    static class Row {
        List<String> names, zones = new ArrayList<>();
        int reads; // names that are read as one of its zones
    }
    static DateTimeFormatter form(String pattern) {
        return new DateTimeFormatterBuilder().parseCaseInsensitive().appendPattern(pattern).toFormatter(Locale.US);
    }
    static String read(DateTimeFormatter f, String name) {
        ParsePosition at = new ParsePosition(0);
        TemporalAccessor t = f.parseUnresolved(name, at);
        return t == null || at.getIndex() < name.length() ? null : t.query(TemporalQueries.zone()).getId();
    }
    static List<String> names(String id) {
        TimeZone tz = TimeZone.getTimeZone(id);
        List<String> n = new ArrayList<>();
        for (boolean daylight : new boolean[] {false, true})
            for (int style : new int[] {TimeZone.SHORT, TimeZone.LONG})
                n.add(tz.getDisplayName(daylight, style, Locale.US));
        for (String pattern : new String[] {"v", "vvvv"})
            n.add(form(pattern).format(Instant.EPOCH.atZone(ZoneId.of(id))));
        return n;
    }
    static String quoted(String s) { return '"' + s + '"'; }

    public static void main(String[] none) {
        Map<List<String>, Row> byNames = new LinkedHashMap<>();
        for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            Row r = byNames.computeIfAbsent(names(id), n -> new Row());
            r.names = names(id);
            r.zones.add(id);
        }
        Map<String, String> readAs = new TreeMap<>();
        DateTimeFormatter brief = form("z"), full = form("zzzz");
        for (Row r : byNames.values())
            for (int i = 0; i < 6; i++) {
                String zone = read(i % 2 == 0 ? brief : full, r.names.get(i));
                if (zone != null && !zone.equals(r.names.get(i))) readAs.put(r.names.get(i), zone);
            }
        List<Row> rows = new ArrayList<>(byNames.values());
        for (Row r : rows) { // the zone that most of its names are read as comes first
            Map<String, Integer> votes = new TreeMap<>();
            for (String n : new HashSet<>(r.names)) votes.merge(readAs.getOrDefault(n, ""), 1, Integer::sum);
            for (Map.Entry<String, Integer> v : votes.entrySet())
                if (r.zones.contains(v.getKey()) && v.getValue() > r.reads) {
                    r.reads = v.getValue();
                    r.zones.remove(v.getKey());
                    r.zones.add(0, v.getKey());
                }
        }
        rows.sort((a, b) -> b.reads - a.reads);
        rows.sort((a, b) -> Boolean.compare(b.zones.contains("UTC"), a.zones.contains("UTC")));
        print(rows, readAs);
    }
    // READS for what a reader of the rows, who takes the first zone of the first row, would get wrong.
    static void print(List<Row> rows, Map<String, String> readAs) {
        Map<String, String> first = new HashMap<>();
        for (Row r : rows) for (String n : r.names) first.putIfAbsent(n, r.zones.get(0));
        Map<String, String> other = new TreeMap<>();
        readAs.forEach((name, zone) -> {
            if (!zone.equals(first.get(name))) other.merge(zone, name, (a, b) -> a + "|" + b);
        });
        System.out.println("// Names of time zones in English, as Java 17 writes and reads them. By tools/zone_names.java.");
        System.out.println("// UTC's come first.");
        for (Row r : rows) {
            List<String> part = new ArrayList<>();
            for (String n : r.names) part.add(quoted(n));
            part.add(quoted(String.join(" ", r.zones)));
            show("NAMES(", part);
        }
        other.forEach((zone, names) -> show("READS(", List.of(quoted(zone), quoted(names))));
    }
    static void show(String head, List<String> part) {
        StringBuilder line = new StringBuilder(head);
        String all = String.join(", ", part) + ")";
        for (String word : all.split("(?<= )")) {
            if (line.length() + word.length() > 98) {
                boolean inside = line.chars().filter(c -> c == '"').count() % 2 == 1;
                System.out.println(inside ? line + "\"" : line.toString().stripTrailing());
                line = new StringBuilder("      " + (inside ? "\"" : ""));
            }
            line.append(word);
        }
        System.out.println(line);
    }
}
