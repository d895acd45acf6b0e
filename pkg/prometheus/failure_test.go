package prometheus

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accord-sla/accord/internal/freeport"
)

func TestRefusalsSayWhatTheServerSaid(t *testing.T) {
	jsonError := func(kind, text string) string {
		return fmt.Sprintf(`{"status":"error","errorType":%q,"error":%q}`, kind, text)
	}
	tests := []struct {
		name   string
		status int
		body   string
		kind   Kind
		says   []string
	}{
		{"no credentials", 401, "Unauthorized", Unauthorized, []string{"401 Unauthorized", "check the user and password"}},
		{"a proxy's credentials", 407, "", Unauthorized, []string{"407 Proxy Authentication Required", "check the proxy of the environment"}},
		{"not allowed", 403, `{"message":"tenant unknown"}`, Forbidden, []string{"403 Forbidden", "tenant unknown", "tenant header"}},
		{"wrong address", 404, "404 page not found", NotFound, []string{"404 Not Found: 404 page not found", "path prefix"}},
		{"wrong address of VictoriaMetrics", 400, "remoteAddr: \"x\"; unsupported path requested: \"/api/v1/query\"", NotFound, []string{"unsupported path", "path prefix"}},
		{"http to a server of https", 400, "Client sent an HTTP request to an HTTPS server.", NotFound, []string{"use https://"}},
		{"bad query", 400, jsonError("bad_data", `invalid parameter "query": 1:7: parse error`), BadQuery, []string{`400 Bad Request: invalid parameter "query": 1:7: parse error`}},
		{"failed query", 422, jsonError("execution", "multiple matches for labels"), BadQuery, []string{"422 Unprocessable Entity: multiple matches"}},
		{"VictoriaMetrics' bad query", 422, jsonError("422", `unknown func "foo"`), BadQuery, []string{`unknown func "foo"`}},
		{"starting", 503, "Service Unavailable", Unavailable, []string{"503 Service Unavailable", "try again"}},
		{"not ready", 503, jsonError("unavailable", "TSDB not ready"), Unavailable, []string{"TSDB not ready"}},
		{"shutting down", 503, jsonError("canceled", "query was canceled in query execution"), Unavailable, nil},
		{"too many requests", 429, "too many outstanding requests", Unavailable, []string{"429 Too Many Requests: too many outstanding requests"}},
		{"bad gateway", 502, "<html><head><title>502 Bad Gateway</title></head></html>", Unavailable, []string{`page titled "502 Bad Gateway"`}},
		{"server's timeout", 503, jsonError("timeout", "query timed out in expression evaluation"), Timeout, []string{"query timed out", "shorter range"}},
		{"VictoriaMetrics' timeout", 422, jsonError("422", "timeout exceeded during the query; -search.maxQueryDuration"), Timeout, nil},
		{"gateway's timeout", 504, "", Timeout, []string{"504 Gateway Timeout"}},
		{"failure", 500, jsonError("internal", "boom"), ServerError, []string{"500 Internal Server Error: boom", "server's log"}},
		{"odd status", 799, "", ServerError, []string{"status 799"}},
		{"page", 500, "<!doctype html><p>Oops", ServerError, []string{`page that begins with "<!doctype html><p>Oops"`}},

		{"Prometheus: samples", 422, jsonError("execution", "query processing would load too many samples into memory in query execution"), TooManySamples, []string{"shorter range"}},
		{"Prometheus: points", 400, jsonError("bad_data", "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"), TooManySamples, nil},
		{"Mimir: chunks", 422, jsonError("execution", "the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query)"), TooManySamples, nil},
		{"Mimir: memory", 422, jsonError("execution", "the query exceeded the maximum allowed estimated amount of memory consumed by a single query (limit: 1 bytes) (err-mimir-max-estimated-memory-consumption-per-query)"), TooManySamples, nil},
		{"Mimir: length", 422, jsonError("bad_data", "the total query time range exceeds the limit (query length: 744h0m0s, limit: 720h0m0s) (err-mimir-max-total-query-length)"), TooManySamples, nil},
		{"Cortex: chunks", 422, "the query hit the max number of chunks limit (limit: 100 chunks)", TooManySamples, nil},
		{"Thanos: limit", 422, jsonError("execution", "expanding series: rpc error: code = ResourceExhausted desc = exceeded series limit: limit 10 violated (got 20)"), TooManySeries, []string{"narrow the selector"}},
		{"Thanos: request-series", 422, jsonError("execution", "rpc error: code = Aborted desc = failed to send series: limit 10 violated (got 11)"), TooManySeries, nil},
		{"Thanos: request-samples", 422, jsonError("execution", "rpc error: code = Aborted desc = failed to send samples: limit 100 violated (got 120)"), TooManySamples, nil},
		{"Thanos' query-frontend: length", 400, "the query time range exceeds the limit (query length: 744h0m0s, limit: 24h0m0s)", TooManySamples, nil},
		{"Mimir: series", 422, jsonError("execution", "the query exceeded the maximum number of series (limit: 10 series) (err-mimir-max-series-per-query)"), TooManySeries, []string{"narrow the selector"}},
		{"Mimir: series of a remote read", 500, "the query exceeded the maximum number of series (limit: 10 series) (err-mimir-max-series-per-query)", TooManySeries, nil},
		{"Mimir: chunks of a remote read", 500, "the query exceeded the maximum number of chunks (limit: 10 chunks) (err-mimir-max-chunks-per-query)", TooManySamples, nil},
		{"Mimir: length of a remote read", 400, "the query time range exceeds the limit (query length: 744h0m0s, limit: 48h0m0s) (err-mimir-max-query-length)", TooManySamples, nil},
		{"Cortex: series", 422, "the query hit the max number of series limit (limit: 10 series)", TooManySeries, nil},
		{"Cortex: bytes", 422, "the query hit the aggregated data size limit (limit: 1000 bytes)", TooManySamples, nil},
		{"Cortex: length", 422, jsonError("execution", "the query time range exceeds the limit (query length: 744h0m0s, limit: 24h0m0s)"), TooManySamples, nil},
		{"Cortex: time", 503, "the query was aborted: it exceeded -querier.timeout", Timeout, []string{"shorter range"}},
		{"VictoriaMetrics: series", 422, jsonError("422", "the number of matching timeseries exceeds 300000; either narrow down the search or increase -search.max* command-line flag values"), TooManySeries, nil},
		{"no tenant", 401, "no org id", Unauthorized, []string{"401 Unauthorized: no org id", "X-Scope-OrgID"}},
		{"VictoriaMetrics: points", 422, jsonError("422", "too many points for the given step=1000: 1000001; cannot exceed -search.maxPointsPerTimeseries=30000"), TooManySamples, nil},
		{"VictoriaMetrics: samples", 422, jsonError("422", "cannot select more than -search.maxSamplesPerQuery=1000000000 samples; possible solutions: …"), TooManySamples, nil},
		{"VictoriaMetrics: memory", 422, jsonError("422", "not enough memory for processing 100 data points across 10 time series"), TooManySamples, nil},
		{"a proxy's limit of size", 413, "", TooManySamples, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, server(t, refusing(tt.status, tt.body)), Options{})
			_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.kind, e.Kind, err)
			require.Equal(t, tt.status, e.Status)
			require.True(t, strings.HasSuffix(err.Error(), "("+c.Server()+`: range query "sum(up)")`), err)
			for _, says := range tt.says {
				require.ErrorContains(t, err, says)
			}
		})
	}
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
	tests := []struct {
		name, contentType, body string
		kind                    Kind
		says                    string
	}{
		{"a login page", "text/html", "\n<!DOCTYPE html><html><head><title>Sign in</title>", Malformed, `the answer cannot be read: a web page came instead of JSON: page titled "Sign in"; this may be a login page or a proxy`},
		{"plain text", "text/plain", "ok", Malformed, `something else than JSON came: ok; check that this is the address`},
		{"nothing", "application/json", "", Malformed, "it broke off after 0 bytes"},
		{"half", "application/json", vectorAnswer[:100], Malformed, "it broke off after 100 bytes"},
		{"two answers", "application/json", empty + empty, Malformed, "something follows the end of its JSON"},
		{"an error with a good status", "application/json", `{"status":"error","errorType":"execution","error":"expanding series: gone"}`, BadQuery, "expanding series: gone"},
		{"a limit with a good status", "application/json", `{"data":{"result":[]},"status":"error","error":"too many samples"}`, TooManySamples, "shorter range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, server(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = w.Write([]byte(tt.body))
			}), Options{})
			_, err := c.Query(context.Background(), "up", month.End, (&record{}).Series)
			require.Equal(t, tt.kind, KindOf(err), err)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

