package datasource_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBadQueryIsAnErrorThatSaysSo(t *testing.T) {
	r := scenario(t, "states")
	at := instant(t, "2026-04-20T12:05:00Z")
	for name, of := range map[string]struct{ query, said string }{
		"unknown type":          {query("stats"), `there is no "stats" (did you mean status?); give one of status, compliance,`},
		"no type":               {`{}`, "queryType: missing"},
		"newer schema":          {`{"schemaVersion": 2, "queryType": "status"}`, "saved by a newer version, so update the plugin"},
		"newer fields":          {`{"queryType": "status", "window": {"fiscal": "year"}, "schemaVersion": 2}`, "saved by a newer version, so update the plugin"},
		"newer types":           {`{"queryType": "status", "window": "30d", "schemaVersion": 2}`, "saved by a newer version, so update the plugin"},
		"unknown agreement":     {query("status", `"agreements": ["payments-for-chekout"]`), `there is no "payments-for-chekout" (did you mean payments-for-checkout?)`},
		"unknown objective":     {query("status", `"objectives": ["avaliability"]`), `(did you mean availability?)`},
		"unknown service":       {query("status", `"services": ["payment-api"]`), `(did you mean payments-api?)`},
		"unknown provider":      {query("status", `"providers": ["payment"]`), `(did you mean payments?)`},
		"unknown label":         {query("status", `"labels": ["tier=1"]`), `labels: there is no "tier=1"`},
		"bad expression":        {query("status", `"agreements": ["/pay(/"]`), "agreements: the regular expression /pay(/ does not compile: error parsing regexp: missing closing )"},
		"open expression":       {query("status", `"agreements": ["/pay"]`), "has no / at its end"},
		"window of 0":           {query("status", `"window": {"rolling": "0"}`), "a rolling window must be between 1h and 400d, got 0s"},
		"window of 10 years":    {query("status", `"window": {"rolling": "10y"}`), "a rolling window must be between 1h and 400d, got 3650d"},
		"window of both":        {query("status", `"window": {"rolling": "1d", "calendar": "day"}`), "rolling or calendar, not both"},
		"window ahead":          {query("status", `"window": {"calendar": "month", "offset": 1}`), "how many periods back"},
		"offset of rolling":     {query("status", `"window": {"rolling": "30d", "offset": -1}`), "offset -1 goes with a calendar window"},
		"alert of the past":     {query("alert", `"window": {"calendar": "month", "offset": -1}`), "an alert looks at what burns now"},
		"history of rolling":    {query("history", `"window": {"rolling": "30d"}`), "the periods of a history are"},
		"scope":                 {query("status", `"scope": "both"`), "scope: must be adjusted or raw"},
		"severity":              {query("alert", `"severity": "critical"`), "severity: must be page, ticket, both or notice"},
		"burn window":           {query("status", `"burnWindows": ["soon"]`), `burnWindows: "soon" must be a duration`},
		"burn window twice":     {query("status", `"burnWindows": ["1h", "60m"]`), "1h is given twice"},
		"periods":               {query("history", `"periods": 1000`), "periods: must be from 1 to 400, got 1000"},
		"years ago":             {query("status", `"window": {"calendar": "year", "offset": -100}`), "window year:-100 reaches back to 1926-01-01; at most 5 years, from 2021-05-10"},
		"all time":              {query("compliance", `"window": {"calendar": "year", "offset": -70000000}`), `window "year:-70000000": at most 1830 periods back can be asked for`},
		"a hundred years":       {query("history", `"window": {"calendar": "year"}`, `"periods": 100`), "a history of 100 years reaches back to 1927-01-01"},
		"many names":            {query("status", `"agreements": [`+strings.Repeat(`"a",`, 1000)+`"a"]`), "agreements: 1001 names and expressions of 1001 bytes are given, the limits are 1000 and 65536"},
		"a long expression":     {query("status", `"agreements": ["/`+strings.Repeat("a", 70_000)+`/"]`), "1 names and expressions of 70002 bytes"},
		"a large expression":    {query("status", `"agreements": ["/(abc|[a-z]d){1000}(x{30}){30}/"]`), "agreements: the regular expressions have a size of"},
		"no list":               {query("status", `"agreements": "payments-for-checkout"`), "agreements: must be a list of texts, got a JSON string"},
		"a misspelt field":      {query("alert", `"agreement": ["payments"]`), "agreement: a query has no such field (did you mean agreements?)"},
		"a misspelt window":     {query("status", `"window": {"roling": "7d"}`), "window: roling: there is no such field (did you mean rolling?)"},
		"a window of others":    {query("status", `"window": {"days": 7}`), "window: days: there is no such field; give rolling, or calendar and offset"},
		"no JSON object at all": {`["status"]`, "the query cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			response := r.ask(at, of.query)
			require.Error(t, response.Error)
			assert.Contains(t, response.Error.Error(), of.said)
			assert.Equal(t, backend.StatusBadRequest, response.Status)
			assert.Equal(t, backend.ErrorSourceDownstream, response.ErrorSource, "a person can mend it")
		})
	}
}

