//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
)

// The catalog of the pages' bars: 10,000 agreements among 200 teams, every second
// of which depends on another, and exclusions.
const (
	teamsOfPages      = 200
	exclusionsOfPages = 1000
)

// pages are what the app asks for first on each of its pages.
var pages = []string{
	"pages/agreements", "pages/agreements/choices?filter=provider", "pages/agreements/trends",
	"pages/teams", "pages/matrix", "pages/teams/team-007",
	"pages/exclusions", "pages/exclusions/exclusion-0007", "pages/timeline?from=2026-10-04T00:00:00Z&to=2026-11-02T00:00:00Z",
	"pages/statements", "documents", "editor/Agreement/service-00007", "pages/findings",
	"pages/agreement/status/service-00007", "pages/agreement/history/service-00007", "pages/agreement/contract/service-00007",
	"offers?of=agreement", "names?of=agreements&search=service-000",
}

// TestBenchPages asks for each page as a browser does, a minute after the last.
func TestBenchPages(t *testing.T) {
	c := &company{t: t, now: at, folder: pageDocuments(t)}
	c.open(conformance.StartEmbedded(t, tenThousand.blocks(t)))
	for _, page := range pages {
		bytes := len(c.page(page))
		took := median(5, func() {
			c.now = c.now.Add(time.Minute)
			c.page(page)
		}, func() { c.finishLook(page) })
		out.add("10,000 agreements, 200 teams, warm, each minute: "+page+": seconds", took.Seconds(), atMost(1))
		out.add("… KiB", float64(bytes)/1024, atMost(150))
	}
}

// finishLook waits until the look of the page of findings at the data, which the page does not
// wait for, is over: in a minute it is.
func (c *company) finishLook(page string) {
	for page == "pages/findings" {
		var findings struct{ At time.Time }
		require.NoError(c.t, json.Unmarshal(c.page(page), &findings))
		if findings.At.Equal(c.now) {
			return
		}
	}
}

// page reads a resource, which must be there.
func (c *company) page(address string) (body []byte) {
	path, _, _ := strings.Cut(address, "?")
	ctx := backend.WithUser(c.t.Context(), &backend.User{Login: "ben", Role: "Editor"})
	err := c.instance.CallResource(ctx, &backend.CallResourceRequest{Method: http.MethodGet, Path: path, URL: address},
		backend.CallResourceResponseSenderFunc(func(answer *backend.CallResourceResponse) error {
			if answer.Status != http.StatusOK {
				c.t.Errorf("%s: %d: %.300s", address, answer.Status, answer.Body)
			}
			body = append(body, answer.Body...)
			return nil
		}))
	require.NoError(c.t, err)
	return body
}

func pageDocuments(t testing.TB) (dir string) {
	team := func(number int) string { return fmt.Sprintf("team-%03d", number%teamsOfPages) }
	dir = tenThousand.documents(t, func(number int, text string) string {
		text = strings.Replace(text, "provider: provider", "provider: "+team(number), 1)
		text = strings.Replace(text, "[consumer]", "["+team(number+1)+", "+team(number+7)+"]", 1)
		if number%2 == 1 {
			text = strings.Replace(text, "  objectives:", fmt.Sprintf("  dependsOn: [{agreement: %s}]\n  objectives:", serviceName(number-1)), 1)
		}
		return text
	})
	var text strings.Builder
	for number := range teamsOfPages {
		fmt.Fprintf(&text, "---\napiVersion: accord/v1\nkind: Team\nmetadata: {name: %s, displayName: Team %d}\nspec: {}\n", team(number), number)
	}
	for number := range exclusionsOfPages {
		one := strings.NewReplacer("name: upgrade", fmt.Sprintf("name: exclusion-%04d", number), "[api]", "["+serviceName(number)+"]",
			"requestedBy: provider", "requestedBy: "+team(number), "approvedBy: consumer", "approvedBy: "+team(number+1),
			"2026-10-20", at.AddDate(0, 0, number%60-30).Format("2006-01-02"))
		text.WriteString(one.Replace(exclusion))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pages.yaml"), []byte(text.String()), 0o600))
	return dir
}