const vectorAnswer = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a","path":"/checkout/basket"},"value":[1435781451.781,"1"]},` +
	`{"metric":{"job":"b","path":"/checkout/payment"},"value":[1435781451.781,"2"]}],"stats":{"samples":{"totalQueryableSamples":12345}}}}`

func TestConnectionThatBreaksInTheMiddle(t *testing.T) {
	for name, send := range map[string]http.HandlerFunc{
		"in chunks": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(vectorAnswer[:200]))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		// The JSON is whole, the body is not: something may have followed.
		"after the last bracket": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(vectorAnswer))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"with a length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10000")
			_, _ = w.Write([]byte(vectorAnswer[:200]))
		},
		"compressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte(vectorAnswer))
			_ = z.Flush() // not closed: the checksum is missing
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, server(t, send), Options{})
			_, err := c.Query(context.Background(), "up", month.End, (&record{}).Series)
			require.Equal(t, Malformed, KindOf(err), err)
			require.ErrorContains(t, err, "it broke off after")
		})
	}
}

func TestServerThatIsDown(t *testing.T) {
	address := freeport.Address(t)
	_, err := connect(t, "http://"+address, Options{}).QueryRange(context.Background(), month, (&record{}).Series)
	require.Equal(t, Unreachable, KindOf(err))
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.EqualError(t, err, `cannot be reached: dial tcp `+address+
		`: connect: connection refused; check that Prometheus runs and that its address is right (http://`+address+`: range query "sum(up)")`)
}