func TestBadQueryDoesNotHarmTheOthers(t *testing.T) {
	r := scenario(t, "states")
	responses := r.send(r.request(instant(t, "2026-04-20T12:05:00Z"), query("status"), query("nonsense"), query("alert")))
	assert.NoError(t, responses["A"].Error)
	assert.Error(t, responses["B"].Error)
	assert.NoError(t, responses["C"].Error)
}

func TestQueryWithoutIntervalAndPoints(t *testing.T) {
	r := scenario(t, "states")
	req := r.request(instant(t, "2026-04-20T12:05:00Z"), query("compliance", `"objectives": ["availability"]`))
	req.Queries[0].Interval, req.Queries[0].MaxDataPoints = 0, 0
	response := r.send(req)["A"]
	require.NoError(t, response.Error)
	assert.InDelta(t, 100, response.Frames[0].Rows(), 10)
}

func TestEmptyRangeIsAnError(t *testing.T) {
	r := scenario(t, "states")
	req := r.request(r.now.Add(72*time.Hour), query("compliance"), query("status"))
	responses := r.send(req)
	require.Error(t, responses["A"].Error)
	assert.Contains(t, responses["A"].Error.Error(), "lies ahead")
	assert.NoError(t, responses["B"].Error)
}

func TestFolderThatGivesNothing(t *testing.T) {
	r := scenario(t, "states")
	at := instant(t, "2026-04-20T12:05:00Z")
	t.Run("missing", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "gone")
		missing := serve(t, r.settings.URL, folder, r.now)
		response := missing.ask(at, query("status"))
		require.Error(t, response.Error)
		assert.Contains(t, response.Error.Error(), "cannot be read")
	})
	t.Run("missing below the root", func(t *testing.T) {
		missing := serve(t, r.settings.URL, t.TempDir(), r.now).with(definitions("later"))
		response := missing.ask(at, query("status"))
		require.Error(t, response.Error)
		assert.Contains(t, response.Error.Error(), "does not exist")
		assert.Equal(t, backend.ErrorSourceDownstream, response.ErrorSource)
		require.NoError(t, os.Mkdir(filepath.Join(missing.folder, "later"), 0o700))
	})
	t.Run("empty", func(t *testing.T) {
		empty := serve(t, r.settings.URL, t.TempDir(), r.now)
		frame := empty.frames(at, query("status"))[0]
		assert.Zero(t, frame.Rows())
		assert.Contains(t, notices(frame), "no agreement or SLO matches")
		assert.Contains(t, empty.health().Message, "There are no documents in")
		assert.Equal(t, backend.HealthStatusError, empty.health().Status)
	})
	t.Run("unreadable", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("SKIPPED: needs a user other than root, who may read everything")
		}
		folder := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(folder, "closed"), 0))
		response := serve(t, r.settings.URL, folder, r.now).with(definitions("closed")).ask(at, query("status"))
		require.Error(t, response.Error)
		assert.Contains(t, response.Error.Error(), "permission denied")
	})
	t.Run("other YAML", func(t *testing.T) {
		folder := t.TempDir()
		write(t, folder, "compose.yaml", "services:\n  web: {image: nginx}\n")
		other := serve(t, r.settings.URL, folder, r.now)
		assert.Zero(t, other.frames(at, query("agreements"))[0].Rows())
		assert.Contains(t, other.health().Message, "There are no documents in")
	})
	t.Run("outside the root", func(t *testing.T) {
		for _, dir := range []string{"..", "/etc", "../" + filepath.Base(r.folder)} {
			response := serve(t, r.settings.URL, t.TempDir(), r.now).with(definitions(dir)).ask(at, query("status"))
			require.Error(t, response.Error, dir)
			assert.Contains(t, response.Error.Error(), "must lie under", dir)
		}
	})
	t.Run("linked to outside the root", func(t *testing.T) {
		linked := serve(t, r.settings.URL, t.TempDir(), r.now)
		require.NoError(t, os.Symlink(r.folder, filepath.Join(linked.folder, "slas")))
		response := linked.with(definitions("slas")).ask(at, query("status"))
		require.Error(t, response.Error)
		assert.Contains(t, response.Error.Error(), "must lie under")
	})
}

