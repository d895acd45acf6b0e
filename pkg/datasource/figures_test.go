package datasource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/cli"
)

// The frame of a status query says in every field what `accord report -o json`
// says as of the same instant.
func TestStatusFrameEqualsTheReport(t *testing.T) {
	for _, of := range []struct {
		scenario, at, window string
	}{
		{"states", "2026-04-02T12:00:00Z", ""}, // inactive
		{"states", "2026-04-03T12:00:00Z", ""}, // no_data
		{"states", "2026-04-20T12:05:00Z", ""}, // at_risk, exhaustion
		{"states", "2026-04-26T20:10:00Z", ""}, // breached, infinite figures
		{"consumers-and-groups", "2026-08-04T09:05:00Z", ""},
		{"consumers-and-groups", "2026-08-04T09:05:00Z", "day:-1"}, // closed
		{"up-calendar-month", "2026-06-08T12:00:10Z", ""},
		{"exclusions", "2026-11-07T02:30:00Z", "7d"},
	} {
		t.Run(of.scenario+" "+of.at+" "+of.window, func(t *testing.T) {
			r := scenario(t, of.scenario)
			text := query("status")
			if unit, offset, past := strings.Cut(of.window, ":"); past {
				text = query("status", `"window": {"calendar": "`+unit+`", "offset": `+offset+`}`)
			} else if of.window != "" {
				text = query("status", `"window": {"rolling": "`+of.window+`"}`)
			}
			frame := r.frames(instant(t, of.at), text)[0]
			rows := reported(t, r, of.at, of.window)
			require.Equal(t, len(rows), frame.Rows())
			for i, row := range rows {
				equalsRow(t, frame, i, row)
			}
		})
	}
}

// reported are the objectives of the report, with their agreement's fields.
func reported(t *testing.T, r *rig, at, window string) []map[string]any {
	t.Helper()
	args := []string{"report", "-o", "json", "--prometheus", r.settings.URL, "--definitions", r.folder, "--at", at}
	if window != "" {
		args = append(args, "--window", window)
	}
	var out, said bytes.Buffer
	code := cli.Run(context.Background(), args, cli.Streams{Out: &out, Err: &said, Now: func() time.Time { return r.now }})
	require.Zero(t, code, said.String())
	var report map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &report))
	var rows []map[string]any
	for _, list := range []string{"agreements", "slos"} {
		for _, a := range report[list].([]any) {
			of := a.(map[string]any)
			for _, o := range of["objectives"].([]any) {
				row := o.(map[string]any)
				row["of"] = of
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func equalsRow(t *testing.T, frame *data.Frame, i int, row map[string]any) {
	t.Helper()
	of := row["of"].(map[string]any)
	consumers := []string{}
	for _, consumer := range list(of["consumers"]) {
		consumers = append(consumers, consumer.(string))
	}
	assert.Equal(t, of["name"], cell(t, frame, "agreement", i))
	assert.Equal(t, row["name"], cell(t, frame, "objective", i))
	assert.Equal(t, of["service"], cell(t, frame, "service", i))
	assert.Equal(t, orText(of["provider"]), cell(t, frame, "provider", i))
	assert.Equal(t, strings.Join(consumers, ", "), cell(t, frame, "consumers", i))
	for name, value := range row["group"].(map[string]any) {
		assert.Equal(t, value, cell(t, frame, name, i))
	}
	for _, name := range []string{"state", "window", "unit", "reason", "method", "error"} {
		assert.Equal(t, orText(row[name]), cell(t, frame, name, i), name)
	}
	for _, name := range []string{"target", "total", "bad", "compliance", "allowed", "consumed", "remaining", "projected", "coverage"} {
		assert.Equal(t, figure(t, row[name]), cell(t, frame, name, i), name)
	}
	for name, value := range row["raw"].(map[string]any) {
		assert.Equal(t, figure(t, value), cell(t, frame, "raw_"+name, i), "raw %s", name)
	}
	burn, _ := row["burn"].(map[string]any)
	for _, window := range []string{"5m", "30m", "1h", "2h", "6h", "1d", "3d"} {
		assert.Equal(t, figure(t, burn[window]), cell(t, frame, "burn_"+window, i), "burn %s", window)
	}
	for _, name := range []string{"from", "to", "exhaustion"} {
		var want any
		if text, ok := row[name].(string); ok {
			want = instant(t, text).UTC()
		}
		assert.Equal(t, want, cell(t, frame, name, i), name)
	}
}

// figure is a figure of the report as a cell has it.
func figure(t *testing.T, value any) any {
	t.Helper()
	switch value {
	case "+Inf":
		return math.Inf(1)
	case "-Inf":
		return math.Inf(-1)
	}
	return value
}

func orText(value any) any {
	if value == nil {
		return ""
	}
	return value
}

func list(value any) []any {
	values, _ := value.([]any)
	return values
}
