package datasource

import (
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/problem"
)

func names(chosen []*agreement.Agreement) []string {
	all := []string{}
	for _, a := range chosen {
		for _, o := range a.Objectives {
			all = append(all, a.Name+"/"+o.Name)
		}
	}
	return all
}

func shop() *catalog.Catalog {
	objectives := func(names ...string) (all []*agreement.Objective) {
		for _, name := range names {
			all = append(all, &agreement.Objective{Name: name})
		}
		return all
	}
	return &catalog.Catalog{
		Agreements: []*agreement.Agreement{
			{Name: "payments", Service: "pay", Provider: "money", Consumers: []string{"checkout", "search"}, Stage: agreement.Active,
				Labels: map[string]string{"tier": "1"}, Objectives: objectives("availability", "latency")},
			{Name: "catalog", Service: "cat", Provider: "goods", Consumers: []string{"search"}, Stage: agreement.Draft,
				Labels: map[string]string{"tier": "2"}, Objectives: objectives("availability")},
		},
		SLOs:  []*agreement.Agreement{{Name: "backup", IsSLO: true, Service: "db", Stage: agreement.Active, Zone: time.UTC, Objectives: objectives("freshness")}},
		Teams: map[string]*agreement.Team{"money": {}, "goods": {}, "checkout": {}, "search": {}, "idle": {}},
	}
}

func TestFilters(t *testing.T) {
	for _, of := range []struct {
		query string
		want  []string
	}{
		{`{"queryType": "status"}`, []string{"payments/availability", "payments/latency", "catalog/availability", "backup/freshness"}},
		{`{"queryType": "alert"}`, []string{"payments/availability", "payments/latency", "backup/freshness"}},
		{`{"queryType": "status", "agreements": ["payments", "backup"]}`, []string{"payments/availability", "payments/latency", "backup/freshness"}},
		{`{"queryType": "status", "agreements": ["/^(pay|back)/"]}`, []string{"payments/availability", "payments/latency", "backup/freshness"}},
		{`{"queryType": "status", "agreements": ["/log$/", "backup"]}`, []string{"catalog/availability", "backup/freshness"}},
		{`{"queryType": "status", "objectives": ["availability"]}`, []string{"payments/availability", "catalog/availability"}},
		{`{"queryType": "status", "providers": ["money"], "objectives": ["/^lat/"]}`, []string{"payments/latency"}},
		{`{"queryType": "status", "consumers": ["checkout"]}`, []string{"payments/availability", "payments/latency"}},
		{`{"queryType": "status", "labels": ["tier=2", "/^tier=3/"]}`, []string{"catalog/availability"}},
		{`{"queryType": "status", "services": ["cat"], "providers": ["money"]}`, []string{}},
		{`{"queryType": "status", "providers": ["idle"]}`, []string{}},
		// «All» in a dashboard also means those without consumers, or without labels.
		{`{"queryType": "status", "providers": ["/.*/"], "consumers": ["/.*/"], "labels": ["/.*/"]}`, []string{"payments/availability", "payments/latency", "catalog/availability", "backup/freshness"}},
		{`{"queryType": "status", "consumers": ["/./"]}`, []string{"payments/availability", "payments/latency", "catalog/availability"}},
	} {
		q, err := parseQuery([]byte(of.query), "")
		require.NoError(t, err, of.query)
		chosen, _, err := q.choose(shop(), nobody)
		require.NoError(t, err, of.query)
		assert.Equal(t, of.want, names(chosen), of.query)
	}
}

// Choosing objectives leaves the catalog, which all queries share, as it is.
func TestFiltersDoNotChangeTheCatalog(t *testing.T) {
	c := shop()
	q, err := parseQuery([]byte(`{"queryType": "status", "objectives": ["latency"]}`), "")
	require.NoError(t, err)
	_, _, err = q.choose(c, nobody)
	require.NoError(t, err)
	assert.Len(t, c.Agreements[0].Objectives, 2)
}

