package statement_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/demo/promserver"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/statement"
)

// company is testdata/company.yaml on an embedded Prometheus that takes late
// samples, and its documents in a folder.
type company struct {
	t       testing.TB
	server  *promserver.Server
	folder  string
	engine  *measure.Service
	archive *statement.Archive
}

var now = time.Date(2026, 5, 2, 9, 0, 0, 0, time.UTC)

func startCompany(t testing.TB) *company {
	t.Helper()
	s, err := conformance.Read("testdata/company.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	c := &company{t: t, folder: t.TempDir()}
	c.server, err = promserver.Start(promserver.Options{Dir: dir, LateFor: 60 * 24 * time.Hour})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.server.Close()) })
	require.NoError(t, os.WriteFile(filepath.Join(c.folder, "company.yaml"), []byte(s.Documents), 0o600))
	c.engine = engineOn(t, c.server.URL())
	c.archive = &statement.Archive{Documents: &editing.Folder{Dir: c.folder, Now: func() time.Time { return now }}}
	return c
}

func engineOn(t testing.TB, url string) *measure.Service {
	t.Helper()
	client, err := prometheus.New(url, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	return measure.New(client, counting.Options{Now: func() time.Time { return now }})
}

// agreement is as the documents have it now.
func (c *company) agreement(name string) *agreement.Agreement {
	c.t.Helper()
	read, err := catalog.Load(c.t.Context(), c.folder, catalog.Options{})
	require.NoError(c.t, err)
	require.Empty(c.t, read.HasErrors(), "%v", read.Problems)
	for _, a := range read.Agreements {
		if a.Name == name {
			return a
		}
	}
	return nil
}

func period(t testing.TB, name string) agreement.CalendarPeriod {
	t.Helper()
	p, err := agreement.ParsePeriod(name)
	require.NoError(t, err)
	return p
}

const subject = "payments-for-checkout"

// freeze freezes April of the agreement.
func (c *company) freeze(name string) *statement.Statement {
	c.t.Helper()
	s, err := c.archive.Freeze(c.t.Context(), c.engine, c.agreement(name), period(c.t, "2026-04"), statement.Order{By: "anna", Now: now})
	require.NoError(c.t, err)
	return s
}

// verify checks the statement against the documents and Prometheus of now.
func (c *company) verify(s *statement.Statement) *statement.Verification {
	c.t.Helper()
	v, err := statement.Verify(c.t.Context(), s, &statement.Today{Engine: c.engine, Archive: c.archive, Agreement: c.agreement(s.Agreement)})
	require.NoError(c.t, err)
	return v
}

// late adds a sample to a series that had ended.
func (c *company) late(at string, value float64, l labels.Labels) {
	c.t.Helper()
	instant, err := time.Parse(time.RFC3339, at)
	require.NoError(c.t, err)
	appender := c.server.DB.Appender(context.Background())
	_, err = appender.Append(0, l, instant.UnixMilli(), value)
	require.NoError(c.t, err)
	require.NoError(c.t, appender.Commit())
}

// change edits the documents.
func (c *company) change(edit func(text string) string) {
	c.t.Helper()
	file := filepath.Join(c.folder, "company.yaml")
	text, err := os.ReadFile(file)
	require.NoError(c.t, err)
	changed := edit(string(text))
	require.NotEqual(c.t, string(text), changed)
	require.NoError(c.t, os.WriteFile(file, []byte(changed), 0o600))
}
