package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/cli"
)

// The scenarios go through the whole line: documents, HTTP, report.
func TestConformance(t *testing.T) {
	engines := []conformance.Engine{
		conformance.Embedded(), conformance.EmbeddedByAnchored(), conformance.EmbeddedByOffset(),
		conformance.DebianPrometheus(), conformance.VictoriaMetrics(),
	}
	conformance.Run(t, conformance.Folder(t), report, engines...)
	t.Run("own", func(t *testing.T) { conformance.Run(t, conformance.OwnFolder(t), report, engines...) })
}

func report(url, definitions string, at time.Time, resolution time.Duration, name, window string) ([]byte, error) {
	args := []string{"report", "-o", "json", "--prometheus", url, "--definitions", definitions, "--agreement", name,
		"--at", at.Format(time.RFC3339), "--resolution", agreement.FormatDuration(resolution)}
	if window != "" {
		args = append(args, "--window", window)
	}
	var out, errors bytes.Buffer
	dayLater := func() time.Time { return at.Add(24 * time.Hour) } // what lies years back is refused
	if code := cli.Run(context.Background(), args, cli.Streams{Out: &out, Err: &errors, Now: dayLater}); code != 0 {
		return nil, fmt.Errorf("exit code %d: %s", code, errors.String())
	}
	return out.Bytes(), nil
}
