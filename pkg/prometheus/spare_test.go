package prometheus

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAServerThatDoesNotAnswerIsSparedForAWhile(t *testing.T) {
	var asked atomic.Int64
	var hangs atomic.Bool
	hangs.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_ = r.ParseForm()
		if hangs.Load() {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	}))
	defer server.Close()
	c, err := New(server.URL, nil, Options{Timeout: 5 * time.Millisecond})
	require.NoError(t, err)
	clock := time.Unix(1_800_000_000, 0)
	c.spared.now = func() time.Time { return clock }

	for range silentRequests + 20 {
		_, err = c.Query(t.Context(), "up", clock, nowhere{})
		assert.Equal(t, Timeout, KindOf(err))
	}
	assert.EqualValues(t, silentRequests+1, asked.Load(), "two that hung, and a last attempt")

	hangs.Store(false)
	_, err = c.Query(t.Context(), "up", clock, nowhere{})
	assert.Equal(t, Timeout, KindOf(err), "still spared")
	clock = clock.Add(sparedFor)
	c.options.Timeout = time.Minute
	_, err = c.Query(t.Context(), "up", clock, nowhere{})
	assert.NoError(t, err, "asked again after a while")
}

func TestASlowQueryDoesNotSpareAServerThatAnswersOthers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.Form.Get("query") == "heavy" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[]}}`))
	}))
	defer server.Close()
	c, err := New(server.URL, nil, Options{Timeout: 200 * time.Millisecond})
	require.NoError(t, err)
	for range silentRequests {
		_, err = c.Query(t.Context(), "heavy", trialTime, nowhere{})
		require.Equal(t, Timeout, KindOf(err))
	}
	_, err = c.Query(t.Context(), "light", trialTime, nowhere{})
	assert.NoError(t, err)
}
