package prometheus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDecodeTakesWhatEnginesAnswer(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
		answer     Answer // Bytes apart
	}{{
		name: "matrix",
		body: `{"status":"success","data":{"resultType":"matrix","result":[
			{"metric":{"job":"a"},"values":[[1435781451.781,"1"],[1435781461,"2.5"]]},
			{"metric":{"job":"b"},"values":[[1435781451.781,"1e3"]]}]}}`,
		want: []string{`{job="a"} 1435781451781=1 1435781461000=2.5`, `{job="b"} 1435781451781=1000`},
	}, {
		name: "vector",
		body: `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"7"]}]}}`,
		want: []string{`{} 1000=7`},
	}, {
		name: "scalar",
		body: `{"status":"success","data":{"resultType":"scalar","result":[1.5,"7"]}}`,
		want: []string{`{} 1500=7`},
	}, {
		name: "nothing",
		body: empty,
	}, {
		name: "no warnings as null, and no error as an empty text",
		body: `{"status":"success","data":{"resultType":"vector","result":[]},"warnings":null,"error":""}`,
	}, {
		name: "values that JSON has no numbers for",
		body: `{"status":"success","data":{"result":[{"metric":{},"values":[[1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"-0"]]}]}}`,
		want: []string{`{} 1000=NaN 2000=+Inf 3000=-Inf 4000=-0`},
	}, {
		name: "times before 1970 and to the millisecond",
		body: `{"status":"success","data":{"result":[{"metric":{},"values":[[-1.5,"1"],[1700000000.001,"1"],[1700000000.999,"1"]]}]}}`,
		want: []string{`{} -1500=1 1700000000001=1 1700000000999=1`},
	}, {
		name: "keys in any order",
		body: `{"warnings":["w"],"data":{"stats":{"samples":{"peakSamples":3,"totalQueryableSamples":42}},"result":[
			{"values":[[1,"1"],[2,"2"]],"metric":{"b":"2","a":"1"}}],"resultType":"matrix"},"infos":["i"],"status":"success"}`,
		want:   []string{`{a="1",b="2"} 1000=1 2000=2`},
		answer: Answer{Warnings: []string{"w"}, SamplesRead: 42},
	}, {
		name: "unknown fields anywhere",
		body: `{"x":{"deep":[[{"y":1}]]},"status":"success","data":{"more":[1,"a",null,true],"result":[
			{"metric":{"a":"1"},"exemplars":[{}],"values":[[1,"1"]],"group":1}]},"trace":null}`,
		want: []string{`{a="1"} 1000=1`},
	}, {
		name: "labels with escapes and other scripts",
		body: `{"status":"success","data":{"result":[{"metric":{"path":"C:\\dir\n\"q\"","stra\u00dfe":"\ud83d\ude00日"},"value":[1,"1"]}]}}`,
		want: []string{`{path="C:\\dir\n\"q\"",straße="😀日"} 1000=1`},
	}, {
		name:   "a part of the storage did not answer",
		body:   `{"status":"success","isPartial":true,"data":{"result":[{"metric":{},"value":[1,"1"]}]}}`,
		want:   []string{`{} 1000=1`},
		answer: Answer{Warnings: []string{"the answer is partial: a part of the server's storage did not answer"}},
	}, {
		name: "native histograms are no numbers",
		body: `{"status":"success","data":{"result":[{"metric":{"a":"1"},"values":[[1,"1"]],"histograms":[
			[2,{"count":"3","sum":"4","buckets":[[0,"1","2","3"]]}],[3,{"count":"3"}]]},{"metric":{},"histogram":[1,{"count":"3"}]}]}}`,
		want: []string{`{a="1"} 1000=1`, `{}`},
		answer: Answer{Warnings: []string{
			"3 native histogram samples were left out, since they are no numbers: ask for histogram_count or histogram_fraction of them"}},
	}, {
		name: "VictoriaMetrics' own statistics",
		body: `{"status":"success","isPartial":false,"data":{"resultType":"matrix","result":[]},"stats":{"seriesFetched":"0","executionTimeMsec":1}}`,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got record
			answer, err := decodeText(tt.body, got.Series)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.lines)
			tt.answer.Bytes = int64(len(tt.body))
			require.Equal(t, tt.answer, answer)
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"an empty body", ``, "EOF"},
		{"a web page", `<html><title>Sign in</title></html>`, "unexpected byte"},
		{"another JSON", `[1,2]`, "unexpected byte"},
		{"no status", `{"data":{"result":[]}}`, `its status is "", not success or error`},
		{"an unknown status", `{"status":"maybe","data":{"result":[]}}`, `its status is "maybe"`},
		{"success without a result", `{"status":"success","data":{}}`, "no result"},
		{"success without data", `{"status":"success"}`, "no result"},
		{"two results", `{"status":"success","data":{"result":[],"result":[]}}`, "two results"},
		{"two data", `{"status":"success","data":{"result":[]},"data":{"result":[]}}`, "two results"},
		{"two sets of labels", `{"status":"success","data":{"result":[{"metric":{},"metric":{}}]}}`, "two sets of labels"},
		{"no labels", `{"status":"success","data":{"result":[{"value":[1,"1"]}]}}`, "no labels"},
		{"a string result", `{"status":"success","data":{"resultType":"string","result":[1,"text"]}}`, `no number: "text"`},
		{"a list of numbers", `{"status":"success","data":{"result":[{"metric":{},"value":[1,"1"]},7]}}`, "neither series nor a number"},
		{"a value that is no number", `{"status":"success","data":{"result":[{"metric":{},"value":[1,"many"]}]}}`, `no number: "many"`},
		{"an empty value", `{"status":"success","data":{"result":[{"metric":{},"value":[1,""]}]}}`, `no number: ""`},
		{"a value of null", `{"status":"success","data":{"result":[{"metric":{},"value":[1,null]}]}}`, "unexpected byte"},
		{"a point without value", `{"status":"success","data":{"result":[{"metric":{},"value":[1]}]}}`, "not of the form"},
		{"a point of three", `{"status":"success","data":{"result":[{"metric":{},"value":[1,"1","1"]}]}}`, "not of the form"},
		{"an empty point", `{"status":"success","data":{"result":[{"metric":{},"value":[]}]}}`, "not of the form"},
		{"a value that is a JSON number", `{"status":"success","data":{"result":[{"metric":{},"value":[1,1]}]}}`, "unexpected byte"},
		{"a time out of range", `{"status":"success","data":{"result":[{"metric":{},"value":[1e300,"1"]}]}}`, "out of range"},
		{"something behind the end", empty + `{"status":"success"}`, "follows the end"},
		{"a label longer than memory should hold", `{"status":"success","data":{"result":[{"metric":{"a":"` + strings.Repeat("x", 2<<20) + `"}}]}}`, "longer than 1 MiB"},
		{"a field name of that length", `{"status":"success","` + strings.Repeat("x", 2<<20) + `":1}`, "longer than 1 MiB"},
		{"brackets without end", `{"status":"success","data":{"x":` + strings.Repeat("[", 100_000), "depth"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decodeText(tt.body, (&record{}).Series)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// An answer is what was asked for, or it is refused: each of these would else be
// a figure.
func TestAnotherAnswerThanWasAskedForIsRefused(t *testing.T) {
	matrix := func(series string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[` + series + `]}}`
	}
	vector := func(series string) string {
		return `{"status":"success","data":{"resultType":"vector","result":[` + series + `]}}`
	}
	ranged, instant := grid{start: 0, end: 10_000, step: 1000}, grid{instant: true}
	tests := []struct {
		name string
		grid grid
		body string
		says string
	}{
		{"a vector for a range", ranged, vector(``), "its result is a vector, which was not asked for"},
		{"a scalar for a range", ranged, `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`, "neither series nor a number"},
		{"a string for a range", ranged, `{"status":"success","data":{"resultType":"string","result":[1,"1"]}}`, "neither series nor a number"},
		{"single values for a range", ranged, matrix(`{"metric":{},"value":[1,"1"]}`), "another kind of query"},
		{"a matrix for an instant", instant, matrix(``), "its result is a matrix, which was not asked for"},
		{"a string for an instant", instant, `{"status":"success","data":{"resultType":"string","result":[1,"1"]}}`, "its result is a string"},
		{"many values for an instant", instant, vector(`{"metric":{},"values":[[1,"1"]]}`), "another kind of query"},
		{"the same series twice", ranged, matrix(`{"metric":{"a":"1","b":"2"},"values":[[1,"1"]]},{"metric":{"b":"2","a":"1"},"values":[[2,"1"]]}`),
			"the same series comes twice: map[a:1 b:2]"},
		{"the same series without labels twice", instant, vector(`{"metric":{},"value":[1,"1"]},{"metric":{},"value":[1,"2"]}`), "twice"},
		{"the same instant twice", ranged, matrix(`{"metric":{},"values":[[1,"1"],[1,"2"]]}`), "same instant twice"},
		{"instants that go back", ranged, matrix(`{"values":[[2,"1"],[1,"2"]],"metric":{}}`), "go back"},
		{"a series without values", ranged, matrix(`{"metric":{"a":"1"}}`), "no values"},
		{"a series with an empty list of values", ranged, matrix(`{"metric":{"a":"1"},"values":[]}`), "no values"},
		{"null for a result", ranged, `{"status":"success","data":{"resultType":"matrix","result":null}}`, "unexpected byte"},
		{"success together with an error", ranged, `{"status":"success","data":{"resultType":"matrix","result":[]},"errorType":"execution","error":"store lost"}`,
			"it says success and has an error: store lost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(&input{from: strings.NewReader(tt.body), left: 1 << 20}, (&record{}).Series, 10, tt.grid)
			require.ErrorContains(t, err, tt.says)
		})
	}
	for name, status := range map[string]int{"changed by a proxy": 203, "a part": 206, "nothing": 204} {
		c := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			if status != 204 {
				_, _ = w.Write([]byte(matrix(``)))
			}
		}), Options{})
		_, err := c.QueryRange(t.Context(), month, (&record{}).Series)
		require.Equal(t, Malformed, KindOf(err), name)
		require.ErrorContains(t, err, "an answer has the status 200 OK")
	}
}

func TestDecodeSkipsUnknownFieldsOfAnySize(t *testing.T) {
	body := `{"status":"success","other":"` + strings.Repeat("x", 4<<20) + `","data":{"result":[]}}`
	_, err := decodeText(body, (&record{}).Series)
	require.NoError(t, err)
}

// An error may come in place of the data, or after a part of it was sent.
func TestDecodeFindsTheErrorWhereverItStands(t *testing.T) {
	for _, body := range []string{
		`{"status":"error","errorType":"execution","error":"no more memory"}`,
		`{"status":"error","data":null,"errorType":"execution","error":"no more memory"}`,
		`{"data":{"result":[{"metric":{},"value":[1,"1"]}]},"error":"no more memory","errorType":"execution","status":"error"}`,
		`{"error":"no more memory","data":{"result":[]},"status":"error","errorType":"execution"}`,
	} {
		_, err := decodeText(body, (&record{}).Series)
		require.Equal(t, &Error{Kind: BadQuery, Message: "no more memory"}, err, body)
	}
}

const sampleAnswer = `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"a\u00e9","path":"/x"},` +
	`"values":[[1435781451.781,"1"],[1435781461,"NaN"],[1435781471.5,"-1.25e-7"]]},{"values":[[0,"0"],[10,"+Inf"]],"metric":{"日":"本"}},` +
	`{"metric":{},"histograms":[[1,{"count":"1","buckets":[[0,"0.5","1","2"]]}]]}],"stats":{"samples":{"totalQueryableSamples":12345,"peakSamples":1}}},` +
	`"warnings":["one","two"],"infos":["three"]}` + "\n"

func TestDecodeDoesNotDependOnHowTheAnswerIsCut(t *testing.T) {
	var whole record
	wantAnswer, err := decodeText(sampleAnswer, whole.Series)
	require.NoError(t, err)
	require.Len(t, whole.lines, 3)

	check := func(name string, r io.Reader) {
		var got record
		answer, err := decode(&input{from: r, left: 1 << 30}, got.Series, 10_000, grid{})
		require.NoError(t, err, name)
		require.Equal(t, whole.lines, got.lines, name)
		require.Equal(t, wantAnswer, answer, name)
	}
	for i := range len(sampleAnswer) {
		check("cut in two", io.MultiReader(strings.NewReader(sampleAnswer[:i]), strings.NewReader(sampleAnswer[i:])))
	}
	check("byte by byte", iotest.OneByteReader(strings.NewReader(sampleAnswer)))
	check("halves", iotest.HalfReader(strings.NewReader(sampleAnswer)))
	check("data with the end", iotest.DataErrReader(strings.NewReader(sampleAnswer)))
	check("nothing now and then", &stutter{r: strings.NewReader(sampleAnswer)})
}

// stutter returns no byte at every second call.
type stutter struct {
	r     io.Reader
	quiet bool
}

func (s *stutter) Read(p []byte) (int, error) {
	if s.quiet = !s.quiet; s.quiet {
		return 0, nil
	}
	return s.r.Read(p[:min(len(p), 3)])
}

func TestDecodeNeverTakesHalfAnAnswer(t *testing.T) {
	whole := strings.TrimSpace(sampleAnswer)
	for i := range len(whole) {
		in := &input{from: strings.NewReader(whole[:i]), left: 1 << 30}
		_, err := decode(in, (&record{}).Series, 10_000, grid{})
		require.Error(t, err, whole[:i])
		require.True(t, in.ended, whole[:i])
	}
}

func TestDecodeTellsAFailedReadFromHalfAnAnswer(t *testing.T) {
	broken := errors.New("connection reset")
	for i := range len(sampleAnswer) {
		in := &input{from: io.MultiReader(strings.NewReader(sampleAnswer[:i]), iotest.ErrReader(broken)), left: 1 << 30}
		_, err := decode(in, (&record{}).Series, 10_000, grid{})
		require.Error(t, err)
		require.Equal(t, broken, in.failed)
	}
}

func TestDecodeKeepsFewRemarks(t *testing.T) {
	body := `{"status":"success","data":{"result":[]},"warnings":[` + strings.Repeat(`"`+strings.Repeat("long ", 1000)+`",`, 1000) + `"end"]}`
	answer, err := decodeText(body, (&record{}).Series)
	require.NoError(t, err)
	require.Len(t, answer.Warnings, maxWarnings+1)
	require.LessOrEqual(t, len(answer.Warnings[0]), maxMessage+len("…"))
	require.Equal(t, "… and more", answer.Warnings[maxWarnings])
}

func TestSeriesThatAreNotWanted(t *testing.T) {
	_, err := decodeText(sampleAnswer, Discard)
	require.NoError(t, err)
}

func TestPointsOffTheGridAreRefused(t *testing.T) {
	asked := grid{start: 1_000_000, end: 1_900_500, step: 300_000}
	for at, ok := range map[string]bool{
		"1000": true, "1300": true, "1900": true, "1900.5": false, "1000.001": false, "700": false, "2200": false, "999.9996": true,
		"13-4": false, // which the JSON library takes for a number
	} {
		body := `{"status":"success","data":{"result":[{"metric":{},"values":[[` + at + `,"1"]]}]}}`
		_, err := decode(&input{from: strings.NewReader(body), left: 1 << 20}, (&record{}).Series, 10, asked)
		if ok {
			require.NoError(t, err, at)
		} else {
			require.Error(t, err, at)
		}
	}
}

// Whatever comes, the decoder ends; what is JSON it takes byte by byte as in
// one piece, or not at all, and never with another result.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(sampleAnswer))
	f.Add([]byte(empty))
	f.Add([]byte(`{"status":"success","data":{"resultType":"scalar","result":[1.5,"7"]}}`))
	f.Add([]byte(`{"data":{"result":[{"value":[1,"1"],"metric":{}}]},"error":"x","errorType":"timeout","status":"error"}`))
	f.Add([]byte(`{"status":"success","data":{"result":[{"metric":{},"value":[1,2]}]},"isPartial":true}`))
	f.Add([]byte(`<html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var whole, cut record
		wholeAnswer, wholeErr := decode(&input{from: bytes.NewReader(body), left: 1 << 20}, whole.Series, 100, grid{})
		cutAnswer, cutErr := decode(&input{from: iotest.OneByteReader(bytes.NewReader(body)), left: 1 << 20}, cut.Series, 100, grid{})
		if json.Valid(body) && (wholeErr == nil) != (cutErr == nil) {
			t.Fatalf("in one piece: %v, byte by byte: %v", wholeErr, cutErr)
		}
		if wholeErr != nil || cutErr != nil {
			return
		}
		require.Equal(t, whole, cut)
		require.Equal(t, wholeAnswer, cutAnswer)
	})
}

