package cli_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/cli"
)

var update = flag.Bool("update", false, "write the golden files anew")

// company is testdata/company.yaml: its history in a Prometheus, its documents
// in a folder.
type company struct{ url, definitions string }

func startCompany(t testing.TB) company {
	t.Helper()
	s, err := conformance.Read("testdata/company.yaml")
	require.NoError(t, err)
	dir, definitions := t.TempDir(), t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	require.NoError(t, os.WriteFile(filepath.Join(definitions, "company.yaml"), []byte(s.Documents), 0o600))
	return company{url: conformance.StartEmbedded(t, dir), definitions: definitions}
}

const at = "2026-05-04T12:00:00Z"

// answer is what a command printed and ended with.
type answer struct {
	out, err string
	code     int
}

// run runs accord at a fixed time.
func run(ctx context.Context, args ...string) answer {
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	var out, errors bytes.Buffer
	code := cli.Run(ctx, args, cli.Streams{Out: &out, Err: &errors, Now: func() time.Time { return now }})
	return answer{out.String(), errors.String(), code}
}

// asked runs a command that measures the company.
func (c company) asked(t testing.TB, args ...string) answer {
	t.Helper()
	a := run(t.Context(), append(args, "--prometheus", c.url, "--definitions", c.definitions)...)
	return answer{c.named(a.out), c.named(a.err), a.code}
}

// named has names in place of what differs from run to run.
func (c company) named(text string) string {
	return strings.NewReplacer(c.url, "http://prometheus:9090", c.definitions, "slas").Replace(text)
}

func TestWhatCommandsPrint(t *testing.T) {
	c := startCompany(t)
	for name, test := range map[string]struct {
		args []string
		code int
	}{
		"report.txt":         {[]string{"report"}, 1},
		"report.json":        {[]string{"report", "-o", "json"}, 1},
		"report.csv":         {[]string{"report", "-o", "csv"}, 1},
		"report.md":          {[]string{"report", "-o", "markdown"}, 1},
		"report.html":        {[]string{"report", "-o", "html"}, 1},
		"report-april.txt":   {[]string{"report", "--agreement", "payments-for-checkout", "--window", "month:-1"}, 1},
		"report-zone.txt":    {[]string{"report", "--agreement", "payments-for-checkout", "--objective", "up", "--time-zone", "Asia/Kolkata"}, 1},
		"incidents-zone.txt": {[]string{"incidents", "--agreement", "payments-for-checkout", "--objective", "up", "--time-zone", "Asia/Kolkata"}, 1},
		"series-zone.txt":    {[]string{"series", "budget", "--agreement", "payments-for-checkout", "--objective", "availability", "--from", "2026-05-03", "--step", "12h", "--time-zone", "Asia/Kolkata"}, 1},
		"backtest-zone.txt":  {[]string{"backtest", "--agreement", "payments-for-checkout", "--objective", "availability", "--time-zone", "Asia/Kolkata"}, 1},
		"history.txt":        {[]string{"history", "--periods", "3"}, 1},
		"history.json":       {[]string{"history", "--periods", "2", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "up"}, 1},
		"history.csv":        {[]string{"history", "--periods", "2", "-o", "csv", "--agreement", "payments-for-checkout"}, 1},
		"incidents.txt":      {[]string{"incidents"}, 1},
		"incidents.json":     {[]string{"incidents", "-o", "json", "--agreement", "payments-for-checkout", "--objective", "up"}, 1},
		"incidents.csv":      {[]string{"incidents", "-o", "csv", "--agreement", "payments-for-checkout"}, 1},
		"series.txt":         {[]string{"series", "budget", "--agreement", "payments-for-checkout", "--objective", "availability", "--from", "2026-05-01", "--step", "12h"}, 1},
		"series-burn.txt":    {[]string{"series", "burnRate", "--agreement", "payments-for-checkout", "--objective", "by-region", "--from", "2026-05-03", "--step", "12h"}, 1},
		"series-events.txt":  {[]string{"series", "events", "--agreement", "payments-for-checkout", "--objective", "by-region", "--from", "2026-05-03", "--step", "12h"}, 1},
		"series.json":        {[]string{"series", "sli", "--agreement", "payments-for-checkout", "--objective", "by-region", "--from", "2026-05-03", "--step", "12h", "-o", "json"}, 1},
		"backtest.txt":       {[]string{"backtest", "--agreement", "payments-for-checkout", "--objective", "availability"}, 1},
		"backtest-tried.txt": {[]string{"backtest", "--agreement", "payments-for-checkout", "--objective", "by-region", "--from", "2026-04-15", "--target", "99.9%", "--window", "week",
			"--exclude", "2026-05-02T08:00:00Z/2026-05-02T09:00:00Z", "--alert", "page:2%:1h"}, 1},
		"backtest.json":     {[]string{"backtest", "--agreement", "payments-for-checkout", "--objective", "up", "--from", "2026-05-01T08:45:00Z", "--to", "2026-05-01T09:30:00Z", "-o", "json"}, 1},
		"backtest.csv":      {[]string{"backtest", "--agreement", "payments-for-checkout", "--objective", "availability", "--target", "0.9999", "-o", "csv"}, 1},
		"backtest-none.txt": {[]string{"backtest", "--agreement", "payments-for-search", "--target", "99%"}, 1},
		"gate.txt":          {[]string{"gate", "--agreement", "payments-for-checkout", "--objective", "in-the-month"}, 1},
		"gate-allowed.txt":  {[]string{"gate", "--agreement", "payments-for-checkout", "--objective", "in-the-month", "--allow-problems"}, 0},
		"gate-left-out.txt": {[]string{"gate", "--agreement", "half-written"}, 1},
		"gate-blind.txt":    {[]string{"gate", "--agreement", "payments-for-checkout", "--objective", "in-the-month", "--at", "2026-05-10T02:30:00Z"}, 3},
		"gate-shut.txt":     {[]string{"gate", "--agreement", "payments-for-checkout"}, 3},
		"gate-shut.json":    {[]string{"gate", "--agreement", "payments-for-checkout", "--min-remaining", "20%", "-o", "json"}, 3},
		"gate-no-data.txt":  {[]string{"gate", "--agreement", "payments-for-search"}, 3},
		"gate-failed.txt":   {[]string{"gate", "--agreement", "refunds-quick"}, 1},
		"gate-draft.txt":    {[]string{"gate", "--agreement", "refunds-for-checkout"}, 1},
		"series.csv":        {[]string{"series", "compliance", "--agreement", "payments-for-checkout", "--objective", "by-region", "--from", "2026-05-03", "--step", "12h", "-o", "csv"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.asked(t, test.args...)
			assert.Equal(t, test.code, got.code, got.err)
			matchesGolden(t, name, got)
		})
	}
}

