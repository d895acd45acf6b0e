package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/cli"
	"github.com/accord-sla/accord/pkg/demo/promserver"
)

// The traffic that imported documents are measured on: three hours up to now,
// scraped once a minute, 181 times.
//
//	requests  100 a minute in eu and in us; in eu one more that fails
//	lookups   100 a minute, 90 of them within 300 ms
//	sorts     10 a minute, 9 of them within 250 ms, as a native histogram
//	probes    door a always open, b shut for 30 minutes
const minutes = 180

func startTraffic(t *testing.T) (url string) {
	t.Helper()
	server, err := promserver.Start(promserver.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	end, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	app := server.DB.Appender(t.Context())
	for k := range minutes + 1 {
		at, n := end.Add(time.Duration(k-minutes)*time.Minute).UnixMilli(), float64(k)
		b := 1.0
		if k > 60 && k <= 90 {
			b = 0
		}
		for _, sample := range []struct {
			labels labels.Labels
			value  float64
		}{
			{labels.FromStrings("__name__", "http_requests_total", "job", "parcels", "code", "200", "region", "eu"), 100 * n},
			{labels.FromStrings("__name__", "http_requests_total", "job", "parcels", "code", "500", "region", "eu"), n},
			{labels.FromStrings("__name__", "http_requests_total", "job", "parcels", "code", "200", "region", "us"), 100 * n},
			{labels.FromStrings("__name__", "lookup_seconds_bucket", "le", "0.3"), 90 * n},
			{labels.FromStrings("__name__", "lookup_seconds_count"), 100 * n},
			{labels.FromStrings("__name__", "probe_success", "target", "a"), 1},
			{labels.FromStrings("__name__", "probe_success", "target", "b"), b},
		} {
			_, err := app.Append(0, sample.labels, at, sample.value)
			require.NoError(t, err)
		}
		_, err := app.AppendHistogram(0, labels.FromStrings("__name__", "sort_seconds"), at, sorts(int64(k)), nil)
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	return server.URL()
}

// sorts is the histogram after k minutes: 9k from 125 to 250 ms, k from 0.5 to
// 1 s.
func sorts(k int64) *histogram.Histogram {
	return &histogram.Histogram{
		Count: uint64(10 * k), Sum: float64(k), ZeroThreshold: 1e-128,
		PositiveSpans:   []histogram.Span{{Offset: -2, Length: 1}, {Offset: 1, Length: 1}},
		PositiveBuckets: []int64{9 * k, -8 * k},
	}
}

// measured is total and bad of every objective, by agreement or SLO and group.
func measured(t *testing.T, url, definitions string) map[string][2]float64 {
	t.Helper()
	got := run(t.Context(), "report", "-o", "json", "--prometheus", url, "--definitions", definitions)
	require.Empty(t, got.err)
	require.Equal(t, 0, got.code)
	type promises []struct {
		Name       string
		Objectives []struct {
			Group      map[string]string
			Total, Bad float64
		}
	}
	var report struct{ Agreements, SLOs promises }
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	figures := map[string][2]float64{}
	for _, promise := range append(report.Agreements, report.SLOs...) {
		for _, o := range promise.Objectives {
			name := promise.Name
			for _, value := range o.Group {
				name += "/" + value
			}
			figures[name] = [2]float64{o.Total, o.Bad}
		}
	}
	return figures
}

func TestImportedSLOsAreMeasuredAtOnce(t *testing.T) {
	url := startTraffic(t)
	const seconds = 60 * (minutes + 1) // every scrape gives a minute its value
	for name, test := range map[string]struct {
		args []string
		want map[string][2]float64
	}{
		"pyrra": {[]string{"import", "pyrra", "../formats/pyrra/testdata/four.yaml"}, map[string][2]float64{
			"requests/eu":    {101 * minutes, minutes},
			"requests/us":    {100 * minutes, 0},
			"latency":        {100 * minutes, 10 * minutes},
			"latency-native": {10 * minutes, minutes},
			"doors/a":        {seconds, 0},
			"doors/b":        {seconds, 60 * 30},
		}},
		"sloth": {[]string{"import", "sloth", "--allow-loss", "../formats/sloth/testdata/file.yaml"}, map[string][2]float64{
			"parcel-api-availability":  {201 * minutes, minutes},
			"parcel-api-doors-sampled": {seconds, 60 * 30 / 2},
			"parcel-api-doors-raw":     {seconds, 60 * 30 / 2},
		}},
		"gauges of sloth": {[]string{"import", "sloth", "--allow-loss", "../formats/sloth/testdata/doors.yaml"}, map[string][2]float64{
			"doors-shut":                      {seconds, 60 * 30 / 2},
			"doors-nothing-passes-the-filter": {seconds, 60 * 30 / 2},
			"doors-averages":                  {seconds, 60 * 30 / 2},
			"requests-in-regions/eu":          {101 * minutes, minutes},
			"requests-in-regions/us":          {100 * minutes, 0},
			"requests-guarded":                {201 * minutes, minutes},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "slas")
			got := run(t.Context(), append(test.args, "--output-dir", dir)...)
			require.Equal(t, 0, got.code, got.err)
			figures := measured(t, url, dir)
			require.Len(t, figures, len(test.want))
			for of, want := range test.want {
				require.InDelta(t, want[0], figures[of][0], 1e-9*want[0], of)
				require.InDelta(t, want[1], figures[of][1], 1e-9*want[0], of)
			}
		})
	}
}

func TestAnImportThatLosesSomethingNeedsLeave(t *testing.T) {
	const refused = "../formats/sloth/testdata/refused.yaml"
	dir := t.TempDir()
	got := run(t.Context(), "import", "sloth", refused, "--output-dir", dir)
	require.Equal(t, 1, got.code)
	require.Empty(t, got.out)
	require.Contains(t, got.err, refused+`:10:24: warning: prometheus/v1 parcels: slos[0].sli.plugin.id: the SLI plugin "example.org/availability"`)
	require.Contains(t, got.err, "nothing is imported. With --allow-loss, 1 SLO would be imported, 6 left out\n")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)

	got = run(t.Context(), "import", "sloth", refused, "--allow-loss", "--window", "28d")
	require.Equal(t, 0, got.code)
	require.Contains(t, got.out, "name: parcels-stays")
	require.Contains(t, got.out, "duration: 28d")
	require.Contains(t, got.err, "1 SLO imported, 6 left out\n")
}

