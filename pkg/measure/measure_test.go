package measure_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/conformance"
	"github.com/accord-sla/accord/internal/proxy"
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/budget"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// scenario stores a scenario in an embedded Prometheus.
func scenario(t testing.TB, name string) (s *conformance.Scenario, address string) {
	t.Helper()
	s, err := conformance.Read(filepath.Join(conformance.Folder(t), name+".yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, s.WriteBlocks(dir))
	return s, conformance.StartEmbedded(t, dir)
}

// read resolves documents.
func read(t testing.TB, documents string) *catalog.Catalog {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "slas.yaml"), []byte(documents), 0o600))
	found, err := catalog.Load(t.Context(), dir, catalog.Options{})
	require.NoError(t, err)
	require.False(t, found.HasErrors(), "%v", found.Problems)
	return found
}

func connect(t testing.TB, address string) *prometheus.Client {
	t.Helper()
	client, err := prometheus.New(address, nil, prometheus.Options{Probes: counting.Probes(), Timeout: 10 * time.Second})
	require.NoError(t, err)
	return client
}

func engineAt(t testing.TB, address string, now time.Time) *measure.Service {
	return measure.New(connect(t, address), counting.Options{Now: func() time.Time { return now }})
}

// watched is a proxy that counts requests and can hold or spoil them.
type watched struct {
	*httptest.Server
	requests atomic.Int64
	mu       sync.Mutex
	before   func(w http.ResponseWriter, r *http.Request) (answered bool)
}

func watch(t testing.TB, address string) *watched {
	t.Helper()
	w := &watched{}
	w.Server = proxy.New(t, address, func(out http.ResponseWriter, r *http.Request, _ []byte) bool {
		w.requests.Add(1)
		w.mu.Lock()
		before := w.before
		w.mu.Unlock()
		return before != nil && before(out, r)
	})
	return w
}

func (w *watched) interfere(before func(http.ResponseWriter, *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = before
}

func status(e *measure.Service, agreements []*agreement.Agreement, at time.Time) []measure.AgreementResult {
	return e.Status(context.Background(), agreements, measure.Question{At: at})
}

// assertSame compares all figures; an absent one equals itself here.
func assertSame(t testing.TB, want, got measure.Result) {
	t.Helper()
	assert.Equal(t, fmt.Sprintf("%+v", want.Status), fmt.Sprintf("%+v", got.Status))
	assert.Equal(t, fmt.Sprintf("%+v", want.Raw), fmt.Sprintf("%+v", got.Raw))
}

func TestASecondStatusAsksOnlyForTheHeadAndUnsettledSlots(t *testing.T) {
	s, address := scenario(t, "burn-rates")
	proxy := watch(t, address)
	at := time.Date(2026, 10, 26, 12, 3, 0, 0, time.UTC)
	e := engineAt(t, proxy.URL, at)
	found := read(t, s.Documents)
	first := status(e, found.Agreements, at)

	proxy.requests.Store(0)
	second := status(e, found.Agreements, at)
	assertSame(t, first[0].Objectives[0], second[0].Objectives[0])
	// Both objectives count the same: a range of settling slots and a head,
	// for each of two terms; once, or once each when they do not overlap.
	assert.LessOrEqual(t, proxy.requests.Load(), int64(8))
	for _, objective := range second[0].Objectives {
		assert.LessOrEqual(t, objective.Measurement.Cost.SlotsRead, int64(4), "three settling slots and the head")
	}

	proxy.requests.Store(0)
	changed := read(t, s.Documents)
	changed.Agreements[0].Objectives[0].Target = 0.9
	changed.Agreements[0].Objectives[0].Window = agreement.Window{Calendar: agreement.Week}
	changed.Agreements[0].SupportHours = &agreement.Calendar{Zone: time.UTC, Weekly: []agreement.WeeklyHours{{
		Days: []time.Weekday{time.Monday}, From: 0, To: 24 * time.Hour}}}
	third := status(e, changed.Agreements, at)
	assert.LessOrEqual(t, third[0].Objectives[0].Measurement.Cost.SlotsRead, int64(4))
	assert.NotEqual(t, first[0].Objectives[0].Total, third[0].Objectives[0].Total)
}

func TestWhatIsForgottenIsAskedForAnew(t *testing.T) {
	s, address := scenario(t, "burn-rates")
	at := time.Date(2026, 10, 26, 12, 3, 0, 0, time.UTC)
	e := engineAt(t, address, at)
	found := read(t, s.Documents)
	first := status(e, found.Agreements, at)
	known := status(e, found.Agreements, at)[0].Objectives[0].Measurement.Cost.SlotsRead

	e.Forget(at.Add(-24*time.Hour), at.Add(-22*time.Hour))
	second := status(e, found.Agreements, at)
	assertSame(t, first[0].Objectives[0], second[0].Objectives[0])
	var read int64
	for _, objective := range second[0].Objectives {
		read = max(read, objective.Measurement.Cost.SlotsRead)
	}
	assert.Greater(t, read, known, "the slots of these two hours")
	assert.LessOrEqual(t, read, known+25*2, "and no others, once for each of two terms")
}

func TestAPastPeriodIsServedFromMemoryWhilePrometheusIsDown(t *testing.T) {
	s, address := scenario(t, "berlin-march")
	proxy := watch(t, address)
	at := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
	e := engineAt(t, proxy.URL, at)
	found := read(t, s.Documents)
	march := agreement.Window{Calendar: agreement.Month, Offset: -1}
	before := e.Status(t.Context(), found.Agreements, measure.Question{At: at, Window: &march})
	proxy.Server.CloseClientConnections()
	proxy.interfere(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "down", http.StatusBadGateway)
		return true
	})
	during := e.Status(t.Context(), found.Agreements, measure.Question{At: at, Window: &march})
	require.NoError(t, during[0].Objectives[0].Err)
	assertSame(t, before[0].Objectives[0], during[0].Objectives[0])
}

