package counting_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/slots"
)

// steadyServer answers every range query with the same count a slot, and counts the
// slots that are over for long and asked for.
type steadyServer struct {
	*httptest.Server
	perSlot, old atomic.Int64
	now          time.Time
}

func newSteadyServer(t *testing.T, now time.Time) *steadyServer {
	s := &steadyServer{now: now}
	s.perSlot.Store(100)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/query_range") {
			http.Error(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`, map[bool]int{true: 404, false: 200}[strings.HasSuffix(r.URL.Path, "/read")])
			return
		}
		var points []string
		start, _ := strconv.ParseInt(r.FormValue("start"), 10, 64)
		end, _ := strconv.ParseInt(r.FormValue("end"), 10, 64)
		for instant := start; instant <= end; instant += 300 {
			points = append(points, fmt.Sprintf(`[%d,"%d"]`, instant, s.perSlot.Load()))
			if r.FormValue("step") == "300" && time.Unix(instant, 0).Before(s.now.Add(-20*time.Minute)) {
				s.old.Add(1)
			}
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(points, ","))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *steadyServer) service(t *testing.T, cache counting.Cache) *counting.Service {
	client, err := prometheus.New(s.URL, nil, prometheus.Options{Probes: counting.Probes()})
	require.NoError(t, err)
	return counting.New(client, counting.Options{Cache: cache, Now: func() time.Time { return s.now }})
}

// total counts the last two days.
func (s *steadyServer) total(t *testing.T, service *counting.Service) float64 {
	o := &agreement.Objective{Name: "o", Target: 0.99, Budgeting: agreement.Occurrences, SLI: agreement.SLI{Kind: agreement.Ratio,
		Bad: &agreement.Query{Expr: "errors_total"}, Total: &agreement.Query{Expr: "requests_total"}}}
	from := s.now.Add(-48 * time.Hour)
	result, err := service.Count(t.Context(), o, from, s.now)
	require.NoError(t, err)
	return result.Groups(from, s.now)[0].View.Sum(from.UnixMilli(), s.now.UnixMilli()).Total
}

func TestTheNextProcessAsksOnlyForWhatIsNew(t *testing.T) {
	t.Setenv(counting.CacheVariable, t.TempDir())
	server := newSteadyServer(t, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	cache := func(connection string) counting.Cache {
		slots.CloseDisks()
		return counting.OpenCache(server.URL, connection, "ACCORD_TEST_NOT_SET", counting.CacheVariable)
	}
	first := server.total(t, server.service(t, cache("a")))
	assert.Positive(t, server.old.Swap(0))

	next := server.service(t, cache("a"))
	assert.Equal(t, first, server.total(t, next))
	assert.Zero(t, server.old.Load())
	server.total(t, next.WithoutCache(counting.DefaultResolution))
	assert.Positive(t, server.old.Swap(0), "what remembers nothing asks for all")
	server.total(t, server.service(t, cache("b")))
	assert.Positive(t, server.old.Swap(0), "another connection is another server")

	next = server.service(t, cache("a"))
	next.Forget(server.now.Add(-24*time.Hour), server.now.Add(-23*time.Hour))
	server.total(t, server.service(t, cache("a")))
	assert.EqualValues(t, 2*12, server.old.Load(), "an hour of each of two terms was forgotten")
}

// After a late look a running process shows what a fresh one would.
func TestALateLookTakesWhatHasCome(t *testing.T) {
	server := newSteadyServer(t, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	service := server.service(t, counting.Cache{})
	before := server.total(t, service)
	server.perSlot.Store(101)
	server.now = server.now.Add(30 * time.Second)
	assert.Less(t, server.total(t, service), before*1.001, "only what is not closed is asked for")
	server.now = server.now.Add(48*time.Hour + counting.DefaultResolution)
	assert.Equal(t, server.total(t, service.WithoutCache(counting.DefaultResolution)), server.total(t, service))
}

func TestTheCacheFolder(t *testing.T) {
	t.Cleanup(slots.CloseDisks)
	home, set := t.TempDir(), t.TempDir()
	for _, test := range []struct{ address, home, set, missing string }{
		{"http://prometheus:9090", home, "", ""},
		{"http://prometheus:9090", home, set, ""},
		{"http://localhost:9090", home, set, ""},
		{"http://prometheus:9090", "", "", "no cache folder is known"},
		{"http://localhost:9090", home, "", "the address of the server is one of this machine"},
		{"http://127.0.0.2:9090", home, "", "the address of the server is one of this machine"},
		{"http://[::1]:9090/prom", home, "", "the address of the server is one of this machine"},
	} {
		t.Setenv("XDG_CACHE_HOME", test.home)
		t.Setenv("HOME", test.home)
		t.Setenv(counting.CacheVariable, test.set)
		cache := counting.OpenCache(test.address, "", counting.CacheVariable)
		if test.missing == "" {
			assert.Empty(t, cache.Problem(), test)
			assert.NotNil(t, cache.Disk, test)
		} else {
			assert.Nil(t, cache.Disk, test)
			assert.Contains(t, cache.Problem(), test.missing)
			assert.Contains(t, cache.Problem(), "ACCORD_CACHE_DIR", "how to mend it")
		}
	}
	assert.DirExists(t, home+"/accord")
}