func TestAProxyIsToBlameForItself(t *testing.T) {
	for _, err := range []error{
		&net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED},
		&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.DNSError{Err: "no such host"}},
		errors.New("Proxy Authentication Required"), // to CONNECT
	} {
		require.Equal(t, proxyHint, transportHint(err))
	}
}

func TestRedirectsAreNamedAndNotFollowed(t *testing.T) {
	followed := false
	c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/login"
		http.Redirect(w, r, "https://user:pw@sso.example.org/login?token=s3cret", http.StatusFound)
	}), Options{})
	_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
	require.Equal(t, NotFound, KindOf(err))
	require.ErrorContains(t, err, "302 Found: redirected to https://sso.example.org/login; give the address at which Prometheus itself answers")
	require.False(t, followed)
}

func TestErrorsHideCredentials(t *testing.T) {
	echo := server(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		http.Error(w, "no such user "+user+" with password "+password, http.StatusUnauthorized)
	})
	for _, host := range []string{strings.TrimPrefix(echo, "http://"), "127.0.0.1:1", "no-such-host.invalid"} {
		c := connect(t, "http://eve:s3cret%2Fpw@"+host+"/prom?token=t0ken", Options{})
		for range 2 { // POST, then GET, whose URL holds everything
			_, err := c.QueryRange(context.Background(), month, (&record{}).Series)
			require.Error(t, err)
			for wrapped := err; wrapped != nil; wrapped = errors.Unwrap(wrapped) {
				for _, secret := range []string{"s3cret", "t0ken", "eve:"} {
					require.NotContains(t, wrapped.Error(), secret)
				}
			}
			require.ErrorContains(t, err, "(http://"+host+"/prom: ")
			c.onlyGet.Store(true)
		}
	}
}