func TestAgreementOfABadDocumentIsNotMisspelt(t *testing.T) {
	c := shop()
	c.Problems = []problem.Problem{{Severity: problem.Error, Kind: "Agreement", Name: "returns", Message: "is wrong"}}
	q, err := parseQuery([]byte(`{"queryType": "alert", "agreements": ["returns"]}`), "")
	require.NoError(t, err)
	_, _, err = q.choose(c, nobody)
	require.Error(t, err)
	assert.Contains(t, err.Error(), `"returns" is not served`)
	assert.Contains(t, err.Error(), "is wrong")
	c.Problems, c.Unread = nil, []string{"bad.yaml"}
	_, _, err = q.choose(c, nobody)
	assert.EqualError(t, err, `agreements: "returns" is not read, if it is in bad.yaml, which cannot be read`)
}

func TestTypeBesideTheJSON(t *testing.T) {
	q, err := parseQuery([]byte(`{"refId": "A", "datasource": {"uid": "x"}}`), AlertQuery)
	require.NoError(t, err)
	assert.Equal(t, AlertQuery, q.QueryType)
}

// Grafana adds fields of its own, of which more may come.
func TestFieldsOfGrafana(t *testing.T) {
	_, err := parseQuery([]byte(`{"refId": "A", "datasource": {"type": "x", "uid": "y"}, "datasourceId": 3, "hide": false, "key": "Q-1", "intervalMs": 1000,
		"maxDataPoints": 500, "interval": "1m", "range": true, "instant": true, "type": "", "expr": "", "format": "table", "timeRange": {}, "queryCachingTTL": 1,
		"scopes": [], "scenarioId": "", "editorMode": "code", "legendFormat": "", "relativeTimeRange": {}, "panelId": 1, "requestId": "Q", "limit": 100,
		"QUERYTYPE": "status", "window": null}`), "")
	assert.NoError(t, err)
}

func TestDollarsThatAreNoVariables(t *testing.T) {
	for _, text := range []string{`/^pay$/`, `/(pay$)|x/`, `/[[:alpha:]]+/`, `/a$|b/`} {
		_, err := parseQuery([]byte(`{"queryType": "status", "agreements": ["`+text+`"]}`), "")
		assert.NoError(t, err, text)
	}
}

func TestStep(t *testing.T) {
	for _, of := range []struct {
		interval, length time.Duration
		points           int64
		want             time.Duration
	}{
		{time.Hour, 24 * time.Hour, 1000, time.Hour},
		{0, 100 * time.Hour, 0, time.Hour},
		{time.Millisecond, 1000 * time.Hour, 1000, time.Hour},
		{0, 11_000 * time.Hour, 1 << 40, time.Hour},
		{0, 0, 100, time.Second},
	} {
		assert.Equal(t, of.want, stepOf(backend.DataQuery{Interval: of.interval, MaxDataPoints: of.points}, of.length))
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add(`{"queryType": "status", "agreements": ["/a/"], "window": {"rolling": "30d"}, "burnWindows": ["1h"]}`)
	f.Add(`{"queryType": "history", "window": {"calendar": "month", "offset": -1}, "periods": -1}`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery([]byte(text), StatusQuery)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			assert.Equal(t, "query", kindOf(err))
			return
		}
		assert.Contains(t, QueryTypes(), q.QueryType)
		assert.NotEmpty(t, q.burnWindows)
		assert.NotEmpty(t, q.severities)
	})
}

func TestTheDefinitionHashTellsTimeZonesApart(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	hash := func(exclusion, window, hours *time.Location) string {
		a := &agreement.Agreement{Name: "a", Provider: "p", Zone: time.UTC, SupportHours: &agreement.Calendar{Zone: hours},
			Exclusions: []*agreement.Exclusion{{Name: "x", Recurrence: "FREQ=WEEKLY", Zone: exclusion}},
			Objectives: []*agreement.Objective{{Name: "o", Window: agreement.Window{Calendar: agreement.Month, Zone: window}}}}
		return hashesOf(&catalog.Catalog{Agreements: []*agreement.Agreement{a}})[a.Key()]
	}
	same := hash(time.UTC, time.UTC, time.UTC)
	assert.Equal(t, same, hash(time.UTC, time.UTC, time.UTC))
	assert.NotEqual(t, same, hash(tokyo, time.UTC, time.UTC))
	assert.NotEqual(t, same, hash(time.UTC, tokyo, time.UTC))
	assert.NotEqual(t, same, hash(time.UTC, time.UTC, tokyo))
}

// nobody is a memory without alerts.
func nobody(filters) bool { return false }