func definitions(dir string) func(*backend.DataSourceInstanceSettings) {
	return func(s *backend.DataSourceInstanceSettings) { s.JSONData = []byte(`{"definitions": "` + dir + `"}`) }
}

// A Prometheus that hangs fails within the time-out, and harms no query that
// does not need it.
func TestPrometheusThatHangs(t *testing.T) {
	whole := scenario(t, "states")
	ended := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(ended) })
	r := serve(t, hanging.URL, whole.folder, whole.now).with(func(s *backend.DataSourceInstanceSettings) {
		s.JSONData = []byte(`{"timeout": 1}`)
	})
	kinds := []string{"agreements", "status", "compliance", "budget", "burnRate", "alert", "sli", "events", "history", "incidents", "exclusions", "outsideHours"}
	var queries []string
	for _, kind := range kinds {
		queries = append(queries, query(kind))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second) // in turn they would take longer
	defer cancel()
	response, err := r.client.QueryData(ctx, r.request(instant(t, "2026-04-20T12:05:00Z"), queries...))
	require.NoError(t, err, "an answer to each, long before the caller gives up")
	for i, kind := range kinds {
		answer := response.Responses[string(rune('A'+i))]
		if kind == "exclusions" || kind == "outsideHours" {
			assert.NoError(t, answer.Error, "nothing is measured for it")
			continue
		}
		if kind == "agreements" {
			assert.NoError(t, answer.Error)
			assert.Equal(t, 1, answer.Frames[0].Rows())
			continue
		}
		if assert.Error(t, answer.Error, kind) {
			assert.Contains(t, answer.Error.Error(), hanging.URL, kind)
			assert.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource, kind)
			assert.Equal(t, backend.StatusTimeout, answer.Status, kind)
		}
	}
}

// One that comes to hang after it was known does not keep queries waiting in
// turn either.
func TestPrometheusThatComesToHang(t *testing.T) {
	whole := scenario(t, "consumers-and-groups")
	f := newFaulty(t, whole.settings.URL)
	r := serve(t, f.URL, whole.folder, whole.now).with(func(s *backend.DataSourceInstanceSettings) {
		s.JSONData = []byte(`{"timeout": 1}`)
	})
	at := instant(t, "2026-08-04T09:05:03Z")
	r.frames(at, query("status"))
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	f.failWhen(func(string) bool { <-ended; return true })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := r.client.QueryData(ctx, r.request(at.Add(10*time.Second), query("status"), query("alert"), query("history"), query("agreements")))
	require.NoError(t, err, "an answer to each, before the caller gives up")
	for _, refID := range []string{"A", "B"} {
		require.Error(t, response.Responses[refID].Error)
		assert.Contains(t, response.Responses[refID].Error.Error(), "it does not answer at all")
	}
	assert.NoError(t, response.Responses["D"].Error)
}

func TestUnusableSettingsAreToldByEveryAnswer(t *testing.T) {
	r := serve(t, "", t.TempDir(), time.Now())
	response := r.ask(time.Now(), query("status"))
	require.Error(t, response.Error)
	assert.Contains(t, response.Error.Error(), "URL is missing")
	assert.Equal(t, backend.ErrorSourceDownstream, response.ErrorSource)
	assert.Equal(t, backend.HealthStatusError, r.health().Status)
	assert.Contains(t, r.health().Message, "URL is missing")
	status, body := r.get("catalog")
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, body, "URL is missing")
}