func TestErrorsHideTheAddressThatATransportAsksForAToken(t *testing.T) {
	failed := &url.Error{Op: "Post", URL: "https://login/?client_secret=s3cret", Err: errors.New("connection refused")}
	c, err := New("http://prometheus", &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return nil, failed })}, Options{Probes: methods})
	require.NoError(t, err)
	_, err = c.Capabilities(t.Context())
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestErrorsKeepTheWordsOfHeadersThatAreNoCredentials(t *testing.T) {
	transport, err := Transport(AuthConfig{BearerToken: "t0kent0ken"})
	require.NoError(t, err)
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/read") {
			http.Error(w, "snappy: corrupt input of Bearer t0kent0ken", http.StatusBadRequest)
			return
		}
		answering(empty)(w, r)
	})
	c, err := New(address, &http.Client{Transport: transport}, Options{Probes: methods})
	require.NoError(t, err)
	_, err = c.Read(t.Context(), two(), (&readRecord{}).Series)
	require.ErrorContains(t, err, "snappy: corrupt input of Bearer xxxxx")
}

func TestLongWordsAreCut(t *testing.T) {
	c := connect(t, server(t, refusing(422, strings.Repeat("é ", 100_000))), Options{})
	r := month
	r.Query = strings.Repeat("very long + ", 1000)
	_, err := c.QueryRange(context.Background(), r, (&record{}).Series)
	require.Less(t, len(err.Error()), maxMessage+maxQuery+200)
	require.ErrorContains(t, err, "…")
}

func TestTooManySeriesAreCounted(t *testing.T) {
	body := matrix(100_000, 1)
	var got totals
	_, err := connect(t, server(t, answering(string(body))), Options{}).QueryRange(context.Background(), month, got.Series)
	require.Equal(t, TooManySeries, KindOf(err))
	require.ErrorContains(t, err, "the answer has 100000 series, the limit is 10000; narrow the selector")
	require.Equal(t, 10_000, got.series)
}

func TestAnswerOverTheLimitOfBytes(t *testing.T) {
	body := string(matrix(10, 100))
	address := server(t, answering(body))
	_, err := connect(t, address, Options{MaxBytes: int64(len(body))}).QueryRange(context.Background(), month, (&totals{}).Series)
	require.NoError(t, err)
	_, err = connect(t, address, Options{MaxBytes: int64(len(body)) - 1}).QueryRange(context.Background(), month, (&totals{}).Series)
	require.Equal(t, TooManySamples, KindOf(err))
	require.ErrorContains(t, err, fmt.Sprintf("the answer is larger than %d bytes, the limit", len(body)-1))
}

func TestSlowServer(t *testing.T) {
	// It never answers, or never ends its answer, until the client has gone.
	silent := func(_ http.ResponseWriter, r *http.Request) { untilGone(r) }
	trickling := func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(vectorAnswer[:200]))
		_ = http.NewResponseController(w).Flush()
		untilGone(r)
	}
	for name, handler := range map[string]http.HandlerFunc{"silent": silent, "trickling": trickling} {
		t.Run(name+": query timeout", func(t *testing.T) {
			c := connect(t, server(t, handler), Options{Timeout: 30 * time.Millisecond})
			_, err := c.Query(context.Background(), "up", month.End, (&record{}).Series)
			require.Equal(t, Unreachable, KindOf(err), err)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorContains(t, err, `it does not answer at all; check that Prometheus runs and that its address is right (`)
		})
		t.Run(name+": caller's deadline", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
			defer cancel()
			_, err := connect(t, server(t, handler), Options{}).Query(ctx, "up", month.End, (&record{}).Series)
			require.Equal(t, Timeout, KindOf(err), err)
			require.ErrorContains(t, err, "the time that its caller allows was over")
		})
	}
}

func TestSlowQueryOnAServerThatAnswers(t *testing.T) {
	for name, beginning := range map[string]string{"silent": "", "trickling": vectorAnswer[:200]} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := slow(t, "up", beginning).Query(t.Context(), "up", month.End, (&record{}).Series)
				require.Equal(t, Timeout, KindOf(err), err)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "no whole answer within 100ms, the query timeout; ask for a shorter range")
			})
		})
	}
}