// Of a document with errors, nobody knows which objectives it is to have.
func TestTheObjectiveOfAnAgreementWithErrorsIsNotDenied(t *testing.T) {
	c := startCompany(t)
	for _, command := range [][]string{{"gate"}, {"report"}, {"backtest"}, {"series", "budget"}} {
		got := c.asked(t, append(command, "--agreement", "half-written", "--objective", "elsewhere")...)
		assert.Equal(t, 1, got.code, command)
		assert.Contains(t, got.out+got.err, "not read: company.yaml:132:59: Agreement half-written")
	}
	got := c.asked(t, "report", "--objective", "elsewhere")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.err, `there is no objective "elsewhere"`)
}

func TestWhatValidatePrints(t *testing.T) {
	s, err := conformance.Read("testdata/company.yaml")
	require.NoError(t, err)
	c := company{definitions: t.TempDir(), url: "no URL"}
	require.NoError(t, os.WriteFile(filepath.Join(c.definitions, "company.yaml"), []byte(s.Documents), 0o600))
	for name, args := range map[string][]string{
		"validate.txt":               {"validate"},
		"validate-no-references.txt": {"validate", "--no-references"},
		"validate-alerts.txt":        {"validate", "--alerts"},
		"validate-alerts.json":       {"validate", "--alerts", "-o", "json"},
		"validate-alerts.csv":        {"validate", "--alerts", "-o", "csv"},
		"validate.json":              {"validate", "-o", "json"},
		"validate.csv":               {"validate", "-o", "csv"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t.Context(), append(args, "--definitions", c.definitions)...)
			assert.Equal(t, 1, got.code, "the folder has errors")
			matchesGolden(t, name, answer{out: c.named(got.out), err: c.named(got.err)})
		})
	}
}

// matchesGolden compares with the golden file, in which stderr stands below
// stdout.
func matchesGolden(t *testing.T, name string, got answer) {
	t.Helper()
	text := got.out
	if got.err != "" {
		text += "--- stderr\n" + got.err
	}
	golden := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "go test ./pkg/cli -update writes it")
	assert.Equal(t, string(want), text)
}