// Who looks at a page sees what was known last, and until when; a decision is
// never made of it.
func TestWhileTheServerDoesNotAnswerPeopleSeeTheLastFiguresKnown(t *testing.T) {
	s, address := scenario(t, "burn-rates")
	proxy := watch(t, address)
	at := time.Date(2026, 10, 26, 12, 3, 0, 0, time.UTC)
	now := at
	e := measure.New(connect(t, proxy.URL), counting.Options{Now: func() time.Time { return now }})
	found := read(t, s.Documents)
	status(e, found.Agreements, at)
	until := time.Date(2026, 10, 26, 11, 50, 0, 0, time.UTC) // what is younger was not settled
	want := status(e, found.Agreements, until)[0].Objectives[0]

	proxy.interfere(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return true
	})
	now = at.Add(3 * time.Hour)
	got := e.Status(t.Context(), found.Agreements, measure.Question{At: now, LastKnown: true})[0].Objectives[0]
	require.NoError(t, got.Err)
	assertSame(t, want, got)
	require.NotEmpty(t, got.Measurement.Notes)
	assert.Contains(t, got.Measurement.Notes[0], "as of 26 Oct 2026 12:50 CET: ")
	assert.Contains(t, got.Measurement.Notes[0], "down for maintenance")

	assertNoFigures(t, status(e, found.Agreements, now)[0])
	fresh := engineAt(t, proxy.URL, now)
	assertNoFigures(t, fresh.Status(t.Context(), found.Agreements, measure.Question{At: now, LastKnown: true})[0])
}

// What was known last ends with the period, and that instant would make the period before the last whole one.
func TestTheLastFiguresKnownAreThoseOfThePeriodAskedFor(t *testing.T) {
	s, address := scenario(t, "berlin-march")
	proxy := watch(t, address)
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	e := measure.New(connect(t, proxy.URL), counting.Options{Now: func() time.Time { return now }})
	found := read(t, s.Documents)
	yesterday := agreement.Window{Calendar: agreement.Day, Offset: -1}
	for _, at := range []time.Time{now.AddDate(0, 0, -1), now} {
		require.NoError(t, e.Status(t.Context(), found.Agreements, measure.Question{At: at, Window: &yesterday})[0].Objectives[0].Err)
	}
	proxy.interfere(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return true
	})
	now = now.Add(6 * time.Hour) // when late samples are looked for
	assertNoFigures(t, e.Status(t.Context(), found.Agreements, measure.Question{At: now, Window: &yesterday, LastKnown: true})[0])
}

