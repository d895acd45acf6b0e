package datasource_test

import (
	"flag"
	"strconv"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// Every query type over gRPC, in front of the same history as of the same
// instant, gives the frames that are written down.
func TestGoldenFrames(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	at := instant(t, "2026-08-04T09:05:07Z")
	for name, text := range map[string]string{
		"status":        query("status"),
		"status_raw":    query("status", `"scope": "raw"`, `"objectives": ["own"]`, `"burnWindows": ["1h"]`),
		"status_window": query("status", `"window": {"calendar": "day", "offset": -1}`, `"agreements": ["payments-for-search"]`),
		"compliance":    query("compliance", `"objectives": ["by-region"]`),
		"budget":        query("budget", `"providers": ["payments"]`, `"objectives": ["own"]`),
		"burnRate":      query("burnRate", `"consumers": ["/^search$/"]`, `"objectives": ["everyone"]`, `"burnWindows": ["1h", "6h"]`),
		"alert":         query("alert"),
		"notice":        query("alert", `"severity": "notice"`, `"objectives": ["own"]`),
		"sli":           query("sli", `"objectives": ["own"]`),
		"events":        query("events", `"objectives": ["own"]`),
		"history":       query("history", `"periods": 2`),
		"incidents":     query("incidents"),
		"agreements":    query("agreements"),
	} {
		t.Run(name, func(t *testing.T) {
			response := backend.DataResponse{Frames: r.frames(at, text)}
			for _, frame := range response.Frames {
				assert.NotEmpty(t, frame.Meta.Type)
				assert.Equal(t, data.FrameTypeVersion{0, 1}, frame.Meta.TypeVersion)
				withoutCost(t, frame)
				rounded(t, frame)
			}
			experimental.CheckGoldenJSONResponse(t, "testdata", name, &response, *update)
		})
	}
}

// Exclusions are told also where they lie ahead of the clock, and without effect.
func TestGoldenExclusions(t *testing.T) {
	r := scenario(t, "exclusions")
	response := backend.DataResponse{Frames: r.frames(instant(t, "2026-11-08T00:00:00Z"), query("exclusions"))}
	withoutCost(t, response.Frames[0])
	experimental.CheckGoldenJSONResponse(t, "testdata", "exclusions", &response, *update)
}

// What lies outside of support hours is told also where it lies ahead of the
// clock, over as long as it can be seen.
func TestGoldenOutsideHours(t *testing.T) {
	r := scenario(t, "support-hours")
	since := func(from string) backend.DataResponse {
		request := r.request(instant(t, "2027-01-01T00:00:00Z"), query("outsideHours"))
		request.Queries[0].TimeRange.From = instant(t, from)
		return r.send(request)["A"]
	}
	response := since("2026-12-24T00:00:00Z")
	withoutCost(t, response.Frames[0])
	experimental.CheckGoldenJSONResponse(t, "testdata", "outsideHours", &response, *update)

	frame := since("2026-09-20T00:00:00Z").Frames[0]
	assert.Zero(t, frame.Rows())
	assert.Contains(t, frame.Meta.Notices[0].Text, "up to 100 days")
}

// withoutCost takes out what depends on what was asked before.
func withoutCost(t *testing.T, frame *data.Frame) {
	values := custom(t, frame)
	for _, name := range []string{"requests", "samples", "slotsRead", "slotsCached"} {
		require.Contains(t, values, name)
		delete(values, name)
	}
}

// rounded cuts the digits in which processors differ.
func rounded(t *testing.T, frame *data.Frame) {
	for _, field := range frame.Fields {
		if field.Type() != data.FieldTypeNullableFloat64 {
			continue
		}
		for i := range field.Len() {
			value, _ := field.At(i).(*float64)
			if value == nil {
				continue
			}
			cut, err := strconv.ParseFloat(strconv.FormatFloat(*value, 'g', 12, 64), 64)
			require.NoError(t, err)
			field.Set(i, &cut)
		}
	}
}

func TestFramesTellTheirCost(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	at := instant(t, "2026-08-04T09:05:00Z")
	first := custom(t, r.frames(at, query("status"))[0])
	assert.Positive(t, first["requests"])
	assert.Positive(t, first["samples"])
	assert.Positive(t, first["slotsRead"])
	assert.Equal(t, "samples", first["method"])
	again := r.frames(at, query("status"))[0]
	assert.Zero(t, custom(t, again)["slotsRead"], "the closed slots were remembered")
	assert.Positive(t, custom(t, again)["slotsCached"])
	assert.Contains(t, again.Meta.ExecutedQueryString, `http_requests_total{consumer="checkout",job="api"}`)
}

// All who look within ten seconds see the same instant; what lies ahead of the
// clock was not measured by anyone.
func TestInstantIsFlooredAndNeverAhead(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	frame := r.frames(instant(t, "2026-08-04T09:05:09Z"), query("status"))[0]
	assert.Equal(t, instant(t, "2026-08-04T09:05:00Z"), cell(t, frame, "to", 0))
	frame = r.frames(r.now.AddDate(0, 1, 0), query("status"))[0]
	assert.Equal(t, r.now, cell(t, frame, "to", 0))
}

func TestDefinitionHashFollowsTheDocuments(t *testing.T) {
	r := scenario(t, "consumers-and-groups")
	at := instant(t, "2026-08-04T09:05:00Z")
	hash := func(text string) any { return custom(t, r.frames(at, text)[0])["definition"] }
	one := hash(query("agreements", `"agreements": ["payments-for-checkout"]`))
	assert.NotEmpty(t, one)
	assert.Equal(t, one, hash(query("agreements", `"agreements": ["payments-for-checkout"]`)))
	assert.NotEqual(t, one, hash(query("agreements", `"agreements": ["payments-for-search"]`)))
}