// Mimir and Cortex begin a range where their lookback or retention does, off the
// instants that were asked for.
func TestARangeThatTheServerCutsIsTold(t *testing.T) {
	asked := grid{start: 1_000_000, end: 2_200_000, step: 300_000}
	for _, tt := range []struct {
		points string // of two series
		from   int64  // 0: spoiled
	}{
		{`[1310.5,"1"],[1610.5,"1"]]},{"metric":{"a":"b"},"values":[[1310.5,"2"],[1910.5,"1"]`, 1_600_000},
		{`[1910.5,"1"]]},{"metric":{"a":"b"},"values":[[1610.5,"2"],[1910.5,"1"]`, 1_900_000},
		{`[2100,"1"]]},{"metric":{"a":"b"},"values":[[2100,"2"]`, 2_200_000},
		{`[1310.5,"1"],[1610,"1"]]},{"metric":{"a":"b"},"values":[[1310.5,"2"]`, 0},
		{`[1310.5,"1"],[1600,"1"]]},{"metric":{"a":"b"},"values":[[1310.5,"2"]`, 0},
		{`[1300,"1"],[1600,"1"]]},{"metric":{"a":"b"},"values":[[1610.5,"2"],[1910.5,"1"]`, 0},
		{`[1310.5,"1"]`, 0},
		{`[710.5,"1"],[1010.5,"1"]]},{"metric":{"a":"b"},"values":[[1010.5,"1"]`, 0},
		{`[1910.5,"1"],[2210.5,"1"]]},{"metric":{"a":"b"},"values":[[2210.5,"1"]`, 0},
	} {
		body := `{"status":"success","data":{"result":[{"metric":{},"values":[` + tt.points + `]}]}}`
		_, err := decode(&input{from: strings.NewReader(body), left: 1 << 20}, (&record{}).Series, 10, asked)
		if tt.from == 0 {
			require.ErrorContains(t, err, "none of the instants asked for", tt.points)
		} else {
			require.Equal(t, errCut(tt.from), err, tt.points)
		}
	}
	c := connect(t, server(t, answering(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1700000310.5,"1"],[1700000610.5,"1"]]}]}}`)), Options{})
	_, err := c.QueryRange(t.Context(), month, (&record{}).Series)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, Cut, e.Kind)
	require.Equal(t, month.Start.Add(10*time.Minute), e.From)
	oldest, err := connect(t, server(t, func(w http.ResponseWriter, r *http.Request) {
		kept, start := month.Start.Add(-100*time.Hour).Unix(), int64(0)
		_, _ = fmt.Sscan(r.FormValue("start"), &start)
		points := ""
		for at := max(start, kept); at <= month.Start.Unix(); at += 24 * 3600 {
			points += fmt.Sprintf(`,[%d,"1"]`, at)
		}
		answering(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[`+points[1:]+`]}]}}`)(w, r)
	}), Options{}).Oldest(t.Context(), "up", month.Start)
	require.NoError(t, err)
	require.Equal(t, month.Start.Add(-4*24*time.Hour), oldest)
	require.ErrorContains(t, e, "nothing is answered before 2023-11-14T22:23:20Z: the server keeps, or looks, no further back")
}