func TestEqualRequestsInFlightAreOne(t *testing.T) {
	s, address := scenario(t, "silent-night")
	proxy := watch(t, address)
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	e := engineAt(t, proxy.URL, at)
	found := read(t, s.Documents)
	_, err := e.Capabilities(t.Context())
	require.NoError(t, err)
	found.Agreements[0].Objectives = found.Agreements[0].Objectives[:1]

	alone := measure.New(connect(t, proxy.URL), counting.Options{Now: func() time.Time { return at }})
	_, err = alone.Capabilities(t.Context())
	require.NoError(t, err)
	proxy.requests.Store(0)
	status(alone, found.Agreements, at)
	once := proxy.requests.Load()

	const viewers = 20
	release := make(chan struct{})
	var waiting atomic.Int64
	proxy.interfere(func(http.ResponseWriter, *http.Request) bool {
		waiting.Add(1)
		<-release
		return false
	})
	proxy.requests.Store(0)
	var wait sync.WaitGroup
	started := make(chan struct{}, viewers)
	for range viewers {
		wait.Go(func() {
			started <- struct{}{}
			status(e, found.Agreements, at)
		})
	}
	for range viewers {
		<-started
	}
	close(release)
	wait.Wait()
	assert.LessOrEqual(t, proxy.requests.Load(), 2*once, "%d viewers, %d requests for one", viewers, once)
}

func TestARequestIsCancelledWithItsLastWaiterOnly(t *testing.T) {
	s, address := scenario(t, "silent-night")
	proxy := watch(t, address)
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	e := engineAt(t, proxy.URL, at)
	found := read(t, s.Documents)
	_, err := e.Capabilities(t.Context())
	require.NoError(t, err)

	reached, ended := make(chan struct{}, 100), make(chan struct{}, 100)
	proxy.interfere(func(_ http.ResponseWriter, r *http.Request) bool {
		reached <- struct{}{}
		untilGone(r)
		ended <- struct{}{}
		return true
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []measure.AgreementResult)
	go func() { done <- e.Status(ctx, found.Agreements, measure.Question{At: at}) }()
	<-reached
	cancel()
	<-ended
	result := (<-done)[0].Objectives[0]
	assert.ErrorIs(t, result.Err, context.Canceled)
	assert.Equal(t, budget.NoData, result.State)

	proxy.interfere(nil)
	assert.NoError(t, status(e, found.Agreements, at)[0].Objectives[0].Err, "whoever asks next begins anew")
}

func TestAPieceThatIsTooMuchIsHalved(t *testing.T) {
	s, address := scenario(t, "berlin-march")
	proxy := watch(t, address)
	at := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
	found := read(t, s.Documents)
	want := status(engineAt(t, proxy.URL, at), found.Agreements, at)[0].Objectives[2]

	proxy.interfere(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/read") {
			http.NotFound(w, r)
			return true
		}
		if err := r.ParseForm(); err != nil || !tooLong(r.Form) {
			// The form was read: ask the same with a GET.
			r.URL.RawQuery, r.Method, r.Body, r.ContentLength = r.Form.Encode(), http.MethodGet, http.NoBody, 0
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`))
		return true
	})
	got := status(engineAt(t, proxy.URL, at), found.Agreements, at)[0].Objectives[2]
	require.NoError(t, got.Err)
	assertSame(t, want, got)
}

// tooLong: more than a day is too many samples for this server.
func tooLong(form url.Values) bool {
	begin, errBegin := parseSeconds(form.Get("start"))
	end, errEnd := parseSeconds(form.Get("end"))
	return errBegin == nil && errEnd == nil && end-begin > 86400
}

// Counting reaches back for the burn rates of days; what is said beside a figure is
// of its own window.
func TestRemarksAreOfTheWindowOfTheFigure(t *testing.T) {
	s, address := scenario(t, "births")
	e := engineAt(t, address, s.End)
	agreements := read(t, s.Documents).Agreements
	at := time.Date(2026, 2, 3, 23, 0, 0, 0, time.UTC)
	remarks := func(rolling time.Duration) string {
		q := measure.Question{At: at, Window: &agreement.Window{Rolling: rolling}}
		return strings.Join(e.Status(t.Context(), agreements, q)[0].Objectives[0].Remarks(), "; ")
	}
	assert.Contains(t, remarks(48*time.Hour), "not counted: what the first samples of 3 series began with")
	assert.NotContains(t, remarks(24*time.Hour), "not counted")
}