// What paged by group in the other tool pages nobody until its agreement is in force.
func TestAnImportSaysWhatIsADraft(t *testing.T) {
	got := run(t.Context(), "import", "pyrra", "../formats/pyrra/testdata/namespaces.yaml")
	require.Zero(t, got.code)
	require.Equal(t, "3 SLOs imported\n2 of them by group, with a draft of an agreement each: "+
		"it alerts nobody until you name its parties and set its stage to active\n", got.err)
}

// What no folder of documents takes is not written into one.
func TestAnImportIsNoLargerThanAFileMayBe(t *testing.T) {
	many := func(service string) string {
		text := "version: prometheus/v1\nservice: " + service + "\nslos:\n"
		for n := range 8 { // each of which has four alerts
			text += fmt.Sprintf("  - {name: n%d, objective: 99, sli: {raw: {error_ratio_query: a}}, alerting: {annotations: {text: %s}}}\n", n, strings.Repeat("x", 20_000))
		}
		return text
	}
	folders(t, map[string]string{"a.yml": many("a"), "b.yml": many("b"), "both.yml": many("a") + "---\n" + many("b")})
	for _, args := range [][]string{{"a.yml", "b.yml"}, {"both.yml", "--output-dir", "slas"}} {
		got := run(t.Context(), append([]string{"import", "sloth"}, args...)...)
		require.Equal(t, 1, got.code, args)
		require.Empty(t, got.out, args)
		require.Regexp(t, "what comes out has [0-9]+ bytes, and a file of documents at most 1048576: (give --output-dir|import both.yml in parts)", got.err)
	}
	require.NoDirExists(t, "slas")
	require.Zero(t, run(t.Context(), "import", "sloth", "a.yml", "b.yml", "--output-dir", "slas").code)
	require.Equal(t, 0, run(t.Context(), "validate", "slas").code)
}

func TestAnImportWritesAllOrNothing(t *testing.T) {
	const good = "../formats/pyrra/testdata/four.yaml"
	dir := t.TempDir()
	other := filepath.Join(t.TempDir(), "other.yaml")
	text, err := os.ReadFile(good)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(other, bytes.ReplaceAll(text, []byte("name: "), []byte("name: other-")), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.yaml"), []byte("mine"), 0o600))

	got := run(t.Context(), "import", "pyrra", good, other, "--output-dir", dir)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "other.yaml is there already, and is not written over")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "the first file was taken back")

	same := filepath.Join(t.TempDir(), "four.yml")
	require.NoError(t, os.Rename(other, same))
	got = run(t.Context(), "import", "pyrra", good, same, "--output-dir", dir)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.err, "four.yaml would be written for two of the files ("+same+", too)")
	entries, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)

	got = run(t.Context(), "import", "pyrra", good, "../formats/pyrra/testdata/mistakes.yaml", "--allow-loss")
	require.Equal(t, 1, got.code, "a mistake is no loss")
	require.Empty(t, got.out)
}

func TestFilesImportedTogetherAreOneGoodFile(t *testing.T) {
	dir := t.TempDir()
	got := run(t.Context(), "import", "sloth", "--allow-loss", "../formats/sloth/testdata/file.yaml", "../formats/sloth/testdata/resource.yaml")
	require.Equal(t, 0, got.code, got.err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "imported.yaml"), []byte(got.out), 0o600))
	checked := run(t.Context(), "validate", "--definitions", dir)
	require.Equal(t, 0, checked.code, checked.err)
	require.Contains(t, checked.out, "6 good documents")
}

func TestAnImportReadsStdin(t *testing.T) {
	text, err := os.ReadFile("../formats/sloth/testdata/resource.yaml")
	require.NoError(t, err)
	var out, errors bytes.Buffer
	code := cli.Run(t.Context(), []string{"import", "sloth", "-"}, cli.Streams{In: bytes.NewReader(text), Out: &out, Err: &errors, Now: time.Now})
	require.Equal(t, 0, code, errors.String())
	require.True(t, strings.HasPrefix(out.String(), "apiVersion: openslo/v1\n"))
	require.Equal(t, "1 SLO imported\n", errors.String())
}

func TestWrongUseOfImport(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no file":      {[]string{"import", "sloth"}, 2, "name the files to import, or - for stdin"},
		"no format":    {[]string{"import", "slot"}, 2, `there is no format "slot" (did you mean sloth?); known: sloth, pyrra (files of OpenSLO are read as they are)`},
		"bad window":   {[]string{"import", "sloth", "--window", "1M", "-"}, 2, "--window: a rolling window of 1M has no fixed length"},
		"missing file": {[]string{"import", "pyrra", "missing.yaml"}, 1, "open missing.yaml: no such file or directory"},
		"empty":        {[]string{"import", "pyrra", "-"}, 1, "stdin:1:1: holds no document"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), test.args...)
			require.Equal(t, test.code, got.code)
			require.Contains(t, got.err, test.want)
		})
	}
}
