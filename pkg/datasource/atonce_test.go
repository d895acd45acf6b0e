package datasource_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Panels, rules and pages ask at once, while documents are read again and what was
// counted is dropped: nobody gets other figures than somebody alone.
func TestManyAskAtOnce(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	at := instant(t, "2026-08-04T09:05:00Z")
	figures := func(kind, column string) (all []any) {
		for _, frame := range r.frames(at, query(kind)) {
			for row := range frame.Rows() {
				all = append(all, cell(t, frame, column, row))
			}
		}
		return all
	}
	columns := map[string]string{"status": "compliance", "history": "bad", "incidents": "bad"}
	path := filepath.Join(r.folder, "scenario.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var asking sync.WaitGroup
	for kind, column := range columns {
		want := figures(kind, column)
		require.NotEmpty(t, want, kind)
		for range 3 {
			asking.Go(func() {
				for range 4 {
					assert.Equal(t, want, figures(kind, column), kind)
				}
			})
		}
	}
	asking.Go(func() {
		for i := range 4 {
			write(t, r.folder, "new", fmt.Sprintf("# change %d\n%s", i, text))
			assert.NoError(t, os.Rename(filepath.Join(r.folder, "new"), path))
			dropped := r.callAs(&backend.User{Login: "root", Role: "Admin"}, http.MethodPost, "cache/drop", "", nil)
			assert.Equal(t, http.StatusOK, dropped.Status, string(dropped.Body))
			status, findings := r.get("pages/findings")
			assert.Equal(t, http.StatusOK, status, findings)
			assert.Equal(t, backend.HealthStatusOk, r.health().Status)
		}
	})
	asking.Wait()
}
